"""Outcomes that are worked out with whole columns, against slow loops over the rows of real traces."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines.compiled import simulate
from sim.model import Model, build
from sim.outcomes import outcomes, spans
from sim.outcomes.cases import closed_cases
from sim.outcomes.minutes import busy_minutes, queued_minutes
from sim.outcomes.pools import pool_outcomes
from sim.outcomes.reading import MOST_DETAIL, Reading, stable_order
from sim.outcomes.table import true
from sim.traces import Trace
from sim.vocabulary import End, EventKind, Tier
from tests.places import rich_place

MEDIATORS = (Tier.HAMLET, Tier.VILLAGE, Tier.TOWNSHIP, Tier.COUNTY)


@lru_cache(maxsize=2)
def run(returns: float = 1.0) -> tuple[Model, Trace]:
    """Much is breached, and comes back with the given probability."""
    model = build(rich_place(agreement={"breach": 0.9, "returns": returns}))
    return model, simulate(model, Draws(3, 0))


def values(trace: Trace, model: Model) -> dict[tuple[str, str], float]:
    return {(o.metric, o.group): o.value for o in outcomes(trace, model, Draws(3, 0)) if math.isnan(o.x)}


@pytest.mark.parametrize("top", [1, 2, 1 << 16, (1 << 16) + 1, 1 << 20, 1 << 32, (1 << 32) + 1, 1 << 40])
def test_stable_order(top: int) -> None:
    key = np.random.default_rng(4).integers(0, top, 3000)
    key = np.concatenate([key, key[::2], [0, top - 1]])
    assert stable_order(key, top).tolist() == np.argsort(key, kind="stable").tolist()
    assert len(stable_order(key[:0], top)) == 0


def test_counts_are_those_of_a_loop() -> None:
    _, trace = run()
    expected: Counter[tuple[int, int, int]] = Counter()
    for minute, event, _, _, tier, _, _, _, detail in trace.rows.tolist():
        if minute >= trace.warm_up:
            expected[event, tier, min(detail, MOST_DETAIL)] += 1
    counts = Reading(trace).counts
    assert {key: int(counts[key]) for key in expected} == dict(expected)
    assert counts.sum() == expected.total() < len(trace.rows)


def test_rows_of_a_kind() -> None:
    _, trace = run()
    reading = Reading(trace)
    for kind in EventKind:
        rows = np.flatnonzero(trace.column("event") == kind)
        assert reading.rows(kind).index.tolist() == rows.tolist()
        late = rows[trace.column("minute")[rows] >= trace.warm_up]
        assert reading.recent(kind).index.tolist() == late.tolist()
        assert reading.recent(kind)["detail"].tolist() == trace.column("detail")[late].tolist()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_minutes_of_pools_are_those_of_their_intervals(share: float) -> None:
    """Sums of ends less sums of starts, against each interval cut to the window."""
    model, trace = run()
    trace = replace(trace, warm_up=int(share * trace.horizon))
    n, low, high = len(model.pools), trace.warm_up, trace.horizon
    waits, sessions = spans.waits(trace), spans.sessions(trace)
    queued = np.bincount(waits.what, weights=waits.within(low, high), minlength=n)
    assert queued_minutes(trace, model).tolist() == queued.tolist()
    start, end = (np.clip(x, low, high) for x in (sessions.start, sessions.end))
    spent = spans.worked(model, sessions.what, end) - spans.worked(model, sessions.what, start)
    busy = np.bincount(sessions.what, weights=spent, minlength=n)
    assert busy_minutes(trace, model).tolist() == busy.tolist()
    assert (queued > 0).any() and (busy > 0).any() and not waits.closed.all()
    assert ((waits.start < low) & (waits.end > low)).any() == (share > 0)  # some wait when the window begins


def test_waits_of_staff_groups() -> None:
    model, trace = run()
    found = {o.group: o.value for o in pool_outcomes(trace, model, true) if o.metric == "wait_days"}
    waits = spans.waits(trace)
    for g, name in enumerate(model.pools.groups):
        mine = (model.pools.group[waits.what] == g) & (waits.start >= trace.warm_up) & waits.closed
        days = (waits.end - waits.start)[mine] / 1440.0
        assert found[name] == pytest.approx(days.mean(), rel=1e-12)


def slow_cases(trace: Trace, basis: str, counts_returns: bool) -> list[tuple[int, int, int, bool]]:
    """Closed cases, row by row: dispute, opening, tier, success."""
    returns: Counter[int] = Counter()
    tried: set[tuple[int, ...]] = set()
    closed: set[tuple[int, ...]] = set()
    out = []
    for minute, event, dispute, _, tier, _, _, _, detail in trace.rows.tolist():
        returns[dispute] += event == EventKind.REOPEN
        unit = (dispute, returns[dispute]) + ((tier,) if basis == "committee" else ())
        if tier not in MEDIATORS:
            continue
        if event == EventKind.FAILED:
            tried.add(unit)
        ended = event == EventKind.END
        leaves = ended or (event == EventKind.CLIMB and (basis == "committee" or detail not in MEDIATORS))
        settled = ended and detail == End.SETTLED
        if leaves and (unit in tried or settled) and (basis == "committee" or unit not in closed):
            closed.add(unit)
            if minute >= trace.warm_up and (counts_returns or not returns[dispute]):
                out.append((dispute, returns[dispute], tier, settled))
    return out


@pytest.mark.parametrize("basis", ["dispute", "committee"])
@pytest.mark.parametrize("counts_returns", [False, True])
@pytest.mark.parametrize("returns", [0.3, 1.0])
def test_closed_cases(basis: str, counts_returns: bool, returns: float) -> None:
    """In the order in which they close."""
    _, trace = run(returns)
    found = closed_cases(trace, basis=basis, counts_returns=counts_returns)
    listed = zip(
        *(x.tolist() for x in (found.dispute, found.opening, found.tier, found.success)), strict=True
    )
    expected = slow_cases(trace, basis, counts_returns)
    assert list(listed) == expected
    assert len(found) == len(expected) > 100
    assert any(opening > 0 for _, opening, _, _ in expected) == counts_returns


def test_a_case_closes_once_in_an_opening() -> None:
    """No place passes a dispute to the police and back to mediators; should one do so, the first closing counts."""
    rows = [
        (10, EventKind.KNOWN, 0, 0, Tier.HAMLET, -1, 0, 0, 0),
        (20, EventKind.FAILED, 0, 0, Tier.HAMLET, -1, 1, 1, 1),
        (20, EventKind.CLIMB, 0, 0, Tier.HAMLET, -1, 1, 1, Tier.POLICE),
        (30, EventKind.CLIMB, 0, 0, Tier.POLICE, -1, 1, 1, Tier.TOWNSHIP),
        (40, EventKind.END, 0, 0, Tier.TOWNSHIP, -1, 1, 1, End.SETTLED),
    ]
    trace = Trace(np.array(rows, dtype=np.int32), np.zeros((1, 8), dtype=np.int64), 100, 0)
    assert closed_cases(trace).tier.tolist() == [Tier.HAMLET]
    assert not closed_cases(trace).success.any()
    assert len(closed_cases(replace(trace, warm_up=25))) == 0
    by_committee = closed_cases(trace, basis="committee")
    assert by_committee.tier.tolist() == [Tier.HAMLET, Tier.TOWNSHIP]
    assert by_committee.success.tolist() == [False, True]


def test_days_in_conflict() -> None:
    """Open: from the grievance or its return to the next end. Unresolved: from an end that settled nothing to the next
    time that it comes up, or to being no matter any more. Both as far as they lie in the window."""
    model, trace = run()
    opens = (EventKind.ARISE, EventKind.KNOWN, EventKind.REOPEN)
    since: dict[int, int] = {}
    put_down: dict[int, int] = {}
    minutes = {"open": 0, "unresolved": 0}
    for minute, event, dispute, *_ in trace.rows.tolist():
        if event in (*opens, EventKind.RESOLVED) and dispute in put_down:
            minutes["unresolved"] += max(0, minute - max(put_down.pop(dispute), trace.warm_up))
        if event in opens:
            since.setdefault(dispute, minute)
        elif event == EventKind.END and dispute in since:
            minutes["open"] += max(0, minute - max(since.pop(dispute), trace.warm_up))
        elif event == EventKind.UNRESOLVED:
            put_down[dispute] = minute
    for what, starts in (("open", since), ("unresolved", put_down)):
        minutes[what] += sum(trace.horizon - max(start, trace.warm_up) for start in starts.values())
    persons = float(model.place.population.persons.value)
    found = values(trace, model)
    for what, expected in {**minutes, "in conflict": sum(minutes.values())}.items():
        metric = f"days_{what}_per_1000" if " " in what else f"{what}_days_per_1000"
        rate = expected / 1440.0 / persons * 1000.0 / (model.window_days / 365.0)
        assert expected > 0
        assert found[metric.replace(" ", "_"), ""] == pytest.approx(rate, rel=1e-12)
    assert found["unresolved", ""] == len(put_down) > 10


def test_petitions_after_closing_and_repeats() -> None:
    model, trace = run()
    closed: set[int] = set()
    late = repeats = petitions = 0
    for minute, event, dispute, _, tier, _, _, _, detail in trace.rows.tolist():
        if event == EventKind.END and tier >= 0:
            closed.add(dispute)
        elif event == EventKind.PETITION and minute >= trace.warm_up:
            petitions += 1
            repeats += detail > 1
            late += dispute in closed
    found = values(trace, model)
    assert found["petitions_after_closing", ""] == late > 5
    assert found["petition_repeat_share", ""] == pytest.approx(100 * repeats / petitions, rel=1e-12)


def test_share_resolved_of_what_a_tier_takes_up() -> None:
    """A tier takes a dispute up when it queues for its first session: who refuses or skips it is not in the share."""
    model, trace = run()
    taken_up, settled, fresh = Counter[int](), Counter[int](), dict[int, bool]()
    for minute, event, dispute, job, tier, _, _, _, detail in trace.rows.tolist():
        if event in (EventKind.KNOWN, EventKind.CLIMB, EventKind.REOPEN):
            fresh[dispute] = True
        elif event == EventKind.ENTER and job == 0 and fresh.pop(dispute, False):
            taken_up[tier] += minute >= trace.warm_up
        elif event == EventKind.END and tier >= 0 and minute >= trace.warm_up:
            settled[tier] += detail == End.SETTLED
    found = values(trace, model)
    assert len(taken_up) == 8 and sum(taken_up.values()) > 500
    for tier, number in taken_up.items():
        expected = 100 * settled[tier] / number
        assert found["resolved_share", Tier(tier).name.lower()] == pytest.approx(expected, rel=1e-12)


def test_open_disputes_week_by_week() -> None:
    model, trace = run()
    where: dict[int, int] = {}
    marks = list(range(trace.warm_up, trace.horizon, 7 * 1440))
    expected: dict[tuple[str, float], int] = {}
    rows = trace.rows.tolist()
    i = 0
    for mark in marks:
        while i < len(rows) and rows[i][0] <= mark:
            _, event, dispute, _, tier, _, _, _, detail = rows[i]
            if event in (EventKind.KNOWN, EventKind.REOPEN):
                where[dispute] = tier
            elif event == EventKind.CLIMB:
                where[dispute] = detail
            elif event == EventKind.END:
                where.pop(dispute, None)
            i += 1
        for t in Tier:
            expected[t.name.lower(), (mark - trace.warm_up) / 1440] = sum(x == t for x in where.values())
    found = {
        (o.group, o.x): o.value for o in outcomes(trace, model, Draws(3, 0)) if o.metric == "open_disputes"
    }
    assert len(found) >= 5 * len(marks) and max(found.values()) > 10
    assert found == {key: expected[key] for key in found}


def test_returns_are_taken_up_again() -> None:
    model, trace = run()
    returns = revivals = 0
    for before, row, following in zip(*(trace.rows.tolist()[i:] for i in range(3)), strict=False):
        if row[1] == EventKind.REOPEN and row[0] >= trace.warm_up:
            revived = before[1] == EventKind.REVIVED
            assert not revived or before[2] == row[2]
            revivals += revived
            returns += not revived and not (following[1] == EventKind.END and following[2] == row[2])
    found = values(trace, model)
    assert found["returns", ""] == returns > 20
    assert found["revivals", ""] == revivals > 20


def test_who_is_given_up_at_once_was_not_taken_in() -> None:
    """By the rows: taken in by hamlet or village, settled there at the first visit; and what the court confirmed."""
    model, trace = run(0.3)
    taken_in = spot = gone = confirmed = 0
    for row, following in pairwise(trace.rows.tolist()):
        minute, event, dispute, _, tier, _, visit, _, detail = row
        if minute < trace.warm_up:
            continue
        confirmed += event == EventKind.CONFIRMED
        if tier not in (Tier.HAMLET, Tier.VILLAGE):
            continue
        over = event == EventKind.REOPEN and following[1] == EventKind.END and following[2] == dispute
        gone += over
        taken_in += event in (EventKind.KNOWN, EventKind.REOPEN) and not over
        spot += event == EventKind.END and detail == End.SETTLED and visit == 1
    assert gone > 20 and confirmed > 0
    found = values(trace, model)
    assert found["handled_share", ""] == pytest.approx(100 * spot / taken_in, rel=1e-12)
    assert found["confirmations", ""] == confirmed


@pytest.mark.parametrize("keep", [lambda t: t.disputes, lambda t: t.disputes[:0]], ids=["no rows", "nothing"])
def test_a_trace_without_rows(keep: Callable[[Trace], np.ndarray]) -> None:
    """Counts are zero, and what has no denominator is undefined; the rows of the table are the same."""
    model, trace = run()
    empty = Trace(trace.rows[:0], keep(trace), trace.horizon, trace.warm_up)
    found = values(empty, model)
    assert set(found) == set(values(trace, model))
    assert found["known_disputes", ""] == found["staff_hours_total", ""] == 0
    assert math.isnan(found["known_share", ""]) and math.isnan(found["backlog_age", ""])
    assert math.isnan(found["time_to_settlement_mean", ""])
