"""Intervals read off a trace: sessions and waits by pool, stays by tier, what is latent. Arrays, no loops."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.model import Model
from sim.outcomes.reading import JOBS, Flags, Ints, Reading, Rows, merged, places, read, stable_order
from sim.traces import Trace
from sim.vocabulary import EventKind, Job

WAITS = (EventKind.ENTER, EventKind.START, EventKind.LEAVE)
STAYS = (EventKind.KNOWN, EventKind.CLIMB, EventKind.REOPEN, EventKind.END)
PICKED_UP = (EventKind.KNOWN, EventKind.REOPEN, EventKind.RESOLVED)
SESSIONS = (EventKind.START, EventKind.SESSION, EventKind.ABORT)


@dataclass(frozen=True)
class Spans:
    """Half-open intervals [start, end) in minutes; `what` is a pool or a tier, `closed` whether the end was seen."""

    dispute: Ints
    what: Ints
    start: Ints
    end: Ints
    closed: Flags

    def within(self, low: int, high: int) -> Ints:
        """Length of each interval inside [low, high)."""
        inside: Ints = np.maximum(0, np.minimum(self.end, high) - np.maximum(self.start, low))
        return inside

    def pick(self, chosen: Flags) -> Spans:
        """Some of the intervals, in the same order."""
        i = places(chosen)
        dispute, what, start, end = (x.take(i) for x in (self.dispute, self.what, self.start, self.end))
        return Spans(dispute, what, start, end, self.closed.take(i))


def _until_next(rows: Rows, key: Ints, what: Ints) -> Spans:
    """From each row to the next one of the same key, or the horizon. Rows are ordered by key and then time."""
    minute = rows["minute"]
    closed = np.zeros(len(key), dtype=bool)
    np.equal(key[1:], key[:-1], out=closed[:-1])
    end = np.full(len(key), rows.trace.horizon, dtype=minute.dtype)
    np.copyto(end[:-1], minute[1:], where=closed[:-1])
    return Spans(rows["dispute"], what, minute, end, closed)


def _of_jobs(opening: EventKind, parts: Iterable[Rows]) -> Spans:
    rows = merged(*parts)
    rows = rows.take(stable_order(rows.job_key, len(rows.trace.disputes) * JOBS))
    return _until_next(rows, rows.job_key, rows["pool"]).pick(rows["event"] == opening)


def sessions(trace: Trace | Reading) -> Spans:
    """From START to SESSION or ABORT, by pool."""
    return _of_jobs(EventKind.START, map(read(trace).rows, SESSIONS))


def waits(trace: Trace | Reading) -> Spans:
    """From ENTER to START or LEAVE, by pool."""
    return _of_jobs(EventKind.ENTER, map(read(trace).rows, WAITS))


def recent_waits(trace: Trace | Reading) -> Spans:
    """Those waits that begin in the window."""
    return _of_jobs(EventKind.ENTER, map(read(trace).recent, WAITS))


def stays(trace: Trace | Reading) -> Spans:
    """From arrival at a tier to leaving it, by tier."""
    rows = merged(*map(read(trace).rows, STAYS))
    rows = rows.take(stable_order(rows["dispute"], len(rows.trace.disputes)))
    tier = np.where(rows["event"] == EventKind.CLIMB, rows["detail"], rows["tier"])
    return _until_next(rows, rows["dispute"], tier).pick(rows["event"] != EventKind.END)


def unresolved(trace: Trace | Reading) -> Spans:
    """From an end by which nothing was settled to coming up again, or to being no more. `what` is how it ended."""
    reading = read(trace)
    rows = merged(*map(reading.rows, (EventKind.UNRESOLVED, *PICKED_UP)))
    rows = rows.take(stable_order(rows["dispute"], len(rows.trace.disputes)))
    return _until_next(rows, rows["dispute"], rows["detail"]).pick(rows["event"] == EventKind.UNRESOLVED)


def taken_up(trace: Trace | Reading) -> Rows:
    """The row of each stay in which its case joins a queue for the first time: a tier that takes the dispute up."""
    reading = read(trace)
    entered = reading.rows(EventKind.ENTER)
    rows = merged(entered.pick(entered["job"] == Job.CASE), *map(reading.rows, STAYS))
    rows = rows.take(stable_order(rows["dispute"], len(rows.trace.disputes)))
    joins = rows["event"] == EventKind.ENTER
    return rows.pick(joins & ~np.concatenate([[False], joins[:-1]]))


def latent(trace: Trace | Reading) -> Spans:
    """From the grievance to becoming known, or to an end unseen. `what` is 0."""
    reading = read(trace)
    arisen, known, ends = (reading.rows(k) for k in (EventKind.ARISE, EventKind.KNOWN, EventKind.END))
    unseen = ends.pick(ends["tier"] < 0)
    until = np.full(len(reading.trace.disputes), -1, dtype=np.int64)
    until[known["dispute"]] = known["minute"]
    until[unseen["dispute"]] = unseen["minute"]
    end = until[arisen["dispute"]]
    nothing = np.zeros(len(arisen), dtype=np.int64)
    return Spans(
        arisen["dispute"], nothing, arisen["minute"], np.where(end < 0, reading.trace.horizon, end), end >= 0
    )


def worked(model: Model, pool: Ints, minute: Ints) -> Ints:
    """Working minutes of each pool's calendar until each minute (the array form of clock.worked_until)."""
    m = model.tables
    calendar = m.pool_calendar[pool]
    base = calendar * (m.days + 1)
    day = np.minimum(minute // 1440, m.days - 1)
    before = m.cal_worked[base + day]
    length = m.cal_worked[base + day + 1] - before
    within = np.clip(minute - day * 1440 - m.cal_opens[calendar], 0, length)
    out: Ints = before + within
    return out
