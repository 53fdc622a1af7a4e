"""The replay says what the trace says."""

from __future__ import annotations

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import build
from sim.scenario.load import load_place
from sim.scenario.policies import parse
from sim.scenario.policy import practice
from sim.show.report.page import _state
from sim.show.report.replay import ENDED, MOST, SESSION, Course, replay
from sim.vocabulary import EventKind


def test_ends_and_days_are_those_of_the_trace() -> None:
    place = load_place("daliu")
    shown = replay(place, [Course("practice", practice(place))], seed=3)
    trace = simulator("reference")(build(place, practice(place)), Draws(3, 0))
    kind, minute = trace.column("event"), trace.column("minute")
    days = len(shown["dates"])
    inside = (minute >= trace.warm_up) & (minute < trace.warm_up + days * 1440)
    ended = trace.column("detail")[(kind == EventKind.END) & inside]
    disputes = shown["courses"][0]["disputes"]
    known = set(np.unique(trace.column("dispute")[kind == EventKind.KNOWN]).tolist())
    ends_of_known = [
        int(d)
        for d, e in zip(
            trace.column("detail")[(kind == EventKind.END) & inside],
            trace.column("dispute")[(kind == EventKind.END) & inside],
            strict=True,
        )
        if int(e) in known
    ]
    last = [_state(d, days - 1) for d in disputes]
    assert sum(s is not None and s >= ENDED for s in last) <= len(ended)
    # A dispute may return after its end, so that ends are at least as many as disputes that are over.
    over = [s - ENDED for s in last if s is not None and s >= ENDED]
    for end in set(over):
        assert over.count(end) <= ends_of_known.count(end)
    assert len(over) > 20
    for d in disputes:
        assert d[1::2] == sorted(d[1::2])
        assert all(0 <= s < 9 or SESSION <= s < SESSION + 9 or ENDED <= s < ENDED + 7 for s in d[2::2])


def test_two_policies_meet_the_same_disputes() -> None:
    place = load_place("daliu")
    courses = [Course(e, parse(e, place)) for e in ("practice", "+whistle")]
    one, two = (c["disputes"] for c in replay(place, courses, seed=1)["courses"])
    assert one != two
    same = sum(d in two for d in one)
    assert same > 0.5 * len(one)  # the whistle changes a few courses, not who quarrels


@pytest.mark.parametrize("name", ["fengcheng", "liucheng"])
def test_a_large_county_is_drawn_in_part(name: str) -> None:
    place = load_place(name)
    shown = replay(place, [Course("practice", practice(place))], seed=1)
    drawn = sum(len(c["disputes"]) for c in shown["courses"])
    assert drawn <= MOST or len(shown["townships"]) == 1
    assert len(shown["townships"]) < shown["allTownships"]
    assert set(shown["villages"]) == set(range(len(shown["townships"])))
