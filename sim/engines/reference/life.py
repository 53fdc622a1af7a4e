"""The life of a dispute as a SimPy process, written to be read. Start at `Life.life`.

Decisions are in sim/rules.py, numbers in the model's tables, luck in the draws; here is only what happens when. Each
dispute sleeps on a bell; its clocks (sim/vocabulary.py, `Clock`) ring it. A clock that has been set anew or cleared is
stale and rings nothing. Where a dispute goes next is one number, called `where`, see sim/rules.py.
"""

from __future__ import annotations

from sim import rules
from sim.draws import visit_key
from sim.engines.reference.afterwards import Afterwards, Wait
from sim.engines.reference.latent import first_exit
from sim.engines.reference.state import NONE, Dispute, DisputeAlarm
from sim.model.tables import DEADLINE_CLIMB, DEADLINE_RAISE, TIERS
from sim.vocabulary import (
    KEY_ROOM,
    Channel,
    Clock,
    Consent,
    DecisionPoint,
    End,
    EventKind,
    Hazard,
    Job,
    Priority,
    State,
    Tier,
)


class Life(Afterwards):
    """What a dispute does, and what happens to it."""

    def life(self, d: Dispute) -> Wait:
        """From grievance to end, and back if an agreement is breached."""
        self.emit(EventKind.ARISE, d)
        known = yield from self.latent(d)
        if not known:
            return
        self.open(d)
        while True:
            where: int = yield from self.stay(d)
            self.clear(d, Clock.DEADLINE, Clock.PATIENCE)
            if where >= 0:
                self.emit(EventKind.CLIMB, d, where)
                d.tier = where
                continue
            self.finish(d, rules.end_of(where))
            returns = yield from self.afterwards(d)
            if not returns:
                return
            self.open(d)

    def latent(self, d: Dispute) -> Wait:
        """Until somebody learns of it: the first of several clocks. Returns False if it ends unseen."""
        minute, what, tier = first_exit(self, d)
        self.set(d, Clock.LATENT_EXIT, minute)
        yield self.sleep(d)
        if what < 0:
            d.state, d.end, d.eruption_left = State.ENDED, rules.end_of(what), NONE
            self.emit(EventKind.END, d, d.end)
            if not rules.goes_on(d.end):
                return False
            what = yield from self.unresolved(d)
            if what == NONE:
                return False
            tier = self.tables(d).entry_tier[what]
        d.known, d.tier = self.env.now, tier
        self.emit(EventKind.KNOWN, d, what)
        if what == Channel.ERUPTION:
            self.erupt(d)
        elif d.eruption_left != NONE:
            d.eruption_left = rules.remaining_eruption(
                self.in_force.eruption(d, self.env.now), self.tables(d).eruption_care
            )
        if what == Channel.PARTY_PETITION:
            self.lodge_petition(d)
        return True

    def open(self, d: Dispute) -> None:
        """The dispute is in somebody's hands: the clocks of an open dispute start."""
        m, i, key = self.tables(d), d.index, d.opening
        d.state, d.end = State.AWAY, int(End.OPEN)
        if d.petitions == 0:
            u = self.u(DecisionPoint.PETITION_TIME, key, i)
            self.set(
                d,
                Clock.PETITION,
                self.due(d, rules.rate_wait(m.petition_rate[d.kind], u), Hazard.PETITIONS, u),
            )
        if m.suit_tier[d.kind] >= 0:
            u = self.u(DecisionPoint.SUIT_TIME, key, i)
            self.set(d, Clock.SUIT, self.due(d, rules.rate_wait(m.suit_rate[d.kind], u), Hazard.SUES, u))
        u = self.u(DecisionPoint.WITHDRAWAL_TIME, key, i)
        wait = rules.whole_minutes(rules.exponential(u, m.withdrawal_mean))
        self.set(d, Clock.WITHDRAWAL, self.due(d, wait, Hazard.WITHDRAWS, u))
        if d.eruption_left == NONE:
            self.start_eruption(d)
            return
        u = self.u(DecisionPoint.ERUPTION_TIME, 0, i)  # the clock that began with the grievance goes on
        self.set(d, Clock.ERUPTION, self.due(d, d.eruption_left, Hazard.ERUPTS, u))
        d.eruption_left = NONE

    def stay(self, d: Dispute) -> Wait:
        """All attempts at one tier."""
        m, tier = self.tables(d), d.tier
        d.last = False
        if tier == Tier.TRIAL:
            self.emit(EventKind.FILED, d)
            self.clear(d, Clock.WITHDRAWAL)  # how suits end has shares of its own, withdrawal among them
        if m.deadline[tier] > 0:
            self.set(d, Clock.DEADLINE, self.env.now + m.deadline[tier])
        d.used = 0
        while True:
            where = yield from self.visit_once(d)
            if where != rules.STAYS:
                return where
            m = self.tables(d)
            key = visit_key(tier, d.visit, 0)
            d.used += 1
            self.emit(EventKind.FAILED, d, d.used)
            if self.u(DecisionPoint.DROPOUT, key, d.index) < m.dropout[tier]:
                return rules.ends_as(rules.drops(m, self.u(DecisionPoint.DROPOUT_END, key, d.index)))
            if d.last or d.used >= m.attempts[tier]:
                return self.up(d)
            self.clear(d, Clock.PATIENCE)
            rest = rules.pause_length(m.rest_mean[tier], self.u(DecisionPoint.REST, key, d.index))
            where = yield from self.away(d, rest)
            if where != rules.STAYS:
                return where

    def visit_once(self, d: Dispute) -> Wait:
        """One attempt: consent, procedure, sessions with gaps, success or not."""
        m, tier, i = self.tables(d), d.tier, d.index
        d.visits[tier] = d.visit = min(KEY_ROOM, d.visits[tier] + 1)
        d.session = 0
        key = visit_key(tier, d.visit, 0)
        consent = rules.consent(m, tier, self.u(DecisionPoint.CONSENT, key, i))
        if consent == Consent.REFUSED:
            self.emit(EventKind.REFUSED, d)
            return self.up(d)
        if consent == Consent.BYPASSED:
            self.emit(EventKind.BYPASSED, d)
            return m.suit_tier[d.kind] if tier <= Tier.COUNTY and m.suit_tier[d.kind] >= 0 else self.up(d)
        if m.patience_mean[tier] > 0.0:
            wait = rules.exponential(self.u(DecisionPoint.PATIENCE, key, i), m.patience_mean[tier])
            self.set(d, Clock.PATIENCE, self.env.now + rules.whole_minutes(wait))
        pause = rules.delay(m, tier, d.kind, d.departments, self.u(DecisionPoint.DELAY, key, i))
        sessions = rules.count_geometric(self.u(DecisionPoint.SESSIONS, key, i), m.session_more[tier])
        while True:
            where = yield from self.away(d, pause)
            if where != rules.STAYS:
                return where
            d.session += 1
            self.enter(d, Job.CASE, self.pools[m.station[d.village * TIERS + tier]], d.priority, d.known)
            where = yield from self.pause(d)
            if where != rules.STAYS:
                return where
            m = self.tables(d)
            if d.session == sessions:
                break
            u = self.u(DecisionPoint.GAP, visit_key(tier, d.visit, d.session), i)
            pause = rules.pause_length(m.gap_mean[tier], u)
        if tier == Tier.TRIAL:
            return (yield from self.judged(d))
        age = self.env.now - d.known
        p = rules.success_probability(m, tier, d.kind, d.severity, d.frailty, d.departments, d.language, age)
        if self.u(DecisionPoint.SUCCESS, key, i) < p:
            return rules.ends_as(End.DECIDED if tier == Tier.DECISION else End.SETTLED)
        return rules.STAYS

    def judged(self, d: Dispute) -> Wait:
        """The end of a suit. An appeal is heard outside the county: it takes time, and nobody's hours."""
        m, key = self.tables(d), visit_key(d.tier, d.visit, 0)
        end = rules.trial_end(m, self.u(DecisionPoint.TRIAL_END, key, d.index))
        if end == End.ADJUDICATED and self.u(DecisionPoint.APPEAL, key, d.index) < m.appealed:
            self.clear(d, Clock.DEADLINE, Clock.PATIENCE)
            self.emit(EventKind.APPEAL, d)
            minutes = rules.pause_length(m.appeal_mean, self.u(DecisionPoint.APPEAL_TIME, key, d.index))
            where = yield from self.away(d, minutes)
            if where != rules.STAYS:
                return where
        return rules.ends_as(end)

    def up(self, d: Dispute) -> int:
        """Where a dispute goes that this tier could not settle."""
        m = self.tables(d)
        above = rules.above(m, d.tier, d.departments)
        if above < 0 and d.tier <= Tier.COUNTY:
            key = visit_key(d.tier, d.visit, 0)
            above = rules.after_exhaustion(m, d.kind, self.u(DecisionPoint.EXHAUSTION, key, d.index))
        return above if above >= 0 else rules.ends_as(End.LUMPED)

    def finish(self, d: Dispute, end: int) -> None:
        """The dispute ends; who has petitioned may do so again."""
        self.emit(EventKind.END, d, end)
        d.state, d.end = State.ENDED, end
        self.clear(d, Clock.ERUPTION, Clock.SUIT, Clock.WITHDRAWAL)

    # --- waiting -------------------------------------------------------------------------------------------------

    def ring(self, alarm: DisputeAlarm) -> None:
        """A clock is due: wake the dispute, unless the clock is stale."""
        d, rank = alarm.dispute, alarm.rank
        if d.clocks[rank] != self.env.now:
            return
        d.clocks[rank] = NONE
        if rank == Clock.ARISE:
            self.env.process(self.life(d))
        elif rank == Clock.FOLLOW_UP:
            self.side_job(d, Job.FOLLOW_UP, Priority.NORMAL)
            self.dispatch()
        else:
            assert d.bell is not None
            d.bell.callbacks.append(self.dispatch)
            d.bell.succeed(int(rank))

    def away(self, d: Dispute, minutes: int) -> Wait:
        """Time that takes nobody's hours: procedure, a gap between sessions, a rest between attempts."""
        if minutes <= 0:
            return rules.STAYS
        d.state = State.AWAY
        self.emit(EventKind.AWAY, d, minutes)
        self.set(d, Clock.AWAY_END, self.env.now + minutes)
        return (yield from self.pause(d))

    def pause(self, d: Dispute) -> Wait:
        """Sleep until the session or the time away is over. What comes between is dealt with here."""
        while True:
            signal = yield self.sleep(d)
            if signal == Clock.AWAY_END:
                return rules.STAYS
            if signal == Clock.SESSION_END:
                self.leave(d, EventKind.SESSION)
                return rules.STAYS
            where = self.meanwhile(d, signal)
            if where != rules.STAYS:
                return where

    def meanwhile(self, d: Dispute, signal: int) -> int:
        """A clock of an open dispute rings while it waits or is being heard."""
        m, key = self.tables(d), visit_key(d.tier, d.visit, 0)
        if signal == Clock.ERUPTION:
            self.erupt(d)
            self.start_eruption(d)
        elif signal == Clock.PETITION:
            self.lodge_petition(d)
        elif signal == Clock.SUIT:
            if d.tier <= Tier.COUNTY:
                self.emit(EventKind.SUIT, d)
                self.leave(d)
                return int(m.suit_tier[d.kind])
        elif signal == Clock.DEADLINE:
            self.emit(EventKind.DEADLINE, d, m.deadline[d.tier])
            if m.deadline_action[d.tier] == DEADLINE_RAISE:
                self.raise_priority(d, Priority.URGENT)
            elif m.deadline_action[d.tier] == DEADLINE_CLIMB:
                if d.state != State.SERVED:
                    self.leave(d)
                    return self.up(d)
                d.last = True
        elif signal == Clock.WITHDRAWAL:
            self.leave(d)
            return rules.ends_as(rules.leaves(m, self.u(DecisionPoint.WITHDRAWAL_END, d.opening, d.index)))
        elif signal == Clock.PATIENCE:
            self.emit(EventKind.RENEGE, d)
            self.leave(d)
            if self.u(DecisionPoint.RENEGE, key, d.index) < m.patience_climbs[d.tier]:
                return self.up(d)
            return rules.ends_as(rules.drops(m, self.u(DecisionPoint.DROPOUT_END, key, d.index)))
        return rules.STAYS
