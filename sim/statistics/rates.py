"""Interval estimates: counts, shares, times until something happens. All two-sided, equal tails, 95 % by default."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

LEVEL = 0.95


def poisson_interval(count: int, level: float = LEVEL) -> tuple[float, float]:
    """Exact interval for the mean of a Poisson count (Garwood 1936); never covers less often than it says."""
    tail = (1.0 - level) / 2.0
    low = 0.0 if count == 0 else float(special.chdtri(2 * count, 1.0 - tail)) / 2.0
    return low, float(special.chdtri(2 * count + 2, tail)) / 2.0


def share_interval(hits: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Jeffreys interval for a share, closed at 0 and 1 where no other outcome was seen (Brown, Cai, DasGupta 2001)."""
    tail = (1.0 - level) / 2.0
    low = 0.0 if hits == 0 else float(special.betaincinv(hits + 0.5, trials - hits + 0.5, tail))
    high = 1.0 if hits == trials else float(special.betaincinv(hits + 0.5, trials - hits + 0.5, 1.0 - tail))
    return low, high


def mean_interval(total: float, ends: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval for the mean of an exponential of which `ends` were seen to end in `total` time at risk.

    With 2·ends + 1 degrees of freedom (Cox 1953), between the values for sampling by number and by time.
    """
    tail = (1.0 - level) / 2.0
    freedom = 2 * ends + 1
    return 2.0 * total / float(special.chdtri(freedom, tail)), 2.0 * total / float(
        special.chdtri(freedom, 1.0 - tail)
    )


def dispersion_test(counts: Sequence[float], expected: Sequence[float]) -> tuple[float, float]:
    """Index of dispersion (Pearson's chi-squared over its degrees of freedom) and the probability of one as large.

    `counts` and `expected` have shape (groups,); the latter is scaled to the total of the counts. Independent Poisson
    counts have an index of 1 on average (Fisher 1950, Biometrics 6, 17-24). NaN for one group, or where none is seen.
    """
    seen, wanted = np.asarray(counts, dtype=float), np.asarray(expected, dtype=float)
    wanted = wanted * seen.sum() / wanted.sum()
    freedom = len(seen) - 1
    if freedom < 1 or seen.sum() == 0:
        return float("nan"), float("nan")
    chi2 = float(((seen - wanted) ** 2 / wanted).sum())
    return chi2 / freedom, float(special.chdtrc(freedom, chi2))
