"""What the reference engine runs on: SimPy's clock and our alarms, luck, tables in force, rows of the trace."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import simpy

from sim.draws import Draws, Table
from sim.engines.reference.in_force import InForce
from sim.engines.reference.state import NONE, Dispute, DisputeAlarm, Pool
from sim.model import Model
from sim.vocabulary import Job


class Machine(ABC):
    """Time, luck and rows of one replication. `m` are the tables that hold everywhere: horizon, pools, calendars."""

    def __init__(self, model: Model, draws: Draws, slots: np.ndarray) -> None:
        self.m = model.tables.as_lists()
        self.in_force = InForce(model, self.m)
        table = Table(draws, slots)
        self.u, self.place_u = table.u, table.place
        self.env: Any = simpy.Environment()  # typed with float minutes; ours are whole
        self.rows: list[tuple[int, ...]] = []

    def tables(self, d: Dispute) -> Any:
        """The numbers that hold in the dispute's village now."""
        return self.in_force.at(d.village, self.env.now)

    def due(self, d: Dispute, wait: int, which: int, u: float) -> int:
        """When a clock rings that would ring in `wait` minutes at today's rate."""
        return self.in_force.due(d, self.env.now, wait, which, u)

    def set(self, d: Dispute, rank: int, minute: int) -> None:
        """Set a clock of the case; beyond the horizon it only counts as set."""
        d.clocks[rank] = minute
        if minute < self.m.horizon:
            DisputeAlarm(self.env, minute, rank, d, Job.CASE, self.ring)

    def clear(self, d: Dispute, *ranks: int) -> None:
        """Make clocks stale."""
        for rank in ranks:
            d.clocks[rank] = NONE

    @abstractmethod
    def ring(self, alarm: DisputeAlarm) -> None:
        """A clock of a case is due, or has been set anew since and is stale."""

    def emit(
        self, event: int, d: Dispute, detail: int = 0, job: int = Job.CASE, pool: Pool | None = None
    ) -> None:
        """One row of the trace."""
        number = NONE if pool is None else pool.number
        if job == Job.CASE:
            self.rows.append((self.env.now, event, d.index, 0, d.tier, number, d.visit, d.session, detail))
        else:
            self.rows.append((self.env.now, event, d.index, job, NONE, number, NONE, NONE, detail))
