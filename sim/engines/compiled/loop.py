"""The compiled engine: the same life of a dispute in machine code.

It calls the very rules that the reference engine calls (compiled from the same source) and must return the same
trace, row for row; tests/twin compares them. Read engines/reference first, then life.py and stations.py; here is the
loop. All state is in records (layout.py), so that the machine stops when a buffer runs full, and goes on in a bigger
one.
"""

from __future__ import annotations

import numpy as np

from sim import rules
from sim.clock import MINUTE_SHIFT, MINUTES_PER_DAY, order_key
from sim.draws import SLOT_SHIFT, Draws
from sim.engines.compiled import layout
from sim.engines.compiled.agenda import (
    bring_near,
    dispute_of,
    job_of,
    look_ahead,
    minute_of,
    rank_of,
    take_chunk,
)
from sim.engines.compiled.codes import *
from sim.engines.compiled.heaps import pop_event
from sim.engines.compiled.latent import first_exit
from sim.engines.compiled.layout import CHANGE, DISPUTE, POOL, VILLAGE
from sim.engines.compiled.life import ring, side_job_done
from sim.engines.compiled.machine import clear, draw_sixteen, write
from sim.engines.compiled.stations import dispatch, in_force
from sim.model import Model
from sim.native.jit import entry, part, small
from sim.native.memory import at, view
from sim.population import slots_of, village_counts
from sim.traces import DISPUTE_COLUMNS, PPM, Trace

LAST = np.int64(np.iinfo(np.int64).max)  # after all events
AGAIN = np.int64(-1)
AHEAD = np.int64(8)  # fixed events whose disputes are brought near
DAY, FLOAT = np.int64(MINUTES_PER_DAY), np.int64(np.dtype(np.float64).itemsize)
COLUMNS = np.int64(len(DISPUTE_COLUMNS))
ROW_MARGIN = 96  # rows that one event may emit of its own; START rows come on top


@small
def blank(d, number, slot):  # type: ignore[no-untyped-def]
    """A dispute before anything has happened."""
    d.index = number
    d.slot = slot
    d.village = slot >> SLOT_SHIFT
    d.side = NONE
    d.arise = NONE
    d.departments = NONE
    d.language = NONE
    d.severity = ZERO
    d.tier = NONE
    d.priority = NORMAL
    d.state = LATENT
    d.known = 0
    d.opening = 0
    d.eruptions = 0
    d.petitions = 0
    d.breaches = 0
    d.confirmed = 0
    d.end = 0
    d.visit = 0
    d.session = 0
    for tier in range(TIERS):
        d.visits[tier] = 0
    for rank in range(CLOCKS):
        d.clocks[rank] = NONE


@small
def arise_minute(s, u):  # type: ignore[no-untyped-def]
    """rules.arise_minute, with the few days to search in from a table."""
    guide, cell = view(s.guide, np.int64), np.int64(u * s.cells)
    first = guide[cell]
    days = view(s.arise_cum + first * FLOAT, np.float64)
    return first * DAY + rules.arise_minute(days, guide[cell + 1] + 1 - first, u)


