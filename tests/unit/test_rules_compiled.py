"""Every rule, compiled as the compiled engine compiles it, gives the very bits of the plain one."""

from __future__ import annotations

import inspect
import itertools
import math
import random
import struct
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from numba import njit

from sim import clock, rules
from sim.engines.compiled import layout, loop  # the engine makes the rules known to the compiler
from sim.model import Tables, build
from tests.places import rich_place

assert loop.rules is rules

_luck = random.Random(20)
EDGES = [0.5 * 2.0**-32, 1.0 - 0.5 * 2.0**-32, 0.5, 0.075, 0.925, 0.25, 1 / 3]
U = EDGES + [(_luck.getrandbits(32) + 0.5) * 2.0**-32 for _ in range(60)]
FEW = U[:16]
TIERS, KINDS, BITS = range(8), range(8), (0, 1)
SEVERITY = [0.0, 0.017, 0.31, 0.5, 0.98, 1.0]
MEANS = [0.3, 1.0, 77.7, 57_600.0, 1e8]
MINUTES = [0, 1, 59, 1440, 43_200, 525_600, 2_000_000]

# Arguments after the tables, one list for each parameter.
GRIDS: dict[str, list[Iterable[Any]]] = {
    "ends_as": [range(7)],
    "end_of": [range(-6, 0)],
    "whole_minutes": [[0.0, 0.49, 0.5, 1.5, 2.5, 1e8 + 0.5, 1e9, 1e300, math.inf, math.nan]],
    "exponential": [U, MEANS],
    "normal": [U + np.geomspace(1e-300, 0.1, 100).tolist()],
    "count_geometric": [U, [0.0, 0.1, 0.5, 0.9, 0.999]],
    "kind_of": [U],
    "severity_of": [KINDS, U],
    "arise_minute": [U],
    "party_wait": [KINDS, SEVERITY, FEW],
    "party_channel": [KINDS, U],
    "rate_wait": [[0.0, 1e-9, 1e-5, 0.1], U],
    "eruption_wait": [KINDS, SEVERITY, FEW],
    "hazard": [range(10), KINDS, SEVERITY],
    "goes_on": [range(7)],
    "may_open": [range(20)],
    "residual_hazard": [range(10), KINDS, SEVERITY],
    "faded": [MINUTES, MEANS],
    "fading_wait": [[-1e-9, 1e-12, 0.4, 3.0, 40.0], [0.0, 1e-9, 1e-5, 0.1], MEANS],
    "fading_hazard": [[0.0, 1e-9, 0.1], MINUTES, MEANS],
    "hazard_left": [[0.0, 1e-7, 0.3], [1, 77, 1_000_000, clock.NEVER], FEW],
    "hazard_wait": [[1e-12, 0.4, 3.0, 40.0], [0.0, 1e-9, 1e-5, 0.1]],
    "at_new_rate": [[1, 77, 1_000_000, clock.NEVER], [0.0, 1e-6, 0.1], [0.0, 1e-6, 0.1]],
    "round_hazard": [[1e-12, 0.01, 0.5, 0.999, 1.0]],
    "rounds_left": [[-0.1, 0.0, 1e-9, 0.3, 25.0, 1e9], [1e-12, 0.01, 0.5, 0.999, 1.0]],
    "rounds_needed": [[1e-12, 0.01, 0.05, 0.5, 0.999, 1.0], U],
    "round_number": [[7, 1440, 10_080], FEW, MINUTES, [1, 2, 30, 1_000_000]],
    "round_minute": [[7, 1440, 10_080], FEW[:6], [0, 1, 52], [0.0, 0.3, 1.0], FEW[:6], MINUTES],
    "remaining_eruption": [[*MINUTES, clock.NEVER], [0.0, 0.3, 0.5, 1.0]],
    "eruption": [[False, True], [False, True]],
    "consent": [TIERS, U],
    "delay": [TIERS, KINDS, BITS, FEW],
    "pause_length": [[0.0, *MEANS], U],
    "session_length": [TIERS, SEVERITY, BITS, FEW],
    "success_probability": [TIERS, [0, 4], SEVERITY, [-2.3, 0.0, 0.4], BITS, BITS, MINUTES],
    "above": [TIERS, BITS],
    "after_exhaustion": [KINDS, U],
    "trial_end": [U],
    "against_will": [range(7)],
    "drops": [U],
    "leaves": [U],
    "breach_probability": [[False, True]],
}
RULES = dict(inspect.getmembers(rules, inspect.isfunction))


def test_no_rule_is_left_out() -> None:
    assert set(GRIDS) == set(RULES)


@pytest.fixture(scope="module")
def tables() -> Tables:
    place = rich_place(
        kinds={"family": {"share": 0.3, "severity": 0.1, "comes_forward": 2}, "labour": {"eruption": 0}},
        tiers={"village": {"lengths": "exponential"}, "county": {"lengths": "constant", "delay_days": 3}},
    )
    return build(place).tables


def bits(value: Any) -> Any:
    """A number that tells 0.0 from -0.0 and knows NaN."""
    return struct.pack("<d", value) if isinstance(value, float) else int(value)


def call(name: str, rule: Callable[..., Any], m: Any, cum: Any, days: int) -> list[Any]:
    first = next(iter(inspect.signature(RULES[name]).parameters))
    ahead = {"m": (m,), "arise_cum": (cum, days)}.get(first, ())
    return [bits(rule(*ahead, *arguments)) for arguments in itertools.product(*GRIDS[name])]


@pytest.mark.parametrize("name", sorted(GRIDS))
def test_plain_and_compiled_rules_agree_in_every_bit(name: str, tables: Tables) -> None:
    lists, record = tables.as_lists(), layout.numbers([tables])[0]
    plain = call(name, RULES[name], lists, lists.arise_cum, tables.days)
    fast = call(name, njit(cache=True)(RULES[name]), record, tables.arise_cum, tables.days)
    assert len(plain) >= 2
    assert fast == plain
