"""What the reference engine keeps of events, pools and disputes."""

from __future__ import annotations

from typing import Any

import simpy

from sim import clock
from sim.vocabulary import Clock, End, Job, Priority, State, Tier

Ticket = tuple[int, int, int, int, "Dispute"]  # priority, known since, dispute, job: the order of a queue

CLOCKS = len(Clock)
NONE = -1
FIRST_PRIORITY = 2  # 0 and 1 are SimPy's own


class Alarm(simpy.Event):
    """A scheduled event, of order `key` in its minute. SimPy orders by (minute, priority): our key is the priority."""

    __slots__ = ()

    def __init__(self, env: simpy.Environment, minute: int, key: int, ring: Any) -> None:
        self.env = env
        self.callbacks, self._ok, self._value = [ring], True, None
        priority = simpy.events.EventPriority(key + FIRST_PRIORITY)
        env.schedule(self, priority, minute - env.now)


class DisputeAlarm(Alarm):
    """A clock of a dispute, or the end of one of its side jobs."""

    __slots__ = ("dispute", "job", "rank")

    def __init__(
        self, env: simpy.Environment, minute: int, rank: int, dispute: Dispute, job: int, ring: Any
    ) -> None:
        self.rank, self.dispute, self.job = rank, dispute, job
        super().__init__(env, minute, clock.order_key(rank, dispute.index, job), ring)


class CapacityAlarm(Alarm):
    """The servers of a pool change."""

    __slots__ = ("pool", "servers")

    def __init__(self, env: simpy.Environment, minute: int, pool: Pool, servers: int, ring: Any) -> None:
        self.pool, self.servers = pool, servers
        super().__init__(env, minute, clock.order_key(Clock.CAPACITY, pool.number, Job.CASE), ring)


class Pool:
    """Servers that share a queue. `queue` is a heap of tickets; a ticket that is no longer held is skipped."""

    __slots__ = ("base", "busy", "number", "opens", "queue", "servers")

    def __init__(self, number: int, servers: int, base: int, opens: int) -> None:
        self.number, self.servers, self.base, self.opens = number, servers, base, opens
        self.busy = 0
        self.queue: list[Ticket] = []


class Dispute:
    """One dispute: what it is, and where it is now."""

    __slots__ = (
        *("index", "village", "kind", "severity", "frailty", "departments", "language", "arise"),
        *("state", "tier", "visit", "session", "used", "last", "visits", "priority", "known", "opening"),
        *("clocks", "bell", "tickets", "pools", "started", "eruption_left", "eruption_since"),
        *("eruptions", "petitions", "breaches", "confirmed", "end"),
    )

    def __init__(self, index: int, village: int) -> None:
        self.index, self.village = index, village
        self.kind = self.departments = self.language = self.arise = NONE
        self.severity = self.frailty = 0.0
        self.state, self.tier = int(State.LATENT), NONE
        self.visit = self.session = self.used = self.opening = self.known = 0
        self.eruptions = self.petitions = self.breaches = 0
        self.last = self.confirmed = False
        self.visits = [0] * len(Tier)
        self.priority = int(Priority.NORMAL)
        self.clocks = [NONE] * CLOCKS
        self.bell: simpy.Event | None = None
        self.tickets: list[Ticket | None] = [None] * len(Job)  # where it queues, by job
        self.pools: list[Pool | None] = [None] * len(Job)  # where it queues or is served
        self.started = [0] * len(Job)
        # What is left of the clock of eruption that began with the grievance, at the rate of a minute, and that minute.
        self.eruption_left = self.eruption_since = 0
        self.end = int(End.OPEN)
