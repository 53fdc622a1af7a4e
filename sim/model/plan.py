"""Which measures hold where and when: areas of villages, epochs of days, and what the measures take from the staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.language import Message
from sim.model.tables import read_only
from sim.model.villages import Villages
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.mechanisms.effects import Hours, Persons, Yuan
from sim.scenario.place import Place
from sim.scenario.policy import Measure

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


LEARNING_STEP = 60  # days


@dataclass(frozen=True)
class InPlace:
    """A measure with the villages that it covers, and the days of the run from which and until which it holds.

    `steps`: from a day on it has this share of its effect. What has no date of its start has been learnt before.
    """

    measure: Measure
    villages: Flags  # (villages,)
    first_day: int
    last_day: int  # exclusive
    steps: tuple[tuple[int, float], ...] = ()

    def learnt(self, day: int) -> float:
        """Which share of its effect it has on a day."""
        return next((share for first, share in reversed(self.steps) if first <= day), 1.0)


@dataclass(frozen=True)
class StaffUse:
    """Hours per year, or persons, that a measure takes from (or adds to) a staff group, by village."""

    staff: str
    by_village: Floats  # (villages,) hours per year or persons
    first_day: int
    last_day: int
    what: str
    mechanism: str
    sent: bool = False  # hours from other duties, not from those for disputes


@dataclass(frozen=True)
class Spending:
    """Money of a measure in yuan per year while it holds, and for how many days it holds within the window."""

    mechanism: str
    what: str
    yuan_per_year: float
    days: int


@dataclass(frozen=True)
class Epoch:
    """From a day on these measures hold in an area; `rounds` says which of the place's own rounds are held there."""

    first_day: int
    active: tuple[int, ...]
    learnt: tuple[float, ...]  # of each of these: which share of its effect it has


@dataclass(frozen=True)
class Plan:
    """Measures in place, areas, and staff. `area` has shape (villages,); `epochs` one list for each area."""

    measures: tuple[InPlace, ...]
    area: NDArray[np.int64]
    epochs: tuple[tuple[Epoch, ...], ...]
    covered_rounds: tuple[frozenset[str], ...]  # of the place's own, by area
    hours: tuple[StaffUse, ...]
    persons: tuple[StaffUse, ...]
    spending: tuple[Spending, ...]


def make_plan(place: Place, measures: Sequence[Measure], villages: Villages, first: date, days: int) -> Plan:
    """Lay measures out over villages and days. Raises ScenarioError where a coverage names what there is not."""
    held = tuple(_in_place(m, villages, first, days) for m in measures)
    names = sorted(place.detection.rounds)
    own = [villages.covered(float(place.detection.rounds[n].coverage.value)) for n in names]
    masks = np.array([*(h.villages for h in held), *own], dtype=bool).reshape(-1, villages.count)
    area, where = _areas(masks.tobytes(), villages.count)
    epochs, rounds = [], []
    for example in where:
        there = [i for i, h in enumerate(held) if h.villages[example] and h.first_day < h.last_day]
        steps = {day for i in there for day, _ in held[i].steps if day < held[i].last_day}
        cuts = sorted({0, *steps, *(held[i].first_day for i in there), *(held[i].last_day for i in there)})
        epochs.append(tuple(_epoch(held, there, day) for day in cuts if day < days))
        rounds.append(frozenset(n for n, mask in zip(names, own, strict=True) if mask[example]))
    hours, persons, spending = _uses(place, held, villages, days)
    return Plan(held, area, tuple(epochs), tuple(rounds), hours, persons, spending)


def _epoch(held: Sequence[InPlace], there: Sequence[int], day: int) -> Epoch:
    active = tuple(i for i in there if held[i].first_day <= day < held[i].last_day)
    return Epoch(day, active, tuple(held[i].learnt(day) for i in active))


