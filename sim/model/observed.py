"""From what is observed to what happens at an attempt: rates that a place gives as shares of what comes out.

Sources say which share of the disputes that the police or a court's mediators take up they resolve, and how many suits
of a kind there are. Both come out of the whole life of a dispute: severity, frailty, delay, refusals, dropout, suits
and withdrawals on the way. Here the log-odds of an attempt, and how often a kind sues, are solved for such that the
expected life (sim/model/expected_life.py) gives what is observed. It is solved for the place without mechanisms, so
that a mechanism still changes it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sim.model.expected_life import ExpectedLife, Variants
from sim.model.numbers import logit, numbers
from sim.model.tables import KIND_NAMES, TIER_NAMES
from sim.scenario.copies import copied, grafted, shape
from sim.scenario.place import KindSpec, Place, TierSpec
from sim.scenario.quantity import Quantity, Status
from sim.vocabulary import Tier

Floats = NDArray[np.float64]
PERSONS = 10_000.0  # of `kinds.<kind>.filed`
RATIOS = np.geomspace(0.05, 2000.0, 7)  # between kinds, at which the number of suits is looked at
LIMIT = 9.0  # of log-odds that are solved for
TURNS = 3  # of solving for success and for suits


def observed(place: Place) -> Place:
    """The place with chances of attempts in place of observed shares. One that gives none is returned as it is."""
    specs: list[TierSpec | None] = [getattr(place.tiers, name) for name in TIER_NAMES]
    resolves = {
        t: float(s.resolves.value)
        for t, s in enumerate(specs)
        if s is not None and s.success is None and s.resolves is not None
    }
    kinds = [place.kinds[name] for name in KIND_NAMES]
    filed = {k: float(s.filed.value) for k, s in enumerate(kinds) if s.suit is None and s.filed is not None}
    if not resolves and not filed:
        return place
    odds, ratios = _solve(place, kinds, resolves, filed)
    paths: list[tuple[str, ...]] = []
    leaves: list[Quantity | None] = []
    for tier, x in odds.items():
        name = TIER_NAMES[tier]
        paths += [("tiers", name, "success"), ("tiers", name, "resolves")]
        leaves += [_exactly(getattr(place.tiers, name).resolves, "probability", float(expit(x))), None]
    for kind, ratio in ratios.items():
        name = KIND_NAMES[kind]
        paths += [("kinds", name, "suit"), ("kinds", name, "filed")]
        leaves += [_exactly(place.kinds[name].filed, "ratio", ratio), None]
    out: Place = grafted(place, shape(paths), leaves)
    return out


def _exactly(q: Quantity | None, unit: str, x: float) -> Quantity:
    """What was solved for from a number, as one that is known exactly."""
    assert q is not None
    return copied(q, {"value": x, "low": x, "high": x, "unit": unit, "status": Status.DERIVED})


def _solve(
    place: Place, kinds: list[KindSpec], resolves: dict[int, float], filed: dict[int, float]
) -> tuple[dict[int, float], dict[int, float]]:
    """Log-odds of an attempt by tier, and the ratio by kind."""
    variants = Variants(kinds, dict.fromkeys(filed, RATIOS))
    life = ExpectedLife(place, numbers(place), variants)
    for tier in resolves:
        life.without_success(tier, [float(k.success.value) for k in kinds])
    per_share = float(place.incidence.latent_rate.value) * PERSONS / 1000.0
    odds = {tier: logit(share) for tier, share in resolves.items()}
    ratios = dict.fromkeys(filed, float(RATIOS[len(RATIOS) // 2]))
    courts = {t: s for t, s in resolves.items() if t > Tier.COUNTY}
    for turn in range(TURNS if filed else 1):
        weight = variants.weights(ratios)
        for tier in life.tiers if turn == 0 else life.tiers_from(min(courts, default=Tier.TRIAL)):
            if tier in resolves:
                odds[tier] = _root(life, tier, weight, resolves[tier], odds[tier])
            life.let_through(tier, odds.get(tier, 0.0))
        for kind, wanted in filed.items():
            ratios[kind] = _ratio(per_share * life.reaching(Tier.TRIAL)[variants.of(kind)], wanted)
    return odds, ratios


def _ratio(found: Floats, wanted: float) -> float:
    """The ratio at which so many suits are filed, from what is found at RATIOS.

    As the hazard of suing grows, the share that sues grows towards a limit, c r / (1 + c r) of it: its log-odds are
    nearly linear in log r. The last ratio where nobody could file so many.
    """
    most = found[-1] * (1.0 + 1.0 / RATIOS[-1])
    if wanted >= found[-1] or most <= 0.0:
        return float(RATIOS[-1])
    odds = [logit(x / most) for x in np.maximum.accumulate(found)]
    return math.exp(np.interp(logit(wanted / most), odds, np.log(RATIOS)))


def _root(life: ExpectedLife, tier: int, weight: Floats, share: float, start: float) -> float:
    """The log-odds of attempts at which this share of what a tier takes up is settled there (secant method).

    At most `LIMIT`, where nobody could resolve so many.
    """
    wanted, found = logit(share), life.resolved(tier, weight)

    def at(x: float) -> float:
        return logit(found(x)) - wanted

    a, b = start, min(start + 0.5, LIMIT)
    fa, fb = at(a), at(b)
    for _ in range(6):
        if abs(fb) < 1e-4 or abs(fb - fa) < 1e-9:
            break
        a, b, fa = b, min(max(b - fb * (b - a) / (fb - fa), -LIMIT), LIMIT), fb
        fb = at(b)
    return b
