"""Both engines where numbers differ between areas and change on dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.draws import Draws
from sim.engines import compiled, reference
from sim.model import Model, Tables, build
from sim.model.tables import FOREVER
from sim.scenario.place import Place
from sim.scenario.policy import Coverage, Measure
from sim.vocabulary import EventKind
from tests.places import rich_place
from tests.twin.compare import same
from tests.twin.made_up import places

FOREVER_RUN: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
    "database": None,
}
# What belongs to the place as a whole, and the rounds, whose number all variants share.
COMMON = {
    *("horizon", "warm_up", "days", "villages", "rounds", "number", "until", "area", "station", "desk"),
    *("cal_worked", "cal_opens", "pool_calendar", "pool_servers", "arise_cum", "kind_cum", "language"),
    *("capacity_minute", "capacity_pool", "capacity_servers"),
    *(f"round_{x}" for x in ("key", "period", "jitter", "detects", "channel", "tier")),
}
SMALL: dict[str, Any] = {
    "population": {"persons": 12_000},
    "villages": {"count": 9},
    "townships": {"count": 3},
}


def with_variants(base: Model, others: list[Place], untils: list[int], detects: list[float]) -> Model:
    """The model with tables of other places: two areas, each with half of the variants one after the other."""
    m = base.tables
    n = len(others) + 1
    half = (n + 1) // 2
    area = np.where(np.arange(m.villages) % 2 == 0, 0, half if half < n else 0)
    made = []
    for number, place in enumerate([base.place, *others]):
        own = build(place).tables
        fields = {f: getattr(own, f) for f in Tables._fields if f not in COMMON}
        last = number in (half - 1, n - 1)
        fields["round_detects"] = m.round_detects * detects[number % len(detects)]
        until = FOREVER if last else untils[number]
        made.append(m._replace(number=number, until=until, area=area, **fields))
    return replace(base, tables=made[0], later=tuple(made[1:]))


@settings(max_examples=12, **FOREVER_RUN)
@given(
    others=st.lists(places(), min_size=1, max_size=4),
    days=st.lists(st.integers(0, 400), min_size=5, max_size=5),
    detects=st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=5, max_size=5),
    seed=st.integers(0, 1000),
)
def test_tables_that_differ_between_areas_and_take_turns(
    others: list[Place], days: list[int], detects: list[float], seed: int
) -> None:
    base = build(rich_place(**SMALL))
    same(with_variants(base, others, sorted(d * 1440 for d in days), detects), Draws(seed, 0))


@pytest.mark.slow
@settings(max_examples=300, **FOREVER_RUN)
@given(
    others=st.lists(places(), min_size=1, max_size=4),
    days=st.lists(st.integers(0, 400), min_size=5, max_size=5),
    detects=st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=5, max_size=5),
    seed=st.integers(0, 1000),
)
def test_many_tables_that_take_turns(
    others: list[Place], days: list[int], detects: list[float], seed: int
) -> None:
    base = build(rich_place(**SMALL))
    same(with_variants(base, others, sorted(d * 1440 for d in days), detects), Draws(seed, 0))


def test_epochs_of_equal_numbers_change_nothing() -> None:
    """The machinery of dates itself leaves no trace: clocks carried over a date ring when they would have rung."""
    base = build(rich_place(**SMALL))
    untils = [day * 1440 for day in (30, 90, 150, 200)]
    split = with_variants(base, [base.place] * 3, untils, [1.0])
    whole = with_variants(base, [], untils, [1.0])
    assert len(split.variants) == 4 and len(whole.variants) == 1
    for replication in range(3):
        draws = Draws(8, replication)
        assert same(split, draws).digest() == same(whole, draws).digest()


def test_nothing_happens_differently_before_a_policy_starts() -> None:
    place = rich_place(**SMALL)
    start = place.window.start + timedelta(days=100)
    measure = Measure(mechanism="whistle", start=start, coverage=Coverage(share=0.6))
    with_it, without = build(place, [measure]), build(place, [])
    minute = (start - with_it.first_day).days * 1440
    for replication in range(3):
        draws = Draws(9, replication)
        a, b = same(with_it, draws), same(without, draws)
        before_a, before_b = (t.rows[t.column("minute") < minute] for t in (a, b))
        assert np.array_equal(before_a, before_b)
        assert a.digest() != b.digest()


def test_a_policy_that_stops_is_gone() -> None:
    """Started and stopped before the first day, a measure leaves the trace of a place without it."""
    place = rich_place(**SMALL)
    gone = Measure(mechanism="whistle", start=date(2000, 1, 1), stop=date(2000, 2, 1))
    draws = Draws(10, 0)
    digests = {reference.simulate(build(place, m), draws).digest() for m in ([], [gone])}
    assert len(digests) == 1


def test_a_rate_that_doubles_on_a_date_doubles_what_comes_after() -> None:
    """Exponential clocks carried over a date keep their law: counts after it are those of the new rate."""
    calm = rich_place(**SMALL, eruption={"rate": 0.4}, detection={"rounds": {}})
    base = build(calm)
    day = 200
    fields = {"eruption_rate": 2.0 * base.tables.eruption_rate}
    doubled = replace(base, tables=base.tables._replace(until=day * 1440, area=np.zeros(9, dtype=np.int64)))
    doubled = replace(doubled, later=(base.tables._replace(number=1, until=FOREVER, **fields),))
    always = replace(base, tables=base.tables._replace(**fields))
    late: dict[str, list[int]] = {"base": [], "date": [], "always": []}
    for replication in range(30):
        for name, model in (("base", base), ("date", doubled), ("always", always)):
            simulate = same if replication < 3 else compiled.simulate
            trace = simulate(model, Draws(11, replication))
            chosen = (trace.column("event") == EventKind.ERUPTION) & (
                trace.column("minute") >= (day + 60) * 1440
            )
            late[name].append(int(chosen.sum()))
    plain, dated, twice = (np.array(late[n], dtype=float) for n in ("base", "date", "always"))
    # Two months on, most disputes have arisen after the date, and the rate that holds since then is what counts.
    assert dated.sum() > 1.5 * plain.sum()
    gap = dated - twice
    assert abs(gap.mean()) < 5 * gap.std(ddof=1) / np.sqrt(len(gap)) + 0.05 * twice.mean()
