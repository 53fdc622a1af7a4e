"""Judges on the road, the circuit court, confirmation by the court."""

from __future__ import annotations

import math

from sim.model import build
from sim.scenario.policy import Measure
from sim.vocabulary import Tier
from tests.mechanisms.expect import (
    TOWNSHIPS,
    confirm,
    confirm_hours_taken,
    default,
    log_ratio,
    shifted,
)
from tests.mechanisms.paired import pair
from tests.places import plain_place

MANY = {"latent_rate": 100}
LIAISON = [Measure(mechanism="judge_liaison")]


def test_fewer_sue_while_a_mediation_goes_on() -> None:
    per_procedure = 4.0 * 100 / 365  # a procedure of 100 days, and parties who sue in it four times a year
    place = plain_place(
        {"village": {"delay_days": 100, "session_hours": 0.02}, "trial": {}},
        {"village": 1.0},
        window={"warm_up": 360},
        going={"suit_rate": 4.0},
        incidence=MANY,
    )
    before, after = (x / (1 + x) for x in (per_procedure, per_procedure * default("judge_liaison", "suits")))
    confirm(log_ratio(pair(place, LIAISON), "filings"), math.log(after / before))


def test_fewer_go_to_court_when_mediation_is_exhausted() -> None:
    place = plain_place(
        {"village": {"success": 0.0}, "trial": {}}, {"village": 1.0}, going={"sues": 0.4}, incidence=MANY
    )
    after = shifted(0.4, default("judge_liaison", "sues"))
    confirm(log_ratio(pair(place, LIAISON), "filings"), math.log(after / 0.4))


def test_fewer_skip_mediation() -> None:
    place = plain_place({"village": {"bypasses": 0.3}, "trial": {}}, {"village": 1.0}, incidence=MANY)
    after = shifted(0.3, default("judge_liaison", "bypasses"))
    confirm(log_ratio(pair(place, LIAISON), "filings"), math.log(after / 0.3))


def test_a_judge_at_the_table_settles_more() -> None:
    place = plain_place({"township": {"success": 0.5}}, {"township": 1.0}, incidence=MANY)
    expected = shifted(0.5, default("judge_liaison", "success")) - 0.5
    confirm(pair(place, LIAISON).change("settled_share", "township") / 100, expected)


def test_a_judge_on_the_road_is_not_on_the_bench() -> None:
    hours = 12 * default("judge_liaison", "days_a_month") * default("judge_liaison", "hours_a_day")
    confirm_hours_taken("judge_liaison", {"judges": hours * TOWNSHIPS})


def test_a_court_in_the_village_mediates_better_and_hears_sooner() -> None:
    name = "circuit_court"
    place = plain_place({"court_mediation": {"success": 0.5}}, {"court": 1.0}, incidence=MANY)
    found = pair(place, [Measure(mechanism=name)])
    confirm(
        found.change("settled_share", "court_mediation") / 100, shifted(0.5, default(name, "success")) - 0.5
    )
    tried = plain_place({"trial": {"delay_days": 20, "session_hours": 0.02}}, {"court": 1.0}, incidence=MANY)
    sooner = pair(tried, [Measure(mechanism=name)])
    confirm(log_ratio(sooner, "time_to_settlement_mean"), math.log(default(name, "procedure")))


def test_travel_takes_hours_of_judges() -> None:
    confirm_hours_taken("circuit_court", {"judges": default("circuit_court", "travel_hours") * TOWNSHIPS})


def test_a_drive_for_confirmation_confirms_and_keeps_the_judges_busy() -> None:
    name = "confirmation_drive"
    place = plain_place(
        {"village": {}, "trial": {}},
        {"village": 1.0},
        agreement={"confirmed": 0.02, "confirmation_hours": 1},
        incidence=MANY,
    )
    found = pair(place, [Measure(mechanism=name)], replications=40)
    # Judges have nothing else to do here, so that their hours are those of confirmations.
    hours = found.after["staff_hours", "judges"] / found.before["staff_hours", "judges"].mean()
    confirm(hours, default(name, "confirmed") / 0.02, null=1.0)
    tables = [build(place, m).tables.confirmed for m in ([], [Measure(mechanism=name)])]
    assert tables == [0.02, default(name, "confirmed")]
    assert build(place, []).tables.station.reshape(-1, 8)[0, Tier.TRIAL] >= 0
