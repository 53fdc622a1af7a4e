"""What follows the end of a dispute, in the compiled engine. The names are those of reference/afterwards.py."""

from __future__ import annotations

import numpy as np

from sim import rules
from sim.draws import spell_key
from sim.engines.compiled.codes import *
from sim.engines.compiled.latent import due, due_fading, rings
from sim.engines.compiled.layout import ITEM
from sim.engines.compiled.machine import chance, clear, emit, set_clock, uniform
from sim.engines.compiled.stations import enter, leave, raise_priority, side_job
from sim.native.jit import part
from sim.native.memory import at


@part
def erupt(m, s, now, d):  # type: ignore[no-untyped-def]
    number = d.eruptions
    crime = chance(s, P_ERUPTION_CRIME, number, d, m.eruption_crime)
    stopped = chance(s, P_ERUPTION_CAUGHT, number, d, m.eruption_caught)
    d.eruption_left = NONE
    d.eruptions = number + 1
    emit(s, now, E_ERUPTION, d, rules.eruption(crime, stopped))
    served = d.state == SERVED
    pool = at(s.items, d.index, ITEM).pool
    if served:
        leave(m, s, now, d, E_ABORT)
    side_job(m, s, now, d, J_RESPONSE, URGENT)
    raise_priority(s, d, URGENT)
    if served:
        enter(s, now, d, J_CASE, np.int64(pool), np.int64(d.priority), np.int64(d.known))


@part
def start_eruption(m, s, now, d):  # type: ignore[no-untyped-def]
    if d.eruptions < MOST_IN_KEY:
        u = uniform(s, P_ERUPTION_AGAIN, spell_key(d.opening, d.eruptions), d)
        wait = rules.remaining_eruption(rules.eruption_wait(m, d.kind, d.severity, u), m.eruption_care)
        set_clock(m, s, d, C_ERUPTION, due(m, s, now, d, wait, W_ERUPTS, u))


@part
def lodge_petition(m, s, now, d):  # type: ignore[no-untyped-def]
    d.petitions += 1
    number = d.petitions
    emit(s, now, E_PETITION, d, number)
    side_job(m, s, now, d, J_PETITION, NORMAL)
    raise_priority(s, d, RAISED)
    if number < MOST_IN_KEY and chance(s, P_PETITION_REPEAT, number, d, m.petition_repeats):
        gap = rules.exponential(uniform(s, P_PETITION_GAP, number, d), m.petition_repeat_mean)
        set_clock(m, s, d, C_PETITION, now + rules.whole_minutes(gap))


@part
def agreement(m, s, now, d):  # type: ignore[no-untyped-def]
    """The part of reference.Afterwards.agreement before the breach."""
    key = d.opening
    d.confirmed = 0
    confirming = chance(s, P_CONFIRMATION, key, d, m.confirmed)
    if confirming:
        side_job(m, s, now, d, J_CONFIRMATION, NORMAL)
    if chance(s, P_FOLLOW_UP, key, d, m.follow_up):
        set_clock(m, s, d, C_FOLLOW_UP, now + m.follow_up_after)
    if chance(s, P_BREACH, key, d, rules.breach_probability(m, confirming)):
        wait = rules.exponential(uniform(s, P_BREACH_TIME, key, d), m.breach_mean)
        set_clock(m, s, d, C_BREACH, now + rules.whole_minutes(wait))


@part
def smoulder(m, s, now, d):  # type: ignore[no-untyped-def]
    """reference.Afterwards.unresolved, until the first clock rings."""
    spell = ZERO if d.tier == NONE else d.opening + ONE
    d.state = UNRESOLVED
    emit(s, now, E_UNRESOLVED, d, d.end)
    u = uniform(s, P_RESOLUTION_TIME, spell, d)
    set_clock(m, s, d, C_WITHDRAWAL, rings(m, s, now, d, m.resolution_rate, W_RESOLVES, u, m.horizon))
    if rules.may_open(d.opening):
        u = uniform(s, P_REVIVAL_TIME, spell, d)
        set_clock(m, s, d, C_LATENT_EXIT, due_fading(m, s, now, d, W_REVIVES, u))
        if d.eruptions < MOST_IN_KEY:
            u = uniform(s, P_RESIDUAL_ERUPTION, spell, d)
            set_clock(m, s, d, C_ERUPTION, due_fading(m, s, now, d, W_ERUPTS, u))
    if d.petitions == 0:
        u = uniform(s, P_RESIDUAL_PETITION, spell, d)
        set_clock(m, s, d, C_PETITION, due_fading(m, s, now, d, W_PETITIONS, u))


@part
def resurface(m, s, now, d, signal):  # type: ignore[no-untyped-def]
    """reference.Afterwards.unresolved, when a clock rings: the channel by which it comes up again, or NONE."""
    if signal == C_PETITION and d.tier != NONE:
        lodge_petition(m, s, now, d)
        return NONE
    clear(s, d, C_ERUPTION)
    clear(s, d, C_LATENT_EXIT)
    clear(s, d, C_WITHDRAWAL)
    if signal == C_ERUPTION:
        return H_ERUPTION
    if signal == C_PETITION:
        return H_PARTY_PETITION
    if signal == C_LATENT_EXIT:
        spell = ZERO if d.tier == NONE else d.opening + ONE
        return rules.party_channel(m, d.kind, uniform(s, P_REVIVAL_CHANNEL, spell, d))
    d.state = ENDED
    emit(s, now, E_RESOLVED, d, ZERO)
    clear(s, d, C_PETITION)
    return NONE


@part
def comes_up(m, s, now, d, channel):  # type: ignore[no-untyped-def]
    """The part of reference.Afterwards.comes_up when the dispute does."""
    d.opening += 1
    d.tier = m.entry_tier[channel]
    d.visit = 0
    d.session = 0
    emit(s, now, E_REVIVED, d, channel)
    emit(s, now, E_REOPEN, d, d.opening)
    if channel == H_ERUPTION:
        erupt(m, s, now, d)
    elif channel == H_PARTY_PETITION:
        lodge_petition(m, s, now, d)


@part
def afterwards(m, s, now, d):  # type: ignore[no-untyped-def]
    end = d.end
    goes_on = rules.goes_on(end)
    if end in (N_ADJUDICATED, N_DECIDED):
        if chance(s, P_ENFORCED, d.opening, d, m.enforced):
            side_job(m, s, now, d, J_ENFORCEMENT, NORMAL)
        goes_on = chance(s, P_AGAINST_WILL, d.opening, d, rules.against_will(m, end))
    if goes_on:
        smoulder(m, s, now, d)
        return
    clear(s, d, C_PETITION)
    if end == N_SETTLED and d.tier != T_TRIAL and rules.may_open(d.opening):
        agreement(m, s, now, d)
