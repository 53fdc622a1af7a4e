"""The life of a dispute in the compiled engine, as a flat state machine. The names are those of reference/life.py."""

from __future__ import annotations

import numpy as np

from sim import rules
from sim.draws import visit_key
from sim.engines.compiled.afterwards import (
    afterwards,
    comes_up,
    erupt,
    lodge_petition,
    resurface,
    smoulder,
    start_eruption,
)
from sim.engines.compiled.codes import *
from sim.engines.compiled.latent import SPARE, due, eruption, rings
from sim.engines.compiled.layout import VILLAGE
from sim.engines.compiled.machine import chance, clear, emit, set_clock, uniform
from sim.engines.compiled.stations import enter, leave, raise_priority, release, side_job
from sim.native.jit import part, small
from sim.native.memory import at

JOIN, VISIT, JUDGMENT = np.int64(0), np.int64(1), np.int64(2)  # what follows a time away


@small
def open_clock(m, s, now, d, clock, point, rate, which):  # type: ignore[no-untyped-def]
    """A clock of a rate, drawn for this opening; one that never rings needs no draw."""
    if rate > 0.0 or m.until != FOREVER:
        u = uniform(s, point, d.opening, d)
        set_clock(m, s, d, clock, rings(m, s, now, d, rate, which, u, m.horizon))
    else:
        d.clocks[clock] = NEVER


@part
def open_clocks(m, s, now, d):  # type: ignore[no-untyped-def]
    key, kind = d.opening, d.kind
    d.state = AWAY
    d.end = 0
    if d.petitions == 0:
        open_clock(m, s, now, d, C_PETITION, P_PETITION_TIME, m.petition_rate[kind], W_PETITIONS)
    if m.suit_tier[kind] >= 0:
        open_clock(m, s, now, d, C_SUIT, P_SUIT_TIME, m.suit_rate[kind], W_SUES)
    u = uniform(s, P_WITHDRAWAL_TIME, key, d)
    minute = NEVER
    if m.until != FOREVER or u * m.withdrawal_mean < m.horizon - now + SPARE:
        wait = rules.whole_minutes(rules.exponential(u, m.withdrawal_mean))
        minute = due(m, s, now, d, wait, W_WITHDRAWS, u)
    set_clock(m, s, d, C_WITHDRAWAL, minute)
    if d.eruption_left == NONE:
        start_eruption(m, s, now, d)
        return
    minute = now + d.eruption_left
    if minute > m.until:
        minute = due(m, s, now, d, d.eruption_left, W_ERUPTS, uniform(s, P_ERUPTION_TIME, ZERO, d))
    set_clock(m, s, d, C_ERUPTION, minute)
    d.eruption_left = NONE


@part
def up(m, s, d):  # type: ignore[no-untyped-def]
    tier = d.tier
    above = rules.above(m, tier, d.departments)
    if above < 0 and tier <= T_COUNTY:
        luck = uniform(s, P_EXHAUSTION, visit_key(tier, d.visit, ZERO), d)
        above = rules.after_exhaustion(m, d.kind, luck)
    return above if above >= 0 else rules.ends_as(N_LUMPED)


@part
def join(m, s, now, d):  # type: ignore[no-untyped-def]
    d.session += 1
    pool = at(s.villages, d.village, VILLAGE).station[d.tier]
    enter(s, now, d, J_CASE, pool, np.int64(d.priority), np.int64(d.known))


@part
def go_away(m, s, now, d, minutes, follows):  # type: ignore[no-untyped-def]
    d.state = AWAY
    d.follows = follows
    emit(s, now, E_AWAY, d, minutes)
    set_clock(m, s, d, C_AWAY_END, now + minutes)


@small
def pause(s, point, key, d, mean):  # type: ignore[no-untyped-def]
    """A gap or a rest, drawn where there is any."""
    return rules.pause_length(mean, uniform(s, point, key, d)) if mean > 0.0 else ZERO


