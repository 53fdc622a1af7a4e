"""Intervals read off a small trace that was written by hand, and off a real one by a slow loop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim import clock
from sim.draws import Draws
from sim.engines.compiled import simulate
from sim.model import Model, build
from sim.outcomes import spans
from sim.traces import Trace
from sim.vocabulary import End, EventKind, Tier
from tests.places import rich_place

V, T = Tier.VILLAGE, Tier.TOWNSHIP
HORIZON = 1000
ROWS = [
    (10, EventKind.ARISE, 0, 0, -1, -1, 0, 0, 0),
    (20, EventKind.KNOWN, 0, 0, V, -1, 0, 0, 0),
    (20, EventKind.ENTER, 0, 0, V, 5, 1, 1, 2),
    (30, EventKind.ARISE, 1, 0, -1, -1, 0, 0, 0),
    (50, EventKind.START, 0, 0, V, 5, 1, 1, 60),
    (60, EventKind.PETITION, 0, 0, V, -1, 1, 1, 1),
    (60, EventKind.ENTER, 0, 1, -1, 9, -1, -1, 2),
    (60, EventKind.START, 0, 1, -1, 9, -1, -1, 30),
    (90, EventKind.SESSION, 0, 1, -1, 9, -1, -1, 30),
    (110, EventKind.SESSION, 0, 0, V, 5, 1, 1, 60),
    (110, EventKind.CLIMB, 0, 0, V, -1, 1, 1, T),
    (110, EventKind.ENTER, 0, 0, T, 6, 1, 1, 2),
    (200, EventKind.LEAVE, 0, 0, T, 6, 1, 1, 0),
    (200, EventKind.END, 0, 0, T, -1, 1, 1, End.WITHDRAWN),
    (300, EventKind.END, 1, 0, -1, -1, 0, 0, End.LUMPED),
    (400, EventKind.REOPEN, 0, 0, T, -1, 1, 1, 1),
    (400, EventKind.ENTER, 0, 0, T, 6, 2, 1, 2),
    (700, EventKind.START, 0, 0, T, 6, 2, 1, 500),
]


def small() -> Trace:
    return Trace(np.array(ROWS, dtype=np.int64), np.zeros((2, 8), dtype=np.int64), HORIZON, 100)


def listed(found: spans.Spans) -> list[tuple[int, ...]]:
    columns = (found.dispute, found.what, found.start, found.end, found.closed.astype(int))
    return sorted(zip(*(c.tolist() for c in columns), strict=True))


def test_sessions_and_waits() -> None:
    assert listed(spans.sessions(small())) == [
        (0, 5, 50, 110, 1),
        (0, 6, 700, HORIZON, 0),
        (0, 9, 60, 90, 1),
    ]
    assert listed(spans.waits(small())) == [
        (0, 5, 20, 50, 1),
        (0, 6, 110, 200, 1),
        (0, 6, 400, 700, 1),
        (0, 9, 60, 60, 1),
    ]
    assert listed(spans.recent_waits(small())) == [(0, 6, 110, 200, 1), (0, 6, 400, 700, 1)]


def test_stays_and_what_is_latent() -> None:
    assert listed(spans.stays(small())) == [(0, V, 20, 110, 1), (0, T, 110, 200, 1), (0, T, 400, HORIZON, 0)]
    assert listed(spans.latent(small())) == [(0, 0, 10, 20, 1), (1, 0, 30, 300, 1)]
    early = replace(small(), rows=small().rows[:1])
    assert listed(spans.latent(early)) == [(0, 0, 10, HORIZON, 0)]


def test_the_part_inside_a_window() -> None:
    stays = spans.stays(small())
    inside = dict(zip(stays.start.tolist(), stays.within(100, 450).tolist(), strict=True))
    assert inside == {20: 10, 110: 90, 400: 50}
    assert stays.within(0, HORIZON).sum() == 90 + 90 + 600


@pytest.fixture(scope="module")
def run() -> tuple[Model, Trace]:
    model = build(
        rich_place(
            window={
                "end": "2023-03-31",
                "end_earliest": "2023-03-31",
                "end_latest": "2023-03-31",
                "warm_up": 60,
            }
        )
    )
    return model, simulate(model, Draws(6, 0))


PICKED_UP = (EventKind.KNOWN, EventKind.REOPEN, EventKind.RESOLVED)


def test_a_real_trace_by_a_slow_loop(run: tuple[Model, Trace]) -> None:
    _, trace = run
    opened: dict[str, dict[tuple[int, ...], tuple[int, int]]] = {
        "wait": {},
        "session": {},
        "stay": {},
        "latent": {},
        "unresolved": {},
    }
    found: dict[str, list[tuple[int, ...]]] = {"wait": [], "session": [], "stay": [], "latent": []}
    found["unresolved"] = []

    def begin(what: str, key: tuple[int, ...], where: int, minute: int) -> None:
        assert key not in opened[what]
        opened[what][key] = where, minute

    def finish(what: str, key: tuple[int, ...], minute: int, closed: int = 1) -> None:
        where, start = opened[what].pop(key)
        found[what].append((key[0], where, start, minute, closed))

    for minute, event, dispute, job, tier, pool, _, _, detail in trace.rows.tolist():
        if event == EventKind.ENTER:
            begin("wait", (dispute, job), pool, minute)
        elif event in (EventKind.START, EventKind.LEAVE):
            finish("wait", (dispute, job), minute)
        if event == EventKind.START:
            begin("session", (dispute, job), pool, minute)
        elif event in (EventKind.SESSION, EventKind.ABORT):
            finish("session", (dispute, job), minute)
        if event == EventKind.ARISE:
            begin("latent", (dispute,), 0, minute)
        elif event in (EventKind.KNOWN, EventKind.END) and (dispute,) in opened["latent"]:
            finish("latent", (dispute,), minute)
        if event == EventKind.UNRESOLVED:
            begin("unresolved", (dispute,), detail, minute)
        elif event in PICKED_UP and (dispute,) in opened["unresolved"]:
            finish("unresolved", (dispute,), minute)
        if event == EventKind.END and (dispute,) not in opened["stay"]:
            continue  # ends unseen, or is not brought back after a breach
        if event in (EventKind.CLIMB, EventKind.END):
            finish("stay", (dispute,), minute)
        if event in (EventKind.KNOWN, EventKind.REOPEN):
            begin("stay", (dispute,), tier, minute)
        elif event == EventKind.CLIMB:
            begin("stay", (dispute,), detail, minute)
    for what, still in opened.items():
        for key in list(still):
            finish(what, key, trace.horizon, 0)
    assert all(len(found[what]) > 100 for what in found)
    assert listed(spans.waits(trace)) == sorted(found["wait"])
    assert listed(spans.sessions(trace)) == sorted(found["session"])
    assert listed(spans.stays(trace)) == sorted(found["stay"])
    assert listed(spans.latent(trace)) == sorted(found["latent"])
    assert listed(spans.unresolved(trace)) == sorted(found["unresolved"])
    recent = [x for x in found["wait"] if x[2] >= trace.warm_up]
    assert listed(spans.recent_waits(trace)) == sorted(recent) != sorted(found["wait"])


def test_worked_minutes_of_arrays_are_those_of_the_clock(run: tuple[Model, Trace]) -> None:
    model, trace = run
    m, luck = model.tables, np.random.default_rng(2)
    pool = luck.integers(0, len(model.pools), 3000)
    minute = luck.integers(0, trace.horizon, 3000)
    expected = [
        clock.worked_until(
            m.cal_worked, m.pool_calendar[p] * (m.days + 1), m.cal_opens[m.pool_calendar[p]], t
        )
        for p, t in zip(pool.tolist(), minute.tolist(), strict=True)
    ]
    assert spans.worked(model, pool, minute).tolist() == expected
    every = np.arange(len(model.pools))
    total = m.cal_worked[m.pool_calendar * (m.days + 1) + m.days]
    assert spans.worked(model, every, np.full(len(every), trace.horizon)).tolist() == total.tolist()
