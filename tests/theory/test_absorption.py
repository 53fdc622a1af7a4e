"""Where disputes end, tier by tier: an absorbing chain of attempts, refusals, drop-outs and routes.

Nobody queues and everything takes minutes, so that no clock of years matters. What is left is a chain whose states are
(tier, attempts so far), one chain for each combination of forum and joint matter, mixed by their shares.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.draws import Draws
from sim.model import Model
from sim.outcomes import outcomes
from sim.scenario.place import Place, TierSpec
from sim.traces import Trace
from sim.vocabulary import End, Tier
from tests.places import LONGEST, ONE_MINUTE, TIER_STAFF, Tree, build, plain_place, quantity
from tests.theory import formulas
from tests.theory.measure import REPLICATIONS, SMALL, VOLUMES, Comparison, Volume, agree, caught, observe

TIERS = [t for t in Tier if t != Tier.PETITION]
MEDIATED = (Tier.HAMLET, Tier.VILLAGE, Tier.POLICE, Tier.TOWNSHIP, Tier.COUNTY)
JOINT, TO_DECISION = 0.4, 0.25  # shares: several departments; kinds that go to a decision first
SUCCESS = {
    **{"hamlet": 0.3, "village": 0.35, "police": 0.25, "township": 0.3},
    **{"county": 0.4, "decision": 0.6, "court_mediation": 0.3, "trial": 0.5},
}


def place_of(volume: int, *, grid: bool = False, **village: Any) -> Place:
    """A place with every tier, some with one attempt and some with three.

    Disputes come in by the party's choice, or all of them by the hamlet's grid.
    """
    tiers: dict[str, Tree] = {
        name: {
            **{"session_hours": 0.1, "success": SUCCESS[name], "attempts": 1 + tier % 3},
            **{"refuses": 0.1, "bypasses": 0.08, "dropout": 0.12},
        }
        for tier, name in enumerate(TIER_STAFF)
    }
    tiers["village"] |= village
    tiers["trial"] |= {"refuses": 0.0, "bypasses": 0.0, "dropout": 0.0}
    kind = {"departments": JOINT, "share": (1 - TO_DECISION) / 6}
    decided = kind | {"forum": "decision", "share": TO_DECISION / 2}
    kinds = dict.fromkeys(("family", "neighbour", "housing", "damages", "contract", "other"), kind)
    return plain_place(
        tiers,
        {"village": 0.5, "township": 0.2, "police": 0.15, "court": 0.15},
        population={"persons": 25_000},
        villages={"count": 5},
        townships={"count": 1},
        window={"warm_up": 5},
        incidence={"latent_rate": 20.0 * volume},
        kinds=kinds | {"land": decided, "labour": decided},
        detection={"grid_days": quantity(ONE_MINUTE, "days"), "party_days": LONGEST}
        if grid
        else {"grid_days": None},
        going={"sues": 0.5, "applies_for_decision": 0.7, "dropout_lumps": 0.6},
    )


# --- the chain, from the place as written -----------------------------------------------------------------------------

State = tuple[Tier, int]  # where, and attempts so far
Closing = tuple[Tier, End]


@dataclass
class Step:
    """Probabilities of what comes after a state: another state, or an end."""

    moves: dict[State, float] = field(default_factory=lambda: defaultdict(float))
    ends: dict[Closing, float] = field(default_factory=lambda: defaultdict(float))


class Chain:
    """The attempts of a dispute of one sort as the place describes them; nothing is taken from the engines."""

    def __init__(self, place: Place, *, joint: bool, decided: bool) -> None:
        self.place = place
        going = place.going
        self.suit = Tier.DECISION if decided else Tier.COURT_MEDIATION
        self.goes_on = float((going.applies_for_decision if decided else going.sues).value)
        self.above = {
            **{Tier.HAMLET: Tier.VILLAGE, Tier.VILLAGE: Tier.TOWNSHIP, Tier.POLICE: Tier.TOWNSHIP},
            **{Tier.DECISION: Tier.COURT_MEDIATION, Tier.COURT_MEDIATION: Tier.TRIAL},
        }
        if joint:
            self.above[Tier.TOWNSHIP] = Tier.COUNTY
        self.steps: dict[State, Step] = {}
        for tier in TIERS:
            spec: TierSpec = getattr(place.tiers, tier.name.lower())
            for used in range(int(spec.attempts.value)):
                self.steps[tier, used] = (
                    self.trial() if tier == Tier.TRIAL else self.attempt(tier, used, spec)
                )

    def climb(self, step: Step, tier: Tier, p: float) -> None:
        """Up with probability p; at the top of mediation on to court or decision, or the parties bear it."""
        if tier in self.above:
            step.moves[self.above[tier], 0] += p
        else:
            step.moves[self.suit, 0] += p * self.goes_on
            step.ends[tier, End.LUMPED] += p * (1.0 - self.goes_on)

    def attempt(self, tier: Tier, used: int, spec: TierSpec) -> Step:
        step = Step()
        refuses, bypasses = float(spec.refuses.value), float(spec.bypasses.value)
        self.climb(step, tier, refuses)
        if tier in MEDIATED:
            step.moves[self.suit, 0] += bypasses
        else:
            self.climb(step, tier, bypasses)
        heard = 1.0 - refuses - bypasses
        success = heard * float(spec.success.value)
        step.ends[tier, End.DECIDED if tier == Tier.DECISION else End.SETTLED] += success
        drops = (heard - success) * float(spec.dropout.value)
        lumps = float(self.place.going.dropout_lumps.value)
        step.ends[tier, End.LUMPED] += drops * lumps
        step.ends[tier, End.WITHDRAWN] += drops * (1.0 - lumps)
        rest = heard - success - drops
        if used + 1 < int(spec.attempts.value):
            step.moves[tier, used + 1] += rest
        else:
            self.climb(step, tier, rest)
        return step

    def trial(self) -> Step:
        going, step = self.place.going, Step()
        step.ends[Tier.TRIAL, End.SETTLED] = float(going.trial_settles.value)
        step.ends[Tier.TRIAL, End.WITHDRAWN] = float(going.trial_withdraws.value)
        step.ends[Tier.TRIAL, End.ADJUDICATED] = 1.0 - sum(step.ends.values())
        return step

    def shares(self, entering: dict[Tier, float], ends: list[Closing]) -> NDArray[np.float64]:
        """Share of disputes in each end, from the shares that enter at each tier."""
        states = list(self.steps)
        inner = np.array([[self.steps[s].moves[t] for t in states] for s in states])
        out = np.array([[self.steps[s].ends[e] for e in ends] for s in states])
        assert inner.sum(axis=1) + out.sum(axis=1) == pytest.approx(1.0)
        start = np.array([entering.get(t, 0.0) if used == 0 else 0.0 for t, used in states])
        return formulas.absorbed(inner, out, start)


def shares(place: Place) -> dict[Closing, float]:
    """Share of known disputes that ends at each tier in each way."""
    choice = place.detection.party_choice
    entering = {
        **{Tier.VILLAGE: float(choice.village.value), Tier.TOWNSHIP: float(choice.township.value)},
        **{Tier.POLICE: float(choice.police.value), Tier.COURT_MEDIATION: float(choice.court.value)},
    }
    if place.detection.grid_days is not None:
        entering = {Tier.HAMLET: 1.0}
    ends = [(t, e) for t in TIERS for e in End if e != End.OPEN]
    total = np.zeros(len(ends))
    for joint, decided in itertools.product((True, False), repeat=2):
        weight = (JOINT if joint else 1 - JOINT) * (TO_DECISION if decided else 1 - TO_DECISION)
        total += weight * Chain(place, joint=joint, decided=decided).shares(entering, ends)
    return dict(zip(ends, total.tolist(), strict=True))


# --- the comparison --------------------------------------------------------------------------------------------------


def read(trace: Trace, model: Model) -> dict[str, float]:
    """The shares as `sim.outcomes` reports them: counts by tier over known disputes."""
    found = {(o.metric, o.group): o.value for o in outcomes(trace, model, Draws(0, 0)) if o.by != "kind"}
    known = found["known_disputes", ""]
    ended = {name: found[name] / known for name in found if name[0].startswith("ended_")}
    return {f"{metric} {tier}": value for (metric, tier), value in ended.items()}


def check(volume: Volume, *, grid: bool = False, **village: Any) -> None:
    engine, times = volume
    exact = shares(place_of(times, grid=grid))
    assert sum(exact.values()) == pytest.approx(1.0)
    found = observe(build(place_of(times, grid=grid, **village)), read, engine)
    assert sum(found.values()) == pytest.approx(
        np.ones(REPLICATIONS), abs=0.005
    )  # some are under way at an edge
    comparisons = []
    for (tier, end), share in exact.items():
        name = f"ended_{end.name.lower()} {tier.name.lower()}"
        if share == 0.0:
            assert not found[name].any(), f"{name}: {found[name].mean()}"
            continue
        points = 0.02 / math.sqrt(times)  # every share is known to two percentage points, or half a point
        comparisons.append(Comparison(name, found[name], share, points / share))
    assert len(comparisons) > 10
    agree(comparisons)


@pytest.mark.parametrize("volume", VOLUMES)
def test_shares_of_ends_by_tier(volume: Volume) -> None:
    check(volume)


@pytest.mark.slow
def test_shares_of_what_the_grid_finds() -> None:
    check(("compiled", 16), grid=True)


@pytest.mark.slow
def test_one_attempt_more_is_noticed() -> None:
    caught(lambda: check(SMALL, attempts=3), "ended_settled village")


@pytest.mark.slow
def test_another_success_is_noticed() -> None:
    caught(lambda: check(("compiled", 16), success=0.37), "ended_settled village")
