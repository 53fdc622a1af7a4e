"""One replication of the reference engine: births, changes of capacity, and the trace in the end.

Events are scheduled with SimPy's priority set to our total order, so the order in which they were put there never
matters.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from sim import rules
from sim.draws import SLOT_SHIFT, Draws
from sim.engines.reference.life import Life
from sim.engines.reference.state import NONE, CapacityAlarm, Dispute
from sim.model import Model
from sim.population import slots_of, village_counts
from sim.traces import DISPUTE_COLUMNS, PPM, ROW_COLUMNS, Trace
from sim.vocabulary import Clock, DecisionPoint, EventKind, Job


class Run(Life):
    """One replication."""

    def __init__(self, model: Model, draws: Draws, slots: np.ndarray) -> None:
        super().__init__(model, draws, slots)
        self.slots = slots
        self.disputes = [Dispute(i, int(s) >> SLOT_SHIFT) for i, s in enumerate(slots)]

    def run(self) -> None:
        """Give birth to all disputes and let time pass until the horizon."""
        m = self.m
        for minute, pool, servers in zip(m.capacity_minute, m.capacity_pool, m.capacity_servers, strict=True):
            if minute < m.horizon:
                CapacityAlarm(self.env, minute, self.pools[pool], servers, self.capacity)
        for d in self.disputes:
            i = d.index
            d.kind = rules.kind_of(m, self.u(DecisionPoint.KIND, 0, i))
            arise = rules.arise_minute(m.arise_cum, m.days, self.u(DecisionPoint.ARISE_TIME, 0, i))
            if self.u(DecisionPoint.THINNING, 0, i) >= self.in_force.at(d.village, arise).keep[d.kind]:
                continue
            d.severity = rules.severity_of(m, d.kind, self.u(DecisionPoint.SEVERITY, 0, i))
            d.frailty = m.frailty_sd * rules.normal(self.u(DecisionPoint.FRAILTY, 0, i))
            d.departments = int(self.u(DecisionPoint.DEPARTMENTS, 0, i) < m.departments[d.kind])
            d.language = int(self.u(DecisionPoint.LANGUAGE, 0, i) < m.language[d.village])
            d.arise = arise
            self.set(d, Clock.ARISE, d.arise)
        self.env.run(until=m.horizon)

    def capacity(self, alarm: CapacityAlarm) -> None:
        """The number of servers of a pool changes; who is being served stays."""
        pool = alarm.pool
        pool.servers = alarm.servers
        row = (self.env.now, EventKind.CAPACITY, NONE, Job.CASE, NONE, pool.number, NONE, NONE, pool.servers)
        self.rows.append(row)
        self.entered.append(pool)
        self.dispatch()

    def trace(self) -> Trace:
        """What happened."""
        disputes = [
            (
                *(int(self.slots[d.index]), int(d.arise != NONE), d.village, d.kind),
                *(int(d.severity * PPM), d.departments, d.language, d.arise),
            )
            for d in self.disputes
        ]
        return Trace(
            rows=np.array(self.rows, dtype=np.int32).reshape(-1, len(ROW_COLUMNS)),
            disputes=np.array(disputes, dtype=np.int64).reshape(-1, len(DISPUTE_COLUMNS)),
            horizon=self.m.horizon,
            warm_up=self.m.warm_up,
        )


def simulate(model: Model, draws: Draws, slots: np.ndarray | None = None) -> Trace:
    """Run one replication. `slots` may name the disputes of the superset (default: as the population draws them)."""
    run = Run(model, draws, slots_of(village_counts(model, draws)) if slots is None else slots)
    with collector_paused():
        run.run()
    return run.trace()


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection meanwhile: nothing can be freed before a run ends, and looking takes a third of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
