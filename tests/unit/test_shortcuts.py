"""Where the compiled engine spares work, it must find what the rule finds: searches, draws, memory used again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from sim import clock, rules
from sim.draws import Draws
from sim.engines import compiled
from sim.engines.compiled import layout, loop, machine, stations
from sim.model import Model, build
from tests.places import rich_place

LEAST, MOST = 0.5 * 2.0**-32, (2**32 - 0.5) * 2.0**-32
arise_minute = njit(lambda s, u: loop.arise_minute(s, u))
session_end = njit(
    lambda worked, pool, days, now, minutes: stations.session_end(worked, pool, days, now, minutes)
)
chance = njit(lambda s, point, visit, d, p: machine.chance(s, point, visit, d, p))


@pytest.fixture(scope="module")
def model() -> Model:
    return build(rich_place(population={"persons": 10_000}, villages={"count": 8}, townships={"count": 2}))


def test_the_draws_that_need_not_be_made_lie_outside_of_all_draws() -> None:
    assert (machine.LEAST, machine.MOST) == (LEAST, MOST)
    assert 0.0 < LEAST < MOST < 1.0


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    slot=st.integers(0, 2**31),
    p=st.sampled_from(
        [-0.1, 0.0, LEAST, np.nextafter(LEAST, 1.0), 0.3, 0.7, MOST, np.nextafter(MOST, 1.0), 1.0]
    ),
)
def test_an_event_happens_if_its_draw_is_below_its_probability(slot: int, p: float) -> None:
    draws = Draws(3, 0)
    world, d = np.zeros(1, dtype=layout.WORLD), np.zeros(1, dtype=layout.DISPUTE)
    world["key"], d["slot"] = draws.key, slot
    assert chance(world[0], 28, 0x21, d[0], p) == (draws.u(28, 0x21, slot) < p)


SHARES = st.lists(st.sampled_from([0.0, 1e-9, 0.3, 1.0, 7.0]), min_size=1, max_size=40).filter(any)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(shares=SHARES, luck=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=30))
def test_a_grievance_arises_when_the_rule_says(shares: list[float], luck: list[int]) -> None:
    """Days without grievances included, and uniforms at the very edge of a day and of a cell of the guide."""
    cum = np.concatenate([[0.0], np.cumsum(shares)])
    cum /= cum[-1]  # it ends with 1 to the last bit, as in a model
    guide = layout.guide(cum)
    world = np.zeros(1, dtype=layout.WORLD)
    world["arise_cum"], world["guide"], world["cells"] = cum.ctypes.data, guide.ctypes.data, len(guide) - 1
    edges = [x for x in (*cum.tolist(), *np.linspace(0, 1, len(guide)).tolist()) if 0.0 < x < 1.0]
    for u in [(x + 0.5) * 2.0**-32 for x in luck] + edges + [LEAST, MOST]:
        assert arise_minute(world[0], u) == rules.arise_minute(cum.tolist(), len(shares), u)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    opened=st.lists(st.booleans(), min_size=1, max_size=60),
    length=st.sampled_from([1, 30, 480, 1440]),
    now=st.integers(0, 60 * 1440),
    minutes=st.one_of(st.integers(1, 2000), st.integers(1, 60 * 1440)),
)
def test_a_session_ends_when_the_calendar_says(
    opened: list[bool], length: int, now: int, minutes: int
) -> None:
    days = len(opened)
    now %= days * 1440
    worked = clock.cumulative_minutes(opened, length)
    pool: Any = np.zeros(1, dtype=layout.POOL)
    pool["opens"] = opens = 1440 - length
    expected = clock.advance(worked.tolist(), 0, days, opens, now, minutes)
    assert session_end(worked, pool[0], days, now, minutes) == expected
    if expected != clock.NEVER:  # what the engine takes for granted when a session ends as planned
        start, end = (
            clock.worked_until([*worked.tolist(), worked[-1]], 0, opens, x) for x in (now, expected)
        )
        assert end - start == minutes


def test_memory_is_used_again_only_when_nobody_has_it(model: Model) -> None:
    kept = [compiled.simulate(model, Draws(1, r)) for r in range(4)]
    before = [trace.digest() for trace in kept]
    part = compiled.simulate(model, Draws(1, 9)).rows[10:20, 3:5]  # a piece outlives its trace
    piece = part.copy()
    for r in range(4):
        compiled.simulate(model, Draws(2, r))
    assert [trace.digest() for trace in kept] == before
    np.testing.assert_array_equal(part, piece)


def test_what_a_trace_has_left_is_given_out_again(model: Model) -> None:
    first = compiled.simulate(model, Draws(1, 0))
    place = first.rows.ctypes.data
    del first
    assert compiled.simulate(model, Draws(1, 0)).rows.ctypes.data == place


def test_a_small_run_does_not_hold_the_memory_of_a_large_one() -> None:
    large = layout.lend("a test of lending", 1 << 23, 1, np.int8)
    place = large.ctypes.data
    del large
    assert layout.lend("a test of lending", (1 << 23) - 100, 1, np.int8).ctypes.data == place
    assert layout.lend("a test of lending", 1 << 10, 1, np.int8).nbytes < 1 << 20
