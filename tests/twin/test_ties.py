"""Both engines where many things happen in the same minute, or nobody ever works: the order must still be one order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.draws import Draws
from sim.model import Model, build
from sim.vocabulary import EventKind
from tests.places import TIER_STAFF, arising_early, deadline, rich_place, with_capacity, with_tables
from tests.twin.compare import same

FOREVER: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}
MINUTE, HOUR = 1 / 1440, 1 / 24


def crowded(*, session_hours: float, limit_days: float, action: str, staff: float = 1.0) -> Model:
    """All grievances arise on one day and come forward at once; sessions and limits last equally long."""
    one = {
        "session_hours": session_hours,
        "lengths": "constant",
        "deadline": deadline(limit_days, action),
        "success": 0.3,
        "sessions": 1.0,
        "rest_days": 0,
        "gap_days": 0,
        "delay_days": 0,
        "departments_delay_days": 0,
    }
    place = rich_place(
        population={"persons": 20_000},
        villages={"count": 4, "grid_heads": staff, "mediators": staff},
        townships={"count": 2},
        character={"severity_on_length": 0, "language_on_length": 0},
        detection={"party_days": MINUTE, "rounds": {}},
        tiers=dict.fromkeys(TIER_STAFF, one),
        agreement={"breach": 0.9, "breach_days": 1, "returns": 1.0, "return_limit": 7},
    )
    return arising_early(build(place), 1)


@pytest.mark.parametrize("action", ["record", "raise", "climb"])
@pytest.mark.parametrize("hours", [1 / 60, 1.0])
def test_limits_in_the_minute_in_which_sessions_end(hours: float, action: str) -> None:
    model = crowded(session_hours=hours, limit_days=hours / 24, action=action)
    trace = same(model, Draws(3, 0))
    minute, event = trace.column("minute"), trace.column("event")
    late = set(minute[event == EventKind.DEADLINE])
    assert late & set(minute[event == EventKind.SESSION]), "no limit fell on the end of a session"
    assert len(trace.rows) > 3 * len(np.unique(minute)), "too few things happen at once"


def test_agreements_that_break_until_the_limit_of_returns() -> None:
    model = crowded(session_hours=1.0, limit_days=30, action="record")
    trace = same(model, Draws(4, 0))
    returns = trace.column("detail")[trace.column("event") == EventKind.REOPEN]
    assert returns.max() > model.tables.return_limit, "nobody came to the limit"


def test_calendars_without_a_working_day() -> None:
    model = crowded(session_hours=1.0, limit_days=2, action="climb")
    idle = with_tables(model, cal_worked=np.zeros_like(model.tables.cal_worked))
    trace = same(idle, Draws(5, 0))
    event = trace.column("event")
    assert (event == EventKind.START).any()
    assert not (event == EventKind.SESSION).any(), "a session ended although nobody works"


@settings(max_examples=8, **FOREVER)
@given(
    hours=st.sampled_from([1 / 60, 0.5, 8.0]),
    limit=st.sampled_from([MINUTE, HOUR, 1.0]),
    action=st.sampled_from(["record", "raise", "climb"]),
    changes=st.dictionaries(
        st.tuples(st.sampled_from([0, 60, 1440, 100_000]), st.integers(0, 20)), st.integers(0, 3), max_size=12
    ),
    seed=st.integers(0, 1000),
)
def test_staff_that_come_and_go_in_a_crowd(
    hours: float, limit: float, action: str, changes: dict[tuple[int, int], int], seed: int
) -> None:
    model = crowded(session_hours=hours, limit_days=limit, action=action)
    pools = len(model.pools)
    same(with_capacity(model, {(minute, p % pools): n for (minute, p), n in changes.items()}), Draws(seed, 0))
