"""Sequential calibration of one place: waves of simulations, each where the last pointed to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.analysis.calibration.guide import Emulator, Guide, fit_emulator, guide, prior_guide
from sim.analysis.calibration.observe import Figures, log_likelihood, pointers
from sim.analysis.calibration.record import Likelihood
from sim.analysis.calibration.weights import Weighted, mixture_weights
from sim.experiments.calibration_job import FEASIBLE, CalibrationJob, coordinates
from sim.experiments.executor import Executor
from sim.experiments.replicate import Progress, quiet, run_replications
from sim.experiments.rows import REPLICATION
from sim.experiments.store import ChunkStore
from sim.scenario.place import Place
from sim.scenario.policy import Measure

Floats = NDArray[np.float64]
CHUNK = 25


@dataclass(frozen=True)
class Effort:
    """How many replications: of the prior, of each searching wave, of the last one; and how many waves at most."""

    prior: int = 1500
    wave: int = 500
    last: int = 2000
    waves: int = 5

    def scaled(self, share: float) -> Effort:
        """The same with other numbers of replications."""
        prior, wave, last = (max(60, round(share * n)) for n in (self.prior, self.wave, self.last))
        return Effort(prior, wave, last, self.waves)


@dataclass(frozen=True)
class Wave:
    """Simulated points: scores, figures by metric, and whether the numbers of each fit together."""

    scores: Floats
    found: Figures
    feasible: NDArray[np.bool_]


Simulate = Callable[[Floats, int], Wave]


@dataclass
class Fit:
    """A calibration of a place under one reading: all waves with their weights, and the recording parameters drawn."""

    place: Place
    reading: str
    names: tuple[str, ...]
    waves: list[Wave]
    guides: list[Guide]
    likelihood: Likelihood
    weighted: Weighted
    emulator: Emulator | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def scores(self) -> Floats:
        """Of all waves, shape (replications, coordinates)."""
        return np.concatenate([w.scores for w in self.waves])

    @property
    def found(self) -> Figures:
        """Figures of all waves by metric."""
        return joined(self.waves)

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Of all waves."""
        return np.concatenate([w.feasible for w in self.waves])


def joined(waves: Sequence[Wave]) -> Figures:
    """The figures of several waves one after the other."""
    return {name: np.concatenate([w.found[name] for w in waves]) for name in waves[0].found}


def simulator_of(
    place: Place,
    measures: tuple[Measure, ...],
    folder: Path,
    *,
    executor: Executor,
    progress: Progress = quiet,
) -> Simulate:
    """A function that simulates points, keeping what is finished below `folder`."""
    names = coordinates(place, measures)

    def simulate(scores: Floats, seed: int) -> Wave:
        job = CalibrationJob(place, measures, names, scores, seed)
        store = ChunkStore(folder, job.key)
        table = run_replications(
            job, range(len(scores)), executor=executor, store=store, chunk=CHUNK, progress=progress
        )
        return wave_of(scores, table)

    return simulate


def wave_of(scores: Floats, table: pa.Table) -> Wave:
    """The rows of a calibration job as arrays; NaN where a replication lacks a figure."""
    who, value = table[REPLICATION].to_numpy(), table["value"].to_numpy()
    metric = table["metric"].combine_chunks().dictionary_encode()
    code, words = metric.indices.to_numpy(), metric.dictionary.to_pylist()
    found = {}
    for number, word in enumerate(words):
        column = np.full(len(scores), np.nan)
        column[who[code == number]] = value[code == number]
        found[word] = column
    feasible = found.pop(FEASIBLE) > 0.5
    return Wave(scores, {name: found[name] for name in sorted(found)}, feasible)


