"""What a run would cost, before it is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message
from sim.model import build
from sim.runs.estimate import Estimate, estimate
from sim.scenario.errors import UserError
from sim.scenario.place import Place, Title
from sim.scenario.policy import Measure
from sim.studies.study import Study

ENGINE = "compiled"  # of all commands but `run`


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
    at_most: bool = False  # whether the search may end before so many replications
    analysed: bool = False  # whether an analysis follows, which is not in the seconds

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


def of_replications(
    key: str, worlds: Sequence[tuple[Place, Sequence[Measure], int]], workers: int, *, at_most: bool = False
) -> Cost:
    """What it costs to simulate places under measures so many times, by a sample of a replication of each place.

    What ran before is not run again, and is counted here all the same. Raises UserError for what is impossibly large.
    """
    seconds = memory = disputes = rows = 0.0
    samples: dict[str, Estimate] = {}
    for place, measures, n in worlds:
        if place.name not in samples:
            try:
                samples[place.name] = estimate(build(place, tuple(measures)), ENGINE, 1, workers)
            except OverflowError as error:
                raise UserError(Message("{error}; take a smaller place", error=error)) from None
        one = samples[place.name]
        seconds += one.seconds * n
        memory, disputes, rows = (
            *(max(memory, one.memory), max(disputes, one.disputes), max(rows, one.rows)),
        )
    total = sum(n for _, _, n in worlds)
    names = list(samples)
    first = worlds[0][0].title
    about = {"places": names, "at_most": at_most}
    return Cost(
        first,
        ENGINE,
        workers,
        total,
        disputes,
        rows,
        seconds,
        memory,
        None,
        key,
        about,
        at_most,
        analysed=True,
    )


def cost_of(plan: object, workers: int) -> Cost:
    """What a plan would cost. UserError for one of which that is not known."""
    found: Callable[[int], Cost] | None = getattr(plan, "cost", None)
    if found is None:
        raise UserError(Message("--{x} is not for this command", x="dry-run"))
    return found(workers)
