"""Files that include others: one tree from many, where two writers of one value are an error.

A leaf is a quantity, a scalar, a list or an empty mapping. Only a `replace:` block changes what an included
file says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sim.language import Message, Text
from sim.scenario.errors import Fault, ScenarioError, Where, nearest, shown
from sim.scenario.shipped import shipped_root
from sim.scenario.yaml_tree import Node, display, missing_remedy, read

Clash = tuple[tuple[str, ...], Node, Node]  # path, the node set first, the node set again
MAX_CHAIN = 20
INCLUDE, REPLACE = "include", "replace"
_QUANTITY_WORDS = {"low", "high", "source", "status"}
# Written in several files by nature; equal entries are no clash.
_SHARED = ("sources", "schema_version")


def is_quantity(node: Node) -> bool:
    """Whether a mapping is a quantity (or a faulty one): these are replaced as a whole, never in parts."""
    if not isinstance(node.value, dict):
        return False
    keys = node.value.keys()
    return bool({"value", "unit"} & keys) or len(_QUANTITY_WORDS & keys) > 1


def is_leaf(node: Node) -> bool:
    """Whether a node is taken or left as a whole."""
    return not isinstance(node.value, dict) or not node.value or is_quantity(node)


def read_with_includes(path: Path) -> Node:
    """The tree of a file with everything that it includes."""
    reading = _Reading()
    node = reading.file(path, ())
    if reading.faults:
        raise ScenarioError(reading.faults)
    return node


def resolved(path: Path) -> Path:
    """The file itself, whatever links lead to it; an impossible name is left for `read` to refuse."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return path


