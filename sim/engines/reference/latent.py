"""A grievance before anybody knows of it."""

from __future__ import annotations

from sim import clock, rules
from sim.draws import ROUND_NUMBERS, round_key
from sim.engines.reference.machine import Machine
from sim.engines.reference.state import Dispute
from sim.model.tables import FOREVER
from sim.vocabulary import Channel, DecisionPoint, End, Hazard


def first_exit(run: Machine, d: Dispute) -> tuple[int, int, int]:
    """When a grievance leaves latency, by which channel or end (`rules.ends_as`), and at which tier it enters."""
    m, i, u = run.tables(d), d.index, run.u
    luck = u(DecisionPoint.ERUPTION_TIME, 0, i)
    d.eruption_left, d.eruption_since = rules.eruption_wait(m, d.kind, d.severity, luck), d.arise
    best, what = run.due(d, d.eruption_left, Hazard.ERUPTS, luck), int(Channel.ERUPTION)
    tier = m.entry_tier[what]
    luck = u(DecisionPoint.PARTY_TIME, 0, i)
    minute = run.due(d, rules.party_wait(m, d.kind, d.severity, luck), Hazard.COMES_FORWARD, luck)
    if minute < best:
        best, what = minute, rules.party_channel(m, d.kind, u(DecisionPoint.PARTY_CHANNEL, 0, i))
        tier = m.entry_tier[what]
    luck = u(DecisionPoint.GRID_TIME, 0, i)
    minute = run.due(d, rules.rate_wait(m.grid_rate, luck), Hazard.GRID_FINDS, luck)
    if minute < best:
        best, what, tier = minute, int(Channel.GRID), m.entry_tier[Channel.GRID]
    for r in range(m.rounds):
        minute = found_by_round(run, d, r)
        if minute < best:
            best, what, tier = minute, m.round_channel[r], m.round_tier[r]
    luck = u(DecisionPoint.LATENT_SETTLE, 0, i)
    minute = run.due(d, rules.rate_wait(m.settle_rate, luck), Hazard.SETTLES, luck)
    if minute < best:
        best, what = minute, rules.ends_as(End.SELF_SETTLED)
    luck = u(DecisionPoint.LATENT_LUMP, 0, i)
    minute = run.due(d, rules.rate_wait(m.lump_rate, luck), Hazard.LUMPS, luck)
    if minute < best:
        best, what = minute, rules.ends_as(End.LUMPED)
    return best, what, tier


def found_by_round(run: Machine, d: Dispute, r: int) -> int:
    """When the rounds of one kind find the dispute."""
    m = run.tables(d)
    detects, since = m.round_detects[r], d.arise
    if detects <= 0.0 and m.until == FOREVER:
        return clock.NEVER
    key, period, jitter = m.round_key[r], m.round_period[r], m.round_jitter[r]
    luck = run.u(DecisionPoint.ROUND, key, d.index)
    phase = run.place_u(DecisionPoint.ROUND_PHASE, key, d.village)
    left = rules.exponential(luck, 1.0)
    needed = rules.rounds_needed(detects, luck) if detects > 0.0 else 0
    while True:
        minute = clock.NEVER
        number = rules.round_number(period, phase, since, needed)
        if detects > 0.0 and number < ROUND_NUMBERS:
            luck = run.place_u(DecisionPoint.ROUND_JITTER, round_key(key, number), d.village)
            minute = rules.round_minute(period, phase, number, jitter, luck, since)
        while minute > m.until and run.in_force.after(m).round_detects[r] == detects:
            m = run.in_force.after(m)
        if minute <= m.until or m.until == FOREVER:
            return minute
        # From here on the rounds find more, or less: those before count by what they could find.
        passed = rules.round_number(period, phase, m.until, 1) - rules.round_number(period, phase, since, 1)
        left -= passed * rules.round_hazard(detects)
        since, m = m.until, run.in_force.after(m)
        detects = m.round_detects[r]
        needed = rules.rounds_left(left, detects) if detects > 0.0 else 0
