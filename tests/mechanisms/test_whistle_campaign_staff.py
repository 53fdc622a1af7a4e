"""The whistle, the campaign, and more or fewer staff."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest

from sim.draws import Draws
from sim.model import build
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.policy import Measure
from sim.studies.costs import cost_of
from sim.vocabulary import EventKind, Kind, Tier
from tests.mechanisms.expect import (
    TOWNSHIPS,
    VILLAGES,
    confirm,
    confirm_hours_taken,
    default,
    log_ratio,
    shifted,
    working_place,
)
from tests.mechanisms.paired import pair
from tests.places import plain_place
from tests.twin.compare import same

MANY = {"latent_rate": 100}


def county(**numbers: float) -> Place:
    """Everybody goes to the township, which settles nothing, and on to the departments."""
    return plain_place(
        {
            "township": {"success": 0.0, "session_hours": 0.02},
            "county": {"success": 0.5, "joint": 1.0, "session_hours": 0.02, **numbers},
        },
        {"township": 1.0},
        kinds={k.name.lower(): {"departments": 1.0} for k in Kind},
        incidence=MANY,
    )


@pytest.mark.parametrize("name", ["whistle", "campaign"])
def test_departments_that_must_come_settle_more(name: str) -> None:
    found = pair(county(), [Measure(mechanism=name)])
    confirm(found.change("settled_share", "county") / 100, shifted(0.5, default(name, "success")) - 0.5)


def test_a_whistle_brings_departments_within_two_hours() -> None:
    """Of 20 days of procedure and 10 until they come, half of the procedure is left, and two hours."""
    place = county(success=1.0, delay_days=20, departments_delay_days=10)
    found = pair(place, [Measure(mechanism="whistle")])
    after = 20 * default("whistle", "procedure") + default("whistle", "arrival_days")
    confirm(log_ratio(found, "time_to_settlement_mean"), math.log(after / 30))
    tables = build(place, [Measure(mechanism="whistle")]).tables
    assert tables.departments_delay_mean[[Tier.TOWNSHIP, Tier.COUNTY]] == pytest.approx(
        [0, 120]
    )  # the township had none


def test_a_village_whistles_for_the_stations_of_its_township() -> None:
    """Matters beyond the village are taken up there sooner, and settled more often."""
    kinds = {k.name.lower(): {"departments": 1.0} for k in Kind}
    place = plain_place(
        {"village": {"success": 0.5, "joint": 0.5, "departments_delay_days": 10}},
        {"village": 1.0},
        kinds=kinds,
        character={"departments_on_success": -1},
        incidence=MANY,
    )
    found = pair(place, [Measure(mechanism="whistle")])
    after = shifted(0.5, -(1 - shifted(0.5, default("whistle", "village_joint"))))
    confirm(found.change("settled_share", "village") / 100, after - shifted(0.5, -0.5))
    delays = build(place, [Measure(mechanism="whistle")]).tables.departments_delay_mean
    assert delays[Tier.VILLAGE] == pytest.approx(1440 * default("whistle", "village_arrival_days"))


def test_answering_whistles_takes_hours() -> None:
    hours = {
        "departments": default("whistle", "hours_per_year") * TOWNSHIPS,
        "township_mediators": default("whistle", "village_hours_per_year") * VILLAGES / TOWNSHIPS,
    }
    confirm_hours_taken("whistle", hours)


def test_a_campaign_is_quick_and_brings_people_for_its_month() -> None:
    place = county(success=1.0, delay_days=20)
    found = pair(place, [Measure(mechanism="campaign")])
    confirm(log_ratio(found, "time_to_settlement_mean"), math.log(default("campaign", "pace")))
    start = place.window.start + timedelta(days=60)
    dated = Measure(mechanism="campaign", start=start, stop=start + timedelta(days=30))
    model = build(working_place(), [dated])
    first = (start - model.first_day).days * 1440
    trace = same(model, Draws(1, 0))
    changes = trace.rows[trace.column("event") == EventKind.CAPACITY]
    # A fifth of their time is left for disputes: of 3 people one server, of 19 more three whole days of work.
    assert changes[:, [0, 8]].tolist() == [[first, 1 + 3], [first + 30 * 1440, 1]]
    assert cost_of(model).person_years == {"departments": pytest.approx(19 * 30 / 365)}


def test_the_people_of_a_campaign_share_the_work() -> None:
    found = pair(working_place(), [Measure(mechanism="campaign", effect=0.0)], replications=16)
    confirm(
        log_ratio(found, "utilisation", "departments"), math.log(3 / (3 + default("campaign", "officers")))
    )


def test_more_staff_share_the_work_and_queues_are_shorter() -> None:
    place = working_place()
    found = pair(place, parse("none+more_staff:township_mediators=1", place), replications=16)
    confirm(log_ratio(found, "utilisation", "township_mediators"), math.log(2 / 3))
    assert found.t("queue_length", "township_mediators") < -5
    fewer = pair(place, parse("none+more_staff:township_mediators=-1", place), replications=16)
    confirm(log_ratio(fewer, "utilisation", "township_mediators"), math.log(2))
    assert fewer.t("queue_length", "township_mediators") > 5


def test_staff_cost_what_the_analyst_says() -> None:
    place = working_place()
    model = build(place, parse("none+more_staff:judges=2:police=1:yuan_per_person=90000", place))
    cost, years = cost_of(model), model.window_days / 365
    assert cost.person_years == {
        "judges": pytest.approx(2 * years),
        "police": pytest.approx(TOWNSHIPS * years),
    }
    assert cost.yuan == pytest.approx(90_000 * (2 + TOWNSHIPS) * years)
    more = model.pools.persons - build(place, []).pools.persons
    assert more.sum() == 2 + TOWNSHIPS and np.count_nonzero(more) == 1 + TOWNSHIPS
