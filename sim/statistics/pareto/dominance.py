"""Which mixes no other mix beats: by means, and with paired confidence."""

from __future__ import annotations

import math
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from sim.statistics.pareto.estimates import Floats


class Verdict(Enum):
    """What fresh replications say of a point of the front."""

    STAYS = "stays"  # surely beaten by no other point
    OPEN = "open"  # the replications do not decide
    FALLS = "falls"  # surely beaten by another point


def non_dominated(values: ArrayLike) -> NDArray[np.intp]:
    """Rows of `values`, shape (mixes, objectives), all minimised, that no other row dominates; indices, ascending.

    A row dominates another if it is at most as large everywhere and smaller somewhere. Of equal rows all stay.
    """
    given = np.asarray(values, dtype=np.float64)
    kept: list[int] = []
    front = np.empty((0, given.shape[1]))
    # In lexicographic order whatever dominates a row comes before it, so that the rows kept so far decide.
    for index in np.lexsort(given.T[::-1]):
        row = given[index]
        if ((front <= row).all(axis=1) & (front < row).any(axis=1)).any():
            continue
        kept.append(int(index))
        front = given[kept]
    return np.array(sorted(kept), dtype=np.intp)


def dominates(a: ArrayLike, b: ArrayLike) -> bool:
    """Whether `a` is at most as large as `b` in every objective and smaller in one."""
    x, y = np.asarray(a), np.asarray(b)
    return bool((x <= y).all() and (x < y).any())


def verdicts(costs: Floats, samples: Floats, level: float = 0.95) -> list[Verdict]:
    """A verdict for each of n points from paired differences, each verdict at the confidence `level` of its own.

    `costs` has shape (n, cost objectives) and is exact; `samples` (n, simulated objectives, replications), paired
    over points by replication.

    A point *stays* when against every other point it costs less, or is better in some objective by a one-sided
    paired t-limit. That is an intersection of claims, which needs no correction over points, each a union over
    objectives, at (1 - level) / objectives (Berger 1982, Technometrics 24, 295-300). It *falls* when some other
    point costs no more and is at least as good in every objective, by limits at (1 - level) / (n - 1), and better
    in one. Differences that are zero in all replications count as exact equality.
    """
    n, objectives, replications = samples.shape
    doubt = 1 - level
    to_stay = float(stdtrit(replications - 1, 1 - doubt / objectives))
    to_fall = float(stdtrit(replications - 1, 1 - doubt / max(1, n - 1)))
    found = []
    for i in range(n):
        gap = samples[i] - samples  # what the others have less than this point
        mean = gap.mean(axis=2)
        error = gap.std(axis=2, ddof=1) / math.sqrt(replications)
        same = (gap == 0).all(axis=2)
        better = (mean + to_stay * error < 0).any(axis=1) | (costs[i] < costs).any(axis=1)
        equal = same.all(axis=1) & (costs == costs[i]).all(axis=1)
        no_worse = (same | (mean - to_fall * error >= 0)).all(axis=1) & (costs <= costs[i]).all(axis=1)
        strictly = (~same & (mean - to_fall * error > 0)).any(axis=1) | (costs < costs[i]).any(axis=1)
        if (no_worse & strictly).any():
            found.append(Verdict.FALLS)
        else:
            found.append(Verdict.STAYS if (better | equal).all() else Verdict.OPEN)
    return found
