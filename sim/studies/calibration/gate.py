"""The gate: whether a calibrated place still gives the figures that it gave when its posterior was made.

Each kept draw is simulated once more with other luck. The mean of a figure is set beside its pinned mean over the same
draws, so that only luck lies between them. The tolerance follows from that luck and from how often a false alarm may
be: it is derived, and no seed is special.
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
from sim.runs.calibration_job import CalibrationJob
from sim.runs.executors.local import Executor
from sim.runs.posterior import Posterior
from sim.runs.replicate import Progress, quiet, run_replications
from sim.runs.rows import REPLICATION
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import unknowns
from sim.studies.calibration.fit import wave_of
from sim.studies.calibration.observe import Figures
from sim.studies.calibration.watched import watched

Floats = NDArray[np.float64]
FALSE_ALARM = 1e-4  # of all checks together
SHIFT = 20
CHUNK = 20


@dataclass(frozen=True)
class Gated:
    """A place with its posterior."""

    place: Place
    measures: tuple[Measure, ...]
    posterior: Posterior


@dataclass(frozen=True)
class Check:
    """One figure: reported, pinned, simulated now, and how far these may lie apart."""

    place: str
    reading: str
    figure: str
    reported: Text
    pinned: float
    simulated: float
    tolerance: float
    problem: Text = ""

    @property
    def passed(self) -> bool:
        """Whether the place still gives what it gave."""
        return not self.problem and abs(self.simulated - self.pinned) <= self.tolerance


@dataclass(frozen=True)
class GateJob:
    """Each draw of every place and reading once, as one piece of work: a number is (job << 20) | draw."""

    jobs: tuple[CalibrationJob, ...]

    def prepare(self) -> None:
        """Nothing: every replication has a model of its own."""

    def run(self, prepared: Any, replication: int) -> list[dict[str, Any]]:
        """The figures of one replication by metric."""
        job, draw = self.jobs[replication >> SHIFT], replication & ((1 << SHIFT) - 1)
        return job.run({}, draw)


def jobs_of(gated: Sequence[Gated], seed: int, repeats: int = 1) -> dict[tuple[str, str], CalibrationJob]:
    """By place and reading: the job that simulates every draw `repeats` times."""
    return {
        (g.place.name, reading): CalibrationJob(
            g.place, g.measures, d.names, d.normal, seed, repeats, reading, g.posterior.parts
        )
        for g in gated
        for reading, d in g.posterior.readings.items()
    }


def check(
    gated: Sequence[Gated], *, executor: Executor, seed: int, progress: Progress = quiet
) -> list[Check]:
    """Simulate and compare. Raises what `run_replications` raises."""
    usable = [g for g in gated if not _renamed(g)]
    jobs = jobs_of(usable, seed)
    numbers = [(i << SHIFT) | d for i, job in enumerate(jobs.values()) for d in range(len(job.scores))]
    found: dict[tuple[str, str], tuple[Figures, NDArray[np.bool_]]] = {}
    if numbers:
        whole = GateJob(tuple(jobs.values()))
        table = run_replications(whole, numbers, executor=executor, chunk=CHUNK, progress=progress)
        who = table[REPLICATION].to_numpy()
        for i, (key, job) in enumerate(jobs.items()):
            part = table.filter((who >> SHIFT) == i)
            plain = part.set_column(0, REPLICATION, [part[REPLICATION].to_numpy() & ((1 << SHIFT) - 1)])
            wave = wave_of(job.scores, plain)
            found[key] = wave.found, wave.feasible
    checks = [c for g in gated for c in _of_place(g, found)]
    return with_tolerance(checks)


def with_tolerance(checks: Sequence[Check]) -> list[Check]:
    """Scale tolerances, which are standard errors so far, to the family's probability of a false alarm."""
    z = float(stats.norm.ppf(1.0 - FALSE_ALARM / (2 * max(1, len(checks)))))
    return [replace(c, tolerance=z * c.tolerance) for c in checks]


def _renamed(g: Gated) -> Text:
    known = set(unknowns(g.place, g.measures)) | {"window.end"}
    gone = sorted({n for d in g.posterior.readings.values() for n in d.names} - known)
    return Message("the place has no parameter {name} any more", name=gone[0]) if gone else ""


def _of_place(g: Gated, found: dict[tuple[str, str], tuple[Figures, NDArray[np.bool_]]]) -> Iterator[Check]:
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
