"""The compiled engine: the same life of a dispute as a flat state machine in machine code.

It calls the very rules that the reference engine calls (compiled from the same source) and must return the same
trace, row for row; tests/twin compares them. Read reference.py first: functions here carry the names they have there.
All state is in records (layout.py): `m` holds the tables, `s` counters and the addresses of everything else, `d` is a
dispute. So the machine stops when a buffer runs full, and goes on in a bigger one.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from sim.engines.cache import use_cache

use_cache()  # before numba reads its settings

from numba import njit
from numba.extending import register_jitable

from sim import rules
from sim.clock import advance, order_key, worked_until
from sim.draws import Draws, visit_key
from sim.engines import layout
from sim.engines.codes import *
from sim.engines.codes import NEVER, NONE, NOWHERE, ZERO
from sim.engines.heaps import insert, pop_event, push_event, remove
from sim.engines.layout import CHANGE, DISPUTE, ITEM, POOL, ROUND, VILLAGE
from sim.engines.memory import at, view
from sim.model import Model
from sim.population import slots_of, village_counts
from sim.trace import Trace

for _name, _rule in inspect.getmembers(rules, inspect.isfunction):
    register_jitable(_rule)
for _scalar in (advance, order_key, worked_until, visit_key):
    register_jitable(_scalar)

# Nothing is allocated in machine code, so references need not be counted; and only entries are called from Python.
_LEAN: dict[str, Any] = {"cache": True, "_nrt": False, "no_cfunc_wrapper": True}
entry = njit(**_LEAN)
part = njit(**{**_LEAN, "no_cpython_wrapper": True})
# Tiny parts that are called all the time.
small = njit(**{**_LEAN, "no_cpython_wrapper": True, "forceinline": True})

LAST = np.int64(np.iinfo(np.int64).max)  # after all events
JOIN, VISIT = np.int64(0), np.int64(1)  # what follows a time away
ROW_MARGIN = 96  # rows that one event may emit of its own; START rows come on top


@small
def uniform(s, point, visit, d):  # type: ignore[no-untyped-def]
    """The draw at (slot of d, visit, point), see sim/draws.py."""
    return philox_uniform(s.key[0], s.key[1], d.slot, visit, point)


@small
def philox_uniform(k0, k1, slot, visit, point):  # type: ignore[no-untyped-def]
    """Philox4x32-10 in 64-bit integers; the first word as a number in (0, 1)."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    c0, c1, c2, c3 = np.uint64(slot), np.uint64(visit), np.uint64(point), np.uint64(0)
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * c0
        p1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> shift) ^ c1 ^ k0, p1 & mask, (p0 >> shift) ^ c3 ^ k1, p0 & mask
        k0 = (k0 + np.uint64(0x9E3779B9)) & mask
        k1 = (k1 + np.uint64(0xBB67AE85)) & mask
    return (np.float64(c0) + 0.5) * 2.0**-32


# --- clocks, rows, pools ------------------------------------------------------------------------------------------


@small
def schedule(s, minute, rank, d, job):  # type: ignore[no-untyped-def]
    key = (minute << 35) | order_key(rank, d.index, job)
    s.in_heap = push_event(view(s.heap, np.int64), s.in_heap, key)


@small
def set_clock(m, s, d, rank, minute):  # type: ignore[no-untyped-def]
    d.clocks[rank] = minute
    if minute < m.horizon:
        schedule(s, minute, rank, d, J_CASE)


@small
def clear(s, d, rank):  # type: ignore[no-untyped-def]
    d.clocks[rank] = NONE


@small
def write(s, now, event, d, job, tier, pool, visit, session, detail):  # type: ignore[no-untyped-def]
    rows, at_row = view(s.rows, np.int32), s.in_rows * 9
    rows[at_row] = now
    rows[at_row + 1] = event
    rows[at_row + 2] = d
    rows[at_row + 3] = job
    rows[at_row + 4] = tier
    rows[at_row + 5] = pool
    rows[at_row + 6] = visit
    rows[at_row + 7] = session
    rows[at_row + 8] = detail
    s.in_rows += 1


@small
def emit(s, now, event, d, detail):  # type: ignore[no-untyped-def]
    write(s, now, event, d.index, J_CASE, d.tier, NONE, d.visit, d.session, detail)


