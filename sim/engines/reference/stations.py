"""Pools of the reference engine: queues, servers, and side jobs."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from sim import clock, rules
from sim.draws import Draws, visit_key
from sim.engines.reference.machine import Machine
from sim.engines.reference.state import NONE, Dispute, DisputeAlarm, Pool
from sim.model import Model
from sim.model.tables import JOBS
from sim.vocabulary import Clock, DecisionPoint, End, EventKind, Job, State


class Stations(Machine):
    """Who waits for whom, and who is served."""

    def __init__(self, model: Model, draws: Draws, slots: np.ndarray) -> None:
        super().__init__(model, draws, slots)
        m = self.m
        self.pools = [
            Pool(p, servers, m.pool_calendar[p] * (m.days + 1), m.cal_opens[m.pool_calendar[p]])
            for p, servers in enumerate(m.pool_servers)
        ]
        self.freed: list[Pool] = []
        self.entered: list[Pool] = []

    def enter(self, d: Dispute, job: int, pool: Pool, priority: int, since: int) -> None:
        """Join the queue of a pool; the pool is dispatched when the event is over."""
        if job == Job.CASE:
            d.state = State.QUEUED
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
        if d.state == State.SERVED:
            self.release(d, Job.CASE, event)
        elif d.state == State.QUEUED:
            self.emit(EventKind.LEAVE, d, 0, Job.CASE, d.pools[Job.CASE])
            d.tickets[Job.CASE] = None
        else:
            self.clear(d, Clock.AWAY_END)
        d.state = State.AWAY

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
            d.state = State.SERVED
            u = self.u(DecisionPoint.SESSION_LENGTH, visit_key(d.tier, d.visit, d.session), d.index)
            minutes = rules.session_length(m, d.tier, d.severity, d.language, u)
        else:
            minutes = rules.whole_minutes(rules.exponential(self.job_luck(d, job), m.job_mean[job]))
        self.emit(EventKind.START, d, minutes, job, pool)
        over = clock.advance(m.cal_worked, pool.base, m.days, pool.opens, self.env.now, minutes)
        if job == Job.CASE:
            self.set(d, Clock.SESSION_END, over)
        elif over < m.horizon:
            DisputeAlarm(self.env, over, Clock.SESSION_END, d, job, self.side_job_done)

    def raise_priority(self, d: Dispute, priority: int) -> None:
        """A lower number is served first; a waiting dispute moves up in its queue."""
        if priority >= d.priority:
            return
        d.priority = priority
        if d.state == State.QUEUED:
            pool = d.pools[Job.CASE]
            assert pool is not None
            self.queue(d, Job.CASE, pool, priority, d.known)

    def side_job(self, d: Dispute, job: int, priority: int) -> None:
        """Work that a case causes elsewhere. A job of the same sort that is still under way takes it along."""
        desk = self.m.desk[d.village * JOBS + job]
        if desk >= 0 and d.pools[job] is None:
            self.enter(d, job, self.pools[desk], priority, self.env.now)

    def job_luck(self, d: Dispute, job: int) -> float:
        """The uniform for the length of a side job."""
        if job == Job.PETITION:
            return self.u(DecisionPoint.PETITION_WORK, d.petitions, d.index)
        if job == Job.RESPONSE:
            return self.u(DecisionPoint.RESPONSE_TIME, d.eruptions - 1, d.index)
        if job == Job.FOLLOW_UP:
            return self.u(DecisionPoint.FOLLOW_UP_WORK, d.opening, d.index)
        if job == Job.CONFIRMATION:
            return self.u(DecisionPoint.CONFIRMATION_WORK, d.opening, d.index)
        return self.u(DecisionPoint.ENFORCEMENT_WORK, d.opening, d.index)

    def side_job_done(self, alarm: DisputeAlarm) -> None:
        """The end of a side job, and what it brings."""
        d, job = alarm.dispute, alarm.job
        self.release(d, job, EventKind.SESSION)
        settled = d.state == State.ENDED and d.end == End.SETTLED
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
