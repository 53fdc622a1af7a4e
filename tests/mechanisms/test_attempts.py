"""The rule of three, two and one attempts, and case meetings."""

from __future__ import annotations

import math

import pytest

from sim.model import build
from sim.model.tables import DEADLINE_RAISE, DEADLINE_RECORD
from sim.scenario.policy import Measure
from sim.vocabulary import Kind, Tier
from tests.mechanisms.expect import confirm, confirm_hours_taken, default, log_ratio, shifted
from tests.mechanisms.paired import Pair, pair
from tests.places import deadline, plain_place, rich_place

P, Q = 0.4, 0.6  # an attempt succeeds, or fails
RULE = [Measure(mechanism="rule_321")]
MEETINGS = [Measure(mechanism="case_meetings")]


@pytest.fixture(scope="module")
def three_two_one() -> Pair:
    """Two attempts in the village, three in the township and the county, before the rule."""
    attempts = {"village": 2, "township": 3, "county": 3}
    tiers = {name: {"attempts": n, "success": P} for name, n in attempts.items()}
    return pair(plain_place(tiers, {"village": 1.0}), RULE, replications=16)


def test_the_third_attempt_in_the_village_settles_more(three_two_one: Pair) -> None:
    before, after = 1 - Q**2, 1 - Q**3
    x = three_two_one.change("settled_share", "village") / 100
    confirm(x, after - before)


def test_the_county_is_a_step_for_every_dispute_with_one_attempt(three_two_one: Pair) -> None:
    found = three_two_one
    assert found.before["joint_matters", ""].sum() == 0  # nothing concerns several departments here
    closings = found.after["known_disputes", ""]
    confirm(found.after["joint_matters", ""] / closings, Q**3 * Q**2)
    confirm(found.after["settled_share", "county"] / 100, Q**3 * Q**2 * P)


def test_further_attempts_take_hours_of_the_village_and_spare_the_township(three_two_one: Pair) -> None:
    village = (1 + Q + Q**2) / (1 + Q)
    township = Q**3 * (1 + Q) / (Q**2 * (1 + Q + Q**2))
    found = three_two_one
    confirm(log_ratio(found, "staff_hours", "village_mediators"), math.log(village))
    confirm(log_ratio(found, "staff_hours", "township_mediators"), math.log(township))
    assert found.before["staff_hours", "departments"].sum() == 0
    assert found.after["staff_hours", "departments"].min() > 0


@pytest.mark.parametrize("tier", ["township", "county"])
def test_a_case_meeting_makes_attempts_succeed(tier: str) -> None:
    """Every dispute begins in the township; for the county, the township settles nothing."""
    tiers = {"county": {"success": 0.5, "joint": 1.0}} | {"township": {"success": 0.5}}
    if tier == "county":
        tiers["township"] = {"success": 0.0, "joint": 1.0}
    kinds = {k.name.lower(): {"departments": 1.0} for k in Kind}
    found = pair(plain_place(tiers, {"township": 1.0}, kinds=kinds), MEETINGS, replications=16)
    if tier == "township":
        x = found.change("settled_share", tier) / 100
    else:
        x = found.change("ended_settled", tier) / found.before["passed_up", "township>county"]
    confirm(x, shifted(0.5, default("case_meetings", "success")) - 0.5)


def test_a_case_meeting_shortens_gaps_and_rests() -> None:
    gap, rest = 10.0, 6.0
    tier = {"session_hours": 1, "sessions": 2.0, "gap_days": gap, "attempts": 2, "rest_days": rest}
    place = plain_place({"township": tier | {"success": 1.0}}, {"township": 1.0}, window={"warm_up": 180})
    found = pair(place, MEETINGS, replications=16)
    shorter = 1 - default("case_meetings", "pace")
    confirm(found.change("time_to_settlement_mean"), -shorter * gap)  # one gap on average, no rest
    before, after = build(place, []).tables, build(place, MEETINGS).tables
    assert after.rest_mean[Tier.TOWNSHIP] == pytest.approx(before.rest_mean[Tier.TOWNSHIP] * (1 - shorter))


def test_a_deadline_counts_once_somebody_is_answerable() -> None:
    limit = {"deadline": deadline(10, "record")}
    place = rich_place(tiers={"village": limit, "township": limit})
    for tier in (Tier.VILLAGE, Tier.TOWNSHIP):
        assert build(place, []).tables.deadline_action[tier] == DEADLINE_RECORD
        assert build(place, MEETINGS).tables.deadline_action[tier] == DEADLINE_RAISE


def test_case_meetings_take_hours_of_mediators_and_departments() -> None:
    hours = {"township_mediators": "township_hours", "departments": "county_hours"}
    confirm_hours_taken("case_meetings", {s: default("case_meetings", p) for s, p in hours.items()})
