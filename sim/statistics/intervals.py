"""Confidence intervals for means of independent values, such as one per replication."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """A mean with its confidence limits. `n` values were used; `dropped` were NaN, that is, not defined."""

    mean: float
    low: float
    high: float
    halfwidth: float
    n: int
    dropped: int

    @property
    def relative(self) -> float:
        """The half-width as a share of the mean.

        Infinite where the mean is zero: ten replications without a rare event do not say how rare it is.
        """
        if math.isnan(self.halfwidth):
            return math.nan
        return math.inf if self.mean == 0 else self.halfwidth / abs(self.mean)


class Mean(NamedTuple):
    """A mean with its standard error, of `n` values."""

    mean: float
    se: float
    n: int


def mean_and_error(values: Floats) -> Mean:
    """Mean of independent values, shape (n,), and its standard error, in their unit. NaN values are left out.

    The mean of no value is NaN, and the standard error of fewer than two.
    """
    kept = values[~np.isnan(values)]
    n = len(kept)
    mean = float(kept.mean()) if n else math.nan
    return Mean(mean, float(kept.std(ddof=1) / math.sqrt(n)) if n > 1 else math.nan, n)


def interval(values: Iterable[float], level: float = 0.95) -> Interval:
    """Student's t-interval for the mean of independent values, one per replication.

    NaN values are dropped and counted. With fewer than two values the limits are NaN: one run has no spread.
    """
    if not 0 < level < 1:
        raise ValueError(f"the confidence level must lie between 0 and 1, got {level}")
    given = np.fromiter(values, dtype=np.float64)
    kept = given[~np.isnan(given)]
    n, dropped = kept.size, given.size - kept.size
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, math.nan, 0, dropped)
    with np.errstate(invalid="ignore"):  # an infinite value has no spread, which NaN says well enough
        mean = float(kept.mean())
        if n == 1:
            return Interval(mean, math.nan, math.nan, math.nan, 1, dropped)
        spread = float(kept.std(ddof=1))
    halfwidth = float(stdtrit(n - 1, 0.5 + level / 2)) * spread / math.sqrt(n)
    return Interval(mean, mean - halfwidth, mean + halfwidth, halfwidth, n, dropped)


def welch(a: Floats, b: Floats, level: float = 0.95) -> Interval:
    """Mean of a minus mean of b, both of independent values, shapes (n,) and (m,), with Welch's limits.

    Degrees of freedom after Satterthwaite (Welch 1947, Biometrika 34, 28-35). NaN values are dropped and counted; with
    fewer than two values in a or b the limits are NaN; where neither varies the interval has no width.
    """
    if not 0 < level < 1:
        raise ValueError(f"the confidence level must lie between 0 and 1, got {level}")
    x, y = a[~np.isnan(a)], b[~np.isnan(b)]
    n, dropped = len(x) + len(y), len(a) + len(b) - len(x) - len(y)
    mean = float(x.mean() - y.mean()) if len(x) and len(y) else math.nan
    if len(x) < 2 or len(y) < 2:
        return Interval(mean, math.nan, math.nan, math.nan, n, dropped)
    squares = [float(z.var(ddof=1)) / len(z) for z in (x, y)]
    error = math.sqrt(sum(squares))
    if error == 0:
        return Interval(mean, mean, mean, 0.0, n, dropped)
    degrees = sum(squares) ** 2 / sum(e**2 / (len(z) - 1) for e, z in zip(squares, (x, y), strict=True))
    half = float(stdtrit(degrees, 0.5 + level / 2)) * error
    return Interval(mean, mean - half, mean + half, half, n, dropped)