@dataclass
class _Reading:
    """Files read so far (a file included by two routes is read once) and their faults."""

    done: dict[Path, Node] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def file(self, path: Path, chain: tuple[Path, ...]) -> Node:
        """The tree of one file, its includes merged in."""
        key = resolved(path)
        if key not in self.done:
            own = read(path)
            assert isinstance(own.value, dict)
            parts = dict(own.value)
            included = self.includes(path, parts.pop(INCLUDE, None), (*chain, key))
            replacing = parts.pop(REPLACE, None)
            merged = self.merged(own, parts, included, replacing)
            self.done[key] = merged
        return self.done[key]

    def fault(self, where: Where, path: tuple[str, ...], problem: Text, remedy: Text) -> None:
        """Note a fault."""
        self.faults.append(Fault(where.file, where.line, ".".join(path), problem, remedy))

    def includes(self, path: Path, entry: Node | None, chain: tuple[Path, ...]) -> list[Node]:
        """The trees of the files under `include:`."""
        if entry is None or entry.value is None:
            return []
        if not isinstance(entry.value, list):
            remedy = (
                Message("Write: include: [{entry}]", entry=entry.value)
                if isinstance(entry.value, str)
                else "Write: include: [a.yaml]"
            )
            self.fault(
                entry.where,
                (INCLUDE,),
                Message("is {entry}, expected a list of files", entry=shown(entry.value)),
                remedy,
            )
            return []
        out = []
        for item in entry.value:
            found = self.included(path, item)
            if found is None:
                continue
            if resolved(found) in chain:
                self.cycle(item, chain, found)
            elif len(chain) >= MAX_CHAIN:
                problem = Message(
                    "more than {max_chain} files include each other in a row", max_chain=MAX_CHAIN
                )
                self.fault(item.where, (INCLUDE,), problem, Message("Include the last ones directly."))
            else:
                try:
                    out.append(self.file(found, chain))
                except ScenarioError as error:
                    self.faults.extend(error.faults)
        return out

    def included(self, path: Path, item: Node) -> Path | None:
        """The file that an item of `include:` names: relative to this file, else to the shipped scenarios."""
        if not isinstance(item.value, str) or not item.value.strip():
            problem = Message("{item} is not a file name", item=shown(item.value))
            self.fault(item.where, (INCLUDE,), problem, Message("Write the file name relative to this file."))
            return None
        if "\0" in item.value or Path(item.value).is_absolute():
            problem = Message("{item} is not a relative file name", item=shown(item.value))
            remedy = Message("Write the file name relative to this file, so that the folder can be moved.")
            self.fault(item.where, (INCLUDE,), problem, remedy)
            return None
        beside, shipped = path.parent / item.value, shipped_root() / item.value
        try:
            for candidate in (beside, shipped):
                if candidate.is_file():
                    if resolved(candidate).suffix not in (
                        ".yaml",
                        ".yml",
                    ):  # or messages would quote what is in it
                        problem = Message("{item} is no YAML file", item=shown(item.value))
                        remedy = Message("Include files that end in .yaml.")
                        self.fault(item.where, (INCLUDE,), problem, remedy)
                        return None
                    return candidate
            what = Message("is a directory") if beside.is_dir() else Message("does not exist")
            problem = Message("the file {beside} {what}", beside=display(beside), what=what)
        except OSError:
            problem = Message("{item} is not a possible file name", item=shown(item.value))
        self.fault(item.where, (INCLUDE,), problem, missing_remedy(beside))
        return None

    def cycle(self, item: Node, chain: tuple[Path, ...], found: Path) -> None:
        """Files that include each other in a circle."""
        start = chain.index(resolved(found))
        circle = " -> ".join(display(p) for p in (*chain[start:], resolved(found)))
        self.fault(
            item.where,
            (INCLUDE,),
            Message("files include each other in a circle: {circle}", circle=circle),
            Message("Remove this include."),
        )

    def merged(self, own: Node, parts: dict[str, Node], included: list[Node], replacing: Node | None) -> Node:
        """Included trees together, then replacements, then the file's own entries."""
        clashes: list[Clash] = []
        base = Node({}, own.where)
        for tree in included:
            base = _merge(base, tree, (), clashes)
        if replacing is not None:
            base, replaced = self.replaced(base, replacing, bool(included))
            clashes = [c for c in clashes if not any(c[0][: len(r)] == r for r in replaced)]
        before = len(clashes)
        base = _merge(Node(parts, own.where), base, (), clashes, flipped=True)
        for i, (path, first, second) in enumerate(clashes):
            here = own.where.file
            if i < before:
                remedy = Message(
                    "Decide in {here}: put the value under `replace:` there, or take it out of one file.",
                    here=here,
                )
            else:
                remedy = Message("Move it under `replace:` if the file is to change what it includes.")
            self.fault(second.where, path, Message("is already set in {where}", where=first.where), remedy)
        return Node(base.value, own.where)

    def replaced(self, base: Node, block: Node, any_included: bool) -> tuple[Node, list[tuple[str, ...]]]:
        """The tree with a `replace:` block applied, and the paths of what was replaced."""
        done: list[tuple[str, ...]] = []
        if not isinstance(block.value, dict):
            problem = Message(
                "is {block}, expected keys that mirror the included files", block=shown(block.value)
            )
            self.fault(
                block.where, (REPLACE,), problem, Message("Write the keys to replace below it, indented.")
            )
        elif not any_included:
            problem = Message("there is nothing to replace, since this file includes no other")
            self.fault(
                block.where, (REPLACE,), problem, Message("Write the values directly, without `replace:`.")
            )
        else:
            base = self.replace_in(base, block, (), done)
        return base, done

    def replace_in(self, base: Node, new: Node, path: tuple[str, ...], done: list[tuple[str, ...]]) -> Node:
        """One level of a replacement."""
        if is_leaf(new) or is_leaf(base):
            done.append(path)
            return new
        assert isinstance(base.value, dict) and isinstance(new.value, dict)
        entries = dict(base.value)
        for key, child in new.value.items():
            here = (*path, key)
            if key in entries:
                entries[key] = self.replace_in(entries[key], child, here, done)
            else:
                near = nearest(key, entries)
                remedy = (
                    Message("Did you mean {near}?", near=near)
                    if near
                    else Message("To add something new, write it outside `replace:`.")
                )
                problem = Message("no included file sets this, so there is nothing to replace")
                self.fault(child.where, here, problem, remedy)
        return Node(entries, new.where)  # messages about the section point to the file that changed it


def _merge(
    first: Node, second: Node, path: tuple[str, ...], clashes: list[Clash], flipped: bool = False
) -> Node:
    """Both trees together. Leaves that both set go to `clashes`, unless they are one and the same line."""
    if is_leaf(first) or is_leaf(second):
        if path and not (first.where == second.where or _may_repeat(path, first, second)):
            clashes.append((path, second, first) if flipped else (path, first, second))
        return second if not path and is_leaf(first) else first
    assert isinstance(first.value, dict) and isinstance(second.value, dict)
    entries = dict(first.value)
    for key, node in second.value.items():
        entries[key] = _merge(entries[key], node, (*path, key), clashes, flipped) if key in entries else node
    return Node(entries, first.where)


def _may_repeat(path: tuple[str, ...], first: Node, second: Node) -> bool:
    return path[0] in _SHARED and first.plain() == second.plain()