@small
def emit_pool(s, now, event, d, detail, job, pool):  # type: ignore[no-untyped-def]
    if job == J_CASE:
        write(s, now, event, d.index, J_CASE, d.tier, pool, d.visit, d.session, detail)
    else:
        write(s, now, event, d.index, job, NONE, pool, NONE, NONE, detail)


@part
def join_queue(s, d, job, place, priority, since):  # type: ignore[no-untyped-def]
    number = d.index * JOBS + job
    item, pool = at(s.items, number, ITEM), at(s.pools, place, POOL)
    item.key = (priority << 60) | (since << 30) | (d.index << 3) | job
    item.pool = place
    pool.root = insert(pool.root, number, view(s.items, ITEM))


@part
def leave_queue(s, d, job):  # type: ignore[no-untyped-def]
    number = d.index * JOBS + job
    pool = at(s.pools, at(s.items, number, ITEM).pool, POOL)
    pool.root = remove(pool.root, number, view(s.items, ITEM))


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
    item = at(s.items, d.index * JOBS + job, ITEM)
    place = item.pool
    pool = at(s.pools, place, POOL)
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
        emit_pool(s, now, E_LEAVE, d, ZERO, J_CASE, at(s.items, d.index * JOBS, ITEM).pool)
        leave_queue(s, d, J_CASE)
    else:
        clear(s, d, C_AWAY_END)
    d.state = AWAY


@part
def job_luck(s, d, job):  # type: ignore[no-untyped-def]
    if job == J_PETITION:
        return uniform(s, P_PETITION_WORK, d.petitions, d)
    if job == J_RESPONSE:
        return uniform(s, P_RESPONSE_TIME, ZERO, d)
    if job == J_FOLLOW_UP:
        return uniform(s, P_FOLLOW_UP_WORK, d.opening, d)
    if job == J_CONFIRMATION:
        return uniform(s, P_CONFIRMATION_WORK, d.opening, d)
    return uniform(s, P_ENFORCEMENT_WORK, d.opening, d)


