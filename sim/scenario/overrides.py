"""`--set villages.mediators=3`: single values from the command line, marked as such."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from sim.language import Message, Text
from sim.scenario.errors import Fault, ScenarioError, Where, bare, either, listed, nearest, shown
from sim.scenario.fields import dotted, expected_at
from sim.scenario.include import is_quantity
from sim.scenario.scalars import Scalar, ScalarError, as_number, plain
from sim.scenario.yaml_tree import Node

COMMAND_LINE = "command line"
_HERE = Where("--set", 0)


def apply(tree: Node, sets: Sequence[str], schema: type[BaseModel] | None = None) -> Node:
    """The tree with the values of `sets`. `schema` gives the unit of a quantity that was null."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for text in sets:
        path, equals, value = text.partition("=")
        path, value = path.strip(), value.strip()
        try:
            if not equals or not path:
                raise _wrong(
                    bare(text),
                    Message("expected path=value"),
                    Message("Write for example villages.mediators=3."),
                )
            if path in seen:
                raise _wrong(path, Message("is set twice"), Message("Give it once."))
            seen.add(path)
            tree = _put(tree, path.split("."), (), _scalar(path, value), schema)
        except ScenarioError as error:
            faults.extend(error.faults)
    if faults:
        raise ScenarioError(faults)
    return tree


def _wrong(path: str, problem: Text, remedy: Text) -> ScenarioError:
    return ScenarioError([Fault(_HERE.file, 0, path, problem, remedy)])


def _scalar(path: str, text: str) -> Scalar:
    if not text.isprintable():  # also bytes of the command line that are not UTF-8
        raise _wrong(
            path, Message("the value has characters that are not text"), Message("Write a number or a word.")
        )
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    try:
        return plain(text)
    except ScalarError as error:
        raise _wrong(path, error.problem, error.remedy) from None


def _put(
    node: Node, keys: list[str], done: tuple[str, ...], value: Scalar, schema: type[BaseModel] | None
) -> Node:
    if not keys:
        return _changed(node, done, value, schema)
    key, rest = keys[0], keys[1:]
    here = (*done, key)
    if isinstance(node.value, list):
        if key.isascii() and key.isdecimal() and int(key) < len(node.value):
            items = list(node.value)
            items[int(key)] = _put(items[int(key)], rest, here, value, schema)
            return Node(items, node.where)
        problem = Message("there are {n} entries, counted from 0", n=len(node.value))
        raise _wrong(
            dotted((*here, *rest)), problem, Message("Write {done}.0 for the first one.", done=dotted(done))
        )
    if _is_quantity(node, done, schema):
        whole = dotted(done)
        problem = Message("{whole} is one quantity, which is set as a whole", whole=whole)
        raise _wrong(dotted((*here, *rest)), problem, Message("Write {whole}=<number>.", whole=whole))
    if not isinstance(node.value, dict):
        problem = Message("{done} is {node} and has no keys", done=dotted(done), node=shown(node.value))
        raise _wrong(
            dotted((*here, *rest)),
            problem,
            Message("Write {done}=<value>, or a section in a file.", done=dotted(done)),
        )
    if key not in node.value:
        optional = expected_at(schema, here) if schema is not None and not rest else None
        if optional is None or optional.expects is None or value is None:
            raise _unknown(node, here, rest)
        unit = Node({"unit": Node(optional.expects.unit, _HERE)}, _HERE)  # what no file needs to say
        return Node({**node.value, key: _quantity(unit, here, value)}, node.where)
    return Node({**node.value, key: _put(node.value[key], rest, here, value, schema)}, node.where)


def _ending_in(node: Node, key: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Paths below a section that end in `key`, for who leaves the section out."""
    if isinstance(node.value, dict) and not is_quantity(node):
        for name, child in node.value.items():
            if name == key:
                yield (*path, name)
            else:
                yield from _ending_in(child, key, (*path, name))


def _is_quantity(node: Node, path: tuple[str, ...], schema: type[BaseModel] | None) -> bool:
    """Whether a mapping is a quantity: a target has a `value` too, so ask the schema where there is one."""
    if not isinstance(node.value, dict) or schema is None:
        return is_quantity(node)
    expected = expected_at(schema, path)
    return expected.is_quantity if expected else is_quantity(node)


def _unknown(node: Node, here: tuple[str, ...], rest: list[str]) -> ScenarioError:
    """A path that does not exist: the nearest key of this section, else the nearest path anywhere below."""
    assert isinstance(node.value, dict)
    near = nearest(here[-1], node.value)
    below = [dotted((*here[:-1], *p, *rest)) for p in _ending_in(node, here[-1], ())]
    if below:
        remedy = Message("Did you mean {near}?", near=either(below[:4]))
    elif near:
        remedy = Message("Did you mean {near}?", near=dotted((*here[:-1], near, *rest)))
    elif node.value:
        remedy = Message("Keys here are {node}.", node=listed(node.value))
    else:
        remedy = Message("The section is empty; write the value in a file.")
    return _wrong(
        dotted((*here, *rest)),
        Message(
            "there is no {key} in {where}",
            key=shown(here[-1]),
            where=dotted(here[:-1]) or Message("the scenario"),
        ),
        remedy,
    )


def _changed(node: Node, path: tuple[str, ...], value: Scalar, schema: type[BaseModel] | None) -> Node:
    if _is_quantity(node, path, schema) and value is not None:
        return _quantity(node, path, value)
    if isinstance(node.value, (dict, list)) and value is not None:
        inside = node.value if isinstance(node.value, dict) else map(str, range(len(node.value)))
        remedy = Message("Set one of its entries: {x}.", x=listed(dotted((*path, k)) for k in inside))
        raise _wrong(dotted(path), Message("is {node}, not a single value", node=shown(node.plain())), remedy)
    expected = expected_at(schema, path) if schema else None
    if node.value is None and isinstance(value, (int, float)) and expected and expected.expects:
        return _quantity(Node({"unit": Node(expected.expects.unit, _HERE)}, _HERE), path, value)
    return Node(value, _HERE)


def _quantity(node: Node, path: tuple[str, ...], value: Scalar) -> Node:
    """A quantity with another value; its range is widened to contain it."""
    assert isinstance(node.value, dict)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        meant = as_number(value) if isinstance(value, str) else None
        remedy = (
            Message("Write {path}={meant}.", path=dotted(path), meant=meant)
            if meant is not None
            else Message("Write {path}=<number>.", path=dotted(path))
        )
        raise _wrong(dotted(path), Message("{value} is not a number", value=shown(value)), remedy)
    old = {k: v.value for k, v in node.value.items()}

    def bound(name: str) -> list[float | int]:
        x = old.get(name)
        return [x] if isinstance(x, (int, float)) and not isinstance(x, bool) else []

    before = old.get("value")
    entries = {
        "value": value,
        "unit": old.get("unit"),
        "low": min([value, *bound("low")]),
        "high": max([value, *bound("high")]),
        "source": COMMAND_LINE,
        "status": "assumed",
        "note": f"was {before}" if before is not None else "was null",
    }
    return Node(
        {k: Node(v if not isinstance(v, (dict, list)) else None, _HERE) for k, v in entries.items()}, _HERE
    )
