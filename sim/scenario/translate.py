"""From pydantic's errors to faults that an analyst can act on: file, line, what is wrong, what to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.language import Message, Text, said_by
from sim.scenario.errors import Fault, Where, either, listed, nearest, shown
from sim.scenario.fields import Expected, PathKeys, dotted, expected_at, template
from sim.scenario.quantity import QuantityError
from sim.scenario.scalars import as_number

Index = Mapping[PathKeys, Where]
Said = tuple[Text, Text]  # problem, remedy

_UNION_ARMS = ("float", "int", "[key]")
_OWN_REMEDIES: dict[PathKeys, Message] = {
    ("townships", "count"): Message("Write at least 1: every village belongs to a township."),
    ("villages", "count"): Message("Write at least 1: a place has villages."),
}


def where(index: Index, path: PathKeys) -> Where:
    """The line of a path, or of the nearest section around it."""
    while path and path not in index:
        path = path[:-1]
    return index.get(path, Where("", 0))


def get(tree: Any, path: PathKeys) -> Any:
    """The raw value at a path, None where there is none."""
    for key in path:
        inside = key in tree if isinstance(tree, dict) else isinstance(tree, list) and key in range(len(tree))
        if not inside:
            return None
        tree = tree[key]
    return tree


def faults(error: ValidationError, tree: Any, index: Index, schema: type[BaseModel]) -> list[Fault]:
    """One fault per mistake: what one section lacks is one fault, and a misspelt key is not also missing."""
    out: dict[PathKeys, list[Fault]] = {}
    missing: dict[PathKeys, list[str]] = {}
    unknown: list[PathKeys] = []

    def note(path: PathKeys, message: Said, at: PathKeys | None = None) -> None:
        place = where(index, path if at is None else at)
        out.setdefault(path, []).append(Fault(place.file, place.line, dotted(path), *message))

    for e in error.errors(include_url=False):
        path: PathKeys = e["loc"]
        while path and path[-1] in _UNION_ARMS and path not in index:
            path = path[:-1]
        if e["type"] == "missing":
            missing.setdefault(path[:-1], []).append(str(path[-1]))
        elif e["type"] == "extra_forbidden":
            unknown.append(path)
        elif path not in out:  # the arms of a union fail together
            note(path, *_located(e, path, tree, schema))
    for path in unknown:
        note(path, _unknown(path, missing.get(path[:-1], []), schema))
    for parent, keys in missing.items():
        if keys:
            note(parent, _missing(parent, keys, schema))
    return [fault for group in out.values() for fault in group]


def _located(e: Any, path: PathKeys, tree: Any, schema: type[BaseModel]) -> tuple[Said, PathKeys]:
    """The message of an error and the path whose line shows it."""
    value = get(tree, path)
    expected = expected_at(schema, path) or Expected()
    if e["type"] == "value_error" and isinstance(value, dict):
        return _quantity(e, path)
    if e["type"] == "string_pattern_mismatch" and "[key]" in e["loc"]:
        return _slug(
            Message("the key {value} is not a short name", value=shown(str(path[-1]))), str(path[-1])
        ), path
    return _MESSAGES.get(e["type"], _other)(e, value, expected, path), path


def _unknown(path: PathKeys, missing: list[str], schema: type[BaseModel]) -> Said:
    key, parent = str(path[-1]), expected_at(schema, path[:-1])
    allowed = parent.keys() if parent else []
    near = nearest(key, missing) or nearest(key, allowed)
    if near:
        remedy = Message("Did you mean {near}?", near=near)
        if near in missing:
            missing.remove(near)
    else:
        remedy = Message("Remove it; keys allowed here are {allowed}.", allowed=listed(allowed, 25))
    return Message("unknown key {key}", key=shown(key)), remedy


def _missing(parent: PathKeys, keys: list[str], schema: type[BaseModel]) -> Said:
    expected = expected_at(schema, parent)
    quantity = expected is not None and expected.is_quantity
    said = listed(keys) if quantity else listed(keys, 25)
    problem = (
        Message("{keys} is missing", keys=said)
        if len(keys) == 1
        else Message("{keys} are missing", keys=said)
    )
    if expected and quantity:
        hints = {
            "value": Message("value: <number>"),
            "unit": f"unit: {expected.expects.unit}" if expected.expects else Message("unit: <unit>"),
            "low": Message("low: <lowest plausible number>"),
            "high": Message("high: <highest plausible number>"),
            "source": Message("source: <a key of sources>"),
            "status": Message("status: reported, derived, external or assumed"),
        }
        return problem, Message("Write: {text}", text=[hints.get(k, k) for k in keys])
    within = Message("below {path}", path=dotted(parent)) if parent else Message("at the top level")
    if len(keys) == 1:
        child = expected_at(schema, (*parent, keys[0]))
        if child and child.is_quantity:
            text = Message("{key}: {text}", key=keys[0], text=template(child.expects))
            return problem, Message("Write {within}: {text}", within=within, text=text)
        return problem, Message("Add it {within}, or include a file that has it.", within=within)
    return problem, Message("Add them {within}, or include a file that has them.", within=within)


def _quantity(e: Any, path: PathKeys) -> tuple[Said, PathKeys]:
    """A number with its unit and range: the line is that of the word which is wrong."""
    error = e["ctx"]["error"]
    if not isinstance(error, QuantityError):
        return (said_by(error), Message("Correct the number or its range.")), path
    remedy: Text = error.remedy
    if error.out_of_bounds:
        remedy = _OWN_REMEDIES.get(path, remedy)
    return (error.problem, remedy), (*path, error.word)


def _wrong_type(e: Any, value: Any, expected: Expected, path: PathKeys) -> Said:
    """A scalar, list or section where the schema has a section."""
    if expected.is_quantity:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            problem = Message(
                "a bare number {value}: every number needs unit, low, high, source and status",
                value=shown(value),
            )
        else:
            problem = Message(
                "is {value}, expected a number with unit, low, high, source and status", value=shown(value)
            )
        meant = as_number(value) if isinstance(value, str) else None if isinstance(value, bool) else value
        return problem, Message("Write: {text}", text=template(expected.expects, meant))
    keys = expected.keys()
    remedy = (
        Message("Write its keys below it, indented: {keys}.", keys=listed(keys, 25))
        if keys
        else Message("Write its entries below it, indented.")
    )
    return Message("is {value}, expected a section", value=shown(value)), remedy


def _number(e: Any, value: Any, expected: Expected, path: PathKeys) -> Said:
    whole = Message("a whole number") if e["type"].startswith("int") else Message("a number")
    if path and path[-1] in ("value", "low", "high"):
        whole = Message("a number")
    meant = as_number(value) if isinstance(value, str) else None
    if whole == "a whole number" and isinstance(value, float):
        meant = round(value)
    remedy = (
        Message("Write {text}.", text=meant)
        if meant is not None
        else Message("Write {whole}, without quotes.", whole=whole)
    )
    return Message("is {value}, expected {text}", value=shown(value), text=whole), remedy


def _choice(e: Any, value: Any, expected: Expected, path: PathKeys) -> Said:
    options = [o.strip().strip("'") for o in e["ctx"]["expected"].replace(" or ", ", ").split(",")]
    near = nearest(value, options) if isinstance(value, str) else None
    remedy = (
        Message("Did you mean {near}?", near=near)
        if near
        else Message("Write {text}.", text=options[0])
        if len(options) == 1
        else Message("Write one of these.")
    )
    return Message("is {value}, expected {text}", value=shown(value), text=either(options)), remedy


def _bool(e: Any, value: Any, expected: Expected, path: PathKeys) -> Said:
    words = {
        "yes": "true",
        "on": "true",
        "y": "true",
        "no": "false",
        "off": "false",
        "n": "false",
        "1": "true",
        "0": "false",
    }
    meant = words.get(str(value).lower(), either(("true", "false")))
    return Message("is {value}, expected true or false", value=shown(value)), Message(
        "Write {meant}.", meant=meant
    )


def _date(e: Any, value: Any, expected: Expected, path: PathKeys) -> Said:
    return (
        Message("{value} is not a date of the calendar", value=shown(value)),
        Message("Write the date as YYYY-MM-DD, such as 2023-08-23."),
    )


def _string(e: Any, value: Any, expected: Expected, path: PathKeys) -> Said:
    if isinstance(value, (dict, list)) or value is None:
        return Message("is {value}, expected text", value=shown(value)), Message(
            "Write a word or a sentence."
        )
    return Message("is {value}, expected text", value=shown(value)), Message(
        'Put it in quotes: "{value}".', value=shown(value)
    )


def _list(e: Any, value: Any, expected: Expected, path: PathKeys) -> Said:
    return Message("is {value}, expected a list", value=shown(value)), Message(
        "Write one entry per line, each after a dash; [] for none."
    )


def _slug(problem: Message, value: str) -> Said:
    import re

    meant = re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_")
    good = (
        Message("such as {meant}", meant=meant)
        if re.fullmatch(r"[a-z][a-z0-9_]*", meant)
        else Message("such as my_name")
    )
    return problem, Message(
        "Write lower-case letters, digits and underscores, a letter first, {good}.", good=good
    )


def _pattern(e: Any, value: Any, expected: Expected, path: PathKeys) -> Said:
    return _slug(Message("the name {value} is not a short name", value=shown(str(value))), str(value))


def _other(e: Any, value: Any, expected: Expected, path: PathKeys) -> Said:
    text = f"{e['msg'][:1].lower()}{e['msg'][1:]}"
    return Message("is {value}: {text}", value=shown(value), text=text), Message("Correct the value.")


_MESSAGES: dict[str, Callable[[Any, Any, Expected, PathKeys], Said]] = {
    "model_type": _wrong_type,
    "dict_type": _wrong_type,
    "float_type": _number,
    "int_type": _number,
    "int_from_float": _number,
    "finite_number": _number,
    "literal_error": _choice,
    "enum": _choice,
    "bool_type": _bool,
    "date_type": _date,
    "date_parsing": _date,
    "date_from_datetime_parsing": _date,
    "date_from_datetime_inexact": _date,
    "string_type": _string,
    "string_pattern_mismatch": _pattern,
    "list_type": _list,
}