@part
def begin(m, s, now, number, place):  # type: ignore[no-untyped-def]
    d = at(s.disputes, number // JOBS, DISPUTE)
    job = number - d.index * JOBS
    pool = at(s.pools, place, POOL)
    at(s.items, number, ITEM).started = now
    pool.busy += 1
    if job == J_CASE:
        d.state = SERVED
        luck = uniform(s, P_SESSION_LENGTH, visit_key(d.tier, d.visit, d.session), d)
        minutes = rules.session_length(m, d.tier, d.severity, d.language, luck)
    else:
        minutes = rules.whole_minutes(rules.exponential(job_luck(s, d, job), m.job_mean[job]))
    emit_pool(s, now, E_START, d, minutes, job, place)
    over = advance(view(s.worked, np.int64), pool.base, m.days, pool.opens, now, minutes)
    if job == J_CASE:
        set_clock(m, s, d, C_SESSION_END, over)
    elif over < m.horizon:
        schedule(s, over, C_SESSION_END, d, job)


@part
def serve(m, s, now, place):  # type: ignore[no-untyped-def]
    pool = at(s.pools, place, POOL)
    while pool.busy < pool.servers and pool.root != NONE:
        number = pool.root
        pool.root = remove(number, number, view(s.items, ITEM))
        begin(m, s, now, number, place)


@part
def dispatch(m, s, now):  # type: ignore[no-untyped-def]
    for i in range(s.in_freed):
        serve(m, s, now, s.freed[i])
    for i in range(s.in_entered):
        serve(m, s, now, s.entered[i])
    s.in_freed = 0
    s.in_entered = 0


@part
def side_job(m, s, now, d, job, priority):  # type: ignore[no-untyped-def]
    desk = at(s.villages, d.village, VILLAGE).desk[job]
    if desk >= 0 and at(s.items, d.index * JOBS + job, ITEM).pool == NONE:
        enter(s, now, d, job, desk, priority, now)


@part
def raise_priority(s, d, priority):  # type: ignore[no-untyped-def]
    if priority >= d.priority:
        return
    d.priority = priority
    if d.state == QUEUED:
        pool = at(s.items, d.index * JOBS, ITEM).pool
        leave_queue(s, d, J_CASE)
        join_queue(s, d, J_CASE, pool, priority, d.known)


# --- the life of a dispute ----------------------------------------------------------------------------------------


@part
def found_by_round(m, s, d, r, detects):  # type: ignore[no-untyped-def]
    village = d.village
    key = at(s.rounds, r, ROUND).key
    needed = rules.rounds_needed(detects, uniform(s, P_ROUND, key, d))
    phase = philox_uniform(s.key[0], s.key[1], village, key, P_ROUND_PHASE)
    period = at(s.rounds, r, ROUND).period
    number = rules.round_number(period, phase, d.arise, needed)
    if number >= 65536:
        return NEVER
    jitter = philox_uniform(s.key[0], s.key[1], village, (key << 16) | number, P_ROUND_JITTER)
    return rules.round_minute(period, phase, number, at(s.rounds, r, ROUND).jitter, jitter, d.arise)


@part
def first_exit(m, s, d):  # type: ignore[no-untyped-def]
    kind, severity, village, arise = d.kind, d.severity, d.village, d.arise
    d.eruption_left = rules.eruption_wait(m, kind, severity, uniform(s, P_ERUPTION_TIME, ZERO, d))
    best = arise + d.eruption_left
    what = H_ERUPTION
    tier = m.entry_tier[what]
    minute = arise + rules.party_wait(m, kind, severity, uniform(s, P_PARTY_TIME, ZERO, d))
    if minute < best:
        best = minute
        what = rules.party_channel(m, uniform(s, P_PARTY_CHANNEL, ZERO, d))
        tier = m.entry_tier[what]
    minute = arise + rules.rate_wait(
        at(s.villages, village, VILLAGE).grid_rate, uniform(s, P_GRID_TIME, ZERO, d)
    )
    if minute < best:
        best = minute
        what = H_GRID
        tier = m.entry_tier[what]
    for r in range(m.rounds):
        detects = view(s.detects, np.float64)[village * m.rounds + r]
        if detects > 0.0:
            minute = found_by_round(m, s, d, r, detects)
            if minute < best:
                best = minute
                what = at(s.rounds, r, ROUND).channel
                tier = at(s.rounds, r, ROUND).tier
    minute = arise + rules.rate_wait(m.settle_rate, uniform(s, P_LATENT_SETTLE, ZERO, d))
    if minute < best:
        best = minute
        what = -N_SELF_SETTLED
    minute = arise + rules.rate_wait(m.lump_rate, uniform(s, P_LATENT_LUMP, ZERO, d))
    if minute < best:
        best = minute
        what = -N_LUMPED
    d.exit_code = what
    d.exit_tier = tier
    set_clock(m, s, d, C_LATENT_EXIT, best)


@part
def open_clocks(m, s, now, d):  # type: ignore[no-untyped-def]
    key, kind = d.opening, d.kind
    d.state = AWAY
    d.end = 0
    if d.petitions == 0:
        set_clock(
            m,
            s,
            d,
            C_PETITION,
            now + rules.rate_wait(m.petition_rate[kind], uniform(s, P_PETITION_TIME, key, d)),
        )
    if m.suit_tier[kind] >= 0:
        set_clock(m, s, d, C_SUIT, now + rules.rate_wait(m.suit_rate[kind], uniform(s, P_SUIT_TIME, key, d)))
    wait = rules.exponential(uniform(s, P_WITHDRAWAL_TIME, key, d), m.withdrawal_mean)
    set_clock(m, s, d, C_WITHDRAWAL, now + rules.whole_minutes(wait))
    if d.eruption_left > 0:
        set_clock(m, s, d, C_ERUPTION, now + d.eruption_left)


@part
def erupt(m, s, now, d):  # type: ignore[no-untyped-def]
    crime = 1 if uniform(s, P_ERUPTION_CRIME, ZERO, d) < m.eruption_crime else 0
    caught = 2 if uniform(s, P_ERUPTION_CAUGHT, ZERO, d) < at(s.villages, d.village, VILLAGE).caught else 0
    d.eruption_left = NONE
    emit(s, now, E_ERUPTION, d, crime + caught)
    served = d.state == SERVED
    pool = at(s.items, d.index * JOBS, ITEM).pool
    if served:
        leave(m, s, now, d, E_ABORT)
    side_job(m, s, now, d, J_RESPONSE, URGENT)
    raise_priority(s, d, URGENT)
    if served:
        enter(s, now, d, J_CASE, pool, d.priority, d.known)


@part
def lodge_petition(m, s, now, d):  # type: ignore[no-untyped-def]
    d.petitions += 1
    number = d.petitions
    emit(s, now, E_PETITION, d, number)
    side_job(m, s, now, d, J_PETITION, NORMAL)
    raise_priority(s, d, RAISED)
    if uniform(s, P_PETITION_REPEAT, number, d) < m.petition_repeats and number < 15:
        gap = rules.exponential(uniform(s, P_PETITION_GAP, number, d), m.petition_repeat_mean)
        set_clock(m, s, d, C_PETITION, now + rules.whole_minutes(gap))


@part
def up(m, s, d):  # type: ignore[no-untyped-def]
    tier = d.tier
    above = rules.above(m, tier, d.departments)
    if above < 0 and tier <= T_COUNTY:
        luck = uniform(s, P_EXHAUSTION, visit_key(tier, d.visit, ZERO), d)
        above = rules.after_exhaustion(m, d.kind, luck)
    return above if above >= 0 else -N_LUMPED


@part
def join(m, s, now, d):  # type: ignore[no-untyped-def]
    d.session += 1
    pool = at(s.villages, d.village, VILLAGE).station[d.tier]
    enter(s, now, d, J_CASE, pool, d.priority, d.known)


@part
def go_away(m, s, now, d, minutes, follows):  # type: ignore[no-untyped-def]
    d.state = AWAY
    d.follows = follows
    emit(s, now, E_AWAY, d, minutes)
    set_clock(m, s, d, C_AWAY_END, now + minutes)


@part
def begin_visit(m, s, now, d):  # type: ignore[no-untyped-def]
    """The first half of reference.Run.visit_once: until the queue is joined."""
    tier = d.tier
    visit = min(15, d.visits[tier] + 1)
    d.visits[tier] = visit
    d.visit = visit
    d.session = 0
    key = visit_key(tier, visit, ZERO)
    consent = rules.consent(m, tier, uniform(s, P_CONSENT, key, d))
    if consent == 1:
        emit(s, now, E_REFUSED, d, ZERO)
        return up(m, s, d)
    if consent == 2:
        emit(s, now, E_BYPASSED, d, ZERO)
        if tier <= T_COUNTY and m.suit_tier[d.kind] >= 0:
            return m.suit_tier[d.kind]
        return up(m, s, d)
    if m.patience_mean[tier] > 0.0:
        wait = rules.exponential(uniform(s, P_PATIENCE, key, d), m.patience_mean[tier])
        set_clock(m, s, d, C_PATIENCE, now + rules.whole_minutes(wait))
    minutes = rules.delay(m, tier, d.kind, d.departments, uniform(s, P_DELAY, key, d))
    d.sessions = rules.count_geometric(uniform(s, P_SESSIONS, key, d), m.session_more[tier])
    if minutes > 0:
        go_away(m, s, now, d, minutes, JOIN)
    else:
        join(m, s, now, d)
    return NOWHERE


@part
def session_over(m, s, now, d):  # type: ignore[no-untyped-def]
    """The second half of reference.Run.visit_once: after a session, and what stay does with a failure."""
    tier, visit = d.tier, d.visit
    if d.session < d.sessions:
        luck = uniform(s, P_GAP, visit_key(tier, visit, d.session), d)
        minutes = rules.pause_length(m.gap_mean[tier], luck)
        if minutes > 0:
            go_away(m, s, now, d, minutes, JOIN)
        else:
            join(m, s, now, d)
        return NOWHERE
    key = visit_key(tier, visit, ZERO)
    if tier == T_TRIAL:
        return -rules.trial_end(m, uniform(s, P_TRIAL_END, key, d))
    p = rules.success_probability(
        m,
        tier,
        d.kind,
        d.severity,
        d.frailty,
        d.departments,
        d.language,
        now - d.known,
    )
    if uniform(s, P_SUCCESS, key, d) < p:
        return -N_DECIDED if tier == T_DECISION else -N_SETTLED
    d.used += 1
    emit(s, now, E_FAILED, d, d.used)
    if uniform(s, P_DROPOUT, key, d) < m.dropout[tier]:
        return -rules.drops(m, uniform(s, P_DROPOUT_END, key, d))
    if d.last or d.used >= m.attempts[tier]:
        return up(m, s, d)
    clear(s, d, C_PATIENCE)
    minutes = rules.pause_length(m.rest_mean[tier], uniform(s, P_REST, key, d))
    if minutes > 0:
        go_away(m, s, now, d, minutes, VISIT)
        return NOWHERE
    return begin_visit(m, s, now, d)


@part
def begin_stay(m, s, now, d):  # type: ignore[no-untyped-def]
    tier = d.tier
    d.last = 0
    if tier == T_TRIAL:
        emit(s, now, E_FILED, d, ZERO)
    if m.deadline[tier] > 0:
        set_clock(m, s, d, C_DEADLINE, now + m.deadline[tier])
    d.used = 0
    return begin_visit(m, s, now, d)


@part
def agreement(m, s, now, d):  # type: ignore[no-untyped-def]
    """The part of reference.Run.agreement before the breach."""
    key = d.opening
    d.confirmed = 0
    confirming = uniform(s, P_CONFIRMATION, key, d) < m.confirmed
    if confirming:
        side_job(m, s, now, d, J_CONFIRMATION, NORMAL)
    if uniform(s, P_FOLLOW_UP, key, d) < m.follow_up:
        set_clock(m, s, d, C_FOLLOW_UP, now + m.follow_up_after)
    if uniform(s, P_BREACH, key, d) < rules.breach_probability(m, confirming):
        wait = rules.exponential(uniform(s, P_BREACH_TIME, key, d), m.breach_mean)
        set_clock(m, s, d, C_BREACH, now + rules.whole_minutes(wait))


@part
def go(m, s, now, d, where):  # type: ignore[no-untyped-def]
    """The loop of reference.Run.life: to the next tier, or to an end."""
    while where != NOWHERE:
        clear(s, d, C_DEADLINE)
        clear(s, d, C_PATIENCE)
        if where >= 0:
            emit(s, now, E_CLIMB, d, where)
            d.tier = where
            where = begin_stay(m, s, now, d)
            continue
        emit(s, now, E_END, d, -where)
        d.state = ENDED
        d.end = -where
        due = d.clocks[C_ERUPTION]
        if due != NONE:
            d.eruption_left = due - now
        clear(s, d, C_ERUPTION)
        clear(s, d, C_SUIT)
        clear(s, d, C_PETITION)
        clear(s, d, C_WITHDRAWAL)
        if -where == N_SETTLED and d.tier != T_TRIAL:
            agreement(m, s, now, d)
        return


@part
def latent_exit(m, s, now, d):  # type: ignore[no-untyped-def]
    what = d.exit_code
    if what < 0:
        d.state = ENDED
        d.end = -what
        emit(s, now, E_END, d, -what)
        return
    d.known = now
    d.tier = d.exit_tier
    emit(s, now, E_KNOWN, d, what)
    if what == H_ERUPTION:
        erupt(m, s, now, d)
    else:
        left = d.eruption_left - (now - d.arise)
        d.eruption_left = rules.remaining_eruption(left, m.eruption_care)
    if what == H_PARTY_PETITION:
        lodge_petition(m, s, now, d)
    open_clocks(m, s, now, d)
    go(m, s, now, d, begin_stay(m, s, now, d))


@part
def breach(m, s, now, d):  # type: ignore[no-untyped-def]
    """The part of reference.Run.agreement from the breach on."""
    emit(s, now, E_BREACH, d, d.confirmed)
    if d.confirmed:
        side_job(m, s, now, d, J_ENFORCEMENT, NORMAL)
        return
    clear(s, d, C_FOLLOW_UP)
    d.opening += 1
    emit(s, now, E_REOPEN, d, d.opening)
    luck = uniform(s, P_RETURN, d.opening, d)
    if d.opening <= m.return_limit and luck < m.returns:
        open_clocks(m, s, now, d)
        go(m, s, now, d, begin_stay(m, s, now, d))
        return
    d.end = N_LUMPED
    emit(s, now, E_END, d, N_LUMPED)


@part
def meanwhile(m, s, now, d, signal):  # type: ignore[no-untyped-def]
    tier = d.tier
    key = visit_key(tier, d.visit, ZERO)
    if signal == C_ERUPTION:
        erupt(m, s, now, d)
    elif signal == C_PETITION:
        lodge_petition(m, s, now, d)
    elif signal == C_SUIT:
        if tier <= T_COUNTY:
            emit(s, now, E_SUIT, d, ZERO)
            leave(m, s, now, d, E_ABORT)
            return m.suit_tier[d.kind]
    elif signal == C_DEADLINE:
        emit(s, now, E_DEADLINE, d, m.deadline[tier])
        if m.deadline_action[tier] == 1:
            raise_priority(s, d, URGENT)
        elif m.deadline_action[tier] == 2:
            if d.state != SERVED:
                leave(m, s, now, d, E_ABORT)
                return up(m, s, d)
            d.last = 1
    elif signal == C_WITHDRAWAL:
        leave(m, s, now, d, E_ABORT)
        return -rules.leaves(m, uniform(s, P_WITHDRAWAL_END, d.opening, d))
    elif signal == C_PATIENCE:
        emit(s, now, E_RENEGE, d, ZERO)
        leave(m, s, now, d, E_ABORT)
        if uniform(s, P_RENEGE, key, d) < m.patience_climbs[tier]:
            return up(m, s, d)
        return -rules.drops(m, uniform(s, P_DROPOUT_END, key, d))
    return NOWHERE


@part
def side_job_done(m, s, now, d, job):  # type: ignore[no-untyped-def]
    release(m, s, now, d, job, E_SESSION)
    settled = d.state == ENDED and d.end == N_SETTLED
    if job == J_CONFIRMATION and settled:
        d.confirmed = 1
        emit(s, now, E_CONFIRMED, d, ZERO)
    elif job == J_ENFORCEMENT:
        emit(s, now, E_ENFORCED, d, ZERO)
    elif (
        job == J_FOLLOW_UP
        and settled
        and d.clocks[C_BREACH] != NONE
        and uniform(s, P_FOLLOW_UP_CATCH, d.opening, d) < m.follow_up_repairs
    ):
        clear(s, d, C_BREACH)
        emit(s, now, E_REPAIRED, d, ZERO)


@part
def ring(m, s, now, d, rank):  # type: ignore[no-untyped-def]
    """A clock of a case is due."""
    if rank == C_LATENT_EXIT:
        latent_exit(m, s, now, d)
    elif rank == C_SESSION_END:
        leave(m, s, now, d, E_SESSION)
        go(m, s, now, d, session_over(m, s, now, d))
    elif rank == C_AWAY_END:
        if d.follows == JOIN:
            join(m, s, now, d)
        else:
            go(m, s, now, d, begin_visit(m, s, now, d))
    elif rank == C_FOLLOW_UP:
        side_job(m, s, now, d, J_FOLLOW_UP, NORMAL)
    elif rank == C_BREACH:
        breach(m, s, now, d)
    else:
        go(m, s, now, d, meanwhile(m, s, now, d, rank))


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
        if uniform(s, P_THINNING, ZERO, d) >= m.keep[kind]:
            continue
        d.severity = rules.severity_of(m, kind, uniform(s, P_SEVERITY, ZERO, d))
        d.frailty = m.frailty_sd * rules.normal(uniform(s, P_FRAILTY, ZERO, d))
        d.departments = 1 if uniform(s, P_DEPARTMENTS, ZERO, d) < m.departments[kind] else 0
        language = at(s.villages, d.village, VILLAGE).language
        d.language = 1 if uniform(s, P_LANGUAGE, ZERO, d) < language else 0
        d.arise = rules.arise_minute(arise_cum, m.days, uniform(s, P_ARISE_TIME, ZERO, d))
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
            first_exit(m, s, d)
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
            if job != J_CASE:
                side_job_done(m, s, now, d, job)
            else:
                if d.clocks[rank] != now:
                    continue
                clear(s, d, rank)
                ring(m, s, now, d, rank)
        dispatch(m, s, now)


def simulate(model: Model, draws: Draws, slots: np.ndarray | None = None) -> Trace:
    """Run one replication. `slots` may name the disputes of the superset (default: as the population draws them)."""
    if slots is None:
        slots = slots_of(village_counts(model, draws))
    margin = ROW_MARGIN + int(model.tables.capacity_servers.max(initial=0))
    world = layout.World(model.tables, draws.key, slots, margin)
    m, s = layout.numbers(model.tables), world.record
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
