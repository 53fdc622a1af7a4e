"""What holds exactly in any run of any place: Little's law, conservation, staff hours, no server idle by a queue.

Everything here is computed twice, on ways that share no code: by sweeping the rows of a trace in their order, and by
the intervals and outcomes of sim/outcomes. Places are rich ones, with every tier, channel, clock and side job.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from sim.draws import Draws
from sim.engines.compiled import simulate
from sim.model import Model
from sim.outcomes import outcomes, spans
from sim.outcomes.spans import Spans
from sim.traces import Trace
from sim.vocabulary import End, EventKind, Job, Tier
from tests.places import arising_early, build, queue_place, rich_place, with_tables

TIERS = [t for t in Tier if t != Tier.PETITION]


@lru_cache(maxsize=1)
def running() -> tuple[Model, Trace]:
    """A county in the midst of things when the run ends."""
    model = build(rich_place(population={"persons": 50_000}))
    return model, simulate(model, Draws(7, 0))


@lru_cache(maxsize=1)
def emptied() -> tuple[Model, Trace]:
    """A county where all grievances arise in the first 60 days and seven years pass; then nothing is left."""
    place = rich_place(population={"persons": 8_000}, window={"end": "2029-12-31", "warm_up": 1})
    model = with_tables(arising_early(build(place), 60), warm_up=0)
    trace = simulate(model, Draws(7, 0))
    event = trace.column("event")
    for opened, closed in (
        ([EventKind.ENTER], [EventKind.START, EventKind.LEAVE]),
        ([EventKind.START], [EventKind.SESSION, EventKind.ABORT]),
    ):
        assert np.isin(event, opened).sum() == np.isin(event, closed).sum(), "somebody is still there"
    ended, dispute = event == EventKind.END, trace.column("dispute")
    opened = np.isin(event, [EventKind.KNOWN, EventKind.REOPEN])
    assert opened.sum() == (ended & (trace.column("tier") >= 0)).sum(), "somebody is still there"
    assert set(dispute[event == EventKind.ARISE]) == set(dispute[ended]), "something is still latent"
    return model, trace


def found(trace: Trace, model: Model) -> dict[tuple[str, str], float]:
    return {
        (o.metric, o.group): o.value
        for o in outcomes(trace, model, Draws(7, 0))
        if o.layer == "true" and o.by != "kind"
    }


# --- Little's law ----------------------------------------------------------------------------------------------------

STATIONS = {
    "queue": ([EventKind.ENTER], [EventKind.START, EventKind.LEAVE], spans.waits),
    "service": ([EventKind.START], [EventKind.SESSION, EventKind.ABORT], spans.sessions),
}


def mean_number(trace: Trace, mine: np.ndarray, up: Iterable[int], down: Iterable[int]) -> float:
    """Time average of how many are there, by sweeping the rows."""
    event = trace.column("event")
    step = np.where(mine, np.isin(event, list(up)).astype(int) - np.isin(event, list(down)), 0)
    lasts = np.diff(np.append(trace.column("minute"), trace.horizon))
    return float((np.cumsum(step) * lasts).sum() / trace.horizon)


def check_little(trace: Trace, model: Model) -> set[str]:
    """L = lambda W in the queue and at the servers of every pool; returns the staff groups that had work."""
    worked = set()
    for name, (up, down, read) in STATIONS.items():
        stays: Spans = read(trace)
        for pool in range(len(model.pools)):
            mine = stays.what == pool
            if not mine.any():
                continue
            rate = mine.sum() / trace.horizon
            stay = float((stays.end - stays.start)[mine].mean())
            number = mean_number(trace, trace.column("pool") == pool, up, down)
            assert number == pytest.approx(rate * stay, rel=1e-9, abs=1e-15), f"{name} of pool {pool}"
            worked.add(model.pools.groups[model.pools.group[pool]])
    return worked


def test_little_in_every_pool() -> None:
    model, trace = emptied()
    assert check_little(trace, model) == set(model.pools.groups)


def test_little_at_every_tier() -> None:
    _, trace = emptied()
    stays = spans.stays(trace)
    detail, tier = trace.column("detail"), trace.column("tier")
    event, minute = trace.column("event"), trace.column("minute")
    lasts = np.diff(np.append(minute, trace.horizon))
    opened = np.isin(event, [EventKind.KNOWN, EventKind.REOPEN])
    closed = np.isin(event, [EventKind.END, EventKind.CLIMB])
    for t in TIERS:
        mine = stays.what == t
        arrive = (opened & (tier == t)) | ((event == EventKind.CLIMB) & (detail == t))
        number = float((np.cumsum(arrive.astype(int) - (closed & (tier == t))) * lasts).sum()) / trace.horizon
        rate = arrive.sum() / trace.horizon
        assert number == pytest.approx(rate * float((stays.end - stays.start)[mine].mean()), rel=1e-9), t.name
        assert number > 0


@pytest.mark.parametrize("event", [EventKind.START, EventKind.SESSION])
def test_a_lost_row_is_noticed(event: EventKind) -> None:
    model, trace = emptied()
    case, dispute = trace.column("job") == Job.CASE, trace.column("dispute")
    candidates = np.flatnonzero((trace.column("event") == event) & case)
    starts = np.flatnonzero((trace.column("event") == EventKind.START) & case)
    # A case that is heard again later: its interval then ends too early, while the sweep never comes back to zero.
    lost = next(i for i in candidates[100:] if (dispute[starts[starts > i]] == dispute[i]).any())
    with pytest.raises(AssertionError, match="of pool"):
        check_little(replace(trace, rows=np.delete(trace.rows, lost, axis=0)), model)


# --- conservation ----------------------------------------------------------------------------------------------------

ANYWHERE = (EventKind.ARISE, EventKind.BREACH, EventKind.CONFIRMED, EventKind.REPAIRED, EventKind.ENFORCED)


def check_conservation(trace: Trace) -> Counter[int]:
    """At every row: what became known or came back has ended or is open, in all and at every tier.

    Open disputes are counted from the life of each (where it was last seen going), ended and arrived ones from the
    kinds of rows; and whatever happens to a case happens at the tier where it is. What ended and nobody settled may be
    petitioned about, come back, or, if nobody had seen it, become known. Returns open disputes by tier.
    """
    where: dict[int, int] = {}
    there: Counter[int] = Counter()
    arrived: Counter[int] = Counter()
    left: Counter[int] = Counter()
    latent, known, ended = 0, 0, 0
    unseen: set[int] = set()  # given up before anybody knew of them
    unresolved: set[int] = set()
    for minute, event, dispute, job, tier, _, _, _, detail in trace.rows.tolist():
        if job != Job.CASE or event == EventKind.CAPACITY:
            continue
        if event in (EventKind.KNOWN, EventKind.REOPEN):
            assert dispute not in where, f"dispute {dispute} is open already"
            where[dispute] = tier
            there[tier] += 1
            arrived[tier] += 1
            known += 1
            latent -= event == EventKind.KNOWN and dispute not in unseen
            unseen.discard(dispute)
            unresolved.discard(dispute)
        elif event == EventKind.END and tier < 0:
            assert dispute not in where, f"dispute {dispute} ends unseen, but is open"
            latent -= 1
            unseen.add(dispute)
        elif event == EventKind.ARISE:
            latent += 1
        elif event == EventKind.UNRESOLVED:
            assert dispute not in where and dispute not in unresolved, f"dispute {dispute} is open"
            unresolved.add(dispute)
        elif event in (EventKind.REVIVED, EventKind.RESOLVED):
            assert dispute in unresolved, f"dispute {dispute} is not unresolved"
            unresolved.discard(dispute)
        elif event == EventKind.PETITION and dispute in unresolved:
            pass
        elif event not in ANYWHERE:
            assert where.get(dispute) == tier, f"minute {minute}: dispute {dispute} is not at tier {tier}"
            if event in (EventKind.END, EventKind.CLIMB):
                there[where.pop(dispute)] -= 1
                left[tier] += 1
                ended += event == EventKind.END
            if event == EventKind.CLIMB:
                where[dispute] = detail
                there[detail] += 1
                arrived[detail] += 1
        assert known == ended + len(where) and latent >= 0, f"minute {minute}"
        assert arrived[tier] == left[tier] + there[tier] and there[tier] >= 0, f"minute {minute}, tier {tier}"
    return +there


@pytest.mark.parametrize("case", [running, emptied], ids=["running", "emptied"])
def test_known_is_ended_plus_open(case: Callable[[], tuple[Model, Trace]]) -> None:
    model, trace = case()
    there = check_conservation(trace)
    values = found(trace, model)
    assert {t.name: there[t] for t in TIERS} == {t.name: values["backlog", t.name.lower()] for t in TIERS}
    assert sum(there.values()) == values["backlog", ""]
    assert (sum(there.values()) > 20) == (case is running)


def test_known_is_ended_plus_open_by_the_outcomes() -> None:
    """The same from counts alone, without a warm-up: entered + passed up to = ended + passed up from + backlog."""
    model, trace = running()
    values = found(replace(trace, warm_up=0), model)
    up = {tuple(tier.split(">")): n for (metric, tier), n in values.items() if metric == "passed_up"}
    for t in TIERS:
        name = t.name.lower()
        arrived = values["entered", name] + sum(n for (_, target), n in up.items() if target == name)
        ended = sum(values[f"ended_{e.name.lower()}", name] for e in End if e != End.OPEN)
        left = ended + sum(n for (origin, _), n in up.items() if origin == name)
        assert arrived == left + values["backlog", name] > 0, name


@pytest.mark.parametrize("event", [EventKind.KNOWN, EventKind.CLIMB, EventKind.END])
def test_a_lost_dispute_is_noticed(event: EventKind) -> None:
    _, trace = running()
    lost = np.flatnonzero((trace.column("event") == event) & (trace.column("tier") >= 0))[50]
    there = check_conservation(trace)
    with pytest.raises(AssertionError):
        assert check_conservation(replace(trace, rows=np.delete(trace.rows, lost, axis=0))) == there


# --- servers ---------------------------------------------------------------------------------------------------------


def check_work(trace: Trace, model: Model) -> int:
    """Servers are never too many, and none is free while somebody waits; returns the longest queue seen.

    Looked at when the clock moves on, for within a minute a server is handed from one to the next.
    """
    servers = model.tables.pool_servers.tolist()
    queue, busy = [0] * len(servers), [0] * len(servers)
    effect = {
        EventKind.ENTER: (1, 0),
        EventKind.START: (-1, 1),
        EventKind.LEAVE: (-1, 0),
        EventKind.SESSION: (0, -1),
        EventKind.ABORT: (0, -1),
    }
    touched: set[int] = set()
    now, longest = -1, 0
    for minute, event, _, _, _, pool, _, _, _ in trace.rows.tolist():
        if minute != now:
            for p in touched:
                assert queue[p] >= 0 and 0 <= busy[p] <= servers[p], f"minute {now}, pool {p}"
                assert not queue[p] or busy[p] == servers[p], f"minute {now}: pool {p} is idle beside a queue"
                longest = max(longest, queue[p])
            touched, now = set(), minute
        if event in effect:
            queue[pool] += effect[event][0]
            busy[pool] += effect[event][1]
            touched.add(pool)
    return longest


@pytest.mark.parametrize("case", [running, emptied], ids=["running", "emptied"])
def test_no_server_is_idle_beside_a_queue(case: Callable[[], tuple[Model, Trace]]) -> None:
    model, trace = case()
    assert check_work(trace, model) > 5


def test_a_later_start_is_noticed() -> None:
    """One server dawdles for three minutes before its next session."""
    model, trace = running()
    rows = trace.rows.copy()
    start = np.flatnonzero(trace.column("event") == EventKind.START)[200]
    rows[start, 0] += 3
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    with pytest.raises(AssertionError, match="idle beside a queue"):
        check_work(replace(trace, rows=rows), model)


def test_staff_hours_are_the_minutes_of_the_sessions() -> None:
    """Whole and broken-off sessions, by staff group, in a run whose window is all of it."""
    model, trace = emptied()
    values = found(trace, model)
    over = np.isin(trace.column("event"), [EventKind.SESSION, EventKind.ABORT])
    assert (trace.column("event") == EventKind.ABORT).any()
    group = model.pools.group[trace.column("pool")[over]]
    minutes = np.bincount(group, weights=trace.column("detail")[over], minlength=len(model.pools.groups))
    reported = [60.0 * values["staff_hours", name] for name in model.pools.groups]
    assert reported == pytest.approx(minutes, rel=1e-9)
    assert 60.0 * values["staff_hours_total", ""] == pytest.approx(minutes.sum(), rel=1e-9)
    assert (minutes > 0).all()


def test_planned_and_spent_minutes_agree() -> None:
    """A session that is not broken off takes the working minutes that its start announced; a broken one fewer."""
    _, trace = emptied()
    open_: dict[tuple[int, int], int] = {}
    for _, event, dispute, job, _, _, _, _, detail in trace.rows.tolist():
        if event == EventKind.START:
            open_[dispute, job] = detail
        elif event == EventKind.SESSION:
            assert detail == open_.pop((dispute, job))
        elif event == EventKind.ABORT:
            assert 0 <= detail <= open_.pop((dispute, job))
    assert not open_


# --- time to settlement ----------------------------------------------------------------------------------------------


def test_time_to_settlement_without_censoring_is_the_plain_mean() -> None:
    """Kaplan–Meier with nobody censored: mean, median and 90 % of the sample itself."""
    place = queue_place(villages=3, arrivals=0.05, servers=1)
    model = with_tables(arising_early(build(place), 365), warm_up=0)
    trace = simulate(model, Draws(7, 0))
    event, minute, dispute = (trace.column(c) for c in ("event", "minute", "dispute"))
    known, ended = event == EventKind.KNOWN, event == EventKind.END
    assert (trace.column("detail")[ended] == End.SETTLED).all()
    assert sorted(dispute[known]) == sorted(dispute[ended])
    order = [np.argsort(dispute[x]) for x in (known, ended)]
    days = (minute[ended][order[1]] - minute[known][order[0]]) / 1440.0
    values = found(trace, model)
    assert len(days) > 1000
    assert values["time_to_settlement_mean", ""] == pytest.approx(days.mean(), rel=1e-9)
    for metric, share in (("median", 0.5), ("p90", 0.9)):
        exact = np.quantile(days, share, method="inverted_cdf")
        assert values[f"time_to_settlement_{metric}", ""] == pytest.approx(exact, rel=1e-9)
