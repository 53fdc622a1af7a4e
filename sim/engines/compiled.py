"""The compiled engine: the same life of a dispute in machine code.

It calls the very rules that the reference engine calls (compiled from the same source) and must return the same
trace, row for row; tests/twin compares them. Read reference.py first, then life.py and stations.py; here is the loop.
All state is in records (layout.py), so that the machine stops when a buffer runs full, and goes on in a bigger one.
"""

from __future__ import annotations

import numpy as np

from sim import rules
from sim.clock import order_key
from sim.draws import Draws
from sim.engines import layout
from sim.engines.codes import *
from sim.engines.heaps import pop_event, push_event
from sim.engines.jit import entry, part
from sim.engines.latent import first_exit
from sim.engines.layout import CHANGE, DISPUTE, POOL, VILLAGE
from sim.engines.life import ring, side_job_done
from sim.engines.machine import clear, emit, uniform, write
from sim.engines.memory import at, view
from sim.engines.stations import dispatch, in_force
from sim.model import Model
from sim.population import slots_of, village_counts
from sim.trace import Trace

LAST = np.int64(np.iinfo(np.int64).max)  # after all events
ROW_MARGIN = 96  # rows that one event may emit of its own; START rows come on top


@entry
def births(m, s):  # type: ignore[no-untyped-def]
    """What each dispute is, and its first clock; changes of capacity."""
    for c in range(s.n_changes):
        change = at(s.changes, c, CHANGE)
        if change.minute < m.horizon:
            key = (change.minute << 35) | order_key(C_CAPACITY, change.pool, J_CASE)
            s.in_heap = push_event(view(s.heap, np.int64), s.in_heap, key)
    arise_cum = view(s.arise_cum, np.float64)
    for i in range(s.n_disputes):
        d = at(s.disputes, i, DISPUTE)
        d.village = d.slot >> 16
        kind = rules.kind_of(m, uniform(s, P_KIND, ZERO, d))
        d.kind = kind
        arise = rules.arise_minute(arise_cum, m.days, uniform(s, P_ARISE_TIME, ZERO, d))
        if uniform(s, P_THINNING, ZERO, d) >= in_force(m, s, d, arise).keep[kind]:
            continue
        d.severity = rules.severity_of(m, kind, uniform(s, P_SEVERITY, ZERO, d))
        d.frailty = m.frailty_sd * rules.normal(uniform(s, P_FRAILTY, ZERO, d))
        d.departments = 1 if uniform(s, P_DEPARTMENTS, ZERO, d) < m.departments[kind] else 0
        language = at(s.villages, d.village, VILLAGE).language
        d.language = 1 if uniform(s, P_LANGUAGE, ZERO, d) < language else 0
        d.arise = arise
        view(s.arrivals, np.int64)[s.n_arrivals] = (d.arise << 35) | order_key(C_ARISE, d.index, J_CASE)
        s.n_arrivals += 1


@part
def capacity_change(s, now, pool):  # type: ignore[no-untyped-def]
    """Servers of a pool from a minute on."""
    low, high = 0, s.n_changes
    while low < high:
        middle = (low + high) // 2
        change = at(s.changes, middle, CHANGE)
        if change.minute < now or (change.minute == now and change.pool < pool):
            low = middle + 1
        else:
            high = middle
    return at(s.changes, low, CHANGE).servers


@entry
def proceed(m, s, row_limit, heap_limit):  # type: ignore[no-untyped-def]
    """Process events until none is left (returns 0) or a buffer is nearly full (returns 1)."""
    heap, arrivals = view(s.heap, np.int64), view(s.arrivals, np.int64)
    arrivals[s.n_arrivals] = LAST
    while True:
        if s.in_rows >= row_limit or s.in_heap >= heap_limit:
            return 1
        event = arrivals[s.arrived]
        if s.in_heap > 0 and heap[0] < event:
            event = heap[0]
            s.in_heap = pop_event(heap, s.in_heap)
        elif event == LAST:
            return 0
        else:
            s.arrived += 1
            d = at(s.disputes, (event >> 3) & 134217727, DISPUTE)
            emit(s, event >> 35, E_ARISE, d, ZERO)
            first_exit(in_force(m, s, d, event >> 35), s, d)
            continue
        now = event >> 35
        rank = (event >> 30) & 31
        number = (event >> 3) & 134217727
        job = event & 7
        if rank == C_CAPACITY:
            pool = at(s.pools, number, POOL)
            pool.servers = capacity_change(s, now, number)
            write(s, now, E_CAPACITY, NONE, J_CASE, NONE, number, NONE, NONE, pool.servers)
            s.entered[0] = number
            s.in_entered = 1
        else:
            d = at(s.disputes, number, DISPUTE)
            here = in_force(m, s, d, now)
            if job != J_CASE:
                side_job_done(here, s, now, d, job)
            else:
                if d.clocks[rank] != now:
                    continue
                clear(s, d, rank)
                ring(here, s, now, d, rank)
        dispatch(m, s, now)


def simulate(model: Model, draws: Draws, slots: np.ndarray | None = None) -> Trace:
    """Run one replication. `slots` may name the disputes of the superset (default: as the population draws them)."""
    if slots is None:
        slots = slots_of(village_counts(model, draws))
    margin = ROW_MARGIN + int(model.tables.capacity_servers.max(initial=0))
    world = layout.World(model.variants, draws.key, slots, margin)
    numbers = layout.numbers(model.variants)
    m, s = numbers[0], world.record
    births(m, s)
    world.arrivals[: int(s["n_arrivals"])].sort()
    while proceed(m, s, len(world.rows) - margin, len(world.heap) - margin):
        world.make_room(margin)
    d = world.disputes
    severity = (d["severity"] * 1e6).astype(np.int64)
    exists = (d["arise"] != NONE).astype(np.int64)
    names = ("village", "kind"), ("departments", "language", "arise")
    columns = [d["slot"], exists, *(d[x] for x in names[0]), severity, *(d[x] for x in names[1])]
    rows = world.rows[: int(s["in_rows"])]
    return Trace(rows, np.stack(columns, axis=1), int(m["horizon"]), int(m["warm_up"]))


def make_machine_code(model: Model) -> None:
    """Compile, or load what was compiled, without simulating anything."""
    simulate(model, Draws(0, 0), np.zeros(0, dtype=np.int64))
