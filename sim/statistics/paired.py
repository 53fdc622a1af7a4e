"""Paired differences: their mean, two kinds of doubt kept apart, and what pairing was worth.

With parameter draws the differences are clustered: replications of one draw share its parameters. The variance between
the means of draws is that of the effect over parameters plus Monte-Carlo noise; the noise is estimated within draws and
taken off (one-way analysis of variance, Searle, Casella and McCulloch 1992, ch. 3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.statistics.intervals import mean_and_error

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Draws:
    """Differences by parameter draw: means and their Monte-Carlo variances, shape (draws,), NaN pairs left out."""

    means: Floats
    noise: Floats
    dropped: int

    @property
    def effect_variance(self) -> float:
        """Variance of the effect over parameters: between draws, less the noise; 0 with one draw."""
        if len(self.means) < 2:
            return 0.0
        return max(0.0, float(self.means.var(ddof=1) - self.noise.mean()))

    @property
    def shrunken(self) -> Floats:
        """Effects of the draws with their spread brought down to that of the effect, noise left out."""
        middle = self.means.mean()
        total = float(self.means.var(ddof=1)) if len(self.means) > 1 else 0.0
        scale = math.sqrt(self.effect_variance / total) if total > 0 else 0.0
        out: Floats = middle + (self.means - middle) * scale
        return out


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

    `low`, `high` are a 95 % interval for the mean effect: over replications with one draw, over draws otherwise.
    `mc_se` shrinks with replications; `parameter_sd` is the spread of the effect over parameters, which does not, and
    `parameter_low`, `parameter_high` are its 95 % range (NaN with fewer than 20 draws). `correlation` and
    `variance_ratio` say what pairing was worth: the variance of a difference of independent runs over that of pairs.
    """

    mean: float
    se: float
    low: float
    high: float
    mc_se: float
    parameter_sd: float
    parameter_low: float
    parameter_high: float
    correlation: float
    variance_ratio: float
    clusters: int
    dropped: int


def paired(before: Floats, after: Floats) -> Paired:
    """after - before, both of shape (draws, replications)."""
    difference = after - before
    draws = by_draw(difference)
    many = difference.shape[0] > 1
    if many:
        mean, se, n = mean_and_error(draws.means)
        mc_se = math.sqrt(float(draws.noise.mean()) / n)
        sd = math.sqrt(draws.effect_variance)
    else:
        mean, se, n = mean_and_error(difference.ravel())
        mc_se, sd = se, math.nan
    half = float(stdtrit(n - 1, 0.975)) * se if n > 1 else math.nan
    low, high = math.nan, math.nan
    if many and n >= 20:
        low, high = (float(x) for x in np.quantile(draws.shrunken, [0.025, 0.975]))
    correlation, ratio = worth(before, after)
    return Paired(
        mean, se, mean - half, mean + half, mc_se, sd, low, high, correlation, ratio, n, draws.dropped
    )


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
