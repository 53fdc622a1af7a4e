"""Deliberation councils, which come before a dispute, and follow-up visits, which come after it."""

from __future__ import annotations

import math

import pytest

from sim.model import build
from sim.scenario.policy import Measure
from sim.vocabulary import Kind
from tests.mechanisms.expect import confirm, confirm_hours_taken, default, log_ratio
from tests.mechanisms.paired import Pair, pair
from tests.places import plain_place

COMMON = ("land", "housing", "neighbour")
BREACH, BREACH_DAYS, VISIT_AFTER, REPAIRS, VISIT_HOURS = 0.9, 60.0, 20.0, 0.5, 1.5


def test_a_council_prevents_so_many_disputes_about_common_matters() -> None:
    """Topics that would be disputes, per thousand persons and year, are so many grievances less."""
    name = "deliberation_councils"
    thousands, rate = 400, 20.0
    place = plain_place(
        {"village": {}},
        {"village": 1.0},
        population={"persons": 1000 * thousands},
        incidence={"latent_rate": rate},
    )
    found = pair(place, [Measure(mechanism=name)])
    prevented = default(name, "topics") * default(name, "would_be_disputes")
    confirm(found.change("latent_disputes"), -prevented * thousands)
    left = math.log(1 - prevented / (rate * 3 / 8))  # three kinds of eight
    for kind in (k.name.lower() for k in Kind):
        if kind in COMMON:
            confirm(log_ratio(found, "known_disputes", kind), left)
        else:
            assert not found.change("known_disputes", kind).any()


def test_councils_take_hours_of_mediators_in_villages() -> None:
    confirm_hours_taken(
        "deliberation_councils", {"village_mediators": default("deliberation_councils", "meeting_hours")}
    )


@pytest.fixture(scope="module")
def visited() -> Pair:
    """Agreements of which most are broken, none of them visited before."""
    place = plain_place(
        {"village": {}},
        {"village": 1.0},
        window={"warm_up": 360},
        agreement={
            **{"breach": BREACH, "breach_days": BREACH_DAYS, "returns": 0.0},
            **{"follow_up_days": VISIT_AFTER, "follow_up_hours": VISIT_HOURS, "follow_up_repairs": REPAIRS},
        },
    )
    return pair(place, [Measure(mechanism="follow_up_visits")], replications=16)


def test_visits_repair_breaches_that_would_come_after_them(visited: Pair) -> None:
    later = math.exp(-VISIT_AFTER / BREACH_DAYS)
    repaired = default("follow_up_visits", "share") * REPAIRS * later
    confirm(log_ratio(visited, "breaches"), math.log(1 - repaired))


def test_visits_take_hours_of_mediators_in_villages(visited: Pair) -> None:
    """Visits to agreements that are not broken by then."""
    broken = BREACH * (1 - math.exp(-VISIT_AFTER / BREACH_DAYS))
    visits = default("follow_up_visits", "share") * (1 - broken)
    hours = visited.change("staff_hours", "village_mediators")
    confirm(hours / visited.before["ended_settled", "village"], visits * VISIT_HOURS)
    assert visited.t("utilisation", "village_mediators") > 4.5


@pytest.mark.parametrize("made", [0.1, 0.95])
def test_no_visit_is_dropped_where_more_are_made_already(made: float) -> None:
    place = plain_place({"village": {}}, {"village": 1.0}, agreement={"follow_up": made})
    after = build(place, [Measure(mechanism="follow_up_visits")]).tables
    assert after.follow_up == pytest.approx(max(made, default("follow_up_visits", "share")))
