"""Quantiles of what is defined, and how much weighted values are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CENTRAL_90 = (0.05, 0.5, 0.95)
CENTRAL_95 = (0.025, 0.975)


def quantiles(x: Floats, at: Sequence[float] = CENTRAL_90) -> tuple[float, ...]:
    """Quantiles of the values of x, shape (n,), that are not NaN, in their unit; all NaN where there are none.

    Linear between order statistics: definition 7 of Hyndman and Fan (1996), American Statistician 50, 361-365.
    """
    kept = x[~np.isnan(x)]
    return tuple(float(q) for q in np.quantile(kept, at)) if len(kept) else (math.nan,) * len(at)


def central(x: Floats) -> tuple[float, float, float]:
    """5 %, 50 % and 95 % quantiles of the values that are not NaN; NaN where there are none."""
    low, middle, high = quantiles(x)
    return low, middle, high


def weighted_quantiles(x: Floats, weights: Floats, at: Sequence[float]) -> tuple[float, ...]:
    """Quantiles of values of shape (n,) that have weights; NaN values are left out, all NaN where there are none.

    The smallest value at which the weight of those not above it reaches the share.
    """
    kept = ~np.isnan(x)
    if not kept.any():
        return (math.nan,) * len(at)
    order = np.argsort(x[kept], kind="stable")
    values, sums = x[kept][order], np.cumsum(weights[kept][order])
    steps = np.searchsorted(sums / sums[-1], np.asarray(at) - 1e-12)
    return tuple(float(q) for q in values[np.minimum(steps, len(values) - 1)])


def effective_size(weights: Floats) -> float:
    """Number of equally weighted values that give means as precise as these (Kish 1965): 1 over the sum of squares.

    `weights` sum to 1.
    """
    return float(1.0 / (weights**2).sum())
