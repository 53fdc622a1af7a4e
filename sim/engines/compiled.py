"""The compiled engine: the same life of a dispute as a flat state machine in machine code.

It calls the very rules that the reference engine calls (compiled from the same source) and must return the same
trace, row for row; tests/twin compares them. Read reference.py first: functions here carry the names they have there.
All state is in arrays, so that the machine stops when a buffer runs full and goes on after it was emptied.
"""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

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

JOIN, VISIT = np.int64(0), np.int64(1)  # what follows a time away
ROW_MARGIN = 96  # rows that one event may emit of its own; START rows come on top
COUNT_ROWS, COUNT_HEAP, COUNT_FREED, COUNT_ENTERED = range(4)


class State(NamedTuple):
    """Everything an event can read or change, beside the tables: see layout.py for the records."""

    key: Any  # [2] Philox key, uint64
    d: Any  # records of disputes
    item: Any  # records of jobs, [dispute * 6 + job]
    at: Any  # records of pools
    place: Any  # records of villages
    round: Any  # records of periodic rounds
    detects: Any  # [village * rounds + round]
    worked: Any  # working minutes of all calendars
    arise_cum: Any
    change: Any  # records of capacity changes
    counts: Any
    pending: Any  # pools to dispatch: [0:8] left, [8:16] entered
    heap: Any
    rows: Any


@part
def uniform(s, point, visit, d):  # type: ignore[no-untyped-def]
    """The draw at (slot of d, visit, point), see sim/draws.py."""
    return philox_uniform(s.key, s.d[d].slot, visit, point)


