"""What the reference engine keeps of events, pools and disputes."""

from __future__ import annotations

from typing import Any

import simpy

from sim import clock
from sim.vocabulary import Clock, End, Job, Tier

Ticket = tuple[int, int, int, int, "Dispute"]  # priority, known since, dispute, job: the order of a queue

URGENT, RAISED, NORMAL = 0, 1, 2
LATENT, QUEUED, SERVED, AWAY, ENDED = range(5)
CLOCKS = len(Clock)
NONE = -1


class Alarm(simpy.Event):
    """A scheduled event of one dispute. SimPy orders by (minute, priority); our order key is the priority."""

    __slots__ = ("dispute", "job", "rank")

    def __init__(self, env: simpy.Environment, rank: int, dispute: Dispute, job: int, minute: int, ring: Any):
        self.env, self.rank, self.dispute, self.job = env, rank, dispute, job
        self.callbacks, self._ok, self._value = [ring], True, None
        priority = simpy.events.EventPriority(clock.order_key(rank, dispute.index, job) + 2)  # 0, 1: SimPy's
        env.schedule(self, priority, minute - env.now)


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
        *("petitions", "confirmed", "end"),
    )

    def __init__(self, index: int, village: int) -> None:
        self.index, self.village = index, village
        self.kind = self.departments = self.language = self.arise = NONE
        self.severity = self.frailty = 0.0
        self.state, self.tier = LATENT, NONE
        self.visit = self.session = self.used = self.opening = self.petitions = self.known = 0
        self.last = self.confirmed = False
        self.visits = [0] * len(Tier)
        self.priority = NORMAL
        self.clocks = [NONE] * CLOCKS
        self.bell: simpy.Event | None = None
        self.tickets: list[Ticket | None] = [None] * len(Job)  # where it queues, by job
        self.pools: list[Pool | None] = [None] * len(Job)  # where it queues or is served
        self.started = [0] * len(Job)
        self.eruption_left = self.eruption_since = 0  # minutes at the rate of a minute, and that minute
        self.end = int(End.OPEN)
