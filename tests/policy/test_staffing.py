"""What mechanisms use: hours are missing where they are taken, persons come and go on their dates."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from sim.draws import Draws
from sim.model import Model, build
from sim.scenario.errors import ScenarioError
from sim.scenario.mechanisms.effects import Hours, Persons, Yuan
from sim.scenario.policy import Coverage, Measure
from sim.studies.costs import cost_of
from tests.places import rich_place
from tests.policy.changes import measure
from tests.twin.compare import same

PLACE = rich_place(villages={"count": 12}, townships={"count": 3}, county={"judges": 4})


def minutes(measures: list[Measure], staff: str) -> np.ndarray:
    """Working minutes of one person over the whole run, by pool of the group."""
    model = build(PLACE, measures)
    m, pools = model.tables, model.pools
    group = pools.groups.index(staff)
    ends = m.cal_worked.reshape(-1, m.days + 1)[:, -1]
    return np.asarray(ends[m.pool_calendar[pools.group == group]])


def judges(model: Model) -> int:
    """Servers that the judges are."""
    return int(model.pools.servers[model.pools.group == model.pools.groups.index("judges")][0])


@pytest.mark.parametrize(("per", "number"), [("village", 12), ("township", 3), ("county", 1)])
def test_hours_are_missing_where_they_are_taken(
    monkeypatch: pytest.MonkeyPatch, per: str, number: int
) -> None:
    made = measure(monkeypatch, "road", uses=[Hours("judges", 60.0, per, "on the road")])  # type: ignore[arg-type]
    before, after = minutes([], "judges"), minutes([made], "judges")
    days = build(PLACE, []).tables.days
    servers = judges(build(PLACE, []))
    taken = 60.0 * number * days / 365 * 60 / servers  # minutes of each
    assert before - after == pytest.approx([taken], abs=1)
    assert (minutes([made], "police") == minutes([], "police")).all()


def test_hours_of_a_village_come_from_those_who_serve_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = measure(
        monkeypatch,
        "visits",
        uses=[Hours("township_mediators", 30.0, "village", "visits")],
        coverage=Coverage(townships=[2]),
    )
    less = minutes([], "township_mediators") - minutes([made], "township_mediators")
    assert less[1] > 0 and less[0] == less[2] == 0


def test_strength_scales_hours_and_a_date_bounds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    use = [Hours("judges", 240.0, "county", "on the road")]
    whole = measure(monkeypatch, "whole", uses=use)
    half = whole.model_copy(update={"strength": 0.5})
    start = PLACE.window.start + timedelta(days=30)
    late = whole.model_copy(update={"start": start})
    base = minutes([], "judges")[0]
    taken = [base - minutes([m], "judges")[0] for m in (whole, half, late)]
    assert taken[1] == pytest.approx(taken[0] / 2, abs=1)
    model = build(PLACE, [late])
    share = 1 - (start - model.first_day).days / model.tables.days
    assert taken[2] == pytest.approx(taken[0] * share, rel=0.05)  # holidays are not spread evenly


def test_more_hours_than_there_are_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    made = measure(monkeypatch, "greedy", uses=[Hours("judges", 1e6, "county", "everything")])
    with pytest.raises(ScenarioError, match="more hours of judges"):
        build(PLACE, [made])


def test_persons_are_spread_over_units(monkeypatch: pytest.MonkeyPatch) -> None:
    made = measure(monkeypatch, "hired", uses=[Persons("township_mediators", 4 / 3, "township", "hired")])
    before, after = build(PLACE, []), build(PLACE, [made])
    group = before.pools.group == before.pools.groups.index("township_mediators")
    more = (after.pools.persons - before.pools.persons)[group]
    assert more.sum() == 4 and more.min() == 1


def test_persons_who_come_on_a_date_come_then(monkeypatch: pytest.MonkeyPatch) -> None:
    start = PLACE.window.start + timedelta(days=10)
    stop = start + timedelta(days=20)
    made = measure(
        monkeypatch, "surge", uses=[Persons("departments", 2, "county", "surge")], start=start, stop=stop
    )
    model = build(PLACE, [made])
    begin = (start - model.first_day).days
    pool = int(np.flatnonzero(model.pools.group == model.pools.groups.index("departments"))[0])
    hours = np.array([capacity(m, pool) for m in (build(PLACE, []), model)])
    before, after = hours[:, :begin].sum(axis=1), hours[:, begin + 20 :].sum(axis=1)
    assert before[0] == pytest.approx(before[1], abs=1) and after[0] == pytest.approx(after[1], abs=1)
    assert hours[1, begin : begin + 20].sum() == pytest.approx(
        hours[0, begin : begin + 20].sum() * (1 + 2 / int(model.pools.persons[pool])), rel=0.01
    )


def capacity(model: Model, pool: int) -> np.ndarray:
    """Minutes of all servers of a pool on each day."""
    m = model.tables
    worked = np.diff(m.cal_worked.reshape(-1, m.days + 1)[m.pool_calendar[pool]])
    servers = np.full(m.days, int(m.pool_servers[pool]))
    for minute, which, number in zip(
        m.capacity_minute.tolist(), m.capacity_pool.tolist(), m.capacity_servers.tolist(), strict=True
    ):
        if which == pool:
            servers[minute // 1440 :] = number
    return np.asarray(worked * servers)


def test_the_last_person_cannot_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    made = measure(monkeypatch, "cut", uses=[Persons("judges", -4, "county", "cut")])
    with pytest.raises(ScenarioError, match="nobody is left of judges"):
        build(PLACE, [made])


def test_the_cost_of_a_policy_in_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    uses = [
        Hours("judges", 100.0, "township", "on the road"),
        Persons("police", 1.0, "township", "hired"),
        Yuan(1000.0, "village", "fund"),
    ]
    made = measure(monkeypatch, "priced", uses=uses, coverage=Coverage(share=0.5), strength=0.5)
    model = build(PLACE, [made])
    cost, share = cost_of(model), model.window_days / 365
    assert cost.hours == {"judges": pytest.approx(100 * 3 * 0.5 * 0.5 * share, rel=0.2)}
    assert cost.yuan == pytest.approx(1000 * 6 * 0.5 * share)
    assert cost.person_years["police"] == pytest.approx(3 * 0.5 * 0.5 * share, rel=0.2)
    assert cost.by_mechanism["priced"][1] == cost.yuan


def test_who_is_covered() -> None:
    def covered(**coverage: object) -> np.ndarray:
        entry = Measure(mechanism="whistle", coverage=Coverage(**coverage))  # type: ignore[arg-type]
        return build(PLACE, [entry]).plan.measures[0].villages

    assert covered(share=0.25).sum() == 3 and covered(share=0.5).sum() == 6
    assert not (covered(share=0.25) & ~covered(share=0.5)).any()
    assert np.flatnonzero(covered(villages=[2, 7])).tolist() == [1, 6]
    assert covered(townships=[2]).sum() == 4
    largest = covered(share=0.25, chosen="largest")
    persons = build(PLACE, []).villages.persons
    assert persons[largest].min() >= persons[~largest].max()
    with pytest.raises(ScenarioError, match="no number 13"):
        covered(villages=[13])


def test_a_tier_that_a_mechanism_brings_is_there_where_it_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = rich_place(
        villages={"count": 12, "grid_heads": 0},
        townships={"count": 3},
        tiers={"hamlet": None},
        detection={"grid_days": None},
    )
    half = Measure(mechanism="grid", coverage=Coverage(share=0.5), start=bare.window.start)
    model = build(bare, [half])
    covered = model.plan.measures[0].villages
    station = model.tables.station.reshape(-1, 8)[:, 0]
    assert (station[covered] >= 0).all() and (station[~covered] == -1).all()
    trace = same(model, Draws(4, 0))
    at_hamlet = trace.rows[trace.column("tier") == 0]
    village = trace.dispute_column("village")[at_hamlet[:, 2]]
    assert len(village) > 5 and covered[village].all()
    assert at_hamlet[:, 0].min() >= model.tables.warm_up


def test_where_petitions_are_received_follows_the_mechanism() -> None:
    station = Measure(mechanism="four_source_station", coverage=Coverage(townships=[1]))
    before, after = (build(PLACE, m).tables.desk.reshape(-1, 6)[:, 1] for m in ([], [station]))
    moved = before != after
    assert moved.tolist() == build(PLACE, [station]).plan.measures[0].villages.tolist()
