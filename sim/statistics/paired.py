"""Paired differences: their mean with its Monte Carlo error, and what pairing was worth.

With parameter draws the differences are clustered: replications of one draw share its parameters. What is believed of
the effect over parameters is in `sim/statistics/effect.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.statistics.intervals import mean_and_error

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Differences by parameter draw: means and their Monte-Carlo variances, shape (draws,), NaN pairs left out."""

    means: Floats
    noise: Floats
    dropped: int


def by_draw(values: Floats) -> Draws:
    """Differences of shape (draws, replications) as means and noise. Draws without a defined pair are left out."""
    counts = (~np.isnan(values)).sum(axis=1)
    kept = values[counts > 0]
    n = counts[counts > 0]
    if not len(kept):
        return Draws(np.full(1, np.nan), np.full(1, np.nan), int(values.size))
    means = np.nanmean(kept, axis=1)
    squares = np.nansum((kept - means[:, None]) ** 2, axis=1)
    freedom = np.maximum(n - 1, 0).sum()
    # Pooled over draws: two or three replications of a draw say little of their own variance.
    pooled = squares.sum() / freedom if freedom > 0 else 0.0
    return Draws(means, pooled / n, int(np.isnan(values).sum()))


@dataclass(frozen=True)
class Paired:
    """The paired difference of two policies in one metric.

    `mc_se`, its Monte Carlo error, shrinks with replications. `correlation` and `variance_ratio` say what pairing was
    worth: the variance of a difference of independent runs over that of pairs. `clusters` are draws, or replications of
    one.
    """

    mean: float
    mc_se: float
    correlation: float
    variance_ratio: float
    clusters: int
    dropped: int


def paired(before: Floats, after: Floats) -> Paired:
    """after - before, both of shape (draws, replications)."""
    difference = after - before
    draws = by_draw(difference)
    if difference.shape[0] > 1:
        mean, _, n = mean_and_error(draws.means)
        mc_se = math.sqrt(float(draws.noise.mean()) / n) if n else math.nan
    else:
        mean, mc_se, n = mean_and_error(difference.ravel())
    correlation, ratio = worth(before, after)
    return Paired(mean, mc_se, correlation, ratio, n, draws.dropped)


def worth(before: Floats, after: Floats) -> tuple[float, float]:
    """Correlation of paired replications, and variance of independent over that of paired differences.

    Both within draws: that two policies share their parameters is no merit of paired luck.
    """
    defined = ~(np.isnan(before) | np.isnan(after))
    number = np.maximum(defined.sum(axis=1, keepdims=True), 1)
    x, y = np.where(defined, before, 0.0), np.where(defined, after, 0.0)
    x = (x - x.sum(axis=1, keepdims=True) / number)[defined]
    y = (y - y.sum(axis=1, keepdims=True) / number)[defined]
    a, b, c = float(x @ x), float(y @ y), float(x @ y)
    apart = float((y - x) @ (y - x))
    correlation = c / math.sqrt(a * b) if a > 0 and b > 0 else math.nan
    ratio = (a + b) / apart if apart > 0 else (math.inf if a + b > 0 else math.nan)
    return correlation, ratio
