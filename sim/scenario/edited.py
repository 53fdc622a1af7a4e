"""A place with mechanisms in force: their edits, applied to its numbers in one fixed order.

On each path first what is put there, then all factors in sorted order, then all amounts in sorted order: no result
depends on the order in which mechanisms are named. Two that put values on one path clash, unless one says `replace`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.language import Message, Text
from sim.scenario.errors import Fault, ScenarioError, nearest
from sim.scenario.fields import expected_at, quantities
from sim.scenario.mechanisms.effects import Add, Edit, Ensure, Hasten, Multiply, Put, Search
from sim.scenario.place import Place, Strict
from sim.scenario.policy import Measure
from sim.scenario.quantity import Expects, Quantity

LOG_ODDS_UNITS = ("probability", "share")


@dataclass
class _OnPath:
    """What is to happen to the value at one path."""

    puts: list[tuple[str, bool, Put, float]] = field(default_factory=list)  # mechanism, replaces, edit, dose
    factors: list[float] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)


def edited(place: Place, measures: Sequence[Measure], weights: Sequence[float] | None = None) -> Place:
    """The place with these measures in force everywhere; `weights` scale their doses.

    Raises ScenarioError where two measures put a value on one path, or a path does not exist.
    """
    weights = [1.0] * len(measures) if weights is None else weights
    doses = list(_doses(place, measures, weights))
    for _, edit, dose in doses:
        if isinstance(edit, Ensure) and dose > 0.0:
            place = _ensured(place, edit)
    paths: dict[str, _OnPath] = {}
    rounds: dict[str, Any] = {}
    for measure, edit, dose in doses:
        if isinstance(edit, Search):
            if edit.name in place.detection.rounds or edit.name in rounds:
                raise _clash(
                    f"detection.rounds.{edit.name}",
                    measure.mechanism,
                    Message("the place or another mechanism"),
                )
            rounds[edit.name] = _searching(edit, dose)
        elif not isinstance(edit, Ensure):
            _note(paths.setdefault(edit.path, _OnPath()), measure, edit, dose)
    for path in sorted(paths):
        place = _changed(place, path, paths[path])
    if any(float(r.detects.value) > 0.0 for r in rounds.values()):
        detection = place.detection
        found = {name: r for name, r in rounds.items() if float(r.detects.value) > 0.0}
        rounds_now = dict(sorted({**detection.rounds, **found}.items()))
        place = place.model_copy(update={"detection": detection.model_copy(update={"rounds": rounds_now})})
    return place


def _doses(
    place: Place, measures: Sequence[Measure], weights: Sequence[float]
) -> Iterator[tuple[Measure, Edit, float]]:
    for measure, weight in zip(measures, weights, strict=True):
        for edit in measure.built().edits(place):
            effect = measure.effect if edit.effect else 1.0
            yield measure, edit, measure.strength * effect * weight


def _note(at: _OnPath, measure: Measure, edit: Edit, dose: float) -> None:
    if isinstance(edit, Put):
        at.puts.append((measure.mechanism, edit.path in measure.replace, edit, dose))
    elif isinstance(edit, Multiply) and dose != 0.0:
        at.factors.append(edit.factor**dose)
    elif isinstance(edit, Hasten):
        at.factors.append(1.0 / dose if dose > 0.0 else math.inf)
    elif isinstance(edit, Add) and dose != 0.0:
        at.amounts.append(edit.amount * dose)


def _clash(path: str, one: Text, other: Text) -> ScenarioError:
    problem = Message("both {one} and {other} set this value", one=one, other=other)
    remedy = Message(
        "Take one out, or let one overrule the other: `replace: [{path}]` in its entry.", path=path
    )
    return ScenarioError([Fault("policy", 0, path, problem, remedy)])


def _setter(path: str, puts: list[tuple[str, bool, Put, float]]) -> tuple[Put, float] | None:
    """Which of several puts holds: the only one, or the only one that replaces."""
    if not puts:
        return None
    loud = [p for p in puts if p[1]]
    chosen = loud or puts
    if len(chosen) > 1:
        raise _clash(path, chosen[0][0], chosen[1][0])
    return chosen[0][2], chosen[0][3]


def _searching(edit: Search, dose: float) -> Any:
    """A round whose hazard of finding a dispute is scaled by the dose."""
    old = edit.round.detects
    p = -math.expm1(dose * math.log1p(-float(old.value))) if float(old.value) < 1.0 else float(dose > 0.0)
    return edit.round.model_copy(update={"detects": _valued(old, p)}) if p != float(old.value) else edit.round


def _changed(place: Place, path: str, at: _OnPath) -> Place:
    keys = path.split(".")
    found, old = _get(place, keys)
    if not found:
        raise ScenarioError([_no_path(place, path)])
    if old is None:
        return place  # the section is absent here, so there is nothing to act on
    put = _setter(path, at.puts)
    if not isinstance(old, Quantity):
        if put is None or put[1] <= 0.0:
            return place
        word: Place = _set(place, keys, type(old)(put[0].value))
        return word
    expected = expected_at(Place, keys)
    expects = expected.expects if expected else None
    new = _number(float(old.value), put, at, expects)
    out: Place = place if new == float(old.value) else _set(place, keys, _valued(old, new, expects))
    return out


def _number(x: float, put: tuple[Put, float] | None, at: _OnPath, expects: Expects | None) -> float:
    if put is not None and put[1] > 0.0:
        target = float(put[0].value)
        x = target if put[1] >= 1.0 else x + put[1] * (target - x)
    for factor in sorted(at.factors):
        x *= factor
    total = sum(sorted(at.amounts))
    if total != 0.0:
        odds = expects is not None and expects.unit in LOG_ODDS_UNITS
        x = _shifted(x, total) if odds else x + total
    if expects is not None:
        x = min(max(x, expects.minimum), expects.maximum)
        x = float(round(x)) if expects.integer else x
    return x


def _shifted(p: float, amount: float) -> float:
    """A probability moved on the scale of log-odds; 0 and 1 stay where they are."""
    if not 0.0 < p < 1.0:
        return p
    return 1.0 / (1.0 + math.exp(-(math.log(p / (1.0 - p)) + amount)))


def _valued(old: Quantity, x: float, expects: Expects | None = None) -> Quantity:
    value: float | int = int(x) if expects is not None and expects.integer else x
    return old.model_copy(update={"value": value, "low": min(old.low, value), "high": max(old.high, value)})


def _get(place: Place, keys: Sequence[str]) -> tuple[bool, Any]:
    """Whether a path exists, and the value there; None where a section on the way is absent."""
    node: Any = place
    for key in keys:
        if node is None:
            return True, None
        if isinstance(node, Strict) and key in type(node).model_fields:
            node = getattr(node, key)
        elif isinstance(node, dict):
            node = node.get(key)
        else:
            return False, None
    return True, node


def _set(node: Any, keys: Sequence[str], value: Any) -> Any:
    key, rest = keys[0], keys[1:]
    old = node[key] if isinstance(node, dict) else getattr(node, key)
    new = _set(old, rest, value) if rest else value
    return {**node, key: new} if isinstance(node, dict) else node.model_copy(update={key: new})


def _ensured(place: Place, edit: Ensure) -> Place:
    keys = edit.path.split(".")
    found, old = _get(place, keys)
    if not found:
        raise ScenarioError([_no_path(place, edit.path)])
    out: Place = place if old is not None else _set(place, keys, edit.section)
    return out


def _no_path(place: Place, path: str) -> Fault:
    known = [".".join(map(str, p)) for p, _ in quantities(place)]
    near = nearest(path, known)
    remedy = (
        Message("Did you mean {near}?", near=near)
        if near
        else Message("`explain` of a place lists all paths.")
    )
    return Fault("policy", 0, path, Message("no place has such a value"), remedy)


def touched(measures: Iterable[Measure], place: Place) -> set[str]:
    """The paths that measures act on: what a result hangs on beside the place itself."""
    out = set()
    for measure in measures:
        for edit in measure.built().edits(place):
            out.add(f"detection.rounds.{edit.name}" if isinstance(edit, Search) else edit.path)
    return out