@part
def begin_visit(m, s, now, d):  # type: ignore[no-untyped-def]
    """The first half of reference.Life.visit_once: until the queue is joined."""
    tier = d.tier
    visit = min(MOST_IN_KEY, d.visits[tier] + 1)
    d.visits[tier] = visit
    d.visit = visit
    d.session = 0
    key = visit_key(tier, visit, ZERO)
    if m.refuses[tier] > 0.0 or m.bypasses[tier] > 0.0:
        consent = rules.consent(m, tier, uniform(s, P_CONSENT, key, d))
        if consent == REFUSED:
            emit(s, now, E_REFUSED, d, ZERO)
            return up(m, s, d)
        if consent == BYPASSED:
            emit(s, now, E_BYPASSED, d, ZERO)
            if tier <= T_COUNTY and m.suit_tier[d.kind] >= 0:
                return m.suit_tier[d.kind]
            return up(m, s, d)
    if m.patience_mean[tier] > 0.0:
        wait = rules.exponential(uniform(s, P_PATIENCE, key, d), m.patience_mean[tier])
        set_clock(m, s, d, C_PATIENCE, now + rules.whole_minutes(wait))
    minutes = ZERO
    if m.delay_mean[tier * KINDS + d.kind] > 0.0 or m.departments_delay_mean[tier] > 0.0:
        minutes = rules.delay(m, tier, d.kind, d.departments, uniform(s, P_DELAY, key, d))
    d.sessions = 1
    if m.session_more[tier] > 0.0:
        d.sessions = rules.count_geometric(uniform(s, P_SESSIONS, key, d), m.session_more[tier])
    if minutes > 0:
        go_away(m, s, now, d, minutes, JOIN)
    else:
        join(m, s, now, d)
    return STAYS


@part
def judged(m, s, now, d, key):  # type: ignore[no-untyped-def]
    end = rules.trial_end(m, uniform(s, P_TRIAL_END, key, d))
    if end == N_ADJUDICATED and chance(s, P_APPEAL, key, d, m.appealed):
        clear(s, d, C_DEADLINE)
        clear(s, d, C_PATIENCE)
        emit(s, now, E_APPEAL, d, ZERO)
        minutes = pause(s, P_APPEAL_TIME, key, d, m.appeal_mean)
        if minutes > 0:
            go_away(m, s, now, d, minutes, JUDGMENT)
            return STAYS
    return rules.ends_as(end)


@part
def session_over(m, s, now, d):  # type: ignore[no-untyped-def]
    """The second half of reference.Life.visit_once: after a session, and what stay does with a failure."""
    tier, visit = d.tier, d.visit
    if d.session < d.sessions:
        minutes = pause(s, P_GAP, visit_key(tier, visit, d.session), d, m.gap_mean[tier])
        if minutes > 0:
            go_away(m, s, now, d, minutes, JOIN)
        else:
            join(m, s, now, d)
        return STAYS
    key = visit_key(tier, visit, ZERO)
    if tier == T_TRIAL:
        return judged(m, s, now, d, key)
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
    if chance(s, P_SUCCESS, key, d, p):
        return rules.ends_as(N_DECIDED if tier == T_DECISION else N_SETTLED)
    d.used += 1
    emit(s, now, E_FAILED, d, d.used)
    if chance(s, P_DROPOUT, key, d, m.dropout[tier]):
        return rules.ends_as(rules.drops(m, uniform(s, P_DROPOUT_END, key, d)))
    if d.last or d.used >= m.attempts[tier]:
        return up(m, s, d)
    clear(s, d, C_PATIENCE)
    minutes = pause(s, P_REST, key, d, m.rest_mean[tier])
    if minutes > 0:
        go_away(m, s, now, d, minutes, VISIT)
        return STAYS
    return begin_visit(m, s, now, d)


@part
def begin_stay(m, s, now, d):  # type: ignore[no-untyped-def]
    tier = d.tier
    d.last = 0
    if tier == T_TRIAL:
        emit(s, now, E_FILED, d, ZERO)
        clear(s, d, C_WITHDRAWAL)
    if m.deadline[tier] > 0:
        set_clock(m, s, d, C_DEADLINE, now + m.deadline[tier])
    d.used = 0
    return begin_visit(m, s, now, d)


@part
def go(m, s, now, d, where):  # type: ignore[no-untyped-def]
    """The loop of reference.Life.life: to the next tier, or to an end."""
    while where != STAYS:
        clear(s, d, C_DEADLINE)
        clear(s, d, C_PATIENCE)
        if where >= 0:
            emit(s, now, E_CLIMB, d, where)
            d.tier = where
            where = begin_stay(m, s, now, d)
            continue
        end = rules.end_of(where)
        emit(s, now, E_END, d, end)
        d.state = ENDED
        d.end = end
        clear(s, d, C_ERUPTION)
        clear(s, d, C_SUIT)
        clear(s, d, C_WITHDRAWAL)
        afterwards(m, s, now, d)
        return


@part
def latent_exit(m, s, now, d):  # type: ignore[no-untyped-def]
    what = d.exit_code
    if what < 0:
        d.state = ENDED
        d.end = rules.end_of(what)
        d.eruption_left = NONE
        emit(s, now, E_END, d, d.end)
        if rules.goes_on(d.end):
            smoulder(m, s, now, d)
        return
    become_known(m, s, now, d, what, d.exit_tier)


