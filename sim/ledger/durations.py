"""Durations by stage: lognormal fits to times of which some were not over when the ledger ended."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from sim.language import Message, Phrase
from sim.ledger.estimate import Estimate
from sim.ledger.intervals import share_interval
from sim.ledger.ledger import MINUTES_PER_DAY, Ledger
from sim.ledger.spans import OPEN, Span, Stay, spans, steps

Floats = NDArray[np.float64]
ENOUGH = 10  # durations seen to end, below which nothing is fitted
POOR = 0.05  # distance between the curves that matters, if it is also more than chance would make


def durations(ledger: Ledger, stays: Sequence[Stay]) -> list[Estimate]:
    """Estimates of all durations that the ledger shows often enough."""
    if not ledger.words:
        groups = _grouped((Message("after {stage}", stage=a), m, to != OPEN) for a, to, m in steps(ledger))
    else:
        all_spans: Iterable[Span] = spans(ledger)
        whole = (Span("stay", s.stage, s.minutes, s.to != OPEN) for s in stays)
        groups = _grouped(
            (Message("{what} at {stage}", what=Message(s.what), stage=Message(s.stage)), s.minutes, s.seen)
            for s in [*whole, *all_spans]
        )
    out: list[Estimate] = []
    for name, (minutes, seen) in sorted(groups.items()):
        out += _of_group(name, minutes / MINUTES_PER_DAY, seen, daily=ledger.daily)
    return out


def _grouped(rows: Iterable[tuple[Phrase, float, bool]]) -> dict[Phrase, tuple[Floats, NDArray[np.bool_]]]:
    found: dict[Phrase, list[tuple[float, bool]]] = {}
    for name, minutes, seen in rows:
        found.setdefault(name, []).append((minutes, seen))
    return {
        name: (np.array([m for m, _ in pairs]), np.array([s for _, s in pairs], dtype=bool))
        for name, pairs in found.items()
    }


def _of_group(name: Phrase, days: Floats, seen: NDArray[np.bool_], *, daily: bool) -> list[Estimate]:
    """The share that is over at once, and a lognormal for the rest."""
    out: list[Estimate] = []
    at_once = int((seen & (days <= 0)).sum())
    if at_once and not daily:
        low, high = share_interval(at_once, len(days))
        value = at_once / len(days)
        out.append(
            Estimate(
                "durations",
                Message("{name}: at once", name=name),
                value,
                low,
                high,
                "share",
                len(days),
                Message("Jeffreys"),
            )
        )
    rest = (days > 0) | daily
    days, seen = days[rest], seen[rest]
    ends, open_ = int(seen.sum()), int((~seen).sum())
    if ends < ENOUGH:
        return out
    fit = LognormalFit.of(days, seen, resolution=1.0 if daily else 0.0)
    about = {"open": open_, "n": len(days), "distance": fit.distance}
    note = (
        Message(
            "{open} of {n} not over; distance of the curves {distance:.2f}: a poor fit, read the median only as such",
            **about,
        )
        if fit.poor
        else Message("{open} of {n} not over; distance of the curves {distance:.2f}", **about)
    )
    method = Message("lognormal, censored likelihood")
    out.append(
        Estimate(
            "durations",
            Message("{name}: median", name=name),
            *fit.median,
            "days",
            ends,
            method,
            note=note,
        )
    )
    out.append(
        Estimate(
            "durations",
            Message("{name}: sigma of the logarithm", name=name),
            *fit.sigma,
            "ratio",
            ends,
            method,
            note=note,
        )
    )
    return out


class LognormalFit:
    """A lognormal fitted by maximum likelihood to right-censored days; with `resolution` 1 they are whole days."""

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
    def of(cls, days: Floats, seen: NDArray[np.bool_], *, resolution: float = 0.0) -> LognormalFit:
        """The fit to days (positive unless a resolution is given), of which some were only seen to last so long."""
        sample = _Sample.of(days, seen, resolution)
        logs = np.log(np.maximum(days, resolution / 2 or 1e-9))
        start = max(float(logs.std()), 0.05)
        s, _, scale = stats.lognorm.fit(sample.data(), start, floc=0, scale=math.exp(float(logs.mean())))
        mu, s = math.log(scale), max(float(s), 1e-6)
        error_mu, error_s = _errors(sample, mu, s)
        return cls(mu, s, error_mu, error_s, int(seen.sum()), _distance(days, seen, mu, s))


@dataclass(frozen=True)
class _Sample:
    """Days known exactly, known to lie between two numbers (shape (n, 2)), or known to be longer than a number."""

    exact: Floats
    between: Floats
    longer: Floats

    @classmethod
    def of(cls, days: Floats, seen: NDArray[np.bool_], resolution: float) -> _Sample:
        if resolution <= 0:
            return cls(days[seen], np.empty((0, 2)), days[~seen])
        # Two dates d days apart leave a time between d - 1 and d + 1 days.
        low, high = np.maximum(days[seen] - resolution, 0.0), days[seen] + resolution
        between = np.stack([low, high], axis=1)
        return cls(np.empty(0), between, np.maximum(days[~seen] - resolution, 1e-9))

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


def _distance(days: Floats, seen: NDArray[np.bool_], mu: float, s: float) -> float:
    """Largest distance between the Kaplan-Meier curve and the fitted one, at times that were seen."""
    curve = stats.ecdf(stats.CensoredData.right_censored(np.maximum(days, 1e-9), ~seen)).cdf
    fitted = stats.norm.cdf((np.log(curve.quantiles) - mu) / s)
    before = np.concatenate([[0.0], curve.probabilities[:-1]])
    return float(np.maximum(np.abs(curve.probabilities - fitted), np.abs(before - fitted)).max())
