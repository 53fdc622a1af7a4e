"""The likelihood of a record, given the true cases of a replication, with the recording parameters integrated out.

Both readings of docs/model.md (Recording). Given S true successes and F true failures of closed cases, all that a place
writes down is binomial thinning with unknown chances, so no tolerance is needed (`sim.statistics.thinning`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.metrics import IN_RECORD
from sim.scenario.place import Exactness, Place, Target
from sim.scenario.prior import densities, quantiles
from sim.scenario.quantity import Quantity
from sim.statistics.thinning import Reported, different_rates, same_rate

Floats = NDArray[np.float64]
MEDIATED, SUCCEEDED = "mediated", "succeeded"
RATE, SCREENED = "success_rate", "screened"


def rounding(target: Target) -> tuple[float, float]:
    """The interval [low, high) of values that print as the reported figure."""
    unit = 10.0**-target.decimals
    if target.exactness == Exactness.TRUNCATED:
        return target.value, target.value + unit
    if target.exactness == Exactness.ROUNDED:
        return target.value - unit / 2, target.value + unit / 2
    return target.value, target.value


def reported(targets: list[Target]) -> Reported:
    """The record that the targets describe. A rate without a number of cases says nothing that can be counted."""
    by_name = {t.metric: t for t in targets if t.metric in IN_RECORD and t.role != "hold_out"}
    cases = by_name.get(MEDIATED)
    n = round(cases.value) if cases is not None and cases.exactness == Exactness.EXACT else None
    agree: tuple[int, ...] = ()
    if SUCCEEDED in by_name and by_name[SUCCEEDED].exactness == Exactness.EXACT:
        agree = (round(by_name[SUCCEEDED].value),)
    elif RATE in by_name and n is not None:
        low, high = rounding(by_name[RATE])
        k = np.arange(n + 1)
        rate = 100.0 * k / n
        agree = tuple(k[(rate >= low - 1e-9) & (rate < max(high, low + 1e-9))].tolist())
    bound = next(
        (t for m in (SCREENED, MEDIATED) if (t := by_name.get(m)) and t.exactness == Exactness.AT_LEAST), None
    )
    return Reported(n, agree, bound.value if bound else None, bound.mixed if bound else 0.0)


@dataclass(frozen=True)
class Likelihood:
    """Log-likelihoods, shape (replications,), and one draw of the recording parameters for each, by path."""

    log: Floats
    parameters: dict[str, Floats]


class _Prior:
    """The prior of a recording parameter after a measure has multiplied it by a factor for each replication."""

    def __init__(self, place: Place, path: str, factor: Floats) -> None:
        node: Any = place.recording
        for part in path.split("."):
            node = getattr(node, part)
        self.quantity: Quantity = node
        self.factor = factor

    def density(self, x: Floats) -> Floats:
        """At effective values x, shape (replications, …)."""
        factor = self.factor.reshape(-1, *[1] * (x.ndim - 1))
        return densities(self.quantity, x / factor) / factor

    def draw(self, u: Floats) -> Floats:
        """Raw values at probabilities u."""
        return quantiles(self.quantity, u)


def proportional(place: Place, record: Reported, success: Floats, failure: Floats, seed: int) -> Likelihood:
    """Successes and failures are recorded at the same unknown rate."""
    rng = np.random.default_rng([seed, 1])
    prior = _Prior(place, "proportional.recorded", np.ones(len(success)))
    log, rate = same_rate(record, success, failure, prior, rng)
    return Likelihood(log, {"recording.proportional.recorded": rate})


def target_driven(
    place: Place,
    record: Reported,
    success: Floats,
    failure: Floats,
    factors: dict[str, Floats],
    seed: int,
    selectivity: float = 1.0,
) -> Likelihood:
    """Successes are recorded at one rate, failures at another, some failures relabelled, some files invented.

    `factors` are what measures multiply the parameters by, in each replication; `selectivity` is how far all this goes,
    0 to 1 (`different_rates`).
    """
    rng = np.random.default_rng([seed, 2])
    priors = {n: _Prior(place, f"target_driven.{n}", factors[n]) for n in factors}
    if selectivity == 0.0:  # all cases at the rate of successes; of the others nothing is said
        log, rate = same_rate(record, success, failure, priors["recorded"], rng)
        raw = {n: p.draw(rng.random(len(success))) for n, p in priors.items()}
        raw["recorded"] = rate / factors["recorded"]
        return Likelihood(log, {f"recording.target_driven.{n}": x for n, x in raw.items()})
    log, raw = different_rates(record, success, failure, priors, rng, selectivity)
    return Likelihood(log, {f"recording.target_driven.{n}": x for n, x in raw.items()})
