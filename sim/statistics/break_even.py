"""Break-even: how strong an assumed effect must be for the ranking to turn, since sources rarely report effects."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SAMPLES = 1000
SEED = 417


@dataclass(frozen=True)
class BreakEven:
    """Where the difference to a rival changes its sign as the effect is multiplied.

    `crossings` are multipliers of the assumed effect within `grid`; `low`, `high` a 95 % bootstrap range of the first
    one nearest to 1 (NaN where fewer than 95 % of the samples cross). `beyond` is the prior probability that the
    effect lies on the other side of that crossing than the assumed one.
    """

    grid: Floats
    means: Floats
    crossings: tuple[float, ...]
    low: float
    high: float
    beyond: float

    @property
    def nearest(self) -> float:
        """The crossing nearest to the assumed effect, NaN for none."""
        return min(self.crossings, key=lambda x: abs(x - 1.0)) if self.crossings else math.nan


def crossings(grid: Floats, means: Floats) -> tuple[float, ...]:
    """Where a curve through (grid, means) is zero, by straight lines; a zero at a point of the grid counts once.

    A curve that is zero all along a stretch turns nothing there.
    """
    out = []
    signs = np.sign(means)
    last = 0.0
    for i in range(len(grid)):
        if signs[i] == 0.0:
            continue
        if last != 0.0 and signs[i] != last:
            j = i - 1
            while signs[j] == 0.0:
                j -= 1
            a, b = means[j], means[i]
            inner = list(range(j + 1, i))
            if inner:
                out.append(float((grid[inner[0]] + grid[inner[-1]]) / 2.0))
            else:
                out.append(float(grid[j] + (grid[i] - grid[j]) * a / (a - b)))
        last = signs[i]
    return tuple(out)


def break_even(grid: Floats, differences: Floats, prior: Floats | None = None) -> BreakEven:
    """From paired differences to a rival, shape (multipliers, clusters), at the multipliers `grid` (ascending).

    `prior` is a sample of the multiplier, without unit. The range is a percentile bootstrap over clusters (Efron and
    Tibshirani 1993, ch. 13). Raises ValueError where shapes do not fit.
    """
    if differences.ndim != 2 or len(grid) != len(differences) or (np.diff(grid) <= 0).any():
        raise ValueError("differences need one row for each multiplier of an ascending grid")
    means = differences.mean(axis=1)
    found = crossings(grid, means)
    low = high = beyond = math.nan
    if found:
        at = min(found, key=lambda x: abs(x - 1.0))
        rng = np.random.default_rng(SEED)
        n = differences.shape[1]
        near = []
        for _ in range(SAMPLES):
            again = crossings(grid, differences[:, rng.integers(0, n, n)].mean(axis=1))
            if again:
                near.append(min(again, key=lambda x: abs(x - at)))
        if len(near) >= 0.95 * SAMPLES:
            low, high = (float(x) for x in np.quantile(near, [0.025, 0.975]))
        if prior is not None:
            beyond = float((prior > at).mean() if at >= 1.0 else (prior < at).mean())
    elif prior is not None:
        beyond = 0.0
    return BreakEven(grid, means, found, low, high, beyond)
