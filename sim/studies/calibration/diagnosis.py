"""Whether a fit is to be believed: effective size, tail of the weights, and whether two independent runs agree."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.language import Message, Text
from sim.outcomes.figures import FAILURES, SUCCESSES
from sim.statistics.weights import K_LIMIT, weighted_mean
from sim.studies.calibration.fit import LEAST_ESS, Fit
from sim.studies.calibration.observe import Figures

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Diagnosis:
    """One check of a fit: what was found, what it had to be, and whether it was."""

    name: Text
    value: float
    bar: Text
    passed: bool


def log_odds(found: Figures) -> Floats:
    """Of true success."""
    out: Floats = np.log((found[SUCCESSES] + 0.5) / (found[FAILURES] + 0.5))
    return out


def diagnose(fit: Fit, halves: Sequence[Fit]) -> Iterator[Diagnosis]:
    """Effective sample size, tail of the weights, and agreement of the independent runs."""
    whole = fit.weighted
    least = Message("at least {x}", x=f"{LEAST_ESS:.0f}")
    yield Diagnosis(Message("effective sample size"), whole.ess, least, whole.ess >= LEAST_ESS)
    yield Diagnosis(
        Message("tail index k of the weights"), whole.k, Message("below {x}", x=K_LIMIT), whole.k < K_LIMIT
    )
    compared = list(_apart(halves))
    limit = float(stats.norm.ppf(1 - 0.005 / max(1, len(compared))))
    for name, z in compared:
        apart = Message("two runs apart in {name} (standard errors)", name=name)
        yield Diagnosis(apart, z, Message("below {x}", x=f"{limit:.1f}"), abs(z) < limit)


def _apart(halves: Sequence[Fit]) -> Iterator[tuple[Text, float]]:
    a, b = (h.weighted for h in halves)
    yield (
        Message("log evidence"),
        (a.log_evidence - b.log_evidence) / max(math.hypot(a.log_evidence_se, b.log_evidence_se), 1e-9),
    )
    values: dict[Text, list[Floats]] = {
        Message("log odds of true success"): [log_odds(h.found) for h in halves]
    }
    values[Message("log number of closed cases")] = [
        np.log1p(h.found[SUCCESSES] + h.found[FAILURES]) for h in halves
    ]
    for parameter in halves[0].likelihood.parameters:
        values[parameter] = [h.likelihood.parameters[parameter] for h in halves]
    for name, pair in values.items():
        means, errors = zip(*(mean_of(h, x) for h, x in zip(halves, pair, strict=True)), strict=True)
        if math.hypot(*errors) > 0:
            yield name, (means[0] - means[1]) / math.hypot(*errors)


def mean_of(fit: Fit, x: Floats) -> tuple[float, float]:
    """Posterior mean of x, one value per replication, and its standard error."""
    return weighted_mean(fit.weighted.weights, x)
