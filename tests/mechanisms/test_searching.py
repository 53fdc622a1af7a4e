"""Law stations, screening and household visits: rounds that find disputes. And the grid, which notices them."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from sim.draws import Draws
from sim.engines import compiled
from sim.model import build
from sim.scenario.edited import edited
from sim.scenario.load import load_place
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.mechanisms.searching import searching
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from tests.mechanisms.expect import (
    TOWNSHIPS,
    VILLAGES,
    confirm,
    confirm_hours_taken,
    default,
)
from tests.mechanisms.paired import pair, values
from tests.places import LONGEST, plain_place, rich_place


@pytest.mark.parametrize(
    ("name", "x"), [("every", 0.0), ("irregularity", 1.1), ("detects", -0.1), ("detects", math.nan)]
)
def test_a_search_with_numbers_that_no_file_may_have_is_refused(name: str, x: float) -> None:
    numbers = {"every": 7.0, "irregularity": 0.5, "detects": 0.1}
    assert searching("screening", **numbers, enters="village").detects.value == 0.1
    with pytest.raises(ValidationError):
        searching("screening", **{**numbers, name: x}, enters="village")


PARTY, SETTLES = 200.0, 60.0  # mean days until a party comes, or until it is settled between them
HOUSEHOLDS = 100_000 / VILLAGES / 3.86  # in a village


def latent(**sections: object) -> Place:
    """Grievances that stay unknown for long, in villages with one tier."""
    detection = {"party_days": PARTY, "self_settlement_days": SETTLES}
    return plain_place(
        {"village": {}},
        {"village": 1.0},
        window={"warm_up": 360},
        detection=detection,
        incidence={"latent_rate": 100},
        **sections,
    )


def found_share(every: float, detects: float, others: float) -> float:
    """Share found by rounds `every` so many days, when `others` end a grievance at this rate per day.

    The first round comes after a time that is even between 0 and `every`. For small numbers this is the share of the
    hazard -ln(1 - detects) / every in all of them.
    """
    lives = math.exp(-others * every)
    first = (1 - lives) / (others * every)
    share = detects * first / (1 - (1 - detects) * lives)
    hazard = -math.log(1 - detects) / every
    assert share == pytest.approx(hazard / (hazard + others), rel=0.02)
    return share


def chance(name: str) -> float:
    """The chance that a round finds a given grievance."""
    if name != "household_visits":
        return default(name, "detects")
    return 2 * default(name, "households") / HOUSEHOLDS * default(name, "tells")


@pytest.mark.parametrize("name", ["law_stations", "screening", "household_visits"])
def test_a_round_finds_at_the_hazard_of_its_chance(name: str) -> None:
    others = 1 / PARTY + 1 / SETTLES + 1 / LONGEST
    share = found_share(default(name, "every"), chance(name), others)
    by_party = 1 / PARTY / others
    found = pair(latent(), [Measure(mechanism=name)], replications=16)
    assert found.before["found_by_rounds", ""].sum() == 0
    ended = found.after["known_disputes", ""] / found.after["known_share", ""] * 100
    confirm(found.after["found_by_rounds", ""] / ended, share)
    confirm(found.change("known_share") / 100, share * (1 - by_party))


@pytest.mark.parametrize(
    ("name", "staff", "taken"),
    [
        ("law_stations", "village_mediators", 24.0),
        ("screening", "village_mediators", 52.0),
        ("household_visits", "township_mediators", 10 * 0.25 * 365 / 30.4 * VILLAGES / TOWNSHIPS),
    ],
)
def test_rounds_take_hours(name: str, staff: str, taken: float) -> None:
    confirm_hours_taken(name, {staff: taken})


@pytest.mark.parametrize(("name", "replications"), [("daliu", 20), ("liucheng", 2)])
def test_a_household_visit_yields_leads_as_others_report_them(name: str, replications: int) -> None:
    """Between 0.002 (Fengcheng) and 0.12 leads a visit, where nobody else looks for disputes."""
    place = load_place(name)
    place = place.model_copy(update={"detection": place.detection.model_copy(update={"rounds": {}})})
    days = (place.window.end - place.window.start).days + 1
    rounds = days / default("household_visits", "every") * float(place.villages.count)
    found = values(build(place, [Measure(mechanism="household_visits")]), replications)
    leads = found["found_by_rounds", ""].mean() / (rounds * default("household_visits", "households"))
    assert 0.002 < leads < 0.12


GRID = [Measure(mechanism="grid")]


def grid_of(households: float) -> list[Measure]:
    """A grid with a head for so many households."""
    number = MECHANISMS["grid"].parameters()["households_per_head"]
    update = {"value": households, "low": min(households, 20), "high": max(households, 30)}
    return [Measure(mechanism="grid", parameters={"households_per_head": number.model_copy(update=update)})]


def test_a_grid_notices_at_its_own_hazard_and_handles_at_the_doorstep() -> None:
    others = 1 / PARTY + 1 / SETTLES + 1 / LONGEST
    notices = 1 / default("grid", "notices_days")
    share = notices / (notices + others)
    found = pair(latent(villages={"grid_heads": 0}), GRID, replications=16)
    assert found.before["entered", "hamlet"].sum() == 0
    ended = found.after["known_disputes", ""] / found.after["known_share", ""] * 100
    confirm(found.after["entered", "hamlet"] / ended, share)
    confirm(found.change("known_share") / 100, share * (1 - 1 / PARTY / others))
    assert found.after["ended_settled", "hamlet"].min() > 0


def test_heads_of_more_households_notice_later() -> None:
    """Four times the households, a quarter of the hazard and of the heads."""
    others = 1 / PARTY + 1 / SETTLES + 1 / LONGEST
    usual, fewer = (1 / (k * default("grid", "notices_days")) for k in (1, 4))
    place = latent(villages={"grid_heads": 0})
    heads = [
        build(place, m).pools.persons.sum() - build(place, []).pools.servers.sum()
        for m in (GRID, grid_of(100))
    ]
    assert heads == [VILLAGES * round(HOUSEHOLDS / 25), VILLAGES * round(HOUSEHOLDS / 100)]
    found = values(build(place, grid_of(100)), 16)
    ended = found["known_disputes", ""] / found["known_share", ""] * 100
    share, as_usual = (x / (x + others) for x in (fewer, usual))
    confirm(found["entered", "hamlet"] / ended, share, as_usual)


def test_heads_who_are_there_already_notice_as_everywhere() -> None:
    place = edited(rich_place(detection={"grid_days": None}), grid_of(100))
    assert float(place.detection.grid_days) == default("grid", "notices_days")


def test_a_grid_pays_with_heads_and_their_hours() -> None:
    """One head for 25 households where there are none; sessions at the doorstep are theirs."""
    place = latent(villages={"grid_heads": 0})
    before, after = build(place, []), build(place, GRID)
    heads = before.pools.group == before.pools.groups.index("grid_heads")
    more = after.pools.persons - before.pools.servers
    assert (more[heads] == round(HOUSEHOLDS / 25)).all() and not more[~heads].any()
    found = pair(place, GRID, replications=16)
    assert found.before["staff_hours", "grid_heads"].sum() == 0
    # Of those who come, one in ten refuses; the others have 1.2 sessions of an hour.
    hours = found.after["staff_hours", "grid_heads"] / found.after["entered", "hamlet"]
    confirm(hours, 0.9 * 1.2)


def test_heads_who_are_there_already_get_work_but_no_colleagues() -> None:
    place = rich_place(detection={"grid_days": None})
    before, after = build(place, []), build(place, GRID)
    assert (after.pools.persons == before.pools.servers).all()
    found = pair(place, GRID)
    assert found.before["utilisation", "grid_heads"].max() == 0
    assert found.after["utilisation", "grid_heads"].min() > 1


def test_a_grid_changes_nothing_where_there_is_one() -> None:
    place, draws = rich_place(), Draws(1, 0)
    with_it, without = (compiled.simulate(build(place, m), draws).digest() for m in (GRID, []))
    assert with_it == without
