"""Pools of the compiled engine: queues, servers and side jobs. The names are those of reference/stations.py."""

from __future__ import annotations

import numpy as np

from sim import rules
from sim.clock import JOB_BITS, MINUTES_PER_DAY, PRIORITY_SHIFT, SINCE_SHIFT, advance, worked_until
from sim.draws import visit_key
from sim.engines.compiled.agenda import dispute_of, job_of
from sim.engines.compiled.codes import *
from sim.engines.compiled.heaps import insert, remove, remove_first
from sim.engines.compiled.layout import DISPUTE, ITEM, POOL, VILLAGE
from sim.engines.compiled.machine import clear, emit_pool, schedule, set_clock, uniform
from sim.native.jit import part, small
from sim.native.memory import at, beside, view

DAY = np.int64(MINUTES_PER_DAY)
NEAR, FARTHER = (
    np.int64(2),
    np.int64(8),
)  # days in which the end of a session is looked for, and how they grow


@small
def in_force(m, s, d, minute):  # type: ignore[no-untyped-def]
    """The tables that hold in the dispute's village at a minute; `m` are any of the model's."""
    if s.variants == ONE:
        return m
    m = beside(m, at(s.villages, d.village, VILLAGE).area - m.number)
    while minute >= m.until:
        m = beside(m, ONE)
    return m


@small
def item_number(s, d, job):  # type: ignore[no-untyped-def]
    """Where the record of a job is: the case's under the number of the dispute, side jobs in a block behind all."""
    if job == J_CASE:
        return np.int64(d.index)
    return s.n_disputes + d.side * SIDE_JOBS + job - 1


@part
def join_queue(s, d, job, place, priority, since):  # type: ignore[no-untyped-def]
    number = item_number(s, d, job)
    item, pool = at(s.items, number, ITEM), at(s.pools, place, POOL)
    item.key = (priority << PRIORITY_SHIFT) | (since << SINCE_SHIFT) | (d.index << JOB_BITS) | job
    item.pool = place
    pool.root = insert(pool.root, number, s.items)


@part
def leave_queue(s, d, job):  # type: ignore[no-untyped-def]
    number = item_number(s, d, job)
    pool = at(s.pools, at(s.items, number, ITEM).pool, POOL)
    pool.root = remove(pool.root, number, s.items)


@part
def enter(s, now, d, job, pool, priority, since):  # type: ignore[no-untyped-def]
    if job == J_CASE:
        d.state = QUEUED
    emit_pool(s, now, E_ENTER, d, priority, job, pool)
    join_queue(s, d, job, pool, priority, since)
    s.entered[s.in_entered] = pool
    s.in_entered += 1


@part
def release(m, s, now, d, job, event):  # type: ignore[no-untyped-def]
    item = at(s.items, item_number(s, d, job), ITEM)
    place = np.int64(item.pool)
    pool = at(s.pools, place, POOL)
    if event == E_SESSION:  # it ends as planned
        spent = item.minutes
    else:
        worked = view(s.worked, np.int64)
        spent = worked_until(worked, pool.base, pool.opens, now)
        spent -= worked_until(worked, pool.base, pool.opens, item.started)
    emit_pool(s, now, event, d, spent, job, place)
    item.pool = NONE
    if job == J_CASE:
        clear(s, d, C_SESSION_END)
    pool.busy -= 1
    s.freed[s.in_freed] = place
    s.in_freed += 1


@part
def leave(m, s, now, d, event):  # type: ignore[no-untyped-def]
    if d.state == SERVED:
        release(m, s, now, d, J_CASE, event)
    elif d.state == QUEUED:
        emit_pool(s, now, E_LEAVE, d, ZERO, J_CASE, at(s.items, d.index, ITEM).pool)
        leave_queue(s, d, J_CASE)
    else:
        clear(s, d, C_AWAY_END)
    d.state = AWAY


@part
def job_luck(s, d, job):  # type: ignore[no-untyped-def]
    if job == J_PETITION:
        return uniform(s, P_PETITION_WORK, d.petitions, d)
    if job == J_RESPONSE:
        return uniform(s, P_RESPONSE_TIME, d.eruptions - 1, d)
    if job == J_FOLLOW_UP:
        return uniform(s, P_FOLLOW_UP_WORK, d.opening, d)
    if job == J_CONFIRMATION:
        return uniform(s, P_CONFIRMATION_WORK, d.opening, d)
    return uniform(s, P_ENFORCEMENT_WORK, d.opening, d)


@small
def session_end(worked, pool, days, now, minutes):  # type: ignore[no-untyped-def]
    """clock.advance, which searches all days to the last: here a few first, and more if they do not suffice."""
    today, ahead = now // DAY, NEAR
    while True:
        last = min(today + ahead, days)
        over = advance(worked, pool.base, last, pool.opens, now, minutes)
        if over != NEVER or last == days:
            return over
        ahead *= FARTHER


@small
def begin(m, s, now, number, place):  # type: ignore[no-untyped-def]
    item, pool = at(s.items, number, ITEM), at(s.pools, place, POOL)
    d, job = at(s.disputes, dispute_of(item.key), DISPUTE), job_of(item.key)
    m = in_force(m, s, d, now)
    item.started = now
    pool.busy += 1
    if job == J_CASE:
        d.state = SERVED
        luck = uniform(s, P_SESSION_LENGTH, visit_key(d.tier, d.visit, d.session), d)
        minutes = rules.session_length(m, d.tier, d.severity, d.language, luck)
    else:
        minutes = rules.whole_minutes(rules.exponential(job_luck(s, d, job), m.job_mean[job]))
    emit_pool(s, now, E_START, d, minutes, job, place)
    item.minutes = minutes
    over = session_end(view(s.worked, np.int64), pool, m.days, now, minutes)
    if job == J_CASE:
        set_clock(m, s, d, C_SESSION_END, over)
    elif over < m.horizon:
        schedule(s, over, C_SESSION_END, d, job)


@small
def serve(m, s, now, place):  # type: ignore[no-untyped-def]
    pool = at(s.pools, place, POOL)
    while pool.busy < pool.servers and pool.root != NONE:
        number = pool.root
        pool.root = remove_first(number, s.items)
        begin(m, s, now, number, place)


@part
def dispatch(m, s, now):  # type: ignore[no-untyped-def]
    freed = s.in_freed
    for i in range(freed + s.in_entered):
        serve(m, s, now, s.freed[i] if i < freed else s.entered[i - freed])
    s.in_freed = 0
    s.in_entered = 0


@part
def side_job(m, s, now, d, job, priority):  # type: ignore[no-untyped-def]
    desk = at(s.villages, d.village, VILLAGE).desk[job]
    if desk < 0:
        return
    if d.side == NONE:
        d.side = s.in_sides
        s.in_sides += 1
        for other in range(SIDE_JOBS):
            at(s.items, item_number(s, d, other + 1), ITEM).pool = NONE
    if at(s.items, item_number(s, d, job), ITEM).pool == NONE:
        enter(s, now, d, job, desk, priority, now)


@part
def raise_priority(s, d, priority):  # type: ignore[no-untyped-def]
    if priority >= d.priority:
        return
    d.priority = priority
    if d.state == QUEUED:
        pool = np.int64(at(s.items, d.index, ITEM).pool)
        leave_queue(s, d, J_CASE)
        join_queue(s, d, J_CASE, pool, priority, np.int64(d.known))