@entry
def births(m, s):  # type: ignore[no-untyped-def]
    """What each dispute is, and when it leaves latency; changes of capacity. Nothing moves these events later."""
    fixed, table = view(s.fixed, np.int64), view(s.table, np.int64)
    slots = view(s.slots, np.int64)
    for c in range(s.n_changes):
        change = at(s.changes, c, CHANGE)
        if change.minute < m.horizon:
            fixed[s.n_fixed] = (change.minute << MINUTE_SHIFT) | order_key(C_CAPACITY, change.pool, J_CASE)
            s.n_fixed += 1
    for i in range(s.n_disputes):
        d = at(s.disputes, i, DISPUTE)
        blank(d, i, slots[i])
        draw_sixteen(s, P_THINNING, ZERO, d)
        kind = rules.kind_of(m, s.luck[P_KIND])
        d.kind = kind
        arise = arise_minute(s, s.luck[P_ARISE_TIME])
        here = in_force(m, s, d, arise)
        if s.luck[P_THINNING] < here.keep[kind]:
            d.severity = rules.severity_of(m, kind, s.luck[P_SEVERITY])
            d.frailty = m.frailty_sd * rules.normal(s.luck[P_FRAILTY]) if m.frailty_sd > 0.0 else 0.0
            d.departments = 1 if s.luck[P_DEPARTMENTS] < m.departments[kind] else 0
            language = at(s.villages, d.village, VILLAGE).language
            d.language = 1 if s.luck[P_LANGUAGE] < language else 0
            d.arise = arise
            fixed[s.n_fixed] = (arise << MINUTE_SHIFT) | order_key(C_ARISE, i, J_CASE)
            s.n_fixed += 1
            leaves = first_exit(here, s, d)
            if leaves < m.horizon:
                fixed[s.n_fixed] = (leaves << MINUTE_SHIFT) | order_key(C_LATENT_EXIT, i, J_CASE)
                s.n_fixed += 1
        row = i * COLUMNS
        table[row] = slots[i]
        table[row + 1] = 1 if d.arise != NONE else 0
        table[row + 2] = d.village
        table[row + 3] = kind
        table[row + 4] = np.int64(d.severity * PPM)
        table[row + 5] = d.departments
        table[row + 6] = d.language
        table[row + 7] = d.arise


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


@small
def next_event(s):  # type: ignore[no-untyped-def]
    """The key of the next event, taken off the agenda; LAST if there is none, AGAIN if it is to be asked again."""
    heap, fixed = view(s.heap, np.int64), view(s.fixed, np.int64)
    if view(s.ends, np.int64)[s.stretch] != 0:
        take_chunk(s)
        return AGAIN
    event = fixed[s.taken]
    if s.in_heap > 0 and heap[0] < event:
        event = heap[0]
        s.in_heap = pop_event(heap, s.in_heap)
        return event
    if minute_of(event) >> s.shift <= s.stretch:
        s.taken += 1
        coming = fixed[s.taken + AHEAD]
        if rank_of(coming) == C_LATENT_EXIT:
            bring_near(s, dispute_of(coming))
        return event
    if s.stretch < s.last_stretch:
        s.stretch += 1
        look_ahead(s, s.stretch + 1)
        return AGAIN
    return LAST


@entry
def proceed(m, s, row_limit, heap_limit):  # type: ignore[no-untyped-def]
    """Process events until none is left (returns 0) or a buffer is nearly full (returns 1)."""
    view(s.fixed, np.int64)[s.n_fixed] = LAST
    while True:
        if s.in_rows >= row_limit or s.in_heap >= heap_limit or s.in_chunks >= s.most_chunks:
            return 1
        event = next_event(s)
        if event == AGAIN:
            continue
        if event == LAST:
            return 0
        now, rank, number, job = minute_of(event), rank_of(event), dispute_of(event), job_of(event)
        if rank == C_ARISE:
            write(s, now, E_ARISE, number, J_CASE, NONE, NONE, ZERO, ZERO, ZERO)
            continue
        if rank == C_CAPACITY:
            pool = at(s.pools, number, POOL)
            pool.servers = capacity_change(s, now, number)
            write(s, now, E_CAPACITY, NONE, J_CASE, NONE, number, NONE, NONE, pool.servers)
            s.entered[0] = number
            s.in_entered = 1
        else:
            d = at(s.disputes, number, DISPUTE)
            if job != J_CASE:
                side_job_done(in_force(m, s, d, now), s, now, d, job)
            else:
                if d.clocks[rank] != now:
                    continue
                clear(s, d, rank)
                ring(in_force(m, s, d, now), s, now, d, rank)
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
    world.fixed[: int(s["n_fixed"])].sort()
    while proceed(m, s, len(world.rows) - margin, len(world.heap) - margin):
        world.make_room(margin)
    world.leave()
    return Trace(*world.tables(), int(m["horizon"]), int(m["warm_up"]))


def make_machine_code(model: Model) -> None:
    """Compile, or load what was compiled, without simulating anything."""
    simulate(model, Draws(0, 0), np.zeros(0, dtype=np.int64))
