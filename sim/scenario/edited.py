"""A place with mechanisms in force: their edits, applied to its numbers in one fixed order.

On each path first what is put there, then all factors in sorted order, then all amounts in sorted order: no result
depends on the order in which mechanisms are named. Two that put values on one path clash, unless one says `replace`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sim.language import Message, Text
from sim.scenario.copies import copied, grafted, shape, valued
from sim.scenario.errors import Fault, ScenarioError, nearest
from sim.scenario.fields import expected_at, quantities
from sim.scenario.mechanisms.effects import Add, Edit, Edits, Ensure, Hasten, Multiply, Put, Search
from sim.scenario.place import Place, Strict
from sim.scenario.policy import Measure
from sim.scenario.quantity import Expects, Quantity

LOG_ODDS_UNITS = ("probability", "share")


@dataclass(slots=True)
class _OnPath:
    """What is to happen to the value at one path."""

    puts: list[tuple[str, bool, Put, float]] = field(default_factory=list)  # mechanism, replaces, edit, dose
    factors: list[float] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)


def edits_of(place: Place, measures: Sequence[Measure]) -> list[Edits]:
    """What each measure changes in a place, at a dose of 1."""
    return [tuple(measure.built().edits(place)) for measure in measures]


def edited(
    place: Place,
    measures: Sequence[Measure],
    weights: Sequence[float] | None = None,
    edits: Sequence[Edits] | None = None,
    section: str = "",
) -> Place:
    """The place with these measures in force everywhere; `weights` scale their doses.

    `edits` are those of `edits_of`, where they are known already. With a `section` only its numbers are changed, such
    as `recording`. Raises ScenarioError where two measures put a value on one path, or a path does not exist.
    """
    weights = [1.0] * len(measures) if weights is None else weights
    edits = edits_of(place, measures) if edits is None else edits
    doses = list(_doses(measures, edits, weights))
    if section:  # of the whole place: steps of one rollout never meet in a village
        steps = {id(measure) for measure in _steps(measures)}
        doses = [one for one in doses if id(one[0]) not in steps or _in_section(one[1], section)]
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
            at = paths.get(edit.path)
            if at is None:
                at = paths[edit.path] = _OnPath()
            _note(at, measure, edit, dose)
    changes = []
    for path in sorted(paths):
        keys = path.split(".")
        leaf = _changed(place, path, keys, paths[path], wanted=not section or keys[0] == section)
        if leaf is not None:
            changes.append((keys, leaf))
    if changes:
        place = grafted(place, shape([keys for keys, _ in changes]), [leaf for _, leaf in changes])
    found = {name: r for name, r in rounds.items() if float(r.detects.value) > 0.0}
    if found and not section:
        every = dict(sorted({**place.detection.rounds, **found}.items()))
        place = copied(place, {"detection": copied(place.detection, {"rounds": every})})
    return place


def _doses(
    measures: Sequence[Measure], edits: Sequence[Edits], weights: Sequence[float]
) -> Iterator[tuple[Measure, Edit, float]]:
    for measure, own, weight in zip(measures, edits, weights, strict=True):
        for edit in own:
            effect = measure.effect if edit.effect else 1.0
            yield measure, edit, measure.strength * effect * weight


def _steps(measures: Sequence[Measure]) -> Iterator[Measure]:
    """Measures whose mechanism others before them have, all in other villages."""
    for i, measure in enumerate(measures):
        before = [other for other in measures[:i] if other.mechanism == measure.mechanism]
        if before and all(_apart(measure, other) for other in before):
            yield measure


def _apart(one: Measure, other: Measure) -> bool:
    """Whether both name villages, and none is in both."""
    mine, theirs = one.coverage.villages, other.coverage.villages
    return mine is not None and theirs is not None and not set(mine) & set(theirs)


def _in_section(edit: Edit, section: str) -> bool:
    """Whether it changes a number of a section of the place."""
    return not isinstance(edit, Search | Ensure) and edit.path.split(".")[0] == section


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
    return copied(edit.round, {"detects": valued(old, p)}) if p != float(old.value) else edit.round


def _changed(place: Place, path: str, keys: Sequence[str], at: _OnPath, *, wanted: bool) -> Any:
    """What is to stand at a path; None if it stays. Where it is not `wanted`, only clashes are looked for."""
    found, old = _get(place, keys)
    if not found:
        raise ScenarioError([_no_path(place, path)])
    if old is None:
        return None  # the section is absent here, so there is nothing to act on
    put = _setter(path, at.puts)
    if not wanted:
        return None
    if type(old) is not Quantity:
        return None if put is None or put[1] <= 0.0 else type(old)(put[0].value)
    expected = expected_at(Place, keys)
    expects = expected.expects if expected else None
    new = _number(float(old.value), put, at, expects)
    if new == float(old.value):
        return None
    return valued(old, int(new) if expects is not None and expects.integer else new)


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


def _get(place: Place, keys: Sequence[str]) -> tuple[bool, Any]:
    """Whether a path exists, and the value there; None where a section on the way is absent."""
    node: Any = place
    for key in keys:
        if node is None:
            return True, None
        if type(node) is dict:
            node = node.get(key)
        elif _is_section(node.__class__) and key in node.__dict__:
            node = node.__dict__[key]
        else:
            return False, None
    return True, node


@cache  # asked of each step of each path; the metaclass of sections makes `isinstance` slow
def _is_section(kind: type) -> bool:
    return issubclass(kind, Strict)


def _ensured(place: Place, edit: Ensure) -> Place:
    keys = edit.path.split(".")
    found, old = _get(place, keys)
    if not found:
        raise ScenarioError([_no_path(place, edit.path)])
    out: Place = place if old is not None else grafted(place, shape([keys]), [edit.section])
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