@part
def become_known(m, s, now, d, what, tier):  # type: ignore[no-untyped-def]
    d.known = now
    d.tier = tier
    emit(s, now, E_KNOWN, d, what)
    if what == H_ERUPTION:
        erupt(m, s, now, d)
    elif d.eruption_left != NONE:
        d.eruption_left = rules.remaining_eruption(eruption(m, s, now, d), m.eruption_care)
    if what == H_PARTY_PETITION:
        lodge_petition(m, s, now, d)
    open_clocks(m, s, now, d)
    go(m, s, now, d, begin_stay(m, s, now, d))


@part
def unresolved(m, s, now, d, signal):  # type: ignore[no-untyped-def]
    """A clock of a dispute rings that nobody settled."""
    channel = resurface(m, s, now, d, signal)
    if channel == NONE:
        return
    if d.tier == NONE:
        become_known(m, s, now, d, channel, m.entry_tier[channel])
        return
    comes_up(m, s, now, d, channel)
    open_clocks(m, s, now, d)
    go(m, s, now, d, begin_stay(m, s, now, d))


@part
def breach(m, s, now, d):  # type: ignore[no-untyped-def]
    """The part of reference.Afterwards.agreement from the breach on."""
    emit(s, now, E_BREACH, d, d.confirmed)
    if d.confirmed:
        side_job(m, s, now, d, J_ENFORCEMENT, NORMAL)
        return
    clear(s, d, C_FOLLOW_UP)
    d.opening += 1
    emit(s, now, E_REOPEN, d, d.opening)
    d.breaches += 1
    if d.breaches <= m.return_limit and chance(s, P_RETURN, d.opening, d, m.returns):
        open_clocks(m, s, now, d)
        go(m, s, now, d, begin_stay(m, s, now, d))
        return
    d.end = N_LUMPED
    emit(s, now, E_END, d, N_LUMPED)
    smoulder(m, s, now, d)


@part
def meanwhile(m, s, now, d, signal):  # type: ignore[no-untyped-def]
    tier = d.tier
    key = visit_key(tier, d.visit, ZERO)
    if signal == C_ERUPTION:
        erupt(m, s, now, d)
        start_eruption(m, s, now, d)
    elif signal == C_PETITION:
        lodge_petition(m, s, now, d)
    elif signal == C_SUIT:
        if tier <= T_COUNTY:
            emit(s, now, E_SUIT, d, ZERO)
            leave(m, s, now, d, E_ABORT)
            return m.suit_tier[d.kind]
    elif signal == C_DEADLINE:
        emit(s, now, E_DEADLINE, d, m.deadline[tier])
        if m.deadline_action[tier] == LATE_RAISE:
            raise_priority(s, d, URGENT)
        elif m.deadline_action[tier] == LATE_CLIMB:
            if d.state != SERVED:
                leave(m, s, now, d, E_ABORT)
                return up(m, s, d)
            d.last = 1
    elif signal == C_WITHDRAWAL:
        leave(m, s, now, d, E_ABORT)
        return rules.ends_as(rules.leaves(m, uniform(s, P_WITHDRAWAL_END, d.opening, d)))
    elif signal == C_PATIENCE:
        emit(s, now, E_RENEGE, d, ZERO)
        leave(m, s, now, d, E_ABORT)
        if chance(s, P_RENEGE, key, d, m.patience_climbs[tier]):
            return up(m, s, d)
        return rules.ends_as(rules.drops(m, uniform(s, P_DROPOUT_END, key, d)))
    return STAYS


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
        and chance(s, P_FOLLOW_UP_CATCH, d.opening, d, m.follow_up_repairs)
    ):
        clear(s, d, C_BREACH)
        emit(s, now, E_REPAIRED, d, ZERO)


@small
def ring(m, s, now, d, rank):  # type: ignore[no-untyped-def]
    """A clock of a case is due."""
    if d.state == UNRESOLVED:
        unresolved(m, s, now, d, rank)
    elif rank == C_LATENT_EXIT:
        latent_exit(m, s, now, d)
    elif rank == C_SESSION_END:
        leave(m, s, now, d, E_SESSION)
        go(m, s, now, d, session_over(m, s, now, d))
    elif rank == C_AWAY_END:
        if d.follows == JOIN:
            join(m, s, now, d)
        elif d.follows == JUDGMENT:
            go(m, s, now, d, rules.ends_as(N_ADJUDICATED))
        else:
            go(m, s, now, d, begin_visit(m, s, now, d))
    elif rank == C_FOLLOW_UP:
        side_job(m, s, now, d, J_FOLLOW_UP, NORMAL)
    elif rank == C_BREACH:
        breach(m, s, now, d)
    else:
        go(m, s, now, d, meanwhile(m, s, now, d, rank))
