"""Ranks of true values within posteriors, which are uniform if prior, simulator and fit belong together.

Simulation-based calibration: Talts et al. (2018), arXiv:1804.06788; Modrák et al. (2023), Bayesian Analysis 20.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
BINS = 20


def weighted_rank(values: Floats, weights: Floats, truth: float, u: float) -> float:
    """Share of the weight below the truth, plus the part `u` of the weight on it; from 0 to 1.

    `values` and `weights`, which sum to 1, have shape (draws,). With u uniform on 0 to 1 the rank of a value that is
    drawn from the posterior is uniform, ties or none.
    """
    below, same = weights[values < truth].sum(), weights[values == truth].sum()
    return float(below + u * same)


@dataclass(frozen=True)
class Uniformity:
    """Whether ranks are uniform: χ² over 20 bins, its p, and the share of truths inside the central interval."""

    chi2: float
    p: float
    covered: float


def uniformity(ranks: Floats, level: float = 0.9) -> Uniformity:
    """Test ranks, shape (n,), from 0 to 1, for uniformity.

    With fewer than five ranks a bin p is that of Kolmogorov and Smirnov, which is exact for any number.
    """
    counts = np.bincount(np.minimum((ranks * BINS).astype(int), BINS - 1), minlength=BINS)
    chi2, p = (float(v) for v in stats.chisquare(counts))
    if len(ranks) < 5 * BINS:
        p = float(stats.kstest(ranks, "uniform").pvalue)
    inside = float(np.mean((ranks > (1 - level) / 2) & (ranks < (1 + level) / 2)))
    return Uniformity(chi2, p, inside)


def holm(p: Floats) -> Floats:
    """P values, shape (tests,), adjusted for their number, in the same order.

    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return adjusted