def calibrate(
    place: Place,
    measures: tuple[Measure, ...],
    reading: str,
    simulate: Simulate,
    seed: int,
    effort: Effort,
    basis: str = "dispute",
) -> Fit:
    """Search and weigh. The first wave is the prior and the same for both readings; the last one is the largest."""
    names = coordinates(place, measures)
    rng = np.random.default_rng([seed, 11])
    guides = [prior_guide(len(names))]
    waves = [simulate(guides[0].draw(effort.prior, rng), seed)]
    rng = np.random.default_rng([seed, 12, len(reading)])
    emulator: Emulator | None = None
    notes: list[str] = []
    pointed = list(pointers(place, _usable(waves[0]), reading))
    if pointed:
        which = [p.name for p in pointed]
        emulator = _refit(place, waves[-1], reading, which, None)
        for number in range(effort.waves):
            proposal = _guide(place, waves, reading, which, emulator)
            guides.append(proposal)
            waves.append(simulate(proposal.draw(effort.wave, rng), seed + 1 + number))
            emulator = _refit(place, waves[-1], reading, which, emulator)
            next_one = _guide(place, waves, reading, which, emulator)
            moved = float(np.linalg.norm(next_one.basis.T @ next_one.mean - proposal.basis.T @ proposal.mean))
            if moved < 0.5:
                break
        guides.append(_guide(place, waves, reading, which, emulator))
        waves.append(simulate(guides[-1].draw(effort.last, rng), seed + 100))
    else:
        guides.append(prior_guide(len(names)))
        waves.append(simulate(guides[-1].draw(effort.last, rng), seed + 100))
    return weigh(place, reading, names, waves, guides, seed, emulator, notes, basis)


def pooled(fits: Sequence[Fit], seed: int, basis: str = "dispute") -> Fit:
    """Several fits of a place as one, with all their waves against the mixture of all their proposals."""
    first = fits[0]
    waves, guides = [w for f in fits for w in f.waves], [g for f in fits for g in f.guides]
    notes = [note for f in fits for note in f.notes]
    return weigh(first.place, first.reading, first.names, waves, guides, seed, first.emulator, notes, basis)


def weigh(
    place: Place,
    reading: str,
    names: tuple[str, ...],
    waves: list[Wave],
    guides: list[Guide],
    seed: int,
    emulator: Emulator | None,
    notes: list[str],
    basis: str = "dispute",
) -> Fit:
    """The fit that the waves make."""
    found, feasible = joined(waves), np.concatenate([w.feasible for w in waves])
    kept = {name: x[feasible] for name, x in found.items()}
    part = log_likelihood(place, kept, reading, seed, basis)
    log = np.full(len(feasible), -np.inf)
    log[feasible] = np.nan_to_num(part.log, nan=-np.inf)
    parameters = {name: _spread(x, feasible) for name, x in part.parameters.items()}
    weighted = mixture_weights([w.scores for w in waves], guides, log, feasible)
    return Fit(place, reading, names, waves, guides, Likelihood(log, parameters), weighted, emulator, notes)


def _spread(x: Floats, feasible: NDArray[np.bool_]) -> Floats:
    out = np.full(len(feasible), np.nan)
    out[feasible] = x
    return out


def _usable(wave: Wave) -> Figures:
    return {name: x[wave.feasible] for name, x in wave.found.items()}


def _pointed(place: Place, wave: Wave, reading: str, which: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Summaries, values and variances of chosen pointers; those that no longer bind point to where they are."""
    by_name = {p.name: p for p in pointers(place, _usable(wave), reading)}
    chosen = [by_name[name] for name in which if name in by_name]
    return (
        np.stack([p.summary for p in chosen], axis=1) if chosen else np.zeros((int(wave.feasible.sum()), 0)),
        np.array([p.value for p in chosen]),
        np.array([p.variance for p in chosen]),
    )


def _refit(place: Place, wave: Wave, reading: str, which: list[str], before: Emulator | None) -> Emulator:
    summaries, _, _ = _pointed(place, wave, reading, which)
    if before is not None and summaries.shape[1] != len(before.slopes):
        return before  # a bound is met by most of the wave: there is nothing left to search for
    return fit_emulator(wave.scores[wave.feasible], summaries, before)


def _guide(place: Place, waves: list[Wave], reading: str, which: list[str], emulator: Emulator) -> Guide:
    _, values, variances = _pointed(place, waves[0], reading, which)
    return guide(emulator, values, variances)
