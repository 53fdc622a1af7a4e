"""Figures that no fit has seen, predicted by the calibrated place, with and without what they are claimed for.

A figure that the place without the mechanism would have shown as well can not test the mechanism, whatever it is.
Changes are predicted as a county would see them: the same months one year later, other chances each year, and a trend
that has nothing to do with the policy. Villages are chosen by how bad the year before the base was: chosen by the base
itself, they improve by regression to the mean whatever is done, and the figure could test nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.language import marked
from sim.runs.batch import Progress, quiet
from sim.runs.executors.local import Executor
from sim.runs.posterior import Posterior
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Exactness, Place, Target
from sim.scenario.policy import Measure
from sim.scenario.quantity import Quantity
from sim.statistics.quantiles import central, quantiles
from sim.studies.before_after import change, periods
from sim.studies.calibration.predictive import BAND, ONE_SIDED, replicas
from sim.studies.calibration.waves import case_at, simulated

Floats = NDArray[np.float64]
TREND = (-40.0, 10.0)  # percent a year, of filings without any policy; assumed, docs/calibration.md
TRENDING = ("filings",)
YEAR = 365
CHANGED = marked("% change")
Verdict = Literal["covered", "missed", "cannot test"]


@dataclass(frozen=True)
class HeldOut:
    """A held-out figure beside the 5, 50 and 95 % of what the model predicts, with and without the mechanism."""

    place: str
    reading: str
    figure: str
    unit: str
    reported: str
    mechanism: str  # what it is claimed for; "practice": all that the place does
    with_it: tuple[float, float, float]
    without: tuple[float, float, float]
    verdict: Verdict
    undefined: float  # share of replications in which there was nothing to compare with


def held_out(place: Place) -> list[Target]:
    """The targets that are kept to judge by."""
    return [t for t in place.targets if t.role == "hold_out"]


def predict_held_out(
    place: Place,
    measures: tuple[Measure, ...],
    posterior: Posterior,
    *,
    executor: Executor,
    seed: int = 1,
    draws: int = 200,
    progress: Progress = quiet,
) -> list[HeldOut]:
    """Every held-out figure of a place under each reading. Raises what `batch.run` raises."""
    out = []
    for reading, kept in posterior.readings.items():
        points = kept.normal[:draws]
        for target in held_out(place):
            reduced = without(measures, target)
            if target.exactness == Exactness.CHANGE:
                pair = _changes(
                    place, measures, reduced, target, posterior, reading, len(points), seed, executor
                )
            else:

                def level(m: tuple[Measure, ...], target: Target = target, reading: str = reading) -> Floats:
                    names, points = (
                        posterior.readings[reading].names,
                        posterior.readings[reading].normal[:draws],
                    )
                    return _levels(place, m, names, points, target, reading, executor, seed, progress)

                pair = level(measures), level(reduced)
            out.append(judged(place.name, reading, target, *pair))
    return out


def without(measures: Sequence[Measure], target: Target) -> tuple[Measure, ...]:
    """What is in force without the mechanism that a figure is claimed for; nothing if it is claimed for all."""
    return tuple(m for m in measures if target.mechanism is not None and m.mechanism != target.mechanism)


def judged(place: str, reading: str, target: Target, seen: Floats, anyway: Floats) -> HeldOut:
    """The verdict on a figure, from replications with and without the mechanism."""
    explained = _covers(target, anyway)
    verdict: Verdict = "cannot test" if explained else "covered" if _covers(target, seen) else "missed"
    return HeldOut(
        place,
        reading,
        target.metric,
        CHANGED if target.exactness == Exactness.CHANGE else KNOWN_METRICS[target.metric].unit,
        f"{'≥ ' if target.exactness == Exactness.AT_LEAST else ''}{target.value:g}",
        target.mechanism or "practice",
        central(seen),
        central(anyway),
        verdict,
        float(np.isnan(seen).mean()),
    )


def _covers(target: Target, x: Floats) -> bool:
    """Whether a reported figure lies inside the central 90 %; a bound, whether at least 5 % meet it."""
    x = x[~np.isnan(x)]
    if not len(x):
        return False
    if target.exactness in ONE_SIDED:
        meets = x >= target.value if target.exactness == Exactness.AT_LEAST else x <= target.value
        return float(meets.mean()) >= BAND[0]
    low, high = quantiles(x, BAND)
    half = 0.5 * 10.0**-target.decimals
    return bool(low - half <= target.value <= high + half)


def _levels(
    place: Place,
    measures: tuple[Measure, ...],
    names: tuple[str, ...],
    points: Floats,
    target: Target,
    reading: str,
    executor: Executor,
    seed: int,
    progress: Progress,
) -> Floats:
    """A figure of the window in one replication of each draw."""
    case = case_at(place, measures, names, points, seed + 7000, reading)
    found = simulated(case, executor=executor, progress=progress).usable
    return replicas(target, found, np.random.default_rng([seed, 61]))


def _changes(
    place: Place,
    measures: tuple[Measure, ...],
    reduced: tuple[Measure, ...],
    target: Target,
    posterior: Posterior,
    reading: str,
    draws: int,
    seed: int,
    executor: Executor,
) -> tuple[Floats, Floats]:
    """The change that a county would see with the mechanism and without it, percent."""
    named = [m for m in measures if m.mechanism == target.mechanism]
    start = named[0].start if named and named[0].start else place.window.start
    after = (place.window.end - start).days + 1
    found = periods(
        place,
        measures,
        reduced,
        start,
        before=YEAR,
        after=after,
        seed=seed + 7000,
        replications=draws,
        executor=executor,
        draws=draws,
        posterior=posterior.draws(reading),
        earlier=YEAR,
    )
    villages = _villages(place, target)
    one = change(found, target.metric, villages=villages, by=target.metric)
    rng = np.random.default_rng([seed, 62])
    # Between the middles of both periods lies this part of a year.
    years = (YEAR + after) / 2.0 / YEAR
    trend = rng.uniform(*TREND, size=draws) if target.metric in TRENDING else np.zeros(draws)
    grown = (1.0 + trend / 100.0) ** years
    seen, anyway = (100.0 * ((1.0 + x / 100.0) * grown - 1.0) for x in (one.seen, one.anyway))
    return seen, anyway


def _villages(place: Place, target: Target) -> int | None:
    """How many villages a claim is about, where the mechanism acts in some only, chosen for what they are."""
    for mechanism in place.mechanisms:
        if mechanism.name == target.mechanism and isinstance(mechanism.coverage, Quantity):
            share = float(mechanism.coverage.value)
            if share < 1.0:
                return max(1, round(share * float(place.villages.count.value)))
    return None
