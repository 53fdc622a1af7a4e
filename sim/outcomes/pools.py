"""Load of staff: utilisation, queues, waits and hours, time-weighted, with working calendars respected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.model.pools import STAFF_LEVEL, TOWNSHIP, UNLIMITED
from sim.outcomes import spans
from sim.outcomes.reading import Ints, Reading, read
from sim.trace import Trace
from sim.vocabulary import EventKind

T = TypeVar("T")
SESSION_ENDS = (EventKind.SESSION, EventKind.ABORT)
WAIT_ENDS = (EventKind.START, EventKind.LEAVE)


def available_minutes(trace: Trace | Reading, model: Model) -> NDArray[np.float64]:
    """Working minutes of all servers of each pool inside the window; changes of capacity are followed."""
    reading = read(trace)
    n = len(model.pools)
    pools = np.arange(n)
    low = np.full(n, reading.trace.warm_up)
    total = np.zeros(n)
    servers = model.tables.pool_servers.astype(float).copy()
    last = low.copy()
    changes = reading.rows(EventKind.CAPACITY)
    for minute, pool, now in zip(*(changes[c].tolist() for c in ("minute", "pool", "detail")), strict=True):
        at = max(minute, reading.trace.warm_up)
        one = np.array([pool])
        spent = spans.worked(model, one, np.array([at])) - spans.worked(model, one, last[[pool]])
        total[pool] += servers[pool] * float(spent[0])
        servers[pool], last[pool] = now, at
    horizon = np.full(n, reading.trace.horizon)
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


def unit_utilisation(trace: Trace | Reading, model: Model, make: Callable[..., T]) -> Iterator[T]:
    """Utilisation in percent of the staff of each township, for staff who work in townships."""
    reading, pools = read(trace), model.pools
    available, busy = available_minutes(reading, model), busy_minutes(reading, model)
    for g, name in enumerate(pools.groups):
        if STAFF_LEVEL[name] != TOWNSHIP:
            continue
        for pool in np.flatnonzero(pools.group == g).tolist():
            if available[pool] > 0:
                township = f"township {int(pools.unit[pool]) + 1}"
                yield make("utilisation", 100.0 * busy[pool] / available[pool], name, township)


def pool_outcomes(trace: Trace | Reading, model: Model, make: Callable[..., T]) -> Iterator[T]:
    """Per staff group: utilisation (all pools together, and of the busiest), queue, wait and hours."""
    reading, pools = read(trace), model.pools
    window = reading.trace.horizon - reading.trace.warm_up
    available, busy = available_minutes(reading, model), busy_minutes(reading, model)
    waits = spans.recent_waits(reading)
    over = waits.pick(waits.closed)
    groups = len(pools.groups)

    def by_group(pool: Ints, numbers: NDArray[Any] | None = None) -> list[float]:
        """Sums of whole numbers of each group's pools."""
        found = np.bincount(pools.group[pool], weights=numbers, minlength=groups)
        return [float(x) for x in found]

    every, works = np.arange(len(pools)), np.flatnonzero((pools.servers < UNLIMITED) & (available > 0))
    share, busiest = 100.0 * busy[works] / available[works], np.zeros(groups)
    np.maximum.at(busiest, pools.group[works], share)
    spent, limit = by_group(works, busy[works]), by_group(works, available[works])
    hours = [minutes / 60.0 for minutes in by_group(every, busy)]
    queued = by_group(every, queued_minutes(reading, model))
    number, waited = by_group(over.what), by_group(over.what, over.end - over.start)
    for g, name in enumerate(pools.groups):
        yield make("staff_hours", hours[g], "staff", name)
        if limit[g]:
            yield make("utilisation", 100.0 * spent[g] / limit[g], "staff", name)
            yield make("utilisation_busiest", busiest[g], "staff", name)
        yield make("queue_length", queued[g] / window, "staff", name)
        yield make("wait_days", waited[g] / number[g] / 1440.0 if number[g] else float("nan"), "staff", name)
    yield make("staff_hours_total", sum(hours))
