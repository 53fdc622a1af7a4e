"""The reference engine: the life of a dispute as a SimPy process, written to be read.

Start at `Run.life`. Decisions are in sim/rules.py, numbers in the model's tables, luck in the draws; here is only what
happens when. Each dispute sleeps on a bell; its clocks (sim/vocabulary.py, `Clock`) ring it. A clock that has been
set anew or cleared is stale and rings nothing. Events are scheduled with SimPy's priority set to our total order, so
the order in which they were put there never matters.

Where a dispute goes next is one number, called `where`: a tier (>= 0), or minus the code of its end, or None for
"it stays".
"""

from __future__ import annotations

import gc
import heapq
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import simpy

from sim import clock, rules
from sim.draws import Draws, Table, visit_key
from sim.engines.in_force import (
    COMES_FORWARD,
    ERUPTS,
    GRID_FINDS,
    LUMPS,
    PETITIONS,
    SETTLES,
    SUES,
    WITHDRAWS,
    InForce,
)
from sim.engines.state import (
    AWAY,
    ENDED,
    NONE,
    NORMAL,
    QUEUED,
    RAISED,
    SERVED,
    URGENT,
    Alarm,
    Dispute,
    Pool,
)
from sim.model import Model
from sim.model.tables import FOREVER
from sim.population import slots_of, village_counts
from sim.trace import Trace
from sim.vocabulary import Channel, Clock, DecisionPoint, End, EventKind, Job, Tier

Wait = Generator[simpy.Event, int, Any]


