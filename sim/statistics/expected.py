"""What is believed of an expected outcome over parameter draws, with the luck of few replications taken off.

The model of effects (`sim.statistics.effect`) in closed form, for the hundreds of outcomes of a run: means of draws are
pulled together until they vary as expected values do (Louis 1984, Journal of the American Statistical
Association 79, 393-398). Their variance is its posterior mean under a prior that is flat in the standard deviation
(Gelman 2006, Bayesian Analysis 1, 515-533), so that it is never nothing because luck is large.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, stdtrit

from sim.statistics.effect import FEWEST, FEWEST_QUANTILES, LEVEL, TOLD_APART
from sim.statistics.intervals import interval

Floats = NDArray[np.float64]
GRID = 240
Bounds = tuple[float, float]


class Expected(NamedTuple):
    """An expected outcome in its unit.

    `low` to `high` is the central 90 % over parameters, NaN with fewer than four draws; of one draw, or none, it is the
    90 % confidence interval of the mean. `mc_error` is the standard error of `mean` by luck alone. `spread` is the
    standard deviation over parameters, NaN where luck alone gives as large a one; `luck` that of one replication.
    """

    mean: float
    low: float
    median: float
    high: float
    mc_error: float
    spread: float
    luck: float
    draws: int


def expected(values: Floats, bounds: Bounds = (-math.inf, math.inf)) -> Expected:
    """From an outcome of shape (draws, replications), NaN where it is not defined; no limit is beyond the bounds."""
    counts = (~np.isnan(values)).sum(axis=1)
    values, counts = values[counts > 0], counts[counts > 0]
    draws, nan = len(values), math.nan
    if draws == 0:
        return Expected(nan, nan, nan, nan, nan, nan, nan, 0)
    means = np.nansum(values, axis=1) / counts
    mean, middle = float(means.mean()), float(np.median(means))
    freedom = int((counts - 1).sum())
    within = float(np.nansum((values - means[:, None]) ** 2)) / freedom if freedom else nan
    noise = within * float((1 / counts).mean())  # of the mean of a draw
    error = math.sqrt(noise / draws) if freedom else nan
    few = Expected(mean, nan, middle, nan, error, nan, math.sqrt(within) if freedom else nan, draws)
    if draws < FEWEST or not freedom:
        return few
    seen = float(means.var(ddof=1))
    told = noise == 0 or fdtrc(draws - 1, freedom, seen / noise) <= TOLD_APART
    variance = _variance(seen, noise, draws)
    pulled = means if seen == 0 else mean + math.sqrt(min(1.0, variance / seen)) * (means - mean)
    low, high = (min(max(x, bounds[0]), bounds[1]) for x in _limits(pulled))
    return few._replace(
        low=low, median=float(np.median(pulled)), high=high, spread=math.sqrt(variance) if told else nan
    )


def at_one_point(values: Floats, bounds: Bounds = (-math.inf, math.inf)) -> Expected:
    """Of replications of shape (n,) whose parameters are all the same: the mean and its confidence interval."""
    found = interval(values, LEVEL)
    kept = values[~np.isnan(values)]
    luck = float(kept.std(ddof=1)) if len(kept) > 1 else math.nan
    low, high = max(found.low, bounds[0]), min(found.high, bounds[1])
    if math.isnan(found.low):
        low = high = math.nan
    error = luck / math.sqrt(len(kept)) if len(kept) > 1 else math.nan
    return Expected(found.mean, low, math.nan, high, error, math.nan, luck, int(len(kept) > 0))


def _variance(seen: float, noise: float, draws: int) -> float:
    """Posterior mean of the variance between expected values, from that of the means of draws."""
    if noise == 0:
        return seen
    most = 4.0 * math.sqrt(seen) + 4.0 * math.sqrt(noise)
    tau = ((np.arange(GRID) + 0.5) * most / GRID) ** 2
    total = tau + noise
    log = -0.5 * (draws - 1) * (np.log(total) + seen / total)
    density = np.exp(log - log.max())
    return float((tau * density).sum() / density.sum())


def _limits(means: Floats) -> tuple[float, float]:
    """The central 90 % for a further draw; see `sim.statistics.effect.central` for the levels."""
    n = len(means)
    if n < FEWEST_QUANTILES:
        half = float(stdtrit(n - 1, 0.5 + LEVEL / 2)) * float(means.std(ddof=1)) * math.sqrt(1 + 1 / n)
        return float(means.mean()) - half, float(means.mean()) + half
    tail = max(0.0, ((1 - LEVEL) / 2 * (n + 1) - 0.5) / n)
    low, high = np.quantile(means, [tail, 1 - tail], method="hazen")
    return float(low), float(high)
