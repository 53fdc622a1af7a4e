"""Load of staff: utilisation, queues, waits and hours, time-weighted, with working calendars respected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.model.pools import STAFF_LEVEL, TOWNSHIP, UNLIMITED
from sim.outcomes.minutes import available_minutes
from sim.outcomes.reading import Ints, Reading, read
from sim.outcomes.tally import tally_of
from sim.traces import Trace

T = TypeVar("T")


def unit_utilisation(trace: Trace | Reading, model: Model, make: Callable[..., T]) -> Iterator[T]:
    """Utilisation in percent of the staff of each township, for staff who work in townships."""
    reading, pools = read(trace), model.pools
    tally = tally_of(reading, model)
    available = available_minutes(reading.trace, tally.capacity, model)
    for g, name in enumerate(pools.groups):
        if STAFF_LEVEL[name] != TOWNSHIP:
            continue
        for pool in np.flatnonzero(pools.group == g).tolist():
            if available[pool] > 0:
                township = f"township {int(pools.unit[pool]) + 1}"
                yield make("utilisation", 100.0 * tally.busy[pool] / available[pool], name, township)


def pool_outcomes(trace: Trace | Reading, model: Model, make: Callable[..., T]) -> Iterator[T]:
    """Per staff group: utilisation (all pools together, and of the busiest), queue, wait and hours."""
    reading, pools = read(trace), model.pools
    window = reading.trace.horizon - reading.trace.warm_up
    tally = tally_of(reading, model)
    available, busy = available_minutes(reading.trace, tally.capacity, model), tally.busy
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
    queued = by_group(every, tally.queued)
    number, waited = by_group(every, tally.waits), by_group(every, tally.waited)
    for g, name in enumerate(pools.groups):
        yield make("staff_hours", hours[g], "staff", name)
        if limit[g]:
            yield make("utilisation", 100.0 * spent[g] / limit[g], "staff", name)
            yield make("utilisation_busiest", busiest[g], "staff", name)
        yield make("queue_length", queued[g] / window, "staff", name)
        yield make("wait_days", waited[g] / number[g] / 1440.0 if number[g] else float("nan"), "staff", name)
    yield make("staff_hours_total", sum(hours))