@lru_cache(maxsize=256)  # most points of a parameter space cover the same villages
def _areas(masks: bytes, villages: int) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    """The area of each village, and a village of each: what differs in no mask, of shape (masks, villages), is one."""
    flags = np.frombuffer(masks, dtype=bool).reshape(-1, villages)
    if not len(flags):
        return read_only(np.zeros(villages, dtype=np.int64)), (0,)
    _, where, area = np.unique(flags, axis=1, return_index=True, return_inverse=True)
    return read_only(np.asarray(area, dtype=np.int64).reshape(-1)), tuple(where.tolist())


def _in_place(measure: Measure, villages: Villages, first: date, days: int) -> InPlace:
    begin = 0 if measure.start is None else min(max((measure.start - first).days, 0), days)
    end = days if measure.stop is None else min(max((measure.stop - first).days, 0), days)
    end = max(begin, end)
    return InPlace(measure, covered(measure, villages), begin, end, _learning(measure, first, begin, end))


def _learning(measure: Measure, first: date, begin: int, end: int) -> tuple[tuple[int, float], ...]:
    """Day and share of the effect that is learnt by then, in steps: each with the share at its middle."""
    mechanism = measure.built()
    if measure.start is None or mechanism.learnt(0.0) == 1.0:
        return ()
    since = (measure.start - first).days
    return tuple(
        (day, mechanism.learnt(day - since + LEARNING_STEP / 2)) for day in range(begin, end, LEARNING_STEP)
    )


def covered(measure: Measure, villages: Villages) -> Flags:
    """The villages that a measure covers, shape (villages,)."""
    coverage = measure.coverage
    out = np.zeros(villages.count, dtype=bool)
    for what, numbers, count in (
        ("villages", coverage.villages, villages.count),
        ("townships", coverage.townships, villages.townships),
    ):
        if numbers is None:
            continue
        wrong = [n for n in numbers if not 1 <= n <= count]
        if wrong:
            problem = Message(
                "the place has {count} {what}, numbered from 1, and no number {wrong}",
                count=count,
                what=Message(what),
                wrong=wrong[0],
            )
            path = f"{measure.mechanism}.coverage.{what}"
            raise ScenarioError(
                [Fault("policy", 0, path, problem, Message("Write numbers from 1 to {count}.", count=count))]
            )
        if what == "villages":
            out[np.array(numbers, dtype=np.int64) - 1] = True
        else:
            out |= np.isin(villages.township + 1, numbers)
        return out
    if coverage.chosen == "evenly":
        return villages.covered(coverage.share)
    largest = np.argsort(-villages.persons, kind="stable")[: round(coverage.share * villages.count)]
    out[largest] = True
    return out


def _uses(
    place: Place, held: Sequence[InPlace], villages: Villages, days: int
) -> tuple[tuple[StaffUse, ...], tuple[StaffUse, ...], tuple[Spending, ...]]:
    """What measures use, spread over the villages that they cover."""
    in_township = np.bincount(villages.township, minlength=villages.townships)[villages.township]
    each = {
        "village": np.ones(villages.count),
        "township": 1.0 / in_township,
        "county": np.full(villages.count, 1.0 / villages.count),
    }
    hours: list[StaffUse] = []
    persons: list[StaffUse] = []
    spending: list[Spending] = []
    window_first = days - ((place.window.end - place.window.start).days + 1)
    for h in held:
        strength = h.measure.strength
        if strength <= 0.0 or h.first_day >= h.last_day:
            continue
        for use in h.measure.built().uses(place):
            share = np.where(h.villages, each[use.per], 0.0) * strength
            if isinstance(use, Yuan):
                within = max(0, h.last_day - max(h.first_day, window_first))
                total = float(share.sum()) * use.per_year
                spending.append(Spending(h.measure.mechanism, use.what, total, within))
                continue
            amount = share * (use.per_year if isinstance(use, Hours) else use.number)
            if not amount.any():
                continue
            found = StaffUse(
                *(use.staff, amount, h.first_day, h.last_day, use.what, h.measure.mechanism),
                sent=isinstance(use, Hours) and use.sent,
            )
            (persons if isinstance(use, Persons) else hours).append(found)
    return tuple(hours), tuple(persons), tuple(spending)
