"""Officers on visits, law-aware villagers, publicity, the law supermarket."""

from __future__ import annotations

import math

import pytest

from sim.model import build
from sim.scenario.load import load_place
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.vocabulary import Kind
from tests.mechanisms.expect import (
    TOWNSHIPS,
    VILLAGES,
    confirm,
    confirm_hours_taken,
    default,
    log_ratio,
    shifted,
)
from tests.mechanisms.paired import pair
from tests.places import plain_place, rich_place

MANY = {"latent_rate": 100}  # grievances, so that small effects show


def one_tier(tier: str, departments: float = 0.0, **numbers: float) -> Place:
    """Everybody goes to one tier, which has one attempt."""
    kinds = {k.name.lower(): {"departments": departments} for k in Kind}
    tiers = {tier: {"success": 0.5, "joint": 0.5, **numbers}}
    character = {"departments_on_success": -1}
    return plain_place(tiers, {tier: 1.0}, kinds=kinds, character=character, incidence=MANY)


def latent(party: float, settles: float) -> Place:
    """Grievances that a party brings forward, or that are settled between the parties, after these mean days."""
    found = {"party_days": party, "self_settlement_days": settles}
    return plain_place({"village": {}}, {"village": 1.0}, detection=found, incidence=MANY)


@pytest.mark.parametrize("tier", ["village", "township"])
@pytest.mark.parametrize("departments", [0.0, 1.0])
def test_an_officer_on_a_visit_helps_an_attempt(tier: str, departments: float) -> None:
    found = pair(one_tier(tier, departments), [Measure(mechanism="stationed_officers")])
    sorted_out = shifted(0.5, default("stationed_officers", "joint")) - 0.5  # of what departments hinder
    base = shifted(0.5, -0.5 * departments)
    after = shifted(base, default("stationed_officers", "success") + departments * sorted_out)
    confirm(found.change("settled_share", tier) / 100, after - base)


@pytest.mark.parametrize(
    ("parameter", "unit", "reported"), [("village", "villages", 1797), ("township", "townships", 161)]
)
def test_visits_a_year_follow_from_those_reported(parameter: str, unit: str, reported: int) -> None:
    """Liucheng's count of visits over the days of its window, which may have been more or fewer."""
    place = load_place("liucheng")
    entry = next(m for m in place.mechanisms if m.name == "stationed_officers")
    assert float(entry.figures[f"visits_to_{unit}"]) == reported
    w, each = place.window, reported * 365 / float(getattr(place, unit).count)
    visits = MECHANISMS["stationed_officers"].parameters()[f"{parameter}_visits"]
    ends = {"value": w.end, "low": w.end_latest, "high": w.end_earliest}
    for name, end in ends.items():
        assert float(getattr(visits, name)) == pytest.approx(each / ((end - w.start).days + 1), abs=0.06)


def test_visits_take_hours_of_judges_and_police() -> None:
    name, hours = "stationed_officers", default("stationed_officers", "hours_per_visit")
    village, township = (hours * default(name, f"{unit}_visits") for unit in ("village", "township"))
    in_township = VILLAGES / TOWNSHIPS * village + township
    judges = default(name, "judges_share") * in_township * TOWNSHIPS
    police = default(name, "police_share") * in_township
    confirm_hours_taken(name, {"judges": judges, "police": police})


def aware(arises: float) -> Measure:
    """Villagers who know the law, with this ratio of grievances."""
    q = MECHANISMS["law_aware_villagers"].parameters()["arises"]
    exactly = q.model_copy(update={"value": arises, "low": arises, "high": arises})
    return Measure(mechanism="law_aware_villagers", parameters={"arises": exactly})


def test_law_aware_villagers_prevent_grievances() -> None:
    found = pair(one_tier("village"), [aware(0.9)])
    confirm(log_ratio(found, "latent_disputes"), math.log(0.9))


def test_law_aware_villagers_may_bring_grievances_up() -> None:
    place = rich_place()
    before, after = (build(place, m).tables.keep for m in ([], [aware(1.15)]))
    assert after / before == pytest.approx(1.15) and after.max() <= 1.0


def test_law_aware_villagers_bring_parties_to_the_table() -> None:
    place = one_tier("village", refuses=0.3, success=1.0)
    found = pair(place, [Measure(mechanism="law_aware_villagers")])
    fewer = 0.3 - shifted(0.3, default("law_aware_villagers", "refuses"))
    confirm(found.change("settled_share", "village") / 100, fewer)


@pytest.mark.parametrize("name", ["law_aware_villagers", "law_publicity"])
def test_who_knows_the_law_comes_forward_or_settles_sooner(name: str) -> None:
    """Two clocks, each shortened by its own factor: the faster one wins more often."""
    forward, settling = default(name, "coming_forward"), default(name, "settling")
    found = pair(latent(30, 30), [Measure(mechanism=name)], replications=10)
    share = (1 / forward) / (1 / forward + 1 / settling)
    confirm(found.change("known_share") / 100, share - 0.5)


def test_publicity_makes_people_claim() -> None:
    """A procedure of 100 days, and parties who sue in it four times a year."""
    per_procedure = 4.0 * 100 / 365
    claiming = default("law_publicity", "claiming")
    place = plain_place(
        {"village": {"delay_days": 100, "session_hours": 0.02}, "trial": {}},
        {"village": 1.0},
        window={"warm_up": 360},
        going={"suit_rate": 4.0},
        incidence=MANY,
    )
    found = pair(place, [Measure(mechanism="law_publicity")], replications=10)
    before, after = (x / (1 + x) for x in (per_procedure, per_procedure * claiming))
    confirm(log_ratio(found, "filings"), math.log(after / before))


def test_a_law_supermarket_fewer_refuse_and_more_settle() -> None:
    name = "law_supermarket"
    found = pair(one_tier("township", refuses=0.3), [Measure(mechanism=name)])
    come = 1 - shifted(0.3, default(name, "refuses"))
    settle = shifted(0.5, default(name, "success"))
    confirm(found.change("settled_share", "township") / 100, come * settle - 0.7 * 0.5)


@pytest.mark.parametrize(
    ("name", "parameter", "of_a_township"),
    [
        ("law_aware_villagers", "training_hours", 1 / TOWNSHIPS),
        ("law_publicity", "event_hours", 1 / TOWNSHIPS),
        ("law_supermarket", "counter_hours", 1.0),
    ],
)
def test_advice_takes_hours_of_the_mediators_of_townships(
    name: str, parameter: str, of_a_township: float
) -> None:
    taken = default(name, parameter) * of_a_township
    confirm_hours_taken(name, {"township_mediators": taken})
