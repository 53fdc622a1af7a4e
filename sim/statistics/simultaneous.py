"""Intervals for many comparisons at once: with a stated probability all of them hold together (max-t).

The critical value is that of the largest studentised deviation among all comparisons, found by a wild bootstrap over
clusters with signs (Rademacher weights; Chernozhukov, Chetverikov and Kato 2013 for the maximum, Wu 1986 and Mammen
1993 for the bootstrap). Clusters are parameter draws, or replications where there is one draw. Each bootstrap sample is
studentised by its own spread, so that few clusters give wider intervals, as Student's t does; but never wider than
those of Bonferroni.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]
SAMPLES = 4000
SEED = 20_240_607


@dataclass(frozen=True)
class Simultaneous:
    """Arrays of shape (comparisons,). `p` is adjusted for all comparisons; `critical` replaces Student's 1.96."""

    mean: Floats
    low: Floats
    high: Floats
    p: Floats
    critical: float


def simultaneous(values: Floats, level: float = 0.95, samples: int = SAMPLES) -> Simultaneous:
    """Intervals for the means of the columns of `values`, shape (clusters, comparisons).

    A comparison that does not vary at all has an interval of no width. NaN must have been dealt with before. Raises
    ValueError with fewer than two clusters, or NaN.
    """
    n, k = values.shape
    if n < 2:
        raise ValueError("simultaneous intervals need at least two clusters")
    if np.isnan(values).any():
        raise ValueError("a comparison has an undefined value")
    mean = values.mean(axis=0)
    errors = values - mean
    se = np.sqrt((errors**2).sum(axis=0) / (n - 1) / n)
    # What is left of rounding in a difference of equal numbers is not variation.
    varies = se > 1e-12 * np.maximum(np.abs(values).max(axis=0), 1e-300)
    if not varies.any():
        return Simultaneous(mean, mean.copy(), mean.copy(), np.where(mean == 0.0, 1.0, 0.0), math.nan)
    largest = _largest(errors[:, varies], samples)
    alone = float(stdtrit(n - 1, 0.5 + level / 2))
    # Few clusters, or a comparison in which few of them differ, make samples without any spread. No critical value
    # has to be larger than that of Bonferroni.
    compared = int(varies.sum())
    bound = float(stdtrit(n - 1, 1 - (1 - level) / (2 * compared)))
    critical = max(alone, min(float(np.quantile(largest, level)), bound))
    half = np.where(varies, critical * se, 0.0)
    t = np.zeros(k)
    t[varies] = np.abs(mean[varies]) / se[varies]
    exceed = 1.0 - np.searchsorted(np.sort(largest), t, side="left") / len(largest)
    exceed = np.minimum(exceed, compared * 2.0 * stdtr(n - 1, -t))
    p = np.where(varies, np.maximum(exceed, 1.0 / (samples + 1)), np.where(mean == 0.0, 1.0, 0.0))
    return Simultaneous(mean, mean - half, mean + half, p, critical)


def _largest(errors: Floats, samples: int) -> Floats:
    """The largest absolute t statistic of each bootstrap sample."""
    n = len(errors)
    signs = np.random.default_rng(SEED).integers(0, 2, size=(samples, n)) * 2.0 - 1.0
    means = signs @ errors / n
    squares = (errors**2).sum(axis=0)  # signs leave squares alone
    variance = np.maximum(squares - n * means**2, 1e-300) / (n - 1)
    out: Floats = np.abs(means / np.sqrt(variance / n)).max(axis=1)
    return out