class Run:
    """One replication."""

    def __init__(self, model: Model, draws: Draws, slots: np.ndarray) -> None:
        self.m = m = model.tables.as_lists()  # what holds everywhere: horizon, pools, stations, calendars
        self.in_force = InForce(model, m)
        self.slots = slots
        table = Table(draws, slots)
        self.u, self.place_u = table.u, table.place
        self.env: Any = simpy.Environment()  # typed with float minutes; ours are whole
        self.rows: list[tuple[int, ...]] = []
        self.pools = [
            Pool(p, servers, m.pool_calendar[p] * (m.days + 1), m.cal_opens[m.pool_calendar[p]])
            for p, servers in enumerate(m.pool_servers)
        ]
        self.freed: list[Pool] = []
        self.entered: list[Pool] = []
        self.disputes = [Dispute(i, int(s) >> 16) for i, s in enumerate(slots)]

    # --- the life of a dispute -----------------------------------------------------------------------------------

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
            self.finish(d, -where)
            if -where != End.SETTLED or d.tier == Tier.TRIAL:
                return
            returns = yield from self.agreement(d)
            if not returns:
                return
            self.open(d)

    def latent(self, d: Dispute) -> Wait:
        """Until somebody learns of it: the first of several clocks. Returns False if it ends unseen."""
        minute, what, tier = self.first_exit(d)
        self.set(d, Clock.LATENT_EXIT, minute)
        yield self.sleep(d)
        if what < 0:
            d.state, d.end = ENDED, -what
            self.emit(EventKind.END, d, -what)
            return False
        d.known, d.tier = self.env.now, tier
        self.emit(EventKind.KNOWN, d, what)
        if what == Channel.ERUPTION:
            self.erupt(d)
        else:
            d.eruption_left = rules.remaining_eruption(
                self.in_force.eruption(d, self.env.now), self.tables(d).eruption_care
            )
        if what == Channel.PARTY_PETITION:
            self.lodge_petition(d)
        return True

    def first_exit(self, d: Dispute) -> tuple[int, int, int]:
        """When a grievance leaves latency, by which channel (or minus its end), and at which tier it enters."""
        m, i, u = self.tables(d), d.index, self.u
        luck = u(DecisionPoint.ERUPTION_TIME, 0, i)
        d.eruption_left, d.eruption_since = rules.eruption_wait(m, d.kind, d.severity, luck), d.arise
        best, what = self.due(d, d.eruption_left, ERUPTS, luck), int(Channel.ERUPTION)
        tier = m.entry_tier[what]
        luck = u(DecisionPoint.PARTY_TIME, 0, i)
        minute = self.due(d, rules.party_wait(m, d.kind, d.severity, luck), COMES_FORWARD, luck)
        if minute < best:
            best, what = minute, rules.party_channel(m, u(DecisionPoint.PARTY_CHANNEL, 0, i))
            tier = m.entry_tier[what]
        luck = u(DecisionPoint.GRID_TIME, 0, i)
        minute = self.due(d, rules.rate_wait(m.grid_rate, luck), GRID_FINDS, luck)
        if minute < best:
            best, what, tier = minute, int(Channel.GRID), m.entry_tier[Channel.GRID]
        for r in range(m.rounds):
            minute = self.found_by_round(d, r)
            if minute < best:
                best, what, tier = minute, m.round_channel[r], m.round_tier[r]
        luck = u(DecisionPoint.LATENT_SETTLE, 0, i)
        minute = self.due(d, rules.rate_wait(m.settle_rate, luck), SETTLES, luck)
        if minute < best:
            best, what = minute, -End.SELF_SETTLED
        luck = u(DecisionPoint.LATENT_LUMP, 0, i)
        minute = self.due(d, rules.rate_wait(m.lump_rate, luck), LUMPS, luck)
        if minute < best:
            best, what = minute, -End.LUMPED
        return best, what, tier

    def found_by_round(self, d: Dispute, r: int) -> int:
        """When the rounds of one kind find the dispute."""
        m = self.tables(d)
        detects, since = m.round_detects[r], d.arise
        if detects <= 0.0 and m.until == FOREVER:
            return clock.NEVER
        key, period, jitter = m.round_key[r], m.round_period[r], m.round_jitter[r]
        luck = self.u(DecisionPoint.ROUND, key, d.index)
        phase = self.place_u(DecisionPoint.ROUND_PHASE, key, d.village)
        left = rules.exponential(luck, 1.0)
        needed = rules.rounds_needed(detects, luck) if detects > 0.0 else 0
        while True:
            minute = clock.NEVER
            number = rules.round_number(period, phase, since, needed)
            if detects > 0.0 and number < 1 << 16:
                luck = self.place_u(DecisionPoint.ROUND_JITTER, (key << 16) | number, d.village)
                minute = rules.round_minute(period, phase, number, jitter, luck, since)
            while minute > m.until and self.in_force.after(m).round_detects[r] == detects:
                m = self.in_force.after(m)
            if minute <= m.until or m.until == FOREVER:
                return minute
            # From here on the rounds find more, or less: those before count by what they could find.
            passed = rules.round_number(period, phase, m.until, 1) - rules.round_number(
                period, phase, since, 1
            )
            left -= passed * rules.round_hazard(detects)
            since, m = m.until, self.in_force.after(m)
            detects = m.round_detects[r]
            needed = rules.rounds_left(left, detects) if detects > 0.0 else 0

    def open(self, d: Dispute) -> None:
        """The dispute is in somebody's hands: the clocks of an open dispute start."""
        m, i, key, now = self.tables(d), d.index, d.opening, self.env.now
        d.state, d.end = AWAY, int(End.OPEN)
        if d.petitions == 0:
            u = self.u(DecisionPoint.PETITION_TIME, key, i)
            self.set(
                d, Clock.PETITION, self.due(d, rules.rate_wait(m.petition_rate[d.kind], u), PETITIONS, u)
            )
        if m.suit_tier[d.kind] >= 0:
            u = self.u(DecisionPoint.SUIT_TIME, key, i)
            self.set(d, Clock.SUIT, self.due(d, rules.rate_wait(m.suit_rate[d.kind], u), SUES, u))
        u = self.u(DecisionPoint.WITHDRAWAL_TIME, key, i)
        wait = rules.whole_minutes(rules.exponential(u, m.withdrawal_mean))
        self.set(d, Clock.WITHDRAWAL, self.due(d, wait, WITHDRAWS, u))
        if d.eruption_left > 0:
            d.eruption_since = now
            u = self.u(DecisionPoint.ERUPTION_TIME, 0, i)
            self.set(d, Clock.ERUPTION, self.due(d, d.eruption_left, ERUPTS, u))

    def stay(self, d: Dispute) -> Wait:
        """All attempts at one tier."""
        m, tier = self.tables(d), d.tier
        d.last = False
        if tier == Tier.TRIAL:
            self.emit(EventKind.FILED, d)
        if m.deadline[tier] > 0:
            self.set(d, Clock.DEADLINE, self.env.now + m.deadline[tier])
        d.used = 0
        while True:
            where = yield from self.visit_once(d)
            if where is not None:
                return where
            m = self.tables(d)
            key = visit_key(tier, d.visit, 0)
            d.used += 1
            self.emit(EventKind.FAILED, d, d.used)
            if self.u(DecisionPoint.DROPOUT, key, d.index) < m.dropout[tier]:
                return -rules.drops(m, self.u(DecisionPoint.DROPOUT_END, key, d.index))
            if d.last or d.used >= m.attempts[tier]:
                return self.up(d)
            self.clear(d, Clock.PATIENCE)
            rest = rules.pause_length(m.rest_mean[tier], self.u(DecisionPoint.REST, key, d.index))
            where = yield from self.away(d, rest)
            if where is not None:
                return where

    def visit_once(self, d: Dispute) -> Wait:
        """One attempt: consent, procedure, sessions with gaps, success or not."""
        m, tier, i = self.tables(d), d.tier, d.index
        d.visits[tier] = d.visit = min(15, d.visits[tier] + 1)
        d.session = 0
        key = visit_key(tier, d.visit, 0)
        consent = rules.consent(m, tier, self.u(DecisionPoint.CONSENT, key, i))
        if consent == 1:
            self.emit(EventKind.REFUSED, d)
            return self.up(d)
        if consent == 2:
            self.emit(EventKind.BYPASSED, d)
            return m.suit_tier[d.kind] if tier <= Tier.COUNTY and m.suit_tier[d.kind] >= 0 else self.up(d)
        if m.patience_mean[tier] > 0.0:
            wait = rules.exponential(self.u(DecisionPoint.PATIENCE, key, i), m.patience_mean[tier])
            self.set(d, Clock.PATIENCE, self.env.now + rules.whole_minutes(wait))
        pause = rules.delay(m, tier, d.kind, d.departments, self.u(DecisionPoint.DELAY, key, i))
        sessions = rules.count_geometric(self.u(DecisionPoint.SESSIONS, key, i), m.session_more[tier])
        while True:
            where = yield from self.away(d, pause)
            if where is not None:
                return where
            d.session += 1
            self.enter(d, Job.CASE, self.pools[m.station[d.village * 8 + tier]], d.priority, d.known)
            where = yield from self.pause(d)
            if where is not None:
                return where
            m = self.tables(d)
            if d.session == sessions:
                break
            u = self.u(DecisionPoint.GAP, visit_key(tier, d.visit, d.session), i)
            pause = rules.pause_length(m.gap_mean[tier], u)
        if tier == Tier.TRIAL:
            return -rules.trial_end(m, self.u(DecisionPoint.TRIAL_END, key, i))
        age = self.env.now - d.known
        p = rules.success_probability(m, tier, d.kind, d.severity, d.frailty, d.departments, d.language, age)
        if self.u(DecisionPoint.SUCCESS, key, i) < p:
            return -End.DECIDED if tier == Tier.DECISION else -End.SETTLED
        return None

    def up(self, d: Dispute) -> int:
        """Where a dispute goes that this tier could not settle."""
        m = self.tables(d)
        above = rules.above(m, d.tier, d.departments)
        if above < 0 and d.tier <= Tier.COUNTY:
            key = visit_key(d.tier, d.visit, 0)
            above = rules.after_exhaustion(m, d.kind, self.u(DecisionPoint.EXHAUSTION, key, d.index))
        return above if above >= 0 else -End.LUMPED

    def finish(self, d: Dispute, end: int) -> None:
        """The dispute ends; what is left of its eruption clock is kept in case it returns."""
        self.emit(EventKind.END, d, end)
        d.state, d.end = ENDED, end
        if d.clocks[Clock.ERUPTION] != NONE:
            d.eruption_left = self.in_force.eruption(d, self.env.now)
        self.clear(d, Clock.ERUPTION, Clock.SUIT, Clock.PETITION, Clock.WITHDRAWAL)

    def agreement(self, d: Dispute) -> Wait:
        """After a settlement: confirmation, follow-up, breach. Returns True if the dispute comes back."""
        m, i, key, now = self.tables(d), d.index, d.opening, self.env.now
        d.confirmed = False
        confirming = self.u(DecisionPoint.CONFIRMATION, key, i) < m.confirmed
        if confirming:
            self.side_job(d, Job.CONFIRMATION, NORMAL)
        if self.u(DecisionPoint.FOLLOW_UP, key, i) < m.follow_up:
            self.set(d, Clock.FOLLOW_UP, now + m.follow_up_after)
        if self.u(DecisionPoint.BREACH, key, i) >= rules.breach_probability(m, confirming):
            return False
        wait = rules.exponential(self.u(DecisionPoint.BREACH_TIME, key, i), m.breach_mean)
        self.set(d, Clock.BREACH, now + rules.whole_minutes(wait))
        yield self.sleep(d)
        self.emit(EventKind.BREACH, d, int(d.confirmed))
        if d.confirmed:
            self.side_job(d, Job.ENFORCEMENT, NORMAL)
            return False
        self.clear(d, Clock.FOLLOW_UP)
        d.opening += 1
        self.emit(EventKind.REOPEN, d, d.opening)
        m = self.tables(d)
        returns = self.u(DecisionPoint.RETURN, d.opening, i) < m.returns
        if d.opening <= m.return_limit and returns:
            return True
        d.end = int(End.LUMPED)
        self.emit(EventKind.END, d, End.LUMPED)
        return False

    # --- waiting -------------------------------------------------------------------------------------------------

    def sleep(self, d: Dispute) -> simpy.Event:
        """An event that the dispute's next clock triggers."""
        d.bell = self.env.event()
        return d.bell

    def away(self, d: Dispute, minutes: int) -> Wait:
        """Time that takes nobody's hours: procedure, a gap between sessions, a rest between attempts."""
        if minutes <= 0:
            return None
        d.state = AWAY
        self.emit(EventKind.AWAY, d, minutes)
        self.set(d, Clock.AWAY_END, self.env.now + minutes)
        return (yield from self.pause(d))

    def pause(self, d: Dispute) -> Wait:
        """Sleep until the session or the time away is over. What comes between is dealt with here."""
        while True:
            signal = yield self.sleep(d)
            if signal == Clock.AWAY_END:
                return None
            if signal == Clock.SESSION_END:
                self.leave(d, EventKind.SESSION)
                return None
            where = self.meanwhile(d, signal)
            if where is not None:
                return where

    def meanwhile(self, d: Dispute, signal: int) -> int | None:
        """A clock of an open dispute rings while it waits or is being heard."""
        m, key = self.tables(d), visit_key(d.tier, d.visit, 0)
        if signal == Clock.ERUPTION:
            self.erupt(d)
        elif signal == Clock.PETITION:
            self.lodge_petition(d)
        elif signal == Clock.SUIT:
            if d.tier <= Tier.COUNTY:
                self.emit(EventKind.SUIT, d)
                self.leave(d)
                return int(m.suit_tier[d.kind])
        elif signal == Clock.DEADLINE:
            self.emit(EventKind.DEADLINE, d, m.deadline[d.tier])
            if m.deadline_action[d.tier] == 1:
                self.raise_priority(d, URGENT)
            elif m.deadline_action[d.tier] == 2:
                if d.state != SERVED:
                    self.leave(d)
                    return self.up(d)
                d.last = True
        elif signal == Clock.WITHDRAWAL:
            self.leave(d)
            return -rules.leaves(m, self.u(DecisionPoint.WITHDRAWAL_END, d.opening, d.index))
        elif signal == Clock.PATIENCE:
            self.emit(EventKind.RENEGE, d)
            self.leave(d)
            if self.u(DecisionPoint.RENEGE, key, d.index) < m.patience_climbs[d.tier]:
                return self.up(d)
            return -rules.drops(m, self.u(DecisionPoint.DROPOUT_END, key, d.index))
        return None

    def erupt(self, d: Dispute) -> None:
        """A fight or a crime. The police respond; a session is broken off; the matter becomes urgent."""
        m, i = self.tables(d), d.index
        crime = self.u(DecisionPoint.ERUPTION_CRIME, 0, i) < m.eruption_crime
        caught = self.u(DecisionPoint.ERUPTION_CAUGHT, 0, i) < m.eruption_caught
        d.eruption_left = NONE
        self.emit(EventKind.ERUPTION, d, crime + 2 * caught)
        served = d.state == SERVED
        if served:
            pool = d.pools[Job.CASE]
            self.leave(d)
        self.side_job(d, Job.RESPONSE, URGENT)
        self.raise_priority(d, URGENT)
        if served:
            assert pool is not None
            self.enter(d, Job.CASE, pool, d.priority, d.known)

    def lodge_petition(self, d: Dispute) -> None:
        """A petition takes the petition desk's hours, raises the priority, and is often repeated."""
        m = self.tables(d)
        d.petitions += 1
        self.emit(EventKind.PETITION, d, d.petitions)
        self.side_job(d, Job.PETITION, NORMAL)
        self.raise_priority(d, RAISED)
        repeats = self.u(DecisionPoint.PETITION_REPEAT, d.petitions, d.index) < m.petition_repeats
        if repeats and d.petitions < 15:
            gap = rules.exponential(
                self.u(DecisionPoint.PETITION_GAP, d.petitions, d.index), m.petition_repeat_mean
            )
            self.set(d, Clock.PETITION, self.env.now + rules.whole_minutes(gap))

    def raise_priority(self, d: Dispute, priority: int) -> None:
        """A lower number is served first; a waiting dispute moves up in its queue."""
        if priority >= d.priority:
            return
        d.priority = priority
        if d.state == QUEUED:
            pool = d.pools[Job.CASE]
            assert pool is not None
            self.queue(d, Job.CASE, pool, priority, d.known)

    # --- pools ---------------------------------------------------------------------------------------------------

    def enter(self, d: Dispute, job: int, pool: Pool, priority: int, since: int) -> None:
        """Join the queue of a pool; the pool is dispatched when the event is over."""
        if job == Job.CASE:
            d.state = QUEUED
        self.emit(EventKind.ENTER, d, priority, job, pool)
        self.queue(d, job, pool, priority, since)
        self.entered.append(pool)

    def queue(self, d: Dispute, job: int, pool: Pool, priority: int, since: int) -> None:
        """A ticket in the heap; a former ticket of the same job becomes stale."""
        ticket = (priority, since, d.index, int(job), d)
        d.tickets[job], d.pools[job] = ticket, pool
        heapq.heappush(pool.queue, ticket)

    def leave(self, d: Dispute, event: int = EventKind.ABORT) -> None:
        """Leave the queue, the server or the time away, whichever it is."""
        if d.state == SERVED:
            self.release(d, Job.CASE, event)
        elif d.state == QUEUED:
            self.emit(EventKind.LEAVE, d, 0, Job.CASE, d.pools[Job.CASE])
            d.tickets[Job.CASE] = None
        else:
            self.clear(d, Clock.AWAY_END)
        d.state = AWAY

    def release(self, d: Dispute, job: int, event: int) -> None:
        """A server becomes free; the working minutes spent are written down."""
        pool = d.pools[job]
        assert pool is not None
        worked = self.m.cal_worked
        spent = clock.worked_until(worked, pool.base, pool.opens, self.env.now) - clock.worked_until(
            worked, pool.base, pool.opens, d.started[job]
        )
        self.emit(event, d, spent, job, pool)
        d.pools[job] = None
        if job == Job.CASE:
            self.clear(d, Clock.SESSION_END)
        pool.busy -= 1
        self.freed.append(pool)

    def dispatch(self, _: Any = None) -> None:
        """Give free servers to those who wait: first in the pools that were left, then in those that were entered."""
        pools = self.freed + self.entered
        self.freed, self.entered = [], []
        for pool in pools:
            while pool.busy < pool.servers and pool.queue:
                ticket = heapq.heappop(pool.queue)
                d, job = ticket[4], ticket[3]
                if d.tickets[job] is ticket:
                    self.begin(d, job, pool)

    def begin(self, d: Dispute, job: int, pool: Pool) -> None:
        """A session begins; it runs in working minutes and holds its server over closing time."""
        m = self.tables(d)
        d.tickets[job] = None
        d.started[job] = self.env.now
        pool.busy += 1
        if job == Job.CASE:
            d.state = SERVED
            u = self.u(DecisionPoint.SESSION_LENGTH, visit_key(d.tier, d.visit, d.session), d.index)
            minutes = rules.session_length(m, d.tier, d.severity, d.language, u)
        else:
            minutes = rules.whole_minutes(rules.exponential(self.job_luck(d, job), m.job_mean[job]))
        self.emit(EventKind.START, d, minutes, job, pool)
        over = clock.advance(m.cal_worked, pool.base, m.days, pool.opens, self.env.now, minutes)
        if job == Job.CASE:
            self.set(d, Clock.SESSION_END, over)
        elif over < m.horizon:
            Alarm(self.env, Clock.SESSION_END, d, job, over, self.side_job_done)

    # --- side jobs -----------------------------------------------------------------------------------------------

    def side_job(self, d: Dispute, job: int, priority: int) -> None:
        """Work that a case causes elsewhere. A job of the same sort that is still under way takes it along."""
        desk = self.m.desk[d.village * 6 + job]
        if desk >= 0 and d.pools[job] is None:
            self.enter(d, job, self.pools[desk], priority, self.env.now)

    def job_luck(self, d: Dispute, job: int) -> float:
        """The uniform for the length of a side job."""
        if job == Job.PETITION:
            return self.u(DecisionPoint.PETITION_WORK, d.petitions, d.index)
        if job == Job.RESPONSE:
            return self.u(DecisionPoint.RESPONSE_TIME, 0, d.index)
        if job == Job.FOLLOW_UP:
            return self.u(DecisionPoint.FOLLOW_UP_WORK, d.opening, d.index)
        if job == Job.CONFIRMATION:
            return self.u(DecisionPoint.CONFIRMATION_WORK, d.opening, d.index)
        return self.u(DecisionPoint.ENFORCEMENT_WORK, d.opening, d.index)

    def side_job_done(self, alarm: Any) -> None:
        """The end of a side job, and what it brings."""
        d, job = alarm.dispute, alarm.job
        self.release(d, job, EventKind.SESSION)
        settled = d.state == ENDED and d.end == End.SETTLED
        if job == Job.CONFIRMATION and settled:
            d.confirmed = True
            self.emit(EventKind.CONFIRMED, d)
        elif job == Job.ENFORCEMENT:
            self.emit(EventKind.ENFORCED, d)
        elif job == Job.FOLLOW_UP and settled and d.clocks[Clock.BREACH] != NONE:
            luck = self.u(DecisionPoint.FOLLOW_UP_CATCH, d.opening, d.index)
            if luck < self.tables(d).follow_up_repairs:
                self.clear(d, Clock.BREACH)
                self.emit(EventKind.REPAIRED, d)
        self.dispatch()

    def tables(self, d: Dispute) -> Any:
        """The numbers that hold in the dispute's village now."""
        return self.in_force.at(d.village, self.env.now)

    def due(self, d: Dispute, wait: int, which: int, u: float) -> int:
        """When a clock rings that would ring in `wait` minutes at today's rate."""
        return self.in_force.due(d, self.env.now, wait, which, u)

    # --- clocks and rows -----------------------------------------------------------------------------------------

    def set(self, d: Dispute, rank: int, minute: int) -> None:
        """Set a clock of the case; beyond the horizon it only counts as set."""
        d.clocks[rank] = minute
        if minute < self.m.horizon:
            Alarm(self.env, rank, d, Job.CASE, minute, self.ring)

    def clear(self, d: Dispute, *ranks: int) -> None:
        """Make clocks stale."""
        for rank in ranks:
            d.clocks[rank] = NONE

    def ring(self, alarm: Any) -> None:
        """A clock is due: wake the dispute, unless the clock is stale."""
        d, rank = alarm.dispute, alarm.rank
        if d.clocks[rank] != self.env.now:
            return
        d.clocks[rank] = NONE
        if rank == Clock.ARISE:
            self.env.process(self.life(d))
        elif rank == Clock.FOLLOW_UP:
            self.side_job(d, Job.FOLLOW_UP, NORMAL)
            self.dispatch()
        else:
            d.bell.callbacks.append(self.dispatch)
            d.bell.succeed(int(rank))

    def capacity(self, alarm: Any) -> None:
        """The number of servers of a pool changes; who is being served stays."""
        change = alarm.dispute.village
        pool = self.pools[self.m.capacity_pool[change]]
        pool.servers = self.m.capacity_servers[change]
        row = (self.env.now, EventKind.CAPACITY, NONE, 0, NONE, pool.number, NONE, NONE, pool.servers)
        self.rows.append(tuple(int(x) for x in row))
        self.entered.append(pool)
        self.dispatch()

    def emit(self, event: int, d: Dispute, detail: int = 0, job: int = 0, pool: Pool | None = None) -> None:
        """One row of the trace."""
        number = NONE if pool is None else pool.number
        if job:
            self.rows.append((self.env.now, event, d.index, job, NONE, number, NONE, NONE, detail))
        else:
            self.rows.append((self.env.now, event, d.index, 0, d.tier, number, d.visit, d.session, detail))

    def run(self) -> None:
        """Give birth to all disputes and let time pass until the horizon."""
        m = self.m
        for change, minute in enumerate(m.capacity_minute):
            if minute < m.horizon:
                marker = Dispute(int(m.capacity_pool[change]), change)
                Alarm(self.env, Clock.CAPACITY, marker, 0, minute, self.capacity)
        for d in self.disputes:
            i = d.index
            d.kind = rules.kind_of(m, self.u(DecisionPoint.KIND, 0, i))
            arise = rules.arise_minute(m.arise_cum, m.days, self.u(DecisionPoint.ARISE_TIME, 0, i))
            if self.u(DecisionPoint.THINNING, 0, i) >= self.in_force.at(d.village, arise).keep[d.kind]:
                continue
            d.severity = rules.severity_of(m, d.kind, self.u(DecisionPoint.SEVERITY, 0, i))
            d.frailty = m.frailty_sd * rules.normal(self.u(DecisionPoint.FRAILTY, 0, i))
            d.departments = int(self.u(DecisionPoint.DEPARTMENTS, 0, i) < m.departments[d.kind])
            d.language = int(self.u(DecisionPoint.LANGUAGE, 0, i) < m.language[d.village])
            d.arise = arise
            self.set(d, Clock.ARISE, d.arise)
        self.env.run(until=m.horizon)

    def trace(self) -> Trace:
        """What happened."""
        disputes = [
            (
                *(int(self.slots[d.index]), int(d.arise != NONE), d.village, d.kind),
                *(int(d.severity * 1e6), d.departments, d.language, d.arise),
            )
            for d in self.disputes
        ]
        return Trace(
            rows=np.array(self.rows, dtype=np.int32).reshape(-1, 9),
            disputes=np.array(disputes, dtype=np.int64).reshape(-1, 8),
            horizon=self.m.horizon,
            warm_up=self.m.warm_up,
        )


def simulate(model: Model, draws: Draws, slots: np.ndarray | None = None) -> Trace:
    """Run one replication. `slots` may name the disputes of the superset (default: as the population draws them)."""
    run = Run(model, draws, slots_of(village_counts(model, draws)) if slots is None else slots)
    with collector_paused():
        run.run()
    return run.trace()


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection meanwhile: nothing can be freed before a run ends, and looking takes a third of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
