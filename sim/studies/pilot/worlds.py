"""A place without a policy and with it, by village and month, on the same disputes with the same random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import ceil

import numpy as np
from numpy.typing import NDArray

from sim.language import marked
from sim.runs.batch import Batch, Progress
from sim.runs.case import Case
from sim.runs.impossible import LOOK, Dealt, dealt
from sim.runs.points import points_of
from sim.runs.readouts.trial import MEDIATED, SUCCEEDED, recorded_as
from sim.scenario.metrics import BORNE_DAYS, FOLLOWED, KNOWN_METRICS, READINGS
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import Coverage, Measure
from sim.statistics.trial_designs import Worlds
from sim.studies.before_after.periods import stretched
from sim.studies.study import Work

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BASE = 12  # months of the base, and of the period before it
DAYS_PER_MONTH = 365 / 12
WITHOUT, WITH = "without", "with"
VILLAGES, TOWNSHIPS = (
    "villages",
    "townships",
)  # every other one of which has the policy, to see how they touch
RATE = "success_rate"
HAPPENED = tuple(name for name in FOLLOWED if name != "known_disputes")  # what no record can distort
WRITTEN = (MEDIATED, RATE)  # what is only known from the record
EVENTS = marked("per 1,000 persons per year")
DAYS = marked("days per 1,000 persons per year")
COUNTED = (*FOLLOWED, *(recorded_as(m, r) for m in (MEDIATED, SUCCEEDED) for r in READINGS))


@dataclass(frozen=True)
class Simulated:
    """Sums by village and period: the earlier period, the base, and each month of a trial.

    `cells[column]` has shape (worlds, samples, villages, periods), `persons` and `township` (samples, villages), the
    latter -1 where a sample lacks a village. `draw` is that of each sample, `worlds` names worlds in their order.
    """

    cells: dict[str, NDArray[np.float32]]
    persons: Floats
    township: Ints
    draw: Ints
    worlds: tuple[str, ...]
    dealt: Dealt
    limits: dict[
        str, int
    ]  # villages and townships beyond these, in a draw that has more, never have the policy

    @property
    def villages(self) -> int:
        """Those that every sample has."""
        return int((self.township >= 0).sum(axis=1).min())

    @property
    def townships(self) -> int:
        """Those that every sample has."""
        return int(self.township.max(axis=1).min()) + 1

    def with_policy(self, split: str) -> NDArray[np.bool_]:
        """Where the policy is in a world in which every other village or township has it; shape (samples, villages)."""
        villages = np.broadcast_to(np.arange(self.township.shape[1]), self.township.shape)
        number = self.township if split == TOWNSHIPS else villages
        return np.asarray((number >= 0) & (number % 2 == 0) & (number < self.limits[split]))


def longer(place: Place, start: date, months: int) -> Place:
    """The place with a window of the earlier period, the base, and so many months from the date on."""
    return stretched(place, start, ceil(2 * BASE * DAYS_PER_MONTH), ceil(months * DAYS_PER_MONTH))


def limits_of(place: Place) -> dict[str, int]:
    """Villages and townships that there are in every draw."""
    return {VILLAGES: int(place.villages.count.low), TOWNSHIPS: int(place.townships.count.low)}


def cases(
    place: Place,
    measures: Sequence[Measure],
    without: Sequence[Measure],
    start: date,
    months: int,
    seed: int,
    posterior: ParameterDraws | None,
) -> list[Case]:
    """Without the policy, with it, and with it in every other village, and in every other township if there are two."""
    where = longer(place, start, months)
    new = tuple(m.model_copy(update={"start": start}) for m in measures if m not in without)
    kept = tuple(m for m in measures if m in without)
    periods = (0, BASE, *range(2 * BASE, 2 * BASE + months + 1))
    first = Case(
        where, tuple(without), seed, "trial", points_of(posterior), (("months", periods),), policy=WITHOUT
    )
    limits = limits_of(place)
    covers = {VILLAGES: Coverage(villages=list(range(1, limits[VILLAGES] + 1, 2)))}
    if limits[TOWNSHIPS] > 1:
        covers[TOWNSHIPS] = Coverage(townships=list(range(1, limits[TOWNSHIPS] + 1, 2)))
    some = [
        replace(
            first,
            measures=(*kept, *(m.model_copy(update={"coverage": covered}) for m in new)),
            policy=split,
        )
        for split, covered in covers.items()
    ]
    return [first, replace(first, measures=(*kept, *new), policy=WITH), *some]


def simulated(
    every: Sequence[Case],
    draws: Sequence[int],
    wanted: int,
    replications: int,
    work: Work,
    progress: Progress,
) -> Simulated:
    """Simulate so many of the draws with as many replications each. ScenarioError where most draws cannot be."""
    found = dealt(every, draws, wanted, min(LOOK, wanted))
    pairs = [(d, r) for d in found.draws[:wanted] for r in range(replications)]
    batch = Batch(every, [pairs] * len(every), work.store)
    batch.complete(executor=work.executor, progress=progress)
    return _gathered(batch, every, pairs, found)


def _gathered(
    batch: Batch, every: Sequence[Case], pairs: Sequence[tuple[int, int]], found: Dealt
) -> Simulated:
    ((_, edges),) = every[0].options
    assert isinstance(edges, tuple)
    periods = len(edges) - 1
    parts: dict[str, list[list[NDArray[np.float32]]]] = {column: [] for column in COUNTED}
    persons, township = [], []
    for number in range(len(every)):
        own: dict[str, list[NDArray[np.float32]]] = {column: [] for column in COUNTED}
        for block in batch.blocks(number, 1):
            shape = (-1, periods)
            for column in COUNTED:
                own[column].append(block.rows[column].to_numpy().reshape(shape).astype(np.float32))
            if number == 0:
                persons.append(block.rows["persons"].to_numpy().reshape(shape)[:, 0])
                township.append(block.rows["township"].to_numpy().reshape(shape)[:, 0])
        for column in COUNTED:
            parts[column].append(own[column])
    most = max(len(x) for x in persons)
    cells = {
        column: np.stack([np.stack([_filled(x, most) for x in world]) for world in worlds])
        for column, worlds in parts.items()
    }
    return Simulated(
        cells,
        np.stack([_filled(x, most) for x in persons]).astype(float),
        np.stack([_filled(x, most, -1) for x in township]).astype(np.int64),
        np.array([draw for draw, _ in pairs], dtype=np.int64),
        tuple(case.policy for case in every),
        found,
        limits_of(every[0].place),
    )


def _filled(x: NDArray[np.generic], most: int, value: float = 0.0) -> NDArray[np.generic]:
    """With rows added, for villages that this draw does not have."""
    lacking = most - len(x)
    if not lacking:
        return x
    return np.concatenate([x, np.full((lacking, *x.shape[1:]), value, dtype=x.dtype)])


def worlds_of(
    found: Simulated,
    metric: str,
    reading: str,
    samples: NDArray[np.bool_],
    *,
    townships: bool = False,
    of: tuple[int, ...] = (0, 1),
) -> Worlds:
    """Two worlds of a metric, as trials are made from: rates per 1,000 persons and year, or percent.

    Recorded success is made a sum by linearising the ratio: successes less the overall share of the cases, over the
    mean number of cases (Cochran 1977, Sampling Techniques, ch. 6), so that villages without a case count, too.
    """
    known = KNOWN_METRICS.get(metric)
    worse = (
        -1.0 if metric == RATE else known.worse if known else 1.0
    )  # where little success is recorded is disorder

    def taken(column: str) -> Floats:
        cells = found.cells[column][list(of)][:, samples].astype(float)
        return _by_township(cells, found.township[samples]) if townships else cells

    size = np.where(found.township >= 0, found.persons / 1000.0 / 12.0, 0.0)[samples]
    if townships:
        size = _by_township(size[None, :, :, None], found.township[samples])[0, :, :, 0]
    if metric == RATE:
        closed, good = (taken(recorded_as(m, reading)) for m in (MEDIATED, SUCCEEDED))
        later = slice(2, None)
        number = closed[..., later].sum(axis=(0, 2, 3))
        share = good[..., later].sum(axis=(0, 2, 3)) / np.maximum(number, 1e-12)
        cells = 100.0 * (good - share[None, :, None, None] * closed)
        there = size > 0
        months = closed.shape[3] - 2
        mean = number / (2.0 * months * there.sum(axis=1))
        size = np.where(there, np.where(mean > 0, mean, 1.0)[:, None], 0.0)
    elif metric == MEDIATED:
        cells = taken(recorded_as(MEDIATED, reading))
    else:
        cells = taken(metric)
    return Worlds(cells[..., 2:], cells[0, :, :, 1], cells[0, :, :, 0], size, BASE, worse)


def level_of(
    found: Simulated, metric: str, reading: str, samples: NDArray[np.bool_], worlds: Worlds
) -> float:
    """Mean over clusters without the policy; of recorded success the share of all cases, in percent."""
    if metric != RATE:
        return float(worlds.rates(0, 0, worlds.cells.shape[3])[worlds.there].mean())
    closed, good = (
        float(found.cells[recorded_as(m, reading)][0, samples, :, 2:].sum()) for m in (MEDIATED, SUCCEEDED)
    )
    return 100.0 * good / closed if closed else float("nan")


def _by_township(cells: Floats, township: Ints) -> Floats:
    """Sums over the villages of a township; shape (worlds, samples, townships, periods)."""
    most = int(township.max()) + 1
    belongs = (township[:, :, None] == np.arange(most)).astype(float)
    out: Floats = np.einsum("wsvp,svt->wstp", cells, belongs)
    return out


def rate_of(metric: str) -> str:
    """The unit in which effects on a metric are given."""
    if metric == RATE:
        return marked("percentage points")
    return DAYS if metric == BORNE_DAYS else EVENTS
