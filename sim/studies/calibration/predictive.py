"""How well a place's figures are reproduced: the predictive distribution of each target, before and after."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.language import Message, Text
from sim.outcomes.figures import RAISED, RESOLVED
from sim.scenario.metrics import IN_RECORD
from sim.scenario.place import Exactness, Place, Target
from sim.scenario.terms import Term
from sim.statistics.quantiles import central
from sim.studies.calibration.observe import Figures, calibrated
from sim.studies.calibration.record import MEDIATED, SCREENED
from sim.studies.calibration.waves import recorded_name

Floats = NDArray[np.float64]
BAND = (0.05, 0.95)
ONE_SIDED = (Exactness.AT_LEAST, Exactness.AT_MOST, Exactness.BETWEEN)
SIGN = {Exactness.AT_LEAST: "≥ ", Exactness.AT_MOST: "≤ "}


@dataclass(frozen=True)
class Predicted:
    """A target under the prior and the posterior: 5 %, 50 % and 95 % of what would be printed, and p.

    p is the chance of a lower figure plus half that of the same; of a bound or range, the chance that it is met.
    """

    target: Target
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    p_prior: float
    p_posterior: float

    @property
    def shown(self) -> Text:
        """The reported figure in words."""
        t = self.target
        if t.exactness == Exactness.BETWEEN:
            return Message("{low} to {high}", low=f"{t.value:g}", high=f"{t.high:g}")
        return f"{SIGN.get(t.exactness, '')}{t.value:g}"

    @property
    def misfit(self) -> bool:
        """Whether the figure lies outside the central 90 % of what the calibrated model would print."""
        return _outside(self.p_posterior, self.target)

    @property
    def why(self) -> Text:
        """The reason of a misfit, or of a fit that was not to be expected."""
        far = _outside(self.p_prior, self.target)
        if self.misfit and far:
            return Message("the ranges of the parameters hardly allow it, and the fit did not get there")
        if self.misfit:
            return Message("the ranges allow it, but not together with the other figures")
        if far:
            return Message("fits only at parameters that the ranges hold to be unlikely")
        return ""


def _outside(p: float, target: Target) -> bool:
    return p < BAND[0] or (target.exactness not in ONE_SIDED and p > BAND[1])


def predicted(place: Place, prior: Figures, posterior: Figures, seed: int) -> list[Predicted]:
    """Every target of a calibration against replications drawn from the prior and from the posterior.

    Both hold the recorded figures under one reading (`waves.case_at`).
    """
    out = []
    for target in calibrated(place):
        rng = np.random.default_rng([seed, 3])
        before, after = (printed(target, replicas(target, found, rng)) for found in (prior, posterior))
        p = [chance(target, x, rng) for x in (before, after)]
        out.append(Predicted(target, central(before), central(after), p[0], p[1]))
    return out


def replicas(target: Target, found: Figures, rng: np.random.Generator) -> Floats:
    """What each replication would report in place of a target, before it is rounded; shape (replications,)."""
    if target.metric in IN_RECORD:
        metric = MEDIATED if target.metric == SCREENED else target.metric
        return found[recorded_name(metric)]
    if target.exactness == Exactness.CENSORED:
        raised, resolved = found[RAISED], found[RESOLVED]
        of = np.minimum(raised, target.of or 0).astype(np.int64)
        done = rng.hypergeometric(resolved.astype(np.int64), (raised - resolved).astype(np.int64), of)
        return np.where(of > 0, 100.0 * done / np.maximum(of, 1), np.nan)
    return found[target.metric]


def printed(target: Target, x: Floats) -> Floats:
    """As the place would print it."""
    unit = 10.0**-target.decimals
    if target.exactness == Exactness.TRUNCATED:
        return np.floor(x / unit + 1e-9) * unit
    return np.round(x / unit) * unit if target.exactness == Exactness.ROUNDED else x


def chance(target: Target, x: Floats, rng: np.random.Generator) -> float:
    """Chance of a lower figure plus half that of the same; of a bound or range, that it is met. See `Predicted`."""
    x = x[~np.isnan(x)]
    if not len(x):
        return math.nan
    if target.exactness == Exactness.AT_LEAST:
        return float(np.mean(x >= target.value * (1.0 - target.mixed * rng.random(len(x)))))
    if target.exactness == Exactness.AT_MOST:
        return float(np.mean(x <= target.value))
    if target.exactness == Exactness.BETWEEN:
        share = np.clip(x / 100.0, 0.0, 1.0)
        noisy = 100.0 * stats.binom.rvs(round(target.of or 100), share, random_state=rng) / (target.of or 100)
        return float(np.mean((noisy >= target.value) & (noisy <= float(target.high or 0.0))))
    half = 0.5 * 10.0**-target.decimals
    same = np.abs(x - target.value) < half
    return float(np.mean((x < target.value) & ~same) + 0.5 * np.mean(same))


def misfits(found: list[Predicted]) -> Iterator[Message]:
    """Words for each misfit."""
    for one in found:
        if one.misfit:
            low, _, high = one.posterior
            yield Message(
                "misfit: {metric} is {shown}; calibrated, the model gives {low:.4g} to {high:.4g} (p = {p:.3f}): {why}",
                metric=Term("metric", one.target.metric),
                shown=one.shown,
                low=low,
                high=high,
                p=one.p_posterior,
                why=one.why,
            )
