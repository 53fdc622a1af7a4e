"""What a run would cost, before it is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message
from sim.scenario.errors import UserError
from sim.scenario.place import Title
from sim.studies.study import Study


@dataclass(frozen=True)
class Cost(Study):
    """Expected disputes with warm-up and rows of the trace, in a replication; seconds and bytes of the whole run.

    `counties` is None for a place, and `rows` for a nation, whose `disputes` are those of all its replications. `about`
    says what would be run, for programs.
    """

    command: ClassVar[str] = "run"
    title: Title
    engine: str
    workers: int
    replications: int
    disputes: float
    rows: float | None
    seconds: float
    memory: float
    counties: int | None
    key: str
    about: dict[str, Any] = field(repr=False)

    def tables(self) -> dict[str, pd.DataFrame]:
        """`cost`, one row."""
        return {"cost": pd.DataFrame([self._numbers()])}

    def manifest(self) -> dict[str, Any]:
        """What would be run."""
        return {"command": self.command, "key": self.key, "dry_run": True}

    def _numbers(self) -> dict[str, Any]:
        run = {"engine": self.engine, "workers": self.workers}
        whole = {"seconds": self.seconds, "memory_bytes": self.memory}
        if self.counties is not None:
            return {"counties": self.counties, **run, "disputes": self.disputes, **whole}
        each = {"disputes_per_replication": self.disputes, "trace_rows_per_replication": self.rows}
        return {**run, **each, **whole}

    def answer(self) -> dict[str, Any]:
        """The cost for programs."""
        design = "place" if self.counties is None else "nation"
        asked = {"design": design, "dry_run": True, **self.about, "replications": self.replications}
        return {**asked, **self._numbers()}


def cost_of(plan: object, workers: int) -> Cost:
    """What a plan would cost. UserError for one of which that is not known."""
    found: Callable[[int], Cost] | None = getattr(plan, "cost", None)
    if found is None:
        raise UserError(Message("--{x} is not for an experiment that compares", x="dry-run"))
    return found(workers)
