"""From pydantic's errors to faults that an analyst can act on: file, line, what is wrong, what to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.scenario.errors import Fault, Where, listed, nearest, shown
from sim.scenario.fields import Expected, PathKeys, dotted, expected_at, template
from sim.scenario.quantity import Expects
from sim.scenario.scalars import as_number

Index = Mapping[PathKeys, Where]
Message = tuple[str, str]  # problem, remedy

_UNION_ARMS = ("float", "int", "[key]")
_OWN_REMEDIES: dict[PathKeys, str] = {
    ("townships", "count"): "Write at least 1: every village belongs to a township.",
    ("villages", "count"): "Write at least 1: a place has villages.",
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

    def note(path: PathKeys, message: Message, at: PathKeys | None = None) -> None:
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


def _located(e: Any, path: PathKeys, tree: Any, schema: type[BaseModel]) -> tuple[Message, PathKeys]:
    """The message of an error and the path whose line shows it."""
    value = get(tree, path)
    expected = expected_at(schema, path) or Expected()
    if e["type"] == "value_error" and isinstance(value, dict):
        return _quantity(e, path, value, expected.expects)
    if e["type"] == "string_pattern_mismatch" and "[key]" in e["loc"]:
        return _slug("the key", str(path[-1])), path
    return _MESSAGES.get(e["type"], _other)(e, value, expected, path), path


def _unknown(path: PathKeys, missing: list[str], schema: type[BaseModel]) -> Message:
    key, parent = str(path[-1]), expected_at(schema, path[:-1])
    allowed = parent.keys() if parent else []
    near = nearest(key, missing) or nearest(key, allowed)
    if near:
        remedy = f"Did you mean {near}?"
        if near in missing:
            missing.remove(near)
    else:
        remedy = f"Remove it; keys allowed here are {listed(allowed, 25)}."
    return f"unknown key {shown(key)}", remedy


def _missing(parent: PathKeys, keys: list[str], schema: type[BaseModel]) -> Message:
    expected = expected_at(schema, parent)
    verb = "is" if len(keys) == 1 else "are"
    if expected and expected.is_quantity:
        hints = {
            "value": "value: <number>",
            "unit": f"unit: {expected.expects.unit}" if expected.expects else "unit: <unit>",
            "low": "low: <lowest plausible number>",
            "high": "high: <highest plausible number>",
            "source": "source: <a key of sources>",
            "status": "status: reported, derived, external or assumed",
        }
        return f"{listed(keys)} {verb} missing", "Write: " + "; ".join(hints.get(k, k) for k in keys)
    within = f"below {dotted(parent)}" if parent else "at the top level"
    if len(keys) == 1:
        child = expected_at(schema, (*parent, keys[0]))
        if child and child.is_quantity:
            return f"{keys[0]} is missing", f"Write {within}: {keys[0]}: {template(child.expects)}"
    them = "it" if len(keys) == 1 else "them"
    remedy = f"Add {them} {within}, or include a file that has {them}."
    return f"{listed(keys, 25)} {verb} missing", remedy


def _quantity(
    e: Any, path: PathKeys, raw: dict[str, Any], expects: Expects | None
) -> tuple[Message, PathKeys]:
    """A number with its unit and range: the line is that of the word which is wrong."""
    text = str(e.get("ctx", {}).get("error", e["msg"]))
    problem, _, advice = text.partition("; ")
    word = problem.split(" ")[0]
    remedy = advice.capitalize() + "." if advice else "Correct the number or its range."
    if word == "unit" and expects:
        unit = f"'{expects.unit}'" if "," in expects.unit else expects.unit
        remedy = f"Write: unit: {unit} (and convert the numbers)."
    elif "out of bounds" in problem and expects:
        remedy = (
            _OWN_REMEDIES.get(path) or f"Write a number from {expects.minimum:.6g} to {expects.maximum:.12g}."
        )
        x = raw.get(word)
        if expects.maximum == 1 and isinstance(x, (int, float)) and 1 < x <= 100:
            remedy = f"Write a number from 0 to 1; {x:g} % is {x / 100:g}."
    elif "outside low" in problem or "lies outside" in problem:
        remedy = "Widen low and high so that they contain the value."
    elif "whole number" in problem:
        remedy = "Write a number without decimals."
    elif word == "source":
        remedy = "Write: source: <a key of sources>; say `status: assumed` if nobody reports the number."
    return (problem, remedy), (*path, word)


def _wrong_type(e: Any, value: Any, expected: Expected, path: PathKeys) -> Message:
    """A scalar, list or section where the schema has a section."""
    if expected.is_quantity:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            problem = f"a bare number {shown(value)}: every number needs unit, low, high, source and status"
        else:
            problem = f"is {shown(value)}, expected a number with unit, low, high, source and status"
        meant = as_number(value) if isinstance(value, str) else None if isinstance(value, bool) else value
        return problem, f"Write: {template(expected.expects, meant)}"
    keys = expected.keys()
    remedy = (
        f"Write its keys below it, indented: {listed(keys, 25)}."
        if keys
        else "Write its entries below it, indented."
    )
    return f"is {shown(value)}, expected a section", remedy


def _number(e: Any, value: Any, expected: Expected, path: PathKeys) -> Message:
    whole = "a whole number" if e["type"].startswith("int") else "a number"
    if path and path[-1] in ("value", "low", "high"):
        whole = "a number"
    meant = as_number(value) if isinstance(value, str) else None
    if whole == "a whole number" and isinstance(value, float):
        meant = round(value)
    remedy = f"Write {meant}." if meant is not None else f"Write {whole}, without quotes."
    return f"is {shown(value)}, expected {whole}", remedy


def _choice(e: Any, value: Any, expected: Expected, path: PathKeys) -> Message:
    options = [o.strip().strip("'") for o in e["ctx"]["expected"].replace(" or ", ", ").split(",")]
    near = nearest(value, options) if isinstance(value, str) else None
    remedy = f"Did you mean {near}?" if near else f"Write {listed(options)}." if len(options) == 1 else ""
    return f"is {shown(value)}, expected " + " or ".join(options), remedy or "Write one of these."


def _bool(e: Any, value: Any, expected: Expected, path: PathKeys) -> Message:
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
    meant = words.get(str(value).lower(), "true or false")
    return f"is {shown(value)}, expected true or false", f"Write {meant}."


def _date(e: Any, value: Any, expected: Expected, path: PathKeys) -> Message:
    return (
        f"{shown(value)} is not a date of the calendar",
        "Write the date as YYYY-MM-DD, such as 2023-08-23.",
    )


def _string(e: Any, value: Any, expected: Expected, path: PathKeys) -> Message:
    if isinstance(value, (dict, list)) or value is None:
        return f"is {shown(value)}, expected text", "Write a word or a sentence."
    return f"is {shown(value)}, expected text", f'Put it in quotes: "{shown(value)}".'


def _list(e: Any, value: Any, expected: Expected, path: PathKeys) -> Message:
    return f"is {shown(value)}, expected a list", "Write one entry per line, each after a dash; [] for none."


def _slug(what: str, value: str) -> Message:
    import re

    meant = re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_")
    good = f"such as {meant}" if re.fullmatch(r"[a-z][a-z0-9_]*", meant) else "such as my_name"
    problem = f"{what} {shown(value)} is not a short name"
    return problem, f"Write lower-case letters, digits and underscores, a letter first, {good}."


def _pattern(e: Any, value: Any, expected: Expected, path: PathKeys) -> Message:
    return _slug("the name", str(value))


def _other(e: Any, value: Any, expected: Expected, path: PathKeys) -> Message:
    return f"is {shown(value)}: {e['msg'][:1].lower()}{e['msg'][1:]}", "Correct the value."


_MESSAGES: dict[str, Callable[[Any, Any, Expected, PathKeys], Message]] = {
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
