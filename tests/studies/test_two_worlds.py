"""Both worlds day by day: a trace that is small enough to count by hand, and a county."""

from __future__ import annotations

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.scenario.load import load_place
from sim.scenario.policies import parse
from sim.studies.two_worlds import (
    ABSENT,
    DECIDED,
    DROPPED,
    OVER,
    SETTLED,
    STATES,
    UNKNOWN,
    _states,
    two_worlds,
)
from sim.traces import DISPUTE_COLUMNS, ROW_COLUMNS, Trace
from sim.vocabulary import End, EventKind, Job, Tier

DAY = MINUTES_PER_DAY


def row(
    day: int, event: EventKind, dispute: int, tier: int = -1, detail: int = 0, job: int = Job.CASE
) -> list[int]:
    told = {
        "minute": day * DAY,
        "event": event,
        "dispute": dispute,
        "tier": tier,
        "detail": detail,
        "job": job,
    }
    return [int(told.get(name, -1)) for name in ROW_COLUMNS]


def test_a_dispute_goes_through_its_states() -> None:
    rows = [
        row(0, EventKind.ARISE, 0, job=-1),
        row(2, EventKind.KNOWN, 0, Tier.VILLAGE),
        row(2, EventKind.ENTER, 0, Tier.VILLAGE),
        row(3, EventKind.ENTER, 0, Tier.PETITION, job=Job.PETITION),  # a side job moves nobody
        row(4, EventKind.ENTER, 0, Tier.TRIAL),
        row(6, EventKind.END, 0, detail=End.LUMPED),
        row(6, EventKind.UNRESOLVED, 0, detail=End.LUMPED),
        row(7, EventKind.ARISE, 1, job=-1),
        row(8, EventKind.ENTER, 0, Tier.TOWNSHIP),  # it came up again
        row(9, EventKind.END, 0, detail=End.SETTLED),
        row(9, EventKind.END, 1, detail=End.SELF_SETTLED),
    ]
    trace = Trace(
        np.array(rows, dtype=np.int32), np.zeros((2, len(DISPUTE_COLUMNS)), dtype=np.int64), 10 * DAY, 0
    )
    found = _states(trace, np.arange(11) * DAY)
    court, village, township = (
        STATES.index(s) for s in ("at court", "in hamlet or village", "in the township")
    )
    assert found[:, 0].tolist() == [
        *(ABSENT, UNKNOWN, UNKNOWN, village, village, court, court, DROPPED, DROPPED, township, SETTLED),
    ]
    assert found[:, 1].tolist() == [*[ABSENT] * 8, UNKNOWN, UNKNOWN, OVER]


def test_nothing_moves_without_a_policy_and_something_with_one() -> None:
    place = load_place("jiang")
    practice = parse("practice", place)
    same = two_worlds(place, practice, practice, "practice")
    assert [same.elsewhere(d) for d in range(len(same.days))] == [0] * len(same.days)
    assert (same.days[0], len(same.days) > 20) == (place.window.start, True)
    none = two_worlds(place, practice, parse("none", place), "none")
    last = len(none.days) - 1
    assert np.array_equal(none.without[:, :SETTLED], same.without[:, :SETTLED]), (
        "the same practice, the same world"
    )
    assert none.elsewhere(last) == sum(n for _, _, n in none.paths(last)) > 0
    assert none.moved[last].sum() == none.of == none.without[last].sum() == none.with_it[last].sum()
    frame = none.frame()
    assert len(frame) == len(none.days) * len(STATES)
    assert int(frame[frame["day"] == str(none.days[last])]["with"].sum()) == none.of
    ended = none.without[last][[SETTLED, DECIDED, OVER, DROPPED]].sum()
    assert ended > none.without[0][[SETTLED, DECIDED, OVER, DROPPED]].sum()
