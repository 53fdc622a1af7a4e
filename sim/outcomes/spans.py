"""Intervals read off a trace: sessions and waits by pool, stays by tier, conflict by dispute. Arrays, no loops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.trace import Trace
from sim.vocabulary import EventKind

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Spans:
    """Half-open intervals [start, end) in minutes; `what` is a pool or a tier, `closed` whether the end was seen."""

    dispute: Ints
    what: Ints
    start: Ints
    end: Ints
    closed: NDArray[np.bool_]

    def within(self, low: int, high: int) -> Ints:
        """Length of each interval inside [low, high)."""
        inside: Ints = np.maximum(0, np.minimum(self.end, high) - np.maximum(self.start, low))
        return inside


def _sequence(trace: Trace, events: tuple[EventKind, ...], key: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Rows of the given events, ordered by key and then time, and whether the next one has the same key."""
    chosen = np.flatnonzero(np.isin(trace.column("event"), events))
    order = chosen[np.argsort(key[chosen], kind="stable")]
    same = np.zeros(len(order), dtype=bool)
    same[:-1] = key[order[1:]] == key[order[:-1]]
    return order, same


def _pool_spans(trace: Trace, opening: EventKind, closing: tuple[EventKind, ...]) -> Spans:
    key = trace.column("dispute") * 8 + trace.column("job")
    order, same = _sequence(trace, (opening, *closing), key)
    minute, event = trace.column("minute")[order], trace.column("event")[order]
    begins = event == opening
    end = np.full(len(order), trace.horizon, dtype=np.int64)
    end[:-1][same[:-1]] = minute[1:][same[:-1]]
    pick = np.flatnonzero(begins)
    return Spans(
        trace.column("dispute")[order][pick],
        trace.column("pool")[order][pick],
        minute[pick],
        end[pick],
        same[pick],
    )


def sessions(trace: Trace) -> Spans:
    """From START to SESSION or ABORT, by pool."""
    return _pool_spans(trace, EventKind.START, (EventKind.SESSION, EventKind.ABORT))


def waits(trace: Trace) -> Spans:
    """From ENTER to START or LEAVE, by pool."""
    return _pool_spans(trace, EventKind.ENTER, (EventKind.START, EventKind.LEAVE))


def stays(trace: Trace) -> Spans:
    """From arrival at a tier to leaving it, by tier."""
    events = (EventKind.KNOWN, EventKind.CLIMB, EventKind.REOPEN, EventKind.END)
    order, same = _sequence(trace, events, trace.column("dispute"))
    minute, event, dispute, before, detail = (
        trace.column(c)[order] for c in ("minute", "event", "dispute", "tier", "detail")
    )
    end = np.full(len(order), trace.horizon, dtype=np.int64)
    end[:-1][same[:-1]] = minute[1:][same[:-1]]
    tier = np.where(event == EventKind.CLIMB, detail, before)
    pick = np.flatnonzero(event != EventKind.END)
    return Spans(dispute[pick], tier[pick], minute[pick], end[pick], same[pick])


def conflicts(trace: Trace) -> Spans:
    """From the grievance, or its return, to an end: the days in conflict. `what` is 0."""
    events = (EventKind.ARISE, EventKind.REOPEN, EventKind.END)
    order, same = _sequence(trace, events, trace.column("dispute"))
    minute, event = trace.column("minute")[order], trace.column("event")[order]
    end = np.full(len(order), trace.horizon, dtype=np.int64)
    end[:-1][same[:-1]] = minute[1:][same[:-1]]
    pick = np.flatnonzero(event != EventKind.END)
    dispute = trace.column("dispute")[order][pick]
    return Spans(dispute, np.zeros(len(pick), dtype=np.int64), minute[pick], end[pick], same[pick])


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