@part
def philox_uniform(key, slot, visit, point):  # type: ignore[no-untyped-def]
    """Philox4x32-10 in 64-bit integers; the first word as a number in (0, 1)."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    c0, c1, c2, c3 = np.uint64(slot), np.uint64(visit), np.uint64(point), np.uint64(0)
    k0, k1 = key[0], key[1]
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * c0
        p1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> shift) ^ c1 ^ k0, p1 & mask, (p0 >> shift) ^ c3 ^ k1, p0 & mask
        k0 = (k0 + np.uint64(0x9E3779B9)) & mask
        k1 = (k1 + np.uint64(0xBB67AE85)) & mask
    return (np.float64(c0) + 0.5) * 2.0**-32


# --- clocks, rows, pools ------------------------------------------------------------------------------------------


@part
def schedule(s, minute, rank, d, job):  # type: ignore[no-untyped-def]
    counts = s.counts
    key = (minute << 35) | order_key(rank, d, job)
    counts[COUNT_HEAP] = push_event(s.heap, counts[COUNT_HEAP], key)


@part
def set_clock(m, s, d, rank, minute):  # type: ignore[no-untyped-def]
    s.d[d].clocks[rank] = minute
    if minute < m.horizon:
        schedule(s, minute, rank, d, J_CASE)


@part
def clear(s, d, rank):  # type: ignore[no-untyped-def]
    s.d[d].clocks[rank] = NONE


@part
def write(s, now, event, d, job, tier, pool, visit, session, detail):  # type: ignore[no-untyped-def]
    n = s.counts[COUNT_ROWS]
    row = s.rows[n]
    row[0] = now
    row[1] = event
    row[2] = d
    row[3] = job
    row[4] = tier
    row[5] = pool
    row[6] = visit
    row[7] = session
    row[8] = detail
    s.counts[COUNT_ROWS] = n + 1


@part
def emit(s, now, event, d, detail):  # type: ignore[no-untyped-def]
    write(s, now, event, d, J_CASE, s.d[d].tier, NONE, s.d[d].visit, s.d[d].session, detail)


@part
def emit_pool(s, now, event, d, detail, job, pool):  # type: ignore[no-untyped-def]
    if job == J_CASE:
        write(s, now, event, d, J_CASE, s.d[d].tier, pool, s.d[d].visit, s.d[d].session, detail)
    else:
        write(s, now, event, d, job, NONE, pool, NONE, NONE, detail)


@part
def join_queue(s, d, job, pool, priority, since):  # type: ignore[no-untyped-def]
    item = d * JOBS + job
    s.item[item].key = (priority << 60) | (since << 30) | (d << 3) | job
    s.item[item].pool = pool
    s.at[pool].root = insert(s.at[pool].root, item, s.item)


@part
def leave_queue(s, d, job):  # type: ignore[no-untyped-def]
    item = d * JOBS + job
    pool = s.item[item].pool
    s.at[pool].root = remove(s.at[pool].root, item, s.item)


@part
def enter(s, now, d, job, pool, priority, since):  # type: ignore[no-untyped-def]
    if job == J_CASE:
        s.d[d].state = QUEUED
    emit_pool(s, now, E_ENTER, d, priority, job, pool)
    join_queue(s, d, job, pool, priority, since)
    s.pending[8 + s.counts[COUNT_ENTERED]] = pool
    s.counts[COUNT_ENTERED] += 1


@part
def release(m, s, now, d, job, event):  # type: ignore[no-untyped-def]
    item = d * JOBS + job
    pool = s.item[item].pool
    base, opens = s.at[pool].base, s.at[pool].opens
    spent = worked_until(s.worked, base, opens, now) - worked_until(
        s.worked, base, opens, s.item[item].started
    )
    emit_pool(s, now, event, d, spent, job, pool)
    s.item[item].pool = NONE
    if job == J_CASE:
        clear(s, d, C_SESSION_END)
    s.at[pool].busy -= 1
    s.pending[s.counts[COUNT_FREED]] = pool
    s.counts[COUNT_FREED] += 1


@part
def leave(m, s, now, d, event):  # type: ignore[no-untyped-def]
    if s.d[d].state == SERVED:
        release(m, s, now, d, J_CASE, event)
    elif s.d[d].state == QUEUED:
        emit_pool(s, now, E_LEAVE, d, ZERO, J_CASE, s.item[d * JOBS].pool)
        leave_queue(s, d, J_CASE)
    else:
        clear(s, d, C_AWAY_END)
    s.d[d].state = AWAY


@part
def job_luck(s, d, job):  # type: ignore[no-untyped-def]
    if job == J_PETITION:
        return uniform(s, P_PETITION_WORK, s.d[d].petitions, d)
    if job == J_RESPONSE:
        return uniform(s, P_RESPONSE_TIME, ZERO, d)
    if job == J_FOLLOW_UP:
        return uniform(s, P_FOLLOW_UP_WORK, s.d[d].opening, d)
    if job == J_CONFIRMATION:
        return uniform(s, P_CONFIRMATION_WORK, s.d[d].opening, d)
    return uniform(s, P_ENFORCEMENT_WORK, s.d[d].opening, d)


@part
def begin(m, s, now, item, pool):  # type: ignore[no-untyped-def]
    d = item // JOBS
    job = item - d * JOBS
    s.item[item].started = now
    s.at[pool].busy += 1
    if job == J_CASE:
        s.d[d].state = SERVED
        luck = uniform(s, P_SESSION_LENGTH, visit_key(s.d[d].tier, s.d[d].visit, s.d[d].session), d)
        minutes = rules.session_length(m, s.d[d].tier, s.d[d].severity, s.d[d].language, luck)
    else:
        minutes = rules.whole_minutes(rules.exponential(job_luck(s, d, job), m.job_mean[job]))
    emit_pool(s, now, E_START, d, minutes, job, pool)
    over = advance(s.worked, s.at[pool].base, m.days, s.at[pool].opens, now, minutes)
    if job == J_CASE:
        set_clock(m, s, d, C_SESSION_END, over)
    elif over < m.horizon:
        schedule(s, over, C_SESSION_END, d, job)


@part
def serve(m, s, now, pool):  # type: ignore[no-untyped-def]
    while s.at[pool].busy < s.at[pool].servers and s.at[pool].root != NONE:
        item = s.at[pool].root
        s.at[pool].root = remove(item, item, s.item)
        begin(m, s, now, item, pool)


@part
def dispatch(m, s, now):  # type: ignore[no-untyped-def]
    for i in range(s.counts[COUNT_FREED]):
        serve(m, s, now, s.pending[i])
    for i in range(s.counts[COUNT_ENTERED]):
        serve(m, s, now, s.pending[8 + i])
    s.counts[COUNT_FREED] = 0
    s.counts[COUNT_ENTERED] = 0


@part
def side_job(m, s, now, d, job, priority):  # type: ignore[no-untyped-def]
    desk = s.place[s.d[d].village].desk[job]
    if desk >= 0 and s.item[d * JOBS + job].pool == NONE:
        enter(s, now, d, job, desk, priority, now)


@part
def raise_priority(s, d, priority):  # type: ignore[no-untyped-def]
    if priority >= s.d[d].priority:
        return
    s.d[d].priority = priority
    if s.d[d].state == QUEUED:
        pool = s.item[d * JOBS].pool
        leave_queue(s, d, J_CASE)
        join_queue(s, d, J_CASE, pool, priority, s.d[d].known)


# --- the life of a dispute ----------------------------------------------------------------------------------------


@part
def found_by_round(m, s, d, r, detects):  # type: ignore[no-untyped-def]
    village = s.d[d].village
    key = s.round[r].key
    needed = rules.rounds_needed(detects, uniform(s, P_ROUND, key, d))
    phase = philox_uniform(s.key, village, key, P_ROUND_PHASE)
    period = s.round[r].period
    number = rules.round_number(period, phase, s.d[d].arise, needed)
    if number >= 65536:
        return NEVER
    jitter = philox_uniform(s.key, village, (key << 16) | number, P_ROUND_JITTER)
    return rules.round_minute(period, phase, number, s.round[r].jitter, jitter, s.d[d].arise)


@part
def first_exit(m, s, d):  # type: ignore[no-untyped-def]
    kind, severity, village, arise = s.d[d].kind, s.d[d].severity, s.d[d].village, s.d[d].arise
    s.d[d].eruption_left = rules.eruption_wait(m, kind, severity, uniform(s, P_ERUPTION_TIME, ZERO, d))
    best = arise + s.d[d].eruption_left
    what = H_ERUPTION
    tier = m.entry_tier[what]
    minute = arise + rules.party_wait(m, kind, severity, uniform(s, P_PARTY_TIME, ZERO, d))
    if minute < best:
        best = minute
        what = rules.party_channel(m, uniform(s, P_PARTY_CHANNEL, ZERO, d))
        tier = m.entry_tier[what]
    minute = arise + rules.rate_wait(s.place[village].grid_rate, uniform(s, P_GRID_TIME, ZERO, d))
    if minute < best:
        best = minute
        what = H_GRID
        tier = m.entry_tier[what]
    for r in range(m.rounds):
        detects = s.detects[village * m.rounds + r]
        if detects > 0.0:
            minute = found_by_round(m, s, d, r, detects)
            if minute < best:
                best = minute
                what = s.round[r].channel
                tier = s.round[r].tier
    minute = arise + rules.rate_wait(m.settle_rate, uniform(s, P_LATENT_SETTLE, ZERO, d))
    if minute < best:
        best = minute
        what = -N_SELF_SETTLED
    minute = arise + rules.rate_wait(m.lump_rate, uniform(s, P_LATENT_LUMP, ZERO, d))
    if minute < best:
        best = minute
        what = -N_LUMPED
    s.d[d].exit_code = what
    s.d[d].exit_tier = tier
    set_clock(m, s, d, C_LATENT_EXIT, best)


@part
def open_clocks(m, s, now, d):  # type: ignore[no-untyped-def]
    key, kind = s.d[d].opening, s.d[d].kind
    s.d[d].state = AWAY
    s.d[d].end = 0
    if s.d[d].petitions == 0:
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
    if s.d[d].eruption_left > 0:
        set_clock(m, s, d, C_ERUPTION, now + s.d[d].eruption_left)


@part
def erupt(m, s, now, d):  # type: ignore[no-untyped-def]
    crime = 1 if uniform(s, P_ERUPTION_CRIME, ZERO, d) < m.eruption_crime else 0
    caught = 2 if uniform(s, P_ERUPTION_CAUGHT, ZERO, d) < s.place[s.d[d].village].caught else 0
    s.d[d].eruption_left = NONE
    emit(s, now, E_ERUPTION, d, crime + caught)
    served = s.d[d].state == SERVED
    pool = s.item[d * JOBS].pool
    if served:
        leave(m, s, now, d, E_ABORT)
    side_job(m, s, now, d, J_RESPONSE, URGENT)
    raise_priority(s, d, URGENT)
    if served:
        enter(s, now, d, J_CASE, pool, s.d[d].priority, s.d[d].known)


@part
def lodge_petition(m, s, now, d):  # type: ignore[no-untyped-def]
    s.d[d].petitions += 1
    number = s.d[d].petitions
    emit(s, now, E_PETITION, d, number)
    side_job(m, s, now, d, J_PETITION, NORMAL)
    raise_priority(s, d, RAISED)
    if uniform(s, P_PETITION_REPEAT, number, d) < m.petition_repeats and number < 15:
        gap = rules.exponential(uniform(s, P_PETITION_GAP, number, d), m.petition_repeat_mean)
        set_clock(m, s, d, C_PETITION, now + rules.whole_minutes(gap))


@part
def up(m, s, d):  # type: ignore[no-untyped-def]
    tier = s.d[d].tier
    above = rules.above(m, tier, s.d[d].departments)
    if above < 0 and tier <= T_COUNTY:
        luck = uniform(s, P_EXHAUSTION, visit_key(tier, s.d[d].visit, ZERO), d)
        above = rules.after_exhaustion(m, s.d[d].kind, luck)
    return above if above >= 0 else -N_LUMPED


@part
def join(m, s, now, d):  # type: ignore[no-untyped-def]
    s.d[d].session += 1
    pool = s.place[s.d[d].village].station[s.d[d].tier]
    enter(s, now, d, J_CASE, pool, s.d[d].priority, s.d[d].known)


@part
def go_away(m, s, now, d, minutes, follows):  # type: ignore[no-untyped-def]
    s.d[d].state = AWAY
    s.d[d].follows = follows
    emit(s, now, E_AWAY, d, minutes)
    set_clock(m, s, d, C_AWAY_END, now + minutes)


@part
def begin_visit(m, s, now, d):  # type: ignore[no-untyped-def]
    """The first half of reference.Run.visit_once: until the queue is joined."""
    tier = s.d[d].tier
    visit = min(15, s.d[d].visits[tier] + 1)
    s.d[d].visits[tier] = visit
    s.d[d].visit = visit
    s.d[d].session = 0
    key = visit_key(tier, visit, ZERO)
    consent = rules.consent(m, tier, uniform(s, P_CONSENT, key, d))
    if consent == 1:
        emit(s, now, E_REFUSED, d, ZERO)
        return up(m, s, d)
    if consent == 2:
        emit(s, now, E_BYPASSED, d, ZERO)
        if tier <= T_COUNTY and m.suit_tier[s.d[d].kind] >= 0:
            return m.suit_tier[s.d[d].kind]
        return up(m, s, d)
    if m.patience_mean[tier] > 0.0:
        wait = rules.exponential(uniform(s, P_PATIENCE, key, d), m.patience_mean[tier])
        set_clock(m, s, d, C_PATIENCE, now + rules.whole_minutes(wait))
    minutes = rules.delay(m, tier, s.d[d].kind, s.d[d].departments, uniform(s, P_DELAY, key, d))
    s.d[d].sessions = rules.count_geometric(uniform(s, P_SESSIONS, key, d), m.session_more[tier])
    if minutes > 0:
        go_away(m, s, now, d, minutes, JOIN)
    else:
        join(m, s, now, d)
    return NOWHERE


@part
def session_over(m, s, now, d):  # type: ignore[no-untyped-def]
    """The second half of reference.Run.visit_once: after a session, and what stay does with a failure."""
    tier, visit = s.d[d].tier, s.d[d].visit
    if s.d[d].session < s.d[d].sessions:
        luck = uniform(s, P_GAP, visit_key(tier, visit, s.d[d].session), d)
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
        s.d[d].kind,
        s.d[d].severity,
        s.d[d].frailty,
        s.d[d].departments,
        s.d[d].language,
        now - s.d[d].known,
    )
    if uniform(s, P_SUCCESS, key, d) < p:
        return -N_DECIDED if tier == T_DECISION else -N_SETTLED
    s.d[d].used += 1
    emit(s, now, E_FAILED, d, s.d[d].used)
    if uniform(s, P_DROPOUT, key, d) < m.dropout[tier]:
        return -rules.drops(m, uniform(s, P_DROPOUT_END, key, d))
    if s.d[d].last or s.d[d].used >= m.attempts[tier]:
        return up(m, s, d)
    clear(s, d, C_PATIENCE)
    minutes = rules.pause_length(m.rest_mean[tier], uniform(s, P_REST, key, d))
    if minutes > 0:
        go_away(m, s, now, d, minutes, VISIT)
        return NOWHERE
    return begin_visit(m, s, now, d)


@part
def begin_stay(m, s, now, d):  # type: ignore[no-untyped-def]
    tier = s.d[d].tier
    s.d[d].last = 0
    if tier == T_TRIAL:
        emit(s, now, E_FILED, d, ZERO)
    if m.deadline[tier] > 0:
        set_clock(m, s, d, C_DEADLINE, now + m.deadline[tier])
    s.d[d].used = 0
    return begin_visit(m, s, now, d)


@part
def agreement(m, s, now, d):  # type: ignore[no-untyped-def]
    """The part of reference.Run.agreement before the breach."""
    key = s.d[d].opening
    s.d[d].confirmed = 0
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
            s.d[d].tier = where
            where = begin_stay(m, s, now, d)
            continue
        emit(s, now, E_END, d, -where)
        s.d[d].state = ENDED
        s.d[d].end = -where
        due = s.d[d].clocks[C_ERUPTION]
        if due != NONE:
            s.d[d].eruption_left = due - now
        clear(s, d, C_ERUPTION)
        clear(s, d, C_SUIT)
        clear(s, d, C_PETITION)
        clear(s, d, C_WITHDRAWAL)
        if -where == N_SETTLED and s.d[d].tier != T_TRIAL:
            agreement(m, s, now, d)
        return


@part
def latent_exit(m, s, now, d):  # type: ignore[no-untyped-def]
    what = s.d[d].exit_code
    if what < 0:
        s.d[d].state = ENDED
        s.d[d].end = -what
        emit(s, now, E_END, d, -what)
        return
    s.d[d].known = now
    s.d[d].tier = s.d[d].exit_tier
    emit(s, now, E_KNOWN, d, what)
    if what == H_ERUPTION:
        erupt(m, s, now, d)
    else:
        left = s.d[d].eruption_left - (now - s.d[d].arise)
        s.d[d].eruption_left = rules.remaining_eruption(left, m.eruption_care)
    if what == H_PARTY_PETITION:
        lodge_petition(m, s, now, d)
    open_clocks(m, s, now, d)
    go(m, s, now, d, begin_stay(m, s, now, d))


@part
def breach(m, s, now, d):  # type: ignore[no-untyped-def]
    """The part of reference.Run.agreement from the breach on."""
    emit(s, now, E_BREACH, d, s.d[d].confirmed)
    if s.d[d].confirmed:
        side_job(m, s, now, d, J_ENFORCEMENT, NORMAL)
        return
    clear(s, d, C_FOLLOW_UP)
    s.d[d].opening += 1
    emit(s, now, E_REOPEN, d, s.d[d].opening)
    luck = uniform(s, P_RETURN, s.d[d].opening, d)
    if s.d[d].opening <= m.return_limit and luck < m.returns:
        open_clocks(m, s, now, d)
        go(m, s, now, d, begin_stay(m, s, now, d))
        return
    s.d[d].end = N_LUMPED
    emit(s, now, E_END, d, N_LUMPED)


@part
def meanwhile(m, s, now, d, signal):  # type: ignore[no-untyped-def]
    tier = s.d[d].tier
    key = visit_key(tier, s.d[d].visit, ZERO)
    if signal == C_ERUPTION:
        erupt(m, s, now, d)
    elif signal == C_PETITION:
        lodge_petition(m, s, now, d)
    elif signal == C_SUIT:
        if tier <= T_COUNTY:
            emit(s, now, E_SUIT, d, ZERO)
            leave(m, s, now, d, E_ABORT)
            return m.suit_tier[s.d[d].kind]
    elif signal == C_DEADLINE:
        emit(s, now, E_DEADLINE, d, m.deadline[tier])
        if m.deadline_action[tier] == 1:
            raise_priority(s, d, URGENT)
        elif m.deadline_action[tier] == 2:
            if s.d[d].state != SERVED:
                leave(m, s, now, d, E_ABORT)
                return up(m, s, d)
            s.d[d].last = 1
    elif signal == C_WITHDRAWAL:
        leave(m, s, now, d, E_ABORT)
        return -rules.leaves(m, uniform(s, P_WITHDRAWAL_END, s.d[d].opening, d))
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
    settled = s.d[d].state == ENDED and s.d[d].end == N_SETTLED
    if job == J_CONFIRMATION and settled:
        s.d[d].confirmed = 1
        emit(s, now, E_CONFIRMED, d, ZERO)
    elif job == J_ENFORCEMENT:
        emit(s, now, E_ENFORCED, d, ZERO)
    elif (
        job == J_FOLLOW_UP
        and settled
        and s.d[d].clocks[C_BREACH] != NONE
        and uniform(s, P_FOLLOW_UP_CATCH, s.d[d].opening, d) < m.follow_up_repairs
    ):
        clear(s, d, C_BREACH)
        emit(s, now, E_REPAIRED, d, ZERO)


@part
def ring(m, s, now, d, rank):  # type: ignore[no-untyped-def]
    """A clock of a case is due."""
    if rank == C_ARISE:
        emit(s, now, E_ARISE, d, ZERO)
        first_exit(m, s, d)
    elif rank == C_LATENT_EXIT:
        latent_exit(m, s, now, d)
    elif rank == C_SESSION_END:
        leave(m, s, now, d, E_SESSION)
        go(m, s, now, d, session_over(m, s, now, d))
    elif rank == C_AWAY_END:
        if s.d[d].follows == JOIN:
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
    for c in range(len(s.change)):
        if s.change[c].minute < m.horizon:
            schedule(s, s.change[c].minute, C_CAPACITY, s.change[c].pool, J_CASE)
    for d in range(len(s.d)):
        s.d[d].village = s.d[d].slot >> 16
        kind = rules.kind_of(m, uniform(s, P_KIND, ZERO, d))
        s.d[d].kind = kind
        if uniform(s, P_THINNING, ZERO, d) >= m.keep[kind]:
            continue
        s.d[d].severity = rules.severity_of(m, kind, uniform(s, P_SEVERITY, ZERO, d))
        s.d[d].frailty = m.frailty_sd * rules.normal(uniform(s, P_FRAILTY, ZERO, d))
        s.d[d].departments = 1 if uniform(s, P_DEPARTMENTS, ZERO, d) < m.departments[kind] else 0
        s.d[d].language = 1 if uniform(s, P_LANGUAGE, ZERO, d) < s.place[s.d[d].village].language else 0
        s.d[d].arise = rules.arise_minute(s.arise_cum, m.days, uniform(s, P_ARISE_TIME, ZERO, d))
        set_clock(m, s, d, C_ARISE, s.d[d].arise)


@part
def capacity_change(s, now, pool):  # type: ignore[no-untyped-def]
    """Index of the capacity change of a pool at a minute."""
    low, high = 0, len(s.change)
    while low < high:
        middle = (low + high) // 2
        if s.change[middle].minute < now or (s.change[middle].minute == now and s.change[middle].pool < pool):
            low = middle + 1
        else:
            high = middle
    return low


@entry
def proceed(m, s, row_limit, heap_limit):  # type: ignore[no-untyped-def]
    """Process events until none is left (returns 0) or a buffer is nearly full (returns 1)."""
    counts = s.counts
    while counts[COUNT_HEAP] > 0:
        if counts[COUNT_ROWS] >= row_limit or counts[COUNT_HEAP] >= heap_limit:
            return 1
        event = s.heap[0]
        counts[COUNT_HEAP] = pop_event(s.heap, counts[COUNT_HEAP])
        now = event >> 35
        rank = (event >> 30) & 31
        d = (event >> 3) & 134217727
        job = event & 7
        if rank == C_CAPACITY:
            s.at[d].servers = s.change[capacity_change(s, now, d)].servers
            write(s, now, E_CAPACITY, NONE, J_CASE, NONE, d, NONE, NONE, s.at[d].servers)
            s.pending[8] = d
            counts[COUNT_ENTERED] = 1
        elif job != J_CASE:
            side_job_done(m, s, now, d, job)
        else:
            if s.d[d].clocks[rank] != now:
                continue
            clear(s, d, rank)
            ring(m, s, now, d, rank)
        dispatch(m, s, now)
    return 0


def _state(model: Model, draws: Draws, slots: np.ndarray, margin: int) -> State:
    n = len(slots)
    return State(
        key=np.array(draws.key, dtype=np.uint64),
        d=layout.disputes(slots),
        item=layout.items(n),
        at=layout.pools(model.tables),
        place=layout.villages(model.tables),
        round=layout.rounds(model.tables),
        detects=model.tables.round_detects,
        worked=model.tables.cal_worked,
        arise_cum=model.tables.arise_cum,
        change=layout.changes(model.tables),
        counts=np.zeros(4, dtype=np.int64),
        pending=np.zeros(16, dtype=np.int64),
        heap=np.zeros(4 * n + 2 * margin + 1024, dtype=np.int64),
        rows=np.empty((8 * n + margin + 1024, 9), dtype=np.int32),
    )


def simulate(model: Model, draws: Draws, slots: np.ndarray | None = None) -> Trace:
    """Run one replication. `slots` may name the disputes of the superset (default: as the population draws them)."""
    if slots is None:
        slots = slots_of(village_counts(model, draws))
    margin = ROW_MARGIN + int(model.tables.capacity_servers.max(initial=0))
    m, s = layout.numbers(model.tables), _state(model, draws, slots, margin)
    births(m, s)
    while proceed(m, s, len(s.rows) - margin, len(s.heap) - margin):
        if s.counts[COUNT_HEAP] >= len(s.heap) - margin:
            s = s._replace(heap=np.concatenate([s.heap, np.zeros_like(s.heap)]))
        if s.counts[COUNT_ROWS] >= len(s.rows) - margin:
            s = s._replace(rows=np.concatenate([s.rows, np.empty_like(s.rows)]))
    d = s.d
    severity = (d["severity"] * 1e6).astype(np.int64)
    exists = (d["arise"] != NONE).astype(np.int64)
    names = ("village", "kind"), ("departments", "language", "arise")
    columns = [d["slot"], exists, *(d[x] for x in names[0]), severity, *(d[x] for x in names[1])]
    rows = s.rows[: s.counts[COUNT_ROWS]]
    return Trace(rows, np.stack(columns, axis=1), int(m["horizon"]), int(m["warm_up"]))
