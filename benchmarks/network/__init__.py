"""The plain network: 20 villages with one mediator, 4 townships with two, a county with four; 100,000 disputes.

Grievances arise as a Poisson stream, each in any village alike; every dispute has one session at each of the three
stages, of exponential length, and nothing else happens. The loads are 0.7, 0.6 and 0.8. By Jackson (1957) each station
is an M/M/c of its own, whose mean sojourn is known, under any order of service that does not look at lengths.

Each tool has a module here with `run(disputes, seed)`, which is timed, and `sojourns(record)`, which is not: minutes
at each stage, shape (disputes, 3), in the order in which the disputes arose or passed; NaN where the run ended first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from benchmarks.measure import borrowed

DISPUTES = 100_000
STAGES = ("village", "township", "county")
STATIONS = (20, 4, 1)
SERVERS = (1, 2, 4)
LOADS = (0.7, 0.6, 0.8)
GAP = 52.5  # minutes between grievances; long, so that our whole minutes do not matter
LENGTHS = tuple(
    load * c * n * GAP for load, c, n in zip(LOADS, SERVERS, STATIONS, strict=True)
)  # mean session

BATCHES = 8  # of a tenth of the disputes each: the first and the last tenth are left out
FALSE_ALARM = 1e-5
Floats = NDArray[np.float64]


def township_of(village: int) -> int:
    """Five villages to a township."""
    return village // (STATIONS[0] // STATIONS[1])


def exact() -> tuple[float, ...]:
    """Mean sojourn at each stage in minutes: session and wait of M/M/c, by Little's law from the mean queue."""
    formulas = borrowed("theory/formulas")
    out = []
    for n, servers, length in zip(STATIONS, SERVERS, LENGTHS, strict=True):
        arrivals = 1 / (GAP * n)
        out.append(length + formulas.queue_mmc(arrivals, length, servers) / arrivals)
    return tuple(out)


@dataclass(frozen=True)
class Comparison:
    """Mean sojourn at a stage against theory, both in minutes; `half_width` of the interval around the mean."""

    stage: str
    mean: float
    exact: float
    half_width: float

    @property
    def off(self) -> float:
        """Relative difference."""
        return self.mean / self.exact - 1

    @property
    def agrees(self) -> bool:
        """Whether theory lies inside the interval."""
        return abs(self.mean - self.exact) <= self.half_width


def batch_means(sojourns: Floats) -> Floats:
    """Means of the batches of one run, shape (BATCHES, 3).

    Starting empty, and what is still open at the end, would bias the mean: hence the tenths left out. A batch is long
    against the memory of the queues (some 100 disputes at the county, 500 in the villages), so that batches count as
    independent.
    """
    tenth = len(sojourns) // (BATCHES + 2)
    kept = sojourns[tenth : tenth * (BATCHES + 1)].reshape(BATCHES, tenth, len(STAGES))
    out: Floats = kept.mean(axis=1)
    return out


def compare(runs: list[Floats]) -> list[Comparison]:
    """Batch means of several runs against theory: an interval that misses the true mean once in 100,000."""
    means = np.concatenate(runs)
    n = len(means)
    wide = float(special.stdtrit(n - 1, 1 - FALSE_ALARM / 2)) / math.sqrt(n)
    spread = means.std(axis=0, ddof=1)
    return [
        Comparison(stage, float(means[:, k].mean()), truth, wide * float(spread[k]))
        for k, (stage, truth) in enumerate(zip(STAGES, exact(), strict=True))
    ]


def from_records(records: list[tuple[int, int, float, float, float]]) -> Floats:
    """Sojourns from records (dispute, stage, arrived, started, left)."""
    table = np.asarray(records)
    out = np.full((int(table[:, 0].max()) + 1, len(STAGES)), np.nan)
    out[table[:, 0].astype(int), table[:, 1].astype(int)] = table[:, 4] - table[:, 2]
    return out
