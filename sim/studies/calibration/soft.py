"""Soft evidence in a calibration: how likely each figure of `place.evidence` is, given a replication, and what it did.

A figure of another county has the variance of what is usual and of how far counties lie apart. It is compared with
what a replication is expected to give at its parameters (`Outlook`), not with the luck of its few cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import block_diag
from scipy.special import expit, logit

from sim.language import Message
from sim.outcomes.realised import behind_name, realised_name
from sim.scenario.evidence import REALISED, Evidence, Likelihood
from sim.scenario.place import Place
from sim.scenario.terms import Term
from sim.statistics.proposal import Known, LinearEmulator, fit_linear_emulator
from sim.statistics.quantiles import central

Floats = NDArray[np.float64]
Figures = dict[str, Floats]
CONFLICT = 0.05  # two-sided chance below which the model and a figure are said to be in conflict
BAND = (0.05, 0.95)


def in_force(place: Place) -> dict[str, Evidence]:
    """The figures that enter a calibration."""
    return {name: e for name, e in place.evidence.items() if e.role == "constrain"}


def without_evidence(place: Place) -> Place:
    """The place as if nothing were known beyond its own report."""
    return place.model_copy(update={"evidence": {}})


@dataclass(frozen=True)
class Seen:
    """A realised output on the scale of its likelihood, with the variance that luck leaves; shape (replications,)."""

    y: Floats
    noise: Floats


def seen(name: str, figure: Evidence, found: Figures) -> Seen:
    """A single figure of every replication. Without a case its variance is infinite."""
    x, cases = found[realised_name(name)], found[behind_name(name)]
    nothing = np.isnan(x) | (x <= 0.0)
    x = np.where(nothing, figure.value or 1.0, x)
    with np.errstate(divide="ignore"):
        if figure.likelihood == Likelihood.LOGIT_NORMAL:
            p = np.clip(x / 100.0, 1e-6, 1.0 - 1e-6)
            y, noise = logit(p), 1.0 / ((cases + 1.0) * p * (1.0 - p))
        elif REALISED[name].unit == "days":
            y, noise = np.log(x), 1.0 / cases  # as spread as an exponential
        else:
            y, noise = np.log(x), 1.0 / (cases + 0.5)
    return Seen(np.asarray(y), np.where(nothing, np.inf, noise))


@dataclass(frozen=True)
class Bearing:
    """A summary of a replication that a figure bears on, nearly linear in the scores, and how much of it is luck."""

    name: str
    summary: Floats
    value: float
    noise: float


def bearings(place: Place, found: Figures) -> Iterator[tuple[list[Bearing], Floats]]:
    """Of every figure that most replications say something of: its summaries, and the covariance of what it says."""
    for name, figure in in_force(place).items():
        if figure.likelihood == Likelihood.DIRICHLET:
            cases = found[behind_name(name)]
            if np.median(cases) < 1:
                continue
            *others, last = figure.shares
            of = figure.shares[last]
            split = []
            for part in others:
                share = figure.shares[part]
                summary = np.log(found[realised_name(name, part)] / found[realised_name(name, last)])
                noise = float(np.mean((100.0 / share + 100.0 / of) / (cases + 1.5)))
                split.append(Bearing(f"{name} {part}", summary, float(np.log(share / of)), noise))
            own = np.diag([100.0 / figure.shares[part] for part in others])
            yield split, (own + 100.0 / of) / figure.size
            continue
        one = seen(name, figure, found)
        known = np.isfinite(one.noise)
        if known.mean() >= 0.5:
            summary = np.where(known, one.y, one.y[known].mean())
            noise = float(np.mean(np.where(known, one.noise, 0.0)))
            yield [Bearing(name, summary, figure.centre(), noise)], np.array([[figure.variance]])


class Expectation(Protocol):
    """What is known of the parameters beside what a place reported, as a likelihood of scores."""

    def log(self, scores: Floats) -> Floats:
        """The log-likelihood at scores, shape (n, coordinates)."""
        ...

    @property
    def known(self) -> Known:
        """The same as if it were normal, for a search."""
        ...


@dataclass(frozen=True)
class Outlook:
    """Soft evidence on what a place is expected to give: a line through each output, and what is known of it.

    Figures speak of what is usual, not of the luck of one window, so they are compared with what a replication is
    expected to give at its parameters. In this approximation prior and evidence together are normal. `covariance` is
    that of the figures, widened by what a line leaves beyond luck.
    """

    names: tuple[str, ...]
    emulator: LinearEmulator
    values: Floats
    covariance: Floats

    def log(self, scores: Floats) -> Floats:
        """The log-likelihood at scores, shape (n, coordinates); 0 at best."""
        apart = scores @ self.emulator.slopes.T + self.emulator.intercept - self.values
        out: Floats = -0.5 * (apart * np.linalg.solve(self.covariance, apart.T).T).sum(axis=1)
        return out

    @property
    def known(self) -> Known:
        """The same for a search."""
        return Known(self.emulator.slopes, self.values - self.emulator.intercept, self.covariance)


def outlook(place: Place, scores: Floats, found: Figures) -> Outlook | None:
    """Fitted to replications of points of the prior that fit together; None where no figure bears on them."""
    every = list(bearings(place, found))
    flat = [one for some, _ in every for one in some]
    if not flat:
        return None
    emulator = fit_linear_emulator(scores, np.stack([one.summary for one in flat], axis=1))
    beyond = np.diag(emulator.residual) - np.array([one.noise for one in flat])
    covariance = block_diag(*(c for _, c in every)) + np.diag(np.maximum(beyond, 0.0))
    names, values = tuple(one.name for one in flat), np.array([one.value for one in flat])
    return Outlook(names, emulator, values, covariance)


@dataclass(frozen=True)
class Weighed:
    """One figure (or one share of a split) beside what the model gives before and after calibration.

    `p` are two-sided: how often a draw of the source would lie farther out than the model. `inside` are the shares of
    replications within the source's range.
    """

    figure: str
    part: str
    unit: str
    reported: float
    low: float
    high: float
    source: str
    page: str
    confidence: str
    used: bool
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    inside_prior: float
    inside_posterior: float
    p_prior: float
    p_posterior: float

    @property
    def conflict(self) -> bool:
        """Whether the calibrated model and the figure do not go together."""
        return self.p_posterior < CONFLICT

    def numbers(self) -> dict[str, Any]:
        """A row of a table."""
        row = {k: v for k, v in self.__dict__.items() if k not in ("prior", "posterior")}
        for part in ("prior", "posterior"):
            row |= {f"{part}_{q}": x for q, x in zip(("p05", "p50", "p95"), getattr(self, part), strict=True)}
        return {**row, "conflict": self.conflict}


def weighed(place: Place, prior: Figures, posterior: Figures, seed: int) -> list[Weighed]:
    """Every figure of `place.evidence`, used or not, against replications of the prior and of the posterior."""
    out = []
    for name, figure in place.evidence.items():
        for part in REALISED[name].parts or ("",):
            rng = np.random.default_rng([seed, 71])
            says = source_draws(figure, part, 4000, rng)
            low, high = source_range(figure, part)
            x, z = (_known(found[realised_name(name, part)]) for found in (prior, posterior))
            out.append(
                Weighed(
                    name,
                    part,
                    REALISED[name].unit,
                    figure.shares[part] if part else float(figure.value or 0.0),
                    low,
                    high,
                    figure.source,
                    figure.page,
                    figure.confidence,
                    figure.role == "constrain",
                    central(x),
                    central(z),
                    _inside(x, low, high),
                    _inside(z, low, high),
                    _apart(x, says, rng),
                    _apart(z, says, rng),
                )
            )
    return out


def source_draws(figure: Evidence, part: str, n: int, rng: np.random.Generator) -> Floats:
    """What counties like those of the source would show."""
    if figure.likelihood == Likelihood.DIRICHLET:
        a = figure.size * figure.shares[part] / 100.0
        out: Floats = 100.0 * rng.beta(a, figure.size - a, n)
        return out
    y = figure.centre() + np.sqrt(figure.variance) * rng.standard_normal(n)
    return np.asarray(100.0 * expit(y) if figure.likelihood == Likelihood.LOGIT_NORMAL else np.exp(y))


def source_range(figure: Evidence, part: str = "") -> tuple[float, float]:
    """The range that the source gives; where it gives none, the central 90 % of the likelihood."""
    if figure.low is not None and figure.high is not None:
        return figure.low, figure.high
    if figure.likelihood == Likelihood.DIRICHLET:
        a = figure.size * figure.shares[part] / 100.0
        low, high = np.asarray(stats.beta.ppf(BAND, a, figure.size - a))
        return 100.0 * float(low), 100.0 * float(high)
    y = figure.centre() + np.sqrt(figure.variance) * stats.norm.ppf(BAND)
    ends = 100.0 * expit(y) if figure.likelihood == Likelihood.LOGIT_NORMAL else np.exp(y)
    return float(ends[0]), float(ends[1])


def _known(x: Floats) -> Floats:
    return x[~np.isnan(x)]


def _inside(x: Floats, low: float, high: float) -> float:
    return float(np.mean((x >= low) & (x <= high))) if len(x) else float("nan")


def _apart(x: Floats, says: Floats, rng: np.random.Generator) -> float:
    """Two-sided chance that what the model gives and what the source says lie this way round."""
    if not len(x):
        return float("nan")
    below: float = np.mean(rng.choice(x, len(says)) < says).item()
    return 2.0 * min(below, 1.0 - below)


def conflicts(found: Sequence[Weighed]) -> Iterator[Message]:
    """Words for each figure of the evidence that the calibrated model does not go together with."""
    for one in found:
        if one.conflict:
            low, _, high = one.posterior
            yield Message(
                "conflict: {figure} is {low_said:.4g} to {high_said:.4g} by its source; calibrated, the model gives "
                "{low:.4g} to {high:.4g} (p = {p:.3f})",
                figure=Term("figure", realised_name(one.figure, one.part)),
                low_said=one.low,
                high_said=one.high,
                low=low,
                high=high,
                p=one.p_posterior,
            )
