"""What a place gives as observed comes out: of the expected life, and of simulations."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines import compiled
from sim.model import build
from sim.model.expected_life import ExpectedLife, Variants
from sim.model.numbers import numbers
from sim.model.observed import TURNS, observed
from sim.model.tables import KIND_NAMES
from sim.scenario.edited import edited
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.traces import ROW_COLUMNS, Trace
from sim.vocabulary import End, EventKind, Kind, Tier
from tests.places import quantity, rich_place

POLICE, COURT, FILED = 0.72, 0.45, 18.0
REPLICATIONS = 6
GIVEN = {
    "police": {"success": None, "resolves": quantity(POLICE, "share"), "refuses": 0.15},
    "court_mediation": {"success": None, "resolves": quantity(COURT, "share"), "refuses": 0.2},
}
FAMILY = {"family": {"suit": None, "filed": quantity(FILED, "per 10,000 persons per year")}}


def place_of(**sections: object) -> Place:
    """Hard for an attempt: refusals, dropout, frailty, severity, and impatience; all channels. Nobody queues."""
    return rich_place(
        tiers=GIVEN,
        kinds=FAMILY,
        incidence={"latent_rate": 60, "village_dispersion": 1e4, "festival_peak": 1},
        detection={"party_choice": {"village": 0.3, "police": 0.35}},
        agreement={"breach": 0.0},
        county={"court_mediators": 40, "judges": 40},
        window={"warm_up": 300},
        **sections,
    )


def expected(place: Place, tier: Tier) -> float:
    """Share of what a tier takes up that it settles in the expected life of a place that is solved."""
    kinds = [place.kinds[name] for name in KIND_NAMES]
    life = ExpectedLife(place, numbers(place), Variants(kinds, {}))
    found = -1.0
    for turn in range(TURNS):
        if turn:
            life.come_up_again()
        for t in life.tiers:
            if t == tier:
                found = life.resolved(t, np.ones(len(kinds)))(0.0)
            life.let_through(t, 0.0)
    assert found >= 0.0
    return found


class Counts:
    """Of the window of a run: stays taken up and settled at a tier, and suits of families."""

    def __init__(self, trace: Trace) -> None:
        late = trace.rows[trace.rows[:, 0] >= trace.warm_up]
        self.columns = {name: late[:, i].astype(int) for i, name in enumerate(ROW_COLUMNS)}
        self.kind = trace.dispute_column("kind")

    def disputes(self, tier: Tier, *events: EventKind) -> np.ndarray:
        """Disputes with one of these events at a tier, each once."""
        c = self.columns
        chosen = (c["tier"] == tier) & np.isin(c["event"], events) & (c["job"] <= 0)
        return np.unique(c["dispute"][chosen])

    def settled(self, tier: Tier) -> np.ndarray:
        c = self.columns
        ends = (c["event"] == EventKind.END) & (c["detail"] == End.SETTLED) & (c["tier"] == tier)
        return np.unique(c["dispute"][ends])

    def share(self, tier: Tier) -> tuple[int, int]:
        taken = self.disputes(tier, EventKind.ENTER, EventKind.AWAY)
        return len(np.intersect1d(self.settled(tier), taken)), len(taken)

    def filings(self, kind: Kind) -> int:
        who = self.columns["dispute"][self.columns["event"] == EventKind.FILED]
        return int((self.kind[who] == kind).sum())


@cache
def simulated() -> tuple[dict[Tier, tuple[int, int]], int, float]:
    """Settled and taken up by tier, family suits, and person-years (in 10,000) of some replications."""
    model = build(place_of(), [])
    runs = [Counts(compiled.simulate(model, Draws(3, r))) for r in range(REPLICATIONS)]
    shares = {}
    for tier in (Tier.POLICE, Tier.COURT_MEDIATION):
        pairs = [run.share(tier) for run in runs]
        shares[tier] = (sum(a for a, _ in pairs), sum(b for _, b in pairs))
    persons = float(model.place.population.persons.value) / 10_000
    filed = sum(run.filings(Kind.FAMILY) for run in runs)
    return shares, filed, REPLICATIONS * persons * model.window_days / 365


@pytest.mark.parametrize(("tier", "share"), [(Tier.POLICE, POLICE), (Tier.COURT_MEDIATION, COURT)])
def test_a_tier_resolves_the_share_that_is_observed(tier: Tier, share: float) -> None:
    """Within Monte Carlo error, and 0.02 for what the expected life leaves out: queues, returns, eruptions."""
    assert expected(observed(place_of()), tier) == pytest.approx(share, abs=5e-3)
    settled, taken = simulated()[0][tier]
    error = np.sqrt(share * (1 - share) / taken)
    assert abs(settled / taken - share) < 3 * error + 0.02
    assert 3 * error < 0.05


def test_as_many_families_sue_as_are_observed() -> None:
    _, filed, person_years = simulated()
    assert abs(filed / person_years / FILED - 1) < 3 / np.sqrt(filed) + 0.05
    assert 3 / np.sqrt(filed) < 0.1


def test_what_cannot_be_solved_for_comes_as_near_as_it_can() -> None:
    """Half of those who come to the police refuse a second visit or leave: nine in ten cannot be settled."""
    given = {"resolves": quantity(0.95, "share"), "success": None, "dropout": 0.5, "patience_days": 2}
    place = rich_place(tiers={"police": given | {"delay_days": 2}})
    solved = observed(place)
    assert float(solved.tiers.police.success.value) > 0.999
    assert expected(solved, Tier.POLICE) < 0.8


def test_a_place_that_gives_attempts_is_left_alone() -> None:
    place = rich_place()
    assert observed(place) is place


def test_success_that_is_given_holds_over_what_is_observed() -> None:
    place = rich_place(tiers={"police": {"resolves": quantity(0.9, "share")}})
    assert observed(place) is place


def test_mechanisms_still_change_what_is_solved_for() -> None:
    """The share that is observed is that of the place without them."""
    place = rich_place(tiers={"court_mediation": GIVEN["court_mediation"]})
    court = Measure(mechanism="circuit_court")
    solved = observed(place)
    moved = edited(solved, [court]).tiers.court_mediation.success
    before, after = (float(q.value) for q in (solved.tiers.court_mediation.success, moved))
    own = float(court.built().success)  # type: ignore[attr-defined]
    assert np.log(after / (1 - after)) - np.log(before / (1 - before)) == pytest.approx(own)
    tables = [build(place, m).tables.success_logit.reshape(8, 8)[Tier.COURT_MEDIATION] for m in ([], [court])]
    np.testing.assert_allclose(tables[1] - tables[0], own)
