"""Simulated points of a place's parameter space: the replications that every step of a calibration asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.outcomes.register import Form
from sim.runs.batch import Progress, quiet, run, through
from sim.runs.case import Case
from sim.runs.executors.local import Executor
from sim.runs.outcomes import Outcomes
from sim.runs.points import Scores, coordinates
from sim.scenario.metrics import RECORDED
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.studies.calibration.observe import Figures

Floats = NDArray[np.float64]
CHUNK = 25


@dataclass(frozen=True)
class Wave:
    """Simulated points: scores, figures by metric, and whether the numbers of each fit together."""

    scores: Floats
    found: Figures
    feasible: NDArray[np.bool_]

    @property
    def usable(self) -> Figures:
        """The figures of the points that fit together."""
        return {name: x[self.feasible] for name, x in self.found.items()}


Simulate = Callable[[Floats, int], Wave]


def recorded_name(metric: str) -> str:
    """The name under which the recorded value of a metric is found, beside the true one."""
    return f"recorded {metric}"


def case_at(
    place: Place,
    measures: tuple[Measure, ...],
    names: tuple[str, ...],
    scores: Floats,
    seed: int,
    reading: str = "",
    parts: int = 1,
    register: Form | None = None,
) -> Case:
    """The case of a place at normal scores of its prior, shape (points, names).

    With a `reading`, what the place writes down under it is read, too; with `register` what a register of that form
    would hold. With `parts` above 1 one of so many parts of the place is simulated in its stead.
    """
    points = Scores(names, scores)
    asked: tuple[tuple[str, object], ...] = (("record", reading),)
    if register is not None:
        asked += (("register", register),)
    return Case(place, measures, seed, "figures", points, asked, parts, "through")


def simulated(
    case: Case,
    *,
    executor: Executor,
    repeats: int = 1,
    folder: Path | None = None,
    progress: Progress = quiet,
) -> Wave:
    """Every point of a case of `case_at`, `repeats` times in a row, each with luck of its own.

    What is finished is kept in `folder`. Raises what `batch.run` raises.
    """
    assert isinstance(case.points, Scores)
    scores = case.points.scores
    wanted = through(np.repeat(np.arange(len(scores)), repeats))
    chunk = repeats * max(1, CHUNK // repeats)
    found = run([case], wanted, executor=executor, folder=folder, chunk=chunk, progress=progress)
    return wave_of(np.repeat(scores, repeats, axis=0), found)


def wave_of(scores: Floats, outcomes: Outcomes) -> Wave:
    """The figures of one case; NaN where a replication lacks one."""
    named = {
        recorded_name(c.metric) if c.layer == RECORDED else c.metric: values for c, values in outcomes.items()
    }
    return Wave(scores, {name: named[name] for name in sorted(named)}, outcomes.possible)


def simulator_of(
    place: Place,
    measures: tuple[Measure, ...],
    folder: Path | None,
    *,
    executor: Executor,
    parts: int = 1,
    progress: Progress = quiet,
    register: Form | None = None,
) -> Simulate:
    """A function that simulates points of one of `parts` parts of a place, keeping what is finished in `folder`."""
    names = coordinates(place, measures)

    def simulate(scores: Floats, seed: int) -> Wave:
        case = case_at(place, measures, names, scores, seed, parts=parts, register=register)
        return simulated(case, executor=executor, folder=folder, progress=progress)

    return simulate
