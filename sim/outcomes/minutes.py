"""Minutes of staff and of those who wait, by pool and inside the window, with working calendars respected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.outcomes import spans
from sim.outcomes.reading import Ints, Reading, read
from sim.traces import Trace
from sim.vocabulary import EventKind

SESSION_ENDS = (EventKind.SESSION, EventKind.ABORT)
WAIT_ENDS = (EventKind.START, EventKind.LEAVE)


def available_minutes(trace: Trace, changes: Ints, model: Model) -> NDArray[np.float64]:
    """Working minutes of all servers of each pool inside the window.

    `changes` of capacity, rows (minute, pool, servers) in the order of time, are followed.
    """
    n = len(model.pools)
    pools = np.arange(n)
    low = np.full(n, trace.warm_up)
    total = np.zeros(n)
    servers = model.tables.pool_servers.astype(float).copy()
    last = low.copy()
    for minute, pool, now in changes.tolist():
        at = max(minute, trace.warm_up)
        one = np.array([pool])
        spent = spans.worked(model, one, np.array([at])) - spans.worked(model, one, last[[pool]])
        total[pool] += servers[pool] * float(spent[0])
        servers[pool], last[pool] = now, at
    horizon = np.full(n, trace.horizon)
    total += servers * (spans.worked(model, pools, horizon) - spans.worked(model, pools, last))
    return total


def busy_minutes(trace: Trace | Reading, model: Model) -> NDArray[np.float64]:
    """Working minutes that servers of each pool spent on disputes inside the window."""

    def clock(pool: Ints, minute: Ints) -> Ints:
        return spans.worked(model, pool, minute)

    return _minutes_between(read(trace), len(model.pools), EventKind.START, SESSION_ENDS, clock)


def queued_minutes(trace: Trace | Reading, model: Model) -> NDArray[np.float64]:
    """Minutes that disputes spent in the queue of each pool inside the window."""
    return _minutes_between(
        read(trace), len(model.pools), EventKind.ENTER, WAIT_ENDS, lambda pool, minute: minute
    )


def _minutes_between(
    reading: Reading,
    n: int,
    opening: EventKind,
    closing: Sequence[EventKind],
    clock: Callable[[Ints, Ints], Ints],
) -> NDArray[np.float64]:
    """Minutes inside the window between rows that open an interval and rows that close one, by pool, by its clock.

    The sum of all intervals is the sum of their ends less that of their starts, whichever belong together. Those open
    when the window begins start there, and those open at the horizon end there.
    """
    pools, trace = np.arange(n), reading.trace
    total, running = np.zeros(n), np.zeros(n)
    open_before = np.zeros(n)
    for kind, sign in ((opening, -1), *((kind, 1) for kind in closing)):
        rows, recent = reading.rows(kind), reading.recent(kind)
        minutes = clock(recent["pool"], recent["minute"])
        total += sign * np.bincount(recent["pool"], weights=minutes, minlength=n)
        running -= sign * np.bincount(rows["pool"], minlength=n)
        open_before -= sign * np.bincount(rows["pool"][: len(rows) - len(recent)], minlength=n)
    total += running * clock(pools, np.full(n, trace.horizon))
    return total - open_before * clock(pools, np.full(n, trace.warm_up))
