"""The likelihood of a record, given the true cases of a replication, with the recording parameters integrated out.

Both readings of docs/model.md (Recording). Given S true successes and F true failures of closed cases, all that a place
writes down is binomial thinning with unknown chances, so no tolerance is needed. With the chances uniform, the
integrals are beta-binomial; the prior density of a chance enters as its mean over the beta distribution that goes
with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logsumexp

from sim.scenario.place import Exactness, Place, Target
from sim.scenario.prior import densities, quantiles
from sim.scenario.quantity import Quantity

Floats = NDArray[np.float64]
NODES = 24  # quantiles of a beta distribution over which a prior density is averaged
TRIES = 64  # draws of the parameters of target-driven recording for each replication
MEDIATED, SUCCEEDED, RATE, SCREENED = "mediated", "succeeded", "success_rate", "screened"
IN_RECORD = (MEDIATED, SUCCEEDED, RATE, SCREENED)


@dataclass(frozen=True)
class Reported:
    """What a place reports of its cases; None for what it does not say.

    `succeeded` are all numbers that agree with the report: one, or those that a rounded rate allows.
    """

    mediated: int | None = None
    succeeded: tuple[int, ...] = ()
    at_least: float | None = None
    mixed: float = 0.0

    @property
    def says_something(self) -> bool:
        """Whether there is anything to fit."""
        return self.mediated is not None or bool(self.succeeded) or self.at_least is not None


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
    """Successes and failures are recorded at the same unknown rate r.

    With all three numbers: C(S,K) C(F,M-K) B(M+1, N-M+1) E[π(r)], r from Beta(M+1, N-M+1), which is a hypergeometric
    probability times E[π(r)]/(N+1); N = S + F.
    """
    rng = np.random.default_rng([seed, 1])
    ones = np.ones(len(success))
    prior = _Prior(place, "proportional.recorded", ones)
    total = success + failure
    if record.mediated is not None:
        log = np.full(len(total), -np.inf) if record.succeeded else np.zeros(len(total))
        for k in record.succeeded:
            log = np.logaddexp(log, _hypergeometric(k, record.mediated, success, failure))
        seen, out_of = float(record.mediated), total
    elif record.succeeded:
        log, seen, out_of = np.zeros(len(total)), float(record.succeeded[0]), success
    else:  # a bound: the rate is drawn, and the chance of reaching the bound averaged
        return _bounded(prior, record, total, rng)
    possible = out_of >= seen
    room = np.where(possible, out_of, seen)
    r: Floats = np.asarray(
        stats.beta.ppf((np.arange(NODES) + 0.5) / NODES, seen + 1, (room - seen + 1)[:, None])
    )
    weight = prior.density(r)
    with np.errstate(divide="ignore"):
        log = np.where(possible, log + np.log(weight.mean(axis=1)) - np.log(room + 1), -np.inf)
    return Likelihood(log, {"recording.proportional.recorded": _one_of(r, weight, rng)})


def _hypergeometric(k: int, drawn: int, success: Floats, failure: Floats) -> Floats:
    fits = (success >= k) & (failure >= drawn - k)
    s, f = np.where(fits, success, k), np.where(fits, failure, drawn - k)
    out: Floats = np.where(fits, stats.hypergeom.logpmf(k, s + f, s, drawn), -np.inf)
    return out


def _bounded(prior: _Prior, record: Reported, total: Floats, rng: np.random.Generator) -> Likelihood:
    """At least so many, of which up to a share may be something else than disputes (uniform)."""
    bound = float(record.at_least or 0.0)
    u = rng.random((len(total), TRIES))
    r = prior.draw(u)
    needed = np.ceil(bound * (1.0 - record.mixed * rng.random(r.shape)))
    chance: Floats = np.asarray(stats.binom.sf(needed - 1, total[:, None].astype(np.int64), r))
    with np.errstate(divide="ignore"):
        log = np.log(chance.mean(axis=1))
    return Likelihood(log, {"recording.proportional.recorded": _one_of(r, chance, rng)})


def target_driven(
    place: Place, record: Reported, success: Floats, failure: Floats, factors: dict[str, Floats], seed: int
) -> Likelihood:
    """Successes are recorded at one rate, failures at another, some failures relabelled, some files invented.

    An unbiased estimate for each replication: of `TRIES` draws, each takes what is not pinned down by the report from
    its prior, and what is pinned down from the beta distribution that the report leaves, with the ratio as its weight.
    """
    rng = np.random.default_rng([seed, 2])
    shape = (len(success), TRIES)
    priors = {n: _Prior(place, f"target_driven.{n}", factors[n]) for n in factors}
    s_true, f_true = (np.broadcast_to(x[:, None].astype(np.int64), shape) for x in (success, failure))
    factor = {n: np.broadcast_to(x[:, None], shape) for n, x in factors.items()}
    raw = {n: priors[n].draw(rng.random(shape)) for n in factors}
    here = {n: np.clip(raw[n] * factor[n], 0.0, None if n == "invented" else 1.0) for n in factors}
    log_weight = np.zeros(shape)
    relabelled, files = here["relabelled"], here["invented"]
    if record.mediated is not None and record.succeeded:
        told = rng.choice(
            np.array(record.succeeded), size=shape
        )  # uniform: the sum over all is a mean times their number
        log_weight += np.log(len(record.succeeded))
        failed = record.mediated - told
        possible = f_true >= failed
        # The rate at which failures are recorded as such is pinned down by the failures in the record.
        a = rng.beta(failed + 1, np.where(possible, f_true - failed, 0) + 1)
        kept = np.maximum(1.0 - relabelled, 1e-9)
        rate = a / kept
        with np.errstate(divide="ignore"):
            log_weight += np.log(priors["failures"].density(rate) / kept) - np.log(f_true + 1.0)
        log_weight[~possible | (rate > 1)] = -np.inf
        here["failures"], raw["failures"] = rate, rate / factor["failures"]
        chance = np.clip(rate * relabelled / np.maximum(1.0 - a, 1e-9), 0.0, 1.0)
        turned = rng.binomial(np.where(possible, f_true - failed, 0), chance)
    elif record.succeeded:
        told = np.full(shape, record.succeeded[0])
        turned = rng.binomial(f_true, np.clip(here["failures"] * relabelled, 0.0, 1.0))
    else:
        mediated = rng.binomial(s_true, here["recorded"])
        mediated = np.floor(mediated * (1.0 + files) + rng.random(shape)) + rng.binomial(
            f_true, here["failures"]
        )
        needed = np.ceil(float(record.at_least or 0.0) * (1.0 - record.mixed * rng.random(shape)))
        return _averaged(np.where(mediated >= needed, 0.0, -np.inf), raw, rng)
    # Files are invented in proportion to recorded successes s: s + floor(files * s + v) = told - turned, v uniform.
    left, v = told - turned, rng.random(shape)
    s = np.floor((left + 1 - v) / (1.0 + files))
    exact = s + np.floor(files * s + v) == left
    possible = exact & (s >= 0) & (s <= s_true)
    r = rng.beta(np.where(possible, s, 0) + 1, np.where(possible, s_true - s, 0) + 1)
    with np.errstate(divide="ignore"):
        log_weight += np.log(priors["recorded"].density(r)) - np.log(s_true + 1.0)
    log_weight[~possible] = -np.inf
    raw["recorded"] = r / factor["recorded"]
    return _averaged(log_weight, raw, rng)


def _averaged(log_weight: Floats, raw: dict[str, Floats], rng: np.random.Generator) -> Likelihood:
    top = log_weight.max(axis=1, keepdims=True)
    weight = np.exp(log_weight - np.where(np.isfinite(top), top, 0.0))
    row = np.arange(len(weight))
    pick = _pick(weight, rng)
    parameters = {f"recording.target_driven.{n}": x[row, pick] for n, x in raw.items()}
    return Likelihood(logsumexp(log_weight, axis=1) - np.log(log_weight.shape[1]), parameters)


def _one_of(values: Floats, weight: Floats, rng: np.random.Generator) -> Floats:
    out: Floats = values[np.arange(len(values)), _pick(weight, rng)]
    return out


def _pick(weight: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """One column of each row by its weights; any where all are zero."""
    cum = np.cumsum(weight, axis=1)
    u = rng.random(len(weight)) * cum[:, -1]
    out: NDArray[np.int64] = np.minimum((cum <= u[:, None]).sum(axis=1), weight.shape[1] - 1)
    return out
