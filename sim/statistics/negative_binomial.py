"""Counts that vary more than Poisson ones, for the groups that they are of differ."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from sim.statistics.rates import poisson_interval

Floats = NDArray[np.float64]
LARGEST = 100.0  # dispersion beyond which none is looked for


def rate_and_dispersion(
    counts: NDArray[np.int64], exposure: Floats
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Mean rate and dispersion c of a negative binomial: mean rate·exposure, variance mean + c·mean².

    Of counts and exposures, shape (groups,) each: two triples of estimate and 95 % limits, the rate per unit of
    exposure, c without unit. c is the squared coefficient of variation of the groups' rates: 0 is Poisson, beyond 100
    none is looked for. By maximum likelihood, c with the limits of its profile (Lawless 1987, Canadian Journal of
    Statistics 15, 209-225; Venzon and Moolgavkar 1988), the rate with Student's t on the logarithm. With fewer than
    three groups nothing can be said of how they differ: the rate has Garwood's limits, c all that is possible.
    """
    n, total = len(counts), int(counts.sum())
    if total == 0:
        top = poisson_interval(0)[1] / float(exposure.sum())
        return (0.0, 0.0, top), (0.0, 0.0, LARGEST)

    def best_rate(c: float) -> float:
        # The score of the rate is decreasing in log(rate); it is solved by iteration of the weighted mean.
        rate = total / float(exposure.sum())
        for _ in range(100):
            weight = 1.0 / (1.0 + c * rate * exposure)
            new = float((counts * weight).sum() / (exposure * weight).sum())
            if abs(new - rate) <= 1e-12 * rate:
                break
            rate = new
        return rate

    def profile(c: float) -> float:
        return _likelihood(counts, best_rate(c) * exposure, c)

    if n < 3:
        value, low, high = 0.0, 0.0, LARGEST
    else:
        found = optimize.minimize_scalar(
            lambda x: -profile(math.exp(x)), bounds=(math.log(1e-6), math.log(LARGEST)), method="bounded"
        )
        value = math.exp(float(found.x))
        if profile(0.0) >= profile(value):
            value = 0.0
        level = profile(value) - float(special.gammaincinv(0.5, 0.95))

        def over(c: float) -> float:
            return profile(c) - level

        low = 0.0 if over(0.0) >= 0 else float(optimize.brentq(over, 0.0, value))
        high = LARGEST if over(LARGEST) > 0 else float(optimize.brentq(over, value, LARGEST))
    rate = best_rate(value)
    if n < 3:  # nothing can be said of how villages differ, so this is about these ones
        least, most = (x / float(exposure.sum()) for x in poisson_interval(total))
        return (rate, least, most), (value, low, high)
    mean = rate * exposure
    error = 1.0 / math.sqrt(float((mean / (1.0 + value * mean)).sum()))
    t = float(special.stdtrit(n - 1, 0.975))
    return (rate, rate * math.exp(-t * error), rate * math.exp(t * error)), (value, low, high)


def _likelihood(counts: NDArray[np.int64], mean: Floats, c: float) -> float:
    if c <= 1e-9:
        return float(np.sum(stats.poisson.logpmf(counts, mean)))
    shape = 1.0 / c
    return float(np.sum(stats.nbinom.logpmf(counts, shape, shape / (shape + mean))))
