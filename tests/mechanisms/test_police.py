"""Police in the village, committees and patrols, rapid response: what finds disputes, and what stops fights."""

from __future__ import annotations

import math

import pytest

from sim.model import build
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.quantity import Quantity
from sim.studies.costs import cost_of
from tests.mechanisms.expect import (
    VILLAGES,
    confirm,
    confirm_hours_taken,
    default,
    log_ratio,
    shifted,
    worked_hours,
    working_place,
)
from tests.mechanisms.paired import pair
from tests.mechanisms.test_searching import PARTY, SETTLES, found_share, latent
from tests.places import LONGEST, plain_place

OTHERS = 1 / PARTY + 1 / SETTLES + 1 / LONGEST


def blind(name: str, **values: float) -> Measure:
    """The mechanism without its search, so that only what it does about fights is left, with some values changed."""
    every = MECHANISMS[name].parameters()
    values = ({"detects": 0.0} if "detects" in every else {}) | values
    return Measure(mechanism=name, parameters={n: exactly(every[n], x) for n, x in values.items()})


def exactly(q: Quantity, x: float) -> Quantity:
    """The quantity at this value."""
    return q.model_copy(update={"value": x, "low": x, "high": x})


def violent(rate: float = 1.0, **eruption: float) -> Place:
    """Grievances that nobody finds; some erupt before they are settled between the parties."""
    return plain_place(
        {"police": {}},
        {"police": 1.0},
        window={"warm_up": 360},
        detection={"party_days": LONGEST, "self_settlement_days": SETTLES},
        eruption={"rate": rate, "interception": 0.3, "crime": 0.2, **eruption},
        incidence={"latent_rate": 200},
    )


def test_police_visits_find_at_the_hazard_of_their_chance() -> None:
    name = "one_village_one_police"
    measure = Measure(mechanism=name)
    share = found_share(default(name, "every"), default(name, "detects"), OTHERS)
    found = pair(latent(), [measure], replications=16)
    ended = found.after["known_disputes", ""] / found.after["known_share", ""] * 100
    confirm(found.after["found_by_police", ""] / ended, share)


def test_a_patrol_finds_at_the_hazard_of_its_chance() -> None:
    name = "two_committees_one_patrol"
    share = found_share(default(name, "every"), default(name, "detects"), OTHERS)
    found = pair(latent(), [Measure(mechanism=name)], replications=16)
    ended = found.after["known_disputes", ""] / found.after["known_share", ""] * 100
    confirm(found.after["found_by_rounds", ""] / ended, share)


def test_an_officer_in_the_village_calms_as_far_as_one_assumes() -> None:
    hazard, settles = 1.0 / 365, 1 / SETTLES
    before, after = (h / (h + settles) for h in (hazard, hazard * 0.7))
    found = pair(violent(), [blind("one_village_one_police", eruption=0.7)], replications=24)
    confirm(log_ratio(found, "eruptions"), math.log(after / before))


def test_community_policing_is_centred_on_no_effect_and_open_to_both_sides() -> None:
    """Blair and others 2021: six randomised trials, no fall of crime."""
    every = MECHANISMS["one_village_one_police"].parameters()
    for name, none in (("eruption", 1.0), ("interception", 0.0)):
        assert every[name].low < every[name].value == none < every[name].high
        assert every[name].source == "blair_2021"
    found = pair(violent(), [blind("one_village_one_police")], replications=2)
    for metric in ("eruptions", "fights_stopped", "crimes"):
        assert not found.change(metric).any(), metric


@pytest.mark.parametrize("name", ["one_village_one_police", "two_committees_one_patrol", "rapid_response"])
def test_fights_are_stopped(name: str) -> None:
    measure = blind(name, interception=0.7)
    found = pair(violent(), [measure], replications=24)
    after = found.after["fights_stopped", ""] / found.after["eruptions", ""]
    before = found.before["fights_stopped", ""] / found.before["eruptions", ""]
    confirm(after - before, shifted(0.3, 0.7) - 0.3)


def test_a_rapid_response_makes_fewer_crimes() -> None:
    found = pair(violent(interception=0.0), [Measure(mechanism="rapid_response")], replications=40)
    after = found.after["crimes", ""] / found.after["eruptions", ""]
    before = found.before["crimes", ""] / found.before["eruptions", ""]
    confirm(after - before, shifted(0.2, default("rapid_response", "crime")) - 0.2)


def test_a_quota_makes_files_and_nothing_else() -> None:
    name = "one_village_one_police"
    driven = {"recorded": 1.0, "failures": 0.0, "relabelled": 0.0, "invented": 0.2}
    place = plain_place(
        {"village": {"success": 0.6}},
        {"village": 1.0},
        recording={"reading": "target_driven", "target_driven": driven},
        incidence={"latent_rate": 60},
    )
    found = pair(place, [Measure(mechanism=name, effect=0.0)])
    confirm(log_ratio(found, "succeeded"), math.log((1.2 + default(name, "invented")) / 1.2))
    for metric in ("true_success_rate", "known_disputes", "filings", "days_in_conflict_per_1000"):
        assert not found.change(metric).any(), metric


def test_a_day_a_week_in_each_village_is_paid_for() -> None:
    """Jiang's quota: 52 days of 8 hours a year. The officers are sent, so that the station mediates as before."""
    idle = Measure(mechanism="one_village_one_police", effect=0.0)
    before, after = build(working_place(), []), build(working_place(), [idle])
    days = 365 / 7 * VILLAGES
    assert cost_of(after).hours["police"] == pytest.approx(8 * days * after.window_days / 365)
    assert (worked_hours(after, "police") == worked_hours(before, "police")).all()


def test_being_on_call_takes_hours_of_the_police() -> None:
    confirm_hours_taken("rapid_response", {"police": default("rapid_response", "on_call_hours")})


def test_patrols_take_hours_and_a_share_of_the_village_fund() -> None:
    name = "two_committees_one_patrol"
    confirm_hours_taken(name, {"village_mediators": default(name, "patrol_hours")})
    model = build(working_place(), [Measure(mechanism=name)])
    a_year = default(name, "fund") * default(name, "fund_share") * VILLAGES
    assert cost_of(model).yuan == pytest.approx(a_year * model.window_days / 365)
