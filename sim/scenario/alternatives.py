"""Other readings of what an article leaves open: `place@alternative` is a place of its own.

An alternative stands in the file of its place and says what it replaces there. It is loaded like any place, by every
command, and named after both: its results and posterior lie beside those of the first reading.
"""

from __future__ import annotations

import re
from pathlib import Path

from sim.language import Message
from sim.scenario.errors import Fault, ScenarioError, listed, nearest
from sim.scenario.yaml_tree import Node

SIGN = "@"
_NAMED = re.compile(r"^(?P<place>.*(?:[A-Za-z0-9_-]|\.ya?ml))@(?P<alternative>[a-z][a-z0-9_]*)$")


def split(name_or_path: str | Path) -> tuple[str | Path, str]:
    """The place, and the name of its alternative; "" if none is asked for."""
    found = _NAMED.match(str(name_or_path))
    if found is None or Path(name_or_path).exists():
        return name_or_path, ""
    return found["place"], found["alternative"]


def overlaid(root: Node, alternative: str) -> Node:
    """The tree of a place as an alternative reads it. Raises ScenarioError if there is none of this name."""
    assert isinstance(root.value, dict)
    own = root.value.get("alternatives")
    known: dict[str, Node] = own.value if own is not None and isinstance(own.value, dict) else {}
    if alternative not in known:
        near = nearest(alternative, known)
        if near:
            remedy = Message("Did you mean {near}?", near=near)
        elif known:
            remedy = Message("Choose from {known}.", known=listed(known))
        else:
            remedy = Message("Leave out what follows the sign @.")
        problem = Message("the place has no alternative '{alternative}'", alternative=alternative)
        raise ScenarioError([Fault(root.where.file, root.where.line, "alternatives", problem, remedy)])
    spec = known[alternative].value
    assert isinstance(spec, dict)
    faults: list[Fault] = []
    out = _replaced(root, spec["replace"], (), faults) if "replace" in spec else root
    if faults:
        raise ScenarioError(faults)
    assert isinstance(out.value, dict)
    entries = {k: v for k, v in out.value.items() if k != "alternatives"}
    name, title = entries.get("name"), spec.get("about")
    if name is not None:
        entries["name"] = Node(f"{name.value}_{alternative}", name.where)
    if title is not None:
        entries["title"] = _joined(entries.get("title"), title)
    return Node(entries, root.where)


def _joined(first: Node | None, second: Node) -> Node:
    """The title of the place, followed by that of the alternative, in each language."""
    if first is None or not isinstance(first.value, dict) or not isinstance(second.value, dict):
        return second
    return Node(
        {
            key: Node(f"{own.value}: {second.value[key].value}", own.where) if key in second.value else own
            for key, own in first.value.items()
        },
        first.where,
    )


def _replaced(base: Node, new: Node, path: tuple[str, ...], faults: list[Fault]) -> Node:
    """The tree with the entries of another in place of its own, quantities and lists as a whole."""
    if not isinstance(base.value, dict) or not isinstance(new.value, dict) or "unit" in new.value:
        return new
    entries = dict(base.value)
    for key, child in new.value.items():
        if key in entries:
            entries[key] = _replaced(entries[key], child, (*path, key), faults)
            continue
        near = nearest(key, entries)
        remedy = (
            Message("Did you mean {near}?", near=near)
            if near
            else Message("An alternative replaces what the place has.")
        )
        problem = Message("the place does not have this, so there is nothing to replace")
        where = ".".join((*path, key))
        faults.append(Fault(child.where.file, child.where.line, where, problem, remedy))
    return Node(entries, new.where)
