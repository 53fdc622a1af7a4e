"""What follows the end of a dispute: agreements, and what nobody settled. Fights and petitions come at any time."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from sim import rules
from sim.draws import spell_key
from sim.engines.reference.state import NONE, Dispute
from sim.engines.reference.stations import Stations
from sim.vocabulary import (
    KEY_ROOM,
    Channel,
    Clock,
    DecisionPoint,
    End,
    EventKind,
    Hazard,
    Job,
    Priority,
    State,
    Tier,
)

Wait = Generator[simpy.Event, int, Any]


class Afterwards(Stations):
    """What a dispute does that has ended, and what may happen to it at any time."""

    def sleep(self, d: Dispute) -> simpy.Event:
        """An event that the dispute's next clock triggers."""
        d.bell = self.env.event()
        return d.bell

    def afterwards(self, d: Dispute) -> Wait:
        """What follows an end. Returns True if the dispute comes back."""
        m, goes_on = self.tables(d), rules.goes_on(d.end)
        if d.end in (End.ADJUDICATED, End.DECIDED):
            if self.u(DecisionPoint.ENFORCED, d.opening, d.index) < m.enforced:
                self.side_job(d, Job.ENFORCEMENT, Priority.NORMAL)
            goes_on = self.u(DecisionPoint.AGAINST_WILL, d.opening, d.index) < rules.against_will(m, d.end)
        if goes_on:
            return (yield from self.comes_up(d))
        self.clear(d, Clock.PETITION)
        if d.end == End.SETTLED and d.tier != Tier.TRIAL and rules.may_open(d.opening):
            return (yield from self.agreement(d))
        return False

    def comes_up(self, d: Dispute) -> Wait:
        """A known dispute that nobody settled, until it opens again (returns True) or is no more."""
        channel = yield from self.unresolved(d)
        if channel == NONE:
            return False
        d.opening += 1
        d.tier, d.visit, d.session = self.tables(d).entry_tier[channel], 0, 0
        self.emit(EventKind.REVIVED, d, channel)
        self.emit(EventKind.REOPEN, d, d.opening)
        if channel == Channel.ERUPTION:
            self.erupt(d)
        elif channel == Channel.PARTY_PETITION:
            self.lodge_petition(d)
        return True

    def unresolved(self, d: Dispute) -> Wait:
        """In nobody's hands and settled by nobody: it may erupt, be petitioned about, or be revived by a new quarrel.

        Returns the Channel by which it comes up again, or NONE if it resolves itself. Hazards fade with time.
        """
        m, i, now, due = self.tables(d), d.index, self.env.now, self.in_force.due_fading
        spell = 0 if d.tier == NONE else d.opening + 1
        d.state = State.UNRESOLVED
        self.emit(EventKind.UNRESOLVED, d, d.end)
        u = self.u(DecisionPoint.RESOLUTION_TIME, spell, i)
        resolved = self.due(d, rules.rate_wait(m.resolution_rate, u), Hazard.RESOLVES, u)
        self.set(d, Clock.WITHDRAWAL, resolved)
        if rules.may_open(d.opening):
            u = self.u(DecisionPoint.REVIVAL_TIME, spell, i)
            self.set(d, Clock.LATENT_EXIT, due(d, now, Hazard.REVIVES, u))
            if d.eruptions < KEY_ROOM:
                u = self.u(DecisionPoint.RESIDUAL_ERUPTION, spell, i)
                self.set(d, Clock.ERUPTION, due(d, now, Hazard.ERUPTS, u))
        if d.petitions == 0:
            u = self.u(DecisionPoint.RESIDUAL_PETITION, spell, i)
            self.set(d, Clock.PETITION, due(d, now, Hazard.PETITIONS, u))
        signal = yield self.sleep(d)
        while signal == Clock.PETITION and d.tier != NONE:
            self.lodge_petition(d)
            signal = yield self.sleep(d)
        self.clear(d, Clock.ERUPTION, Clock.LATENT_EXIT, Clock.WITHDRAWAL)
        if signal == Clock.ERUPTION:
            return Channel.ERUPTION
        if signal == Clock.PETITION:
            return Channel.PARTY_PETITION
        if signal == Clock.LATENT_EXIT:
            return rules.party_channel(
                self.tables(d), d.kind, self.u(DecisionPoint.REVIVAL_CHANNEL, spell, i)
            )
        d.state = State.ENDED
        self.emit(EventKind.RESOLVED, d)
        self.clear(d, Clock.PETITION)
        return NONE

    def agreement(self, d: Dispute) -> Wait:
        """After a settlement: confirmation, follow-up, breach. Returns True if the dispute comes back."""
        m, i, key, now = self.tables(d), d.index, d.opening, self.env.now
        d.confirmed = False
        confirming = self.u(DecisionPoint.CONFIRMATION, key, i) < m.confirmed
        if confirming:
            self.side_job(d, Job.CONFIRMATION, Priority.NORMAL)
        if self.u(DecisionPoint.FOLLOW_UP, key, i) < m.follow_up:
            self.set(d, Clock.FOLLOW_UP, now + m.follow_up_after)
        if self.u(DecisionPoint.BREACH, key, i) >= rules.breach_probability(m, confirming):
            return False
        wait = rules.exponential(self.u(DecisionPoint.BREACH_TIME, key, i), m.breach_mean)
        self.set(d, Clock.BREACH, now + rules.whole_minutes(wait))
        yield self.sleep(d)
        self.emit(EventKind.BREACH, d, int(d.confirmed))
        if d.confirmed:
            self.side_job(d, Job.ENFORCEMENT, Priority.NORMAL)
            return False
        self.clear(d, Clock.FOLLOW_UP)
        d.opening += 1
        self.emit(EventKind.REOPEN, d, d.opening)
        m = self.tables(d)
        d.breaches += 1
        returns = self.u(DecisionPoint.RETURN, d.opening, i) < m.returns
        if d.breaches <= m.return_limit and returns:
            return True
        d.end = int(End.LUMPED)
        self.emit(EventKind.END, d, End.LUMPED)
        return (yield from self.comes_up(d))

    def erupt(self, d: Dispute) -> None:
        """A fight or a crime. The police respond; a session is broken off; the matter becomes urgent."""
        m, i, number = self.tables(d), d.index, d.eruptions
        crime = self.u(DecisionPoint.ERUPTION_CRIME, number, i) < m.eruption_crime
        stopped = self.u(DecisionPoint.ERUPTION_CAUGHT, number, i) < m.eruption_caught
        d.eruption_left, d.eruptions = NONE, number + 1
        self.emit(EventKind.ERUPTION, d, rules.eruption(crime, stopped))
        served = d.state == State.SERVED
        if served:
            pool = d.pools[Job.CASE]
            self.leave(d)
        self.side_job(d, Job.RESPONSE, Priority.URGENT)
        self.raise_priority(d, Priority.URGENT)
        if served:
            assert pool is not None
            self.enter(d, Job.CASE, pool, d.priority, d.known)

    def lodge_petition(self, d: Dispute) -> None:
        """A petition takes the petition desk's hours, raises the priority, and is often repeated."""
        m = self.tables(d)
        d.petitions += 1
        self.emit(EventKind.PETITION, d, d.petitions)
        self.side_job(d, Job.PETITION, Priority.NORMAL)
        self.raise_priority(d, Priority.RAISED)
        repeats = self.u(DecisionPoint.PETITION_REPEAT, d.petitions, d.index) < m.petition_repeats
        if repeats and d.petitions < KEY_ROOM:
            gap = rules.exponential(
                self.u(DecisionPoint.PETITION_GAP, d.petitions, d.index), m.petition_repeat_mean
            )
            self.set(d, Clock.PETITION, self.env.now + rules.whole_minutes(gap))

    def start_eruption(self, d: Dispute) -> None:
        """A new clock of eruption for an open dispute."""
        if d.eruptions < KEY_ROOM:
            m, key = self.tables(d), spell_key(d.opening, d.eruptions)
            u = self.u(DecisionPoint.ERUPTION_AGAIN, key, d.index)
            wait = rules.remaining_eruption(rules.eruption_wait(m, d.kind, d.severity, u), m.eruption_care)
            self.set(d, Clock.ERUPTION, self.due(d, wait, Hazard.ERUPTS, u))
