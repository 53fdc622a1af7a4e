"""Likelihoods of a thinned record, given the true cases, with the rates of recording integrated out.

What is written down of so many true cases is a binomial thinning with unknown rates. With rates uniform, the integrals
are beta-binomial (Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, 6.2.2); the prior density of a rate
enters as its mean over the beta distribution that goes with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logsumexp

Floats = NDArray[np.float64]
NODES = 24  # quantiles of a beta distribution over which a prior density is averaged
TRIES = 64  # draws of the parameters for each replication, where the integral is estimated


class RatePrior(Protocol):
    """The prior of a rate in each replication."""

    def density(self, x: Floats) -> Floats:
        """At values x of the rate, shape (replications, …)."""
        ...

    def draw(self, u: Floats) -> Floats:
        """Raw values, before any factor, at probabilities u."""
        ...


class FactoredPrior(RatePrior, Protocol):
    """With what each replication multiplies the raw value by, shape (replications,)."""

    factor: Floats


@dataclass(frozen=True)
class Reported:
    """What a record says of its cases, as counts; None for what it does not say.

    `mediated` are cases in the record, `succeeded` all numbers of successes among them that agree with it: one, or
    those that a rounded rate allows. `at_least` is a bound for the cases, of which up to the share `mixed` may be
    something else.
    """

    mediated: int | None = None
    succeeded: tuple[int, ...] = ()
    at_least: float | None = None
    mixed: float = 0.0

    @property
    def says_something(self) -> bool:
        """Whether there is anything to fit."""
        return self.mediated is not None or bool(self.succeeded) or self.at_least is not None


def same_rate(
    record: Reported, success: Floats, failure: Floats, prior: RatePrior, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Log-likelihoods, shape (replications,), and a draw of the rate for each, if all cases are recorded at one rate r.

    `success` and `failure` are true cases S and F of each replication. With all three numbers the integral over r is
    C(S,K) C(F,M-K) B(M+1, N-M+1) E[π(r)], r from Beta(M+1, N-M+1), which is a hypergeometric probability times
    E[π(r)]/(N+1); N = S + F, M mediated, K succeeded, π the prior density. The record has to say something.
    """
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
    return log, _one_of(r, weight, rng)


def _hypergeometric(k: int, drawn: int, success: Floats, failure: Floats) -> Floats:
    fits = (success >= k) & (failure >= drawn - k)
    s, f = np.where(fits, success, k), np.where(fits, failure, drawn - k)
    out: Floats = np.where(fits, stats.hypergeom.logpmf(k, s + f, s, drawn), -np.inf)
    return out


