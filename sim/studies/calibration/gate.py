"""The gate: whether a calibrated place still gives the figures that it gave when its posterior was made, and reported.

Each kept draw is simulated once more with other random numbers. The mean of a figure is set beside its pinned mean
over the same draws, so that only Monte Carlo error lies between them. The tolerance follows from that error and from
how often a false alarm may be: it is derived, and no seed is special. Reported figures are looked at beside them
(`aimed`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.language import Message, Text
from sim.runs.batch import Batch, Progress, quiet, through
from sim.runs.case import Case
from sim.runs.executors.local import Executor
from sim.runs.posterior import Posterior, strangers
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.studies.calibration.aimed import aimed
from sim.studies.calibration.gate_check import Check
from sim.studies.calibration.observe import Figures
from sim.studies.calibration.watched import watched
from sim.studies.calibration.waves import case_at, wave_of

Floats = NDArray[np.float64]
FALSE_ALARM = 1e-4  # of all checks together


@dataclass(frozen=True)
class Gated:
    """A place with its posterior."""

    place: Place
    measures: tuple[Measure, ...]
    posterior: Posterior


def cases_of(gated: Sequence[Gated], seed: int) -> dict[tuple[str, str], Case]:
    """By place and reading: the case of every draw."""
    return {
        (g.place.name, reading): case_at(
            g.place, g.measures, d.names, d.normal, seed, reading, g.posterior.parts
        )
        for g in gated
        for reading, d in g.posterior.readings.items()
    }


def check(
    gated: Sequence[Gated], *, executor: Executor, seed: int, progress: Progress = quiet
) -> list[Check]:
    """Simulate every draw once, and compare. Raises what `Batch.complete` raises."""
    usable = [g for g in gated if not _renamed(g)]
    cases = cases_of(usable, seed)
    wanted = [through(range(len(d.scores))) for g in usable for d in g.posterior.readings.values()]
    batch = Batch(list(cases.values()), wanted).complete(executor=executor, progress=progress)
    outcomes = batch.outcomes()
    found: dict[tuple[str, str], tuple[Figures, NDArray[np.bool_]]] = {}
    for number, key in enumerate(cases):
        one = outcomes.of(number)
        wave = wave_of(np.empty((len(one), 0)), one)
        found[key] = wave.found, wave.feasible
    checks = [c for g in gated for c in _of_place(g, found, seed)]
    return with_tolerance(checks)


def with_tolerance(checks: Sequence[Check]) -> list[Check]:
    """Scale tolerances, which are standard errors so far, to the family's probability of a false alarm."""
    z = float(stats.norm.ppf(1.0 - FALSE_ALARM / (2 * max(1, len(checks)))))
    return [replace(c, tolerance=c.room + z * c.tolerance) for c in checks]


def _renamed(g: Gated) -> Text:
    gone = strangers(g.posterior, g.place, g.measures)
    return Message("the place has no parameter {name} any more", name=gone[0]) if gone else ""


def _of_place(
    g: Gated, found: dict[tuple[str, str], tuple[Figures, NDArray[np.bool_]]], seed: int
) -> Iterator[Check]:
    renamed = _renamed(g)
    for reading, draws in g.posterior.readings.items():
        name = g.place.name
        if renamed:
            yield Check(name, reading, "parameters", "", math.nan, math.nan, 0.0, renamed)
            continue
        figures, feasible = found[name, reading]
        if not feasible.all():
            lost = Message(
                "{n} of {m} parameter draws no longer make a county",
                n=int((~feasible).sum()),
                m=len(feasible),
            )
            yield Check(name, reading, "parameters", "", math.nan, math.nan, 0.0, lost)
        yield from compared(g.place, reading, figures, feasible, draws.about["pinned"])
        yield from aimed(g.place, reading, figures, feasible, seed)


def compared(
    place: Place, reading: str, figures: Figures, feasible: NDArray[np.bool_], pins: dict[str, dict[str, Any]]
) -> Iterator[Check]:
    """Every watched figure beside its pinned mean; the tolerance is one standard error."""
    n = int(feasible.sum())
    for figure, shown in watched(place).items():
        pin = pins.get(figure)
        if pin is None or pin["sd"] is None or figure not in figures or not n:
            problem = (
                Message("it has no pinned mean")
                if pin is None or pin["sd"] is None
                else Message("the model no longer gives it")
            )
            yield Check(place.name, reading, figure, shown, math.nan, math.nan, 0.0, problem)
            continue
        error = float(pin["sd"]) * math.sqrt(1.0 / n + 1.0 / float(pin["n"]))
        simulated = float(np.nanmean(figures[figure][feasible]))
        yield Check(place.name, reading, figure, shown, float(pin["mean"]), simulated, max(error, 1e-9))
