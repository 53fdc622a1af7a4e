"""Joint mediation, the mediation room, the four-source station, the language team: what helps at the township."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.model import build
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.vocabulary import Kind, Tier
from tests.mechanisms.expect import (
    TOWNSHIPS,
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
from tests.places import plain_place

MANY = {"latent_rate": 100}


def township(departments: float = 0.0, **numbers: float) -> Place:
    """Everybody goes to the township, which has one attempt and half of what several departments would bring."""
    kinds = {k.name.lower(): {"departments": departments} for k in Kind}
    tiers = {"township": {"success": 0.5, "joint": 0.5, "session_hours": 2, **numbers}}
    return plain_place(
        tiers, {"township": 1.0}, kinds=kinds, character={"departments_on_success": -1}, incidence=MANY
    )


def test_joint_mediation_settles_what_concerns_several_departments() -> None:
    name = "township_joint_mediation"
    found = pair(township(departments=1.0), [Measure(mechanism=name)])
    hindered = -(1 - default(name, "joint"))
    expected = shifted(0.5, hindered + default(name, "success")) - shifted(0.5, -0.5)
    confirm(found.change("settled_share", "township") / 100, expected)


def test_a_mediation_room_settles_more_in_the_village() -> None:
    """It is one of the platforms of a village centre (115), not of the township."""
    name = "golden_mediation_room"
    place = plain_place({"village": {"success": 0.5}}, {"village": 1.0}, incidence=MANY)
    found = pair(place, [Measure(mechanism=name)])
    confirm(found.change("settled_share", "village") / 100, shifted(0.5, default(name, "success")) - 0.5)
    elsewhere = "settled_share", "township"
    assert not pair(township(), [Measure(mechanism=name)], replications=2).change(*elsewhere).any()


def test_a_council_of_villagers_prevents_common_disputes_alone() -> None:
    name = "villagers_council"
    place = plain_place({"village": {}}, {"village": 1.0}, incidence=MANY)
    before, after = (build(place, m).tables.keep for m in ([], [Measure(mechanism=name)]))
    common = [Kind.NEIGHBOUR, Kind.HOUSING, Kind.LAND]
    expected = np.ones(len(Kind))
    expected[common] = default(name, "arises")
    np.testing.assert_allclose(after / before, expected)
    confirm_hours_taken(name, {"village_mediators": default(name, "meeting_hours")})


def test_joint_sessions_and_the_room_take_hours() -> None:
    confirm_hours_taken(
        "township_joint_mediation",
        {
            "police": default("township_joint_mediation", "police_hours"),
            "village_mediators": default("township_joint_mediation", "village_hours"),
        },
    )
    name = "golden_mediation_room"  # so few that the utilisation of village mediators hides in rounding
    before, after = (build(working_place(), m) for m in ([], [Measure(mechanism=name)]))
    lost = worked_hours(before, "village_mediators") - worked_hours(after, "village_mediators")
    assert lost == pytest.approx(default(name, "village_hours"), abs=2 / 60)


def test_a_station_settles_more_in_shorter_sessions_and_starts_sooner() -> None:
    name = "four_source_station"
    place = township(departments=1.0, delay_days=10)
    found = pair(place, [Measure(mechanism=name)])
    hindered = -(1 - shifted(0.5, default(name, "joint")))
    expected = shifted(0.5, hindered + default(name, "success")) - shifted(0.5, -0.5)
    confirm(found.change("settled_share", "township") / 100, expected)
    confirm(log_ratio(found, "staff_hours", "township_mediators"), math.log(default(name, "session")))
    delays = [build(place, m).tables.delay_mean[Tier.TOWNSHIP * 8] for m in ([], [Measure(mechanism=name)])]
    assert delays[1] == pytest.approx(default(name, "procedure") * delays[0])


def test_a_station_takes_hours_from_where_its_officers_came() -> None:
    name = "four_source_station"
    place = working_place()
    tree = place.model_dump(mode="json")
    tree["county"]["court_mediators"] |= {"value": 3, "low": 3}
    few = type(place).model_validate(tree)
    before, after = build(few, []), build(few, [Measure(mechanism=name)])
    for staff, parameter in (("court_mediators", "court_hours"), ("departments", "department_hours")):
        lost = worked_hours(before, staff) - worked_hours(after, staff)
        assert lost.sum() == pytest.approx(default(name, parameter) * TOWNSHIPS, abs=3 / 60)
    more = (after.pools.persons - before.pools.servers)[
        before.pools.group == before.pools.groups.index("township_mediators")
    ]
    assert more.sum() == round(default(name, "more_hands") * TOWNSHIPS)
    busier = pair(few, [Measure(mechanism=name, effect=0.0)], replications=16)
    hours = worked_hours(before, "departments").sum()
    lost = default(name, "department_hours") * TOWNSHIPS
    confirm(log_ratio(busier, "utilisation", "departments"), math.log(hours / (hours - lost)))


def test_a_language_team_is_understood() -> None:
    name = "minority_language_team"
    place = township()
    tree = {"population": {"minority_language": 1.0}, "character": {"language_on_success": -2}}
    spoken = plain_place(
        {"township": {"success": 0.5, "speaks_minority_language": 0.5}},
        {"township": 1.0},
        incidence=MANY,
        **tree,
    )
    found = pair(spoken, [Measure(mechanism=name)])
    after = -2 * (1 - shifted(0.5, default(name, "speaks")))
    confirm(found.change("settled_share", "township") / 100, shifted(0.5, after) - shifted(0.5, -1))
    nobody = pair(place, [Measure(mechanism=name)], replications=4)
    assert not nobody.change("settled_share", "township").any()


def test_interpreting_takes_hours() -> None:
    confirm_hours_taken(
        "minority_language_team",
        {"township_mediators": default("minority_language_team", "interpreting_hours")},
    )


def test_villages_and_townships_of_the_working_place() -> None:
    model = build(working_place(), [])
    assert model.villages.count == VILLAGES and model.villages.townships == TOWNSHIPS
    assert np.all(np.bincount(model.villages.township) == VILLAGES // TOWNSHIPS)
    assert replace(model) == model