def _bounded(
    prior: RatePrior, record: Reported, total: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """At least so many, of which up to a share may be something else than disputes (uniform)."""
    bound = float(record.at_least or 0.0)
    u = rng.random((len(total), TRIES))
    r = prior.draw(u)
    needed = np.ceil(bound * (1.0 - record.mixed * rng.random(r.shape)))
    chance: Floats = np.asarray(stats.binom.sf(needed - 1, total[:, None].astype(np.int64), r))
    with np.errstate(divide="ignore"):
        log = np.log(chance.mean(axis=1))
    return log, _one_of(r, chance, rng)


def different_rates(
    record: Reported,
    success: Floats,
    failure: Floats,
    priors: Mapping[str, FactoredPrior],
    rng: np.random.Generator,
    selectivity: float = 1.0,
) -> tuple[Floats, dict[str, Floats]]:
    """Log-likelihoods, shape (replications,), and raw values drawn of each parameter, if successes are favoured.

    Successes are recorded at one rate (`recorded`), failures at another (`failures`), a share of these as successes
    (`relabelled`), and further successes are invented, so many for each recorded one (`invented`): keys of `priors`.

    An unbiased estimate for each replication: of `TRIES` draws, each takes what is not pinned down by the report from
    its prior, and what is pinned down from the beta distribution that the report leaves, with the ratio as its weight.

    `selectivity` in (0, 1] is how far this goes: with x of it failures are recorded at the rate r^(1-x) f^x, r that of
    successes and f the value of `failures`, and the shares `relabelled` and `invented` are x times as large. Towards 0
    successes and failures are recorded at one rate (`same_rate`).
    """
    if not 0.0 < selectivity <= 1.0:
        raise ValueError(f"selectivity is {selectivity}, expected above 0 and at most 1")
    shape = (len(success), TRIES)
    factors = {n: p.factor for n, p in priors.items()}
    s_true, f_true = (np.broadcast_to(x[:, None].astype(np.int64), shape) for x in (success, failure))
    factor = {n: np.broadcast_to(x[:, None], shape) for n, x in factors.items()}
    raw = {n: priors[n].draw(rng.random(shape)) for n in factors}
    here = {n: np.clip(raw[n] * factor[n], 0.0, None if n == "invented" else 1.0) for n in factors}
    log_weight = np.zeros(shape)
    relabelled, files = selectivity * here["relabelled"], selectivity * here["invented"]
    failures = _between(here["recorded"], here["failures"], selectivity)
    if record.mediated is not None and record.succeeded:
        # Uniform: the sum over all is a mean times their number.
        succeeded = rng.choice(np.array(record.succeeded), size=shape)
        log_weight += np.log(len(record.succeeded))
        failed = record.mediated - succeeded
        possible = f_true >= failed
        # The rate at which failures are recorded as such is pinned down by the failures in the record.
        a = rng.beta(failed + 1, np.where(possible, f_true - failed, 0) + 1)
        kept = np.maximum(1.0 - relabelled, 1e-9)
        rate = a / kept
        raw["failures"] = rate / factor["failures"]
        with np.errstate(divide="ignore"):
            before = priors["failures"].density(rate) if selectivity == 1.0 else np.ones(shape)  # else below
            log_weight += np.log(before / kept) - np.log(f_true + 1.0)
        log_weight[~possible | (rate > 1)] = -np.inf
        chance = np.clip(rate * relabelled / np.maximum(1.0 - a, 1e-9), 0.0, 1.0)
        turned = rng.binomial(np.where(possible, f_true - failed, 0), chance)
    elif record.succeeded:
        succeeded = np.full(shape, record.succeeded[0])
        turned = rng.binomial(f_true, np.clip(failures * relabelled, 0.0, 1.0))
    else:
        mediated = rng.binomial(s_true, here["recorded"])
        mediated = np.floor(mediated * (1.0 + files) + rng.random(shape)) + rng.binomial(f_true, failures)
        needed = np.ceil(float(record.at_least or 0.0) * (1.0 - record.mixed * rng.random(shape)))
        return _averaged(np.where(mediated >= needed, 0.0, -np.inf), raw, rng)
    # Files are invented in proportion to recorded successes s: s + floor(files * s + v) = succeeded - turned.
    left, v = succeeded - turned, rng.random(shape)
    s = np.floor((left + 1 - v) / (1.0 + files))
    exact = s + np.floor(files * s + v) == left
    possible = exact & (s >= 0) & (s <= s_true)
    r = rng.beta(np.where(possible, s, 0) + 1, np.where(possible, s_true - s, 0) + 1)
    with np.errstate(divide="ignore"):
        log_weight += np.log(priors["recorded"].density(r)) - np.log(s_true + 1.0)
    log_weight[~possible] = -np.inf
    if selectivity < 1.0:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            if record.mediated is not None:  # how likely the rate of failures is beside that of successes
                own = (rate / r ** (1.0 - selectivity)) ** (1.0 / selectivity)
                before = priors["failures"].density(own) * own / (selectivity * rate)
                log_weight += np.log(np.nan_to_num(before))
                raw["failures"] = own / factor["failures"]
            else:  # those turned were drawn beside another rate of successes
                there = np.clip(_between(r, here["failures"], selectivity) * relabelled, 0.0, 1.0)
                log_weight += stats.binom.logpmf(turned, f_true, there)
                log_weight -= stats.binom.logpmf(turned, f_true, np.clip(failures * relabelled, 0.0, 1.0))
    raw["recorded"] = r / factor["recorded"]
    return _averaged(log_weight, raw, rng)


def _between(one: Floats, other: Floats, share: float) -> Floats:
    """The geometric mean of two rates, with this weight of the other."""
    return one ** (1.0 - share) * other**share


def _averaged(
    log_weight: Floats, raw: dict[str, Floats], rng: np.random.Generator
) -> tuple[Floats, dict[str, Floats]]:
    top = log_weight.max(axis=1, keepdims=True)
    weight = np.exp(log_weight - np.where(np.isfinite(top), top, 0.0))
    row = np.arange(len(weight))
    pick = _pick(weight, rng)
    log = logsumexp(log_weight, axis=1) - np.log(log_weight.shape[1])
    return log, {n: x[row, pick] for n, x in raw.items()}


def _one_of(values: Floats, weight: Floats, rng: np.random.Generator) -> Floats:
    out: Floats = values[np.arange(len(values)), _pick(weight, rng)]
    return out


def _pick(weight: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """One column of each row by its weights; any where all are zero."""
    cum = np.cumsum(weight, axis=1)
    u = rng.random(len(weight)) * cum[:, -1]
    out: NDArray[np.int64] = np.minimum((cum <= u[:, None]).sum(axis=1), weight.shape[1] - 1)
    return out
