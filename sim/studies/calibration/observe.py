"""Observation models: how likely a place's figures are, given a replication; and where they point to.

A figure of the record goes through `record`. A count that was written down in full is compared through a kernel whose
width is a quarter of its Poisson standard deviation (at least half a unit): posteriors become wider by some 3 %, which
is the tolerance reached. A bound, a range, and a censored share have likelihoods of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtr

from sim.outcomes.figures import BY_COMMITTEE, FACTORS, FAILURES, RAISED, RESOLVED, SUCCESSES, factor_name
from sim.scenario.metrics import IN_RECORD
from sim.scenario.place import Exactness, Place, Target
from sim.statistics.thinning import Reported
from sim.studies.calibration.record import (
    RATE,
    Likelihood,
    proportional,
    reported,
    target_driven,
)

Floats = NDArray[np.float64]
Figures = dict[str, Floats]  # by metric, one value for each replication
KERNEL = 0.25


def kernel_width(value: float) -> float:
    """Standard deviation of the kernel around a count, in counts."""
    return max(0.5, KERNEL * math.sqrt(max(value, 0.0)))


def calibrated(place: Place) -> list[Target]:
    """The targets that a calibration uses."""
    return [t for t in place.targets if t.role == "calibrate"]


def record_of(place: Place) -> Reported:
    """What the place reports of its cases."""
    return reported([t for t in place.targets if t.role == "calibrate"])


def log_likelihood(
    place: Place,
    found: Figures,
    reading: str,
    seed: int,
    basis: str = "dispute",
    selectivity: float | None = None,
) -> Likelihood:
    """The log-likelihood of all targets of a place in each replication, under a reading of the record.

    `selectivity` is how far a target-driven record goes (default: what the place says); a proportional one has none.
    """
    suffix = f" {BY_COMMITTEE}" if basis == "committee" else ""
    success, failure = found[SUCCESSES + suffix], found[FAILURES + suffix]
    record = record_of(place)
    log, parameters = np.zeros(len(success)), {}
    if record.says_something:
        if reading == "proportional":
            part = proportional(place, record, success, failure, seed)
        else:
            factors = {name: found[factor_name(name)] for name in FACTORS}
            extent = place.recording.target_driven.extent if selectivity is None else selectivity
            part = target_driven(place, record, success, failure, factors, seed, extent)
        log, parameters = log + part.log, part.parameters
    for target in calibrated(place):
        if target.metric not in IN_RECORD:
            log = log + true_target(target, found)
    return Likelihood(log, parameters)


def true_target(target: Target, found: Figures) -> Floats:
    """The log-likelihood of a figure that is not filtered by the record."""
    if target.exactness == Exactness.CENSORED:
        return censored(round(target.value / 100.0 * (target.of or 0)), round(target.of or 0), found)
    x = found[target.metric]
    with np.errstate(divide="ignore", invalid="ignore"):
        if target.exactness == Exactness.BETWEEN:
            p = np.clip(x / 100.0, 1e-6, 1 - 1e-6)
            sd = 100.0 * np.sqrt(p * (1 - p) / (target.of or 100.0))
            inside = ndtr((float(target.high or 0.0) - x) / sd) - ndtr((target.value - x) / sd)
            return np.log(np.nan_to_num(inside))
        width = kernel_width(target.value)
        if target.exactness == Exactness.AT_LEAST:
            return np.log(ndtr((x - target.value + 0.5) / width))
        if target.exactness == Exactness.AT_MOST:
            return np.log(ndtr((target.value - x + 0.5) / width))
    out: Floats = stats.norm.logpdf(x, target.value, width)
    return out


def censored(done: int, begun: int, found: Figures) -> Floats:
    """So many done of those begun, which are any of the matters that a replication has raised."""
    raised, resolved = found[RAISED], found[RESOLVED]
    room = np.maximum(raised, begun)
    done_there = np.clip(np.round(resolved * room / np.maximum(raised, 1.0)), 0, room)
    log = stats.hypergeom.logpmf(done, room, done_there, begun)
    with np.errstate(divide="ignore"):
        return np.asarray(log + np.log(ndtr((raised - begun + 0.5) / kernel_width(begun))))


@dataclass(frozen=True)
class Pointer:
    """Where a figure points to: the summary of a replication should be about `value`, with this variance."""

    name: str
    summary: Floats
    value: float
    variance: float


def pointers(place: Place, found: Figures, reading: str) -> Iterator[Pointer]:
    """For the search alone: whatever they are, weights put it right."""
    success, failure = found[SUCCESSES], found[FAILURES]
    record = record_of(place)
    if reading == "proportional" and record.mediated and record.succeeded:
        yes = float(np.mean(record.succeeded)) + 0.5
        no = record.mediated - yes + 1.0
        yield Pointer(RATE, np.log((success + 0.5) / (failure + 0.5)), math.log(yes / no), 1 / yes + 1 / no)
    for target in calibrated(place):
        if target.metric in IN_RECORD or target.exactness == Exactness.CENSORED:
            continue
        x, value = found[target.metric], target.value
        if target.exactness == Exactness.BETWEEN:
            middle, half = (
                (value + float(target.high or value)) / 2,
                (float(target.high or value) - value) / 2,
            )
            if abs(np.nanmean(x) - middle) > half:
                yield Pointer(target.metric, np.nan_to_num(x), middle, half**2 / 3)
        elif target.exactness == Exactness.AT_LEAST:
            if np.nanmean(x > value) < 0.5:
                yield Pointer(target.metric, np.log(x + 1.0), math.log(value * 1.15), 0.01)
        elif target.exactness == Exactness.EXACT:
            yield Pointer(target.metric, np.log(x + 1.0), math.log(value + 1.0), 1.0 / (value + 1.0) / 4)
