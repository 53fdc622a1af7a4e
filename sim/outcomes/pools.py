"""Load of staff: utilisation, queues, waits and hours, time-weighted, with working calendars respected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.outcomes import spans
from sim.trace import Trace
from sim.vocabulary import EventKind

T = TypeVar("T")


def available_minutes(trace: Trace, model: Model) -> NDArray[np.float64]:
    """Working minutes of all servers of each pool inside the window; changes of capacity are followed."""
    n = len(model.pools)
    pools = np.arange(n)
    low = np.full(n, trace.warm_up)
    total = np.zeros(n)
    servers = model.tables.pool_servers.astype(float).copy()
    last = low.copy()
    for row in trace.rows[trace.column("event") == EventKind.CAPACITY]:
        minute, pool, now = int(row[0]), int(row[5]), float(row[8])
        at = max(minute, trace.warm_up)
        one = np.array([pool])
        spent = spans.worked(model, one, np.array([at])) - spans.worked(model, one, last[[pool]])
        total[pool] += servers[pool] * float(spent[0])
        servers[pool], last[pool] = now, at
    horizon = np.full(n, trace.horizon)
    total += servers * (spans.worked(model, pools, horizon) - spans.worked(model, pools, last))
    return total


def busy_minutes(trace: Trace, model: Model) -> NDArray[np.float64]:
    """Working minutes that servers of each pool spent on disputes inside the window."""
    sessions = spans.sessions(trace)
    start = np.clip(sessions.start, trace.warm_up, trace.horizon)
    end = np.clip(sessions.end, trace.warm_up, trace.horizon)
    spent = spans.worked(model, sessions.what, end) - spans.worked(model, sessions.what, start)
    return np.bincount(sessions.what, weights=spent, minlength=len(model.pools)).astype(np.float64)


def pool_outcomes(trace: Trace, model: Model, make: Callable[..., T]) -> Iterator[T]:
    """Per staff group: utilisation (all pools together, and of the busiest), queue, wait and hours."""
    pools = model.pools
    available, busy = available_minutes(trace, model), busy_minutes(trace, model)
    waits = spans.waits(trace)
    window = trace.horizon - trace.warm_up
    queued = np.bincount(waits.what, weights=waits.within(trace.warm_up, trace.horizon), minlength=len(pools))
    counted = (waits.start >= trace.warm_up) & waits.closed
    limited = np.array([not pools.unlimited(p) for p in range(len(pools))])
    total = 0.0
    for g, name in enumerate(pools.groups):
        mine = pools.group == g
        hours = float(busy[mine].sum()) / 60.0
        total += hours
        yield make("staff_hours", hours, tier=name)
        working = mine & limited & (available > 0)
        if working.any():
            share = 100.0 * busy[working] / available[working]
            yield make("utilisation", 100.0 * busy[working].sum() / available[working].sum(), tier=name)
            yield make("utilisation_busiest", share.max(), tier=name)
        yield make("queue_length", float(queued[mine].sum()) / window, tier=name)
        chosen = counted & mine[waits.what]
        days = (waits.end[chosen] - waits.start[chosen]) / 1440.0
        yield make("wait_days", float(days.mean()) if len(days) else float("nan"), tier=name)
    yield make("staff_hours_total", total)
