"""Lognormal times of which some were not over when watching ended."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from sim.statistics.survival import SHORTEST, kaplan_meier

Floats = NDArray[np.float64]
POOR = 0.05  # distance between the curves that matters, if it is also more than chance would make


class LognormalFit:
    """A lognormal fitted by maximum likelihood to right-censored times.

    `median`, in the unit of the times, and `sigma`, of the logarithm, are triples of estimate and 95 % limits: by the
    curvature of the likelihood (Lawless 2003, Statistical Models and Methods for Lifetime Data, 5.2), with Student's t
    for the median. `distance` is the largest between the fitted curve and that of Kaplan and Meier; `poor` says that it
    matters and is more than chance would make (Lilliefors 1967, JASA 62, 399-402).
    """

    def __init__(
        self, mu: float, s: float, error_mu: float, error_s: float, ends: int, distance: float
    ) -> None:
        t = float(special.stdtrit(max(1, ends - 1), 0.975))
        inflate = math.sqrt(ends / (ends - 1))  # the likelihood's spread is too small by this
        sigma = s * inflate
        self.median = (
            math.exp(mu),
            math.exp(mu - t * error_mu * inflate),
            math.exp(mu + t * error_mu * inflate),
        )
        spread = 1.959964 * error_s / s
        self.sigma = (sigma, sigma * math.exp(-spread), sigma * math.exp(spread))
        self.distance = distance
        # Lilliefors' limit at 5 % for two estimated parameters, by the number of durations seen to end.
        root = math.sqrt(ends)
        self.poor = distance > max(POOR, 0.895 / (root - 0.01 + 0.85 / root))

    @classmethod
    def of(cls, times: Floats, ended: NDArray[np.bool_], *, resolution: float = 0.0) -> LognormalFit:
        """The fit to times, shape (n,), positive unless a resolution is given, known to be longer where not `ended`.

        With a `resolution` times are multiples of it, such as whole days: each is known up to one more or less.
        """
        sample = _Sample.of(times, ended, resolution)
        logs = np.log(np.maximum(times, resolution / 2 or 1e-9))
        start = max(float(logs.std()), 0.05)
        s, _, scale = stats.lognorm.fit(sample.data(), start, floc=0, scale=math.exp(float(logs.mean())))
        mu, s = math.log(scale), max(float(s), 1e-6)
        error_mu, error_s = _errors(sample, mu, s)
        return cls(mu, s, error_mu, error_s, int(ended.sum()), _distance(times, ended, mu, s))


@dataclass(frozen=True)
class _Sample:
    """Times known exactly, known to lie between two numbers (shape (n, 2)), or known to be longer than a number."""

    exact: Floats
    between: Floats
    longer: Floats

    @classmethod
    def of(cls, times: Floats, ended: NDArray[np.bool_], resolution: float) -> _Sample:
        if resolution <= 0:
            return cls(times[ended], np.empty((0, 2)), times[~ended])
        # Two dates that are d days apart leave a time between d - 1 and d + 1 days.
        low, high = np.maximum(times[ended] - resolution, 0.0), times[ended] + resolution
        between = np.stack([low, high], axis=1)
        return cls(np.empty(0), between, np.maximum(times[~ended] - resolution, SHORTEST))

    def data(self) -> stats.CensoredData:
        return stats.CensoredData(uncensored=self.exact, interval=self.between, right=self.longer)

    def likelihood(self, mu: float, s: float) -> float:
        z = (np.log(self.exact) - mu) / s
        out = float((stats.norm.logpdf(z) - math.log(s)).sum())
        out += float(stats.norm.logsf((np.log(self.longer) - mu) / s).sum())
        if len(self.between):
            with np.errstate(divide="ignore"):
                a, b = ((np.log(self.between[:, i]) - mu) / s for i in (0, 1))
            out += float(np.log(np.maximum(stats.norm.cdf(b) - stats.norm.cdf(a), 1e-300)).sum())
        return out


def _errors(sample: _Sample, mu: float, s: float) -> tuple[float, float]:
    """Standard errors of mu and s from the curvature of the log-likelihood, by central differences."""
    f, h = sample.likelihood, 1e-3 * s
    centre = f(mu, s)
    of_mu = f(mu + h, s) - 2 * centre + f(mu - h, s)
    of_s = f(mu, s + h) - 2 * centre + f(mu, s - h)
    cross = (f(mu + h, s + h) - f(mu + h, s - h) - f(mu - h, s + h) + f(mu - h, s - h)) / 4.0
    variance = np.linalg.pinv(-np.array([[of_mu, cross], [cross, of_s]]) / (h * h))
    return math.sqrt(max(float(variance[0, 0]), 0.0)), math.sqrt(max(float(variance[1, 1]), 0.0))


def _distance(times: Floats, ended: NDArray[np.bool_], mu: float, s: float) -> float:
    """Largest distance between the Kaplan-Meier curve and the fitted one, at times that have ended."""
    curve = kaplan_meier(times, ended).cdf
    fitted = stats.norm.cdf((np.log(curve.quantiles) - mu) / s)
    before = np.concatenate([[0.0], curve.probabilities[:-1]])
    return float(np.maximum(np.abs(curve.probabilities - fitted), np.abs(before - fitted)).max())
