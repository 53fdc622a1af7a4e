"""A grievance before anybody knows of it, and clocks whose rate changes on a date. Names as in the reference engine."""

from __future__ import annotations

import numpy as np

from sim import rules
from sim.draws import ROUND_NUMBERS, round_key
from sim.engines.compiled.codes import *
from sim.engines.compiled.layout import ROUND
from sim.engines.compiled.machine import philox_uniform, uniform
from sim.engines.compiled.stations import in_force
from sim.native.jit import part, small
from sim.native.memory import at, beside, view

SPARE = np.int64(2)  # minutes, more than all rounding


@part
def due(m, s, now, d, wait, which, u):  # type: ignore[no-untyped-def]
    """InForce.due: when a clock rings, whose rate may change before."""
    minute = now + wait
    if minute <= m.until:
        return minute
    since, rate = now, rules.hazard(m, which, d.kind, d.severity)
    left = rules.hazard_left(rate, wait, u)
    while minute > m.until:
        left -= rate * (m.until - since)
        since, before = m.until, rate
        m = beside(m, ONE)
        rate = rules.hazard(m, which, d.kind, d.severity)
        if rate != before:
            minute = since + rules.hazard_wait(left, rate)
    return minute


@small
def rings(m, s, now, d, rate, which, u, limit):  # type: ignore[no-untyped-def]
    """When a clock of a rate rings; NEVER if that is certainly not before a limit.

    An exponential is -log(1 - u) times its mean, and -log(1 - u) is at least u: most clocks need no logarithm.
    """
    if m.until == FOREVER and u >= rate * (limit - now + SPARE):
        return NEVER
    return due(m, s, now, d, rules.rate_wait(rate, u), which, u)


@part
def due_fading(m, s, now, d, which, u):  # type: ignore[no-untyped-def]
    """InForce.due_fading: when a clock of what nobody settled rings, if it is set now."""
    since, level, left = now, 1.0, rules.exponential(u, 1.0)
    while True:
        rate = level * rules.residual_hazard(m, which, d.kind, d.severity)
        minute = since + rules.fading_wait(left, rate, m.fade_mean)
        if minute <= m.until:
            return minute
        left -= rules.fading_hazard(rate, m.until - since, m.fade_mean)
        level *= rules.faded(m.until - since, m.fade_mean)
        since = m.until
        m = beside(m, ONE)


@part
def eruption(m, s, now, d):  # type: ignore[no-untyped-def]
    """InForce.eruption: minutes left of the clock of eruption at today's rate."""
    since, left = d.eruption_since, d.eruption_left
    m = in_force(m, s, d, since)
    while now >= m.until:
        old = rules.hazard(m, W_ERUPTS, d.kind, d.severity)
        left -= m.until - since
        since = m.until
        m = beside(m, ONE)
        left = rules.at_new_rate(left, old, rules.hazard(m, W_ERUPTS, d.kind, d.severity))
    return left - (now - since)


@part
def found_by_round(m, s, d, r):  # type: ignore[no-untyped-def]
    table = view(s.detects, np.float64)
    detects, since = table[m.number * m.rounds + r], d.arise
    if detects <= 0.0 and m.until == FOREVER:
        return NEVER
    village, spec = d.village, at(s.rounds, r, ROUND)
    key, period = spec.key, spec.period
    luck = uniform(s, P_ROUND, key, d)
    phase = philox_uniform(s.key[0], s.key[1], village, key, P_ROUND_PHASE)
    left = rules.exponential(luck, 1.0)
    needed = rules.rounds_needed(detects, luck) if detects > 0.0 else 0
    while True:
        minute = NEVER
        number = rules.round_number(period, phase, since, needed)
        if detects > 0.0 and number < ROUND_NUMBERS:
            luck = philox_uniform(s.key[0], s.key[1], village, round_key(key, number), P_ROUND_JITTER)
            minute = rules.round_minute(period, phase, number, spec.jitter, luck, since)
        while minute > m.until and table[(m.number + 1) * m.rounds + r] == detects:
            m = beside(m, ONE)
        if minute <= m.until or m.until == FOREVER:
            return minute
        passed = rules.round_number(period, phase, m.until, 1) - rules.round_number(period, phase, since, 1)
        left -= passed * rules.round_hazard(detects)
        since = m.until
        m = beside(m, ONE)
        detects = table[m.number * m.rounds + r]
        needed = rules.rounds_left(left, detects) if detects > 0.0 else 0


@part
def first_exit(m, s, d):  # type: ignore[no-untyped-def]
    """Nothing that happens later matters for it, so it is known at birth; `births` has drawn the luck."""
    kind, severity, arise = d.kind, d.severity, d.arise
    u = s.luck[P_ERUPTION_TIME]
    d.eruption_left = NEVER
    if m.eruption_rate[kind] > 0.0 or m.until != FOREVER:
        d.eruption_left = rules.eruption_wait(m, kind, severity, u)
    d.eruption_since = arise
    # What happens after the horizon does not happen.
    best = min(due(m, s, arise, d, d.eruption_left, W_ERUPTS, u), m.horizon)
    what = H_ERUPTION
    tier = m.entry_tier[what]
    u = s.luck[P_PARTY_TIME]
    minute = due(m, s, arise, d, rules.party_wait(m, kind, severity, u), W_COMES_FORWARD, u)
    if minute < best:
        best = minute
        what = rules.party_channel(m, kind, s.luck[P_PARTY_CHANNEL])
        tier = m.entry_tier[what]
    u = s.luck[P_GRID_TIME]
    minute = rings(m, s, arise, d, m.grid_rate, W_GRID_FINDS, u, best)
    if minute < best:
        best = minute
        what = H_GRID
        tier = m.entry_tier[what]
    for r in range(m.rounds):
        minute = found_by_round(m, s, d, r)
        if minute < best:
            best = minute
            what = at(s.rounds, r, ROUND).channel
            tier = at(s.rounds, r, ROUND).tier
    u = s.luck[P_LATENT_SETTLE]
    minute = rings(m, s, arise, d, m.settle_rate, W_SETTLES, u, best)
    if minute < best:
        best = minute
        what = rules.ends_as(N_SELF_SETTLED)
    u = s.luck[P_LATENT_LUMP]
    minute = rings(m, s, arise, d, m.lump_rate, W_LUMPS, u, best)
    if minute < best:
        best = minute
        what = rules.ends_as(N_LUMPED)
    d.exit_code = what
    d.exit_tier = tier
    d.clocks[C_LATENT_EXIT] = best
    return best
