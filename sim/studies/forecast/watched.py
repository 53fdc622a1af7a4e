"""Replications of a calibrated county, watched from the day of a forecast on: the work of its simulations, and reading.

A replication runs through the days of the register and goes on for as long as is forecast. What is kept of it is every
opening of a dispute with its stays, and the hours of staff after the day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.engines.choose import simulator
from sim.model import Model
from sim.outcomes.openings import Effort, Openings, effort, openings
from sim.outcomes.reading import Reading
from sim.runs.batch import Batch, Progress, quiet
from sim.runs.case import Case, Measured
from sim.runs.executors.local import Executor
from sim.runs.outcomes import Pair

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NO_LIMIT = -1
STAY, OWN, ALL = 0, 1, 2  # parts of the rows of a replication
COLUMNS = ("part", "opening", "dispute", "kind", "received", "ended", "how", "suit", "tier", "day", "minutes")


@dataclass(frozen=True)
class Watched:
    """A case that is read from `day` on, for each of so many days, `until`.

    Of what is kept, days count from `day`. Openings that ended more than `back` days before it are left out.
    """

    case: Case
    day: date
    until: tuple[int, ...]
    back: int

    @cached_property
    def key(self) -> str:
        """Names what is read. It is never kept beyond the program: this module is no part of the case's key."""
        text = f"{self.case.key} watched {self.day} {self.until} {self.back}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def policy(self) -> str:
        """What messages call the measures."""
        return self.case.policy

    def label(self, draw: int, replication: int) -> str:
        """A replication in words."""
        return self.case.label(draw, replication)

    def measure(self, draw: int, replication: int) -> Measured:
        """Simulate one replication, and read it."""
        if reason := self.case.impossible(draw):
            return Measured(pa.table({}), reason=reason)
        model = _model(self.case, draw)
        reading = Reading(simulator(self.case.engine)(model, self.case.luck(draw, replication)))
        found, day = openings(reading), (self.day - model.first_day).days
        spent = effort(reading, model, found, day, tuple(day + h for h in self.until))
        return Measured(_rows(found.since(day), spent, -self.back))


_last: dict[
    tuple[str, int], Model
] = {}  # the model that this process used last: replications of a draw come in a row


def _model(case: Case, draw: int) -> Model:
    at = case.model_key, draw
    if at not in _last:
        found = case.model(draw)
        _last.clear()
        _last[at] = found
    return _last[at]


def _rows(found: Openings, spent: Effort, since: int) -> pa.Table:
    """All of it as rows of whole numbers; what does not apply is 0."""
    kept = found.ended >= since
    stays = np.flatnonzero(kept[found.stay])
    of = found.stay[stays]
    parts: list[dict[str, Any]] = [
        {
            "part": STAY,
            "opening": of,
            **{c: getattr(found, c)[of] for c in ("dispute", "kind", "received", "ended", "how", "suit")},
            "tier": found.stay_tier[stays],
            "day": found.stay_day[stays],
        }
    ]
    horizon, which, group = np.nonzero(spent.own)
    minutes = spent.own[horizon, which, group]
    parts.append(
        {"part": OWN, "opening": spent.opening[which], "day": horizon, "tier": group, "minutes": minutes}
    )
    horizon, group = (x.ravel() for x in np.indices(spent.busy.shape))
    limit = np.where(np.isfinite(spent.available), spent.available, NO_LIMIT).ravel()
    parts.append(
        {"part": ALL, "day": horizon, "tier": group, "minutes": spent.busy.ravel(), "received": limit}
    )
    sizes = [len(part["day"]) for part in parts]
    columns = {}
    for name in COLUMNS:
        cells = [
            np.broadcast_to(np.asarray(part.get(name, 0)), size)
            for part, size in zip(parts, sizes, strict=True)
        ]
        columns[name] = pa.array(np.rint(np.concatenate(cells)).astype(np.int32))
    return pa.table(columns)


class Seen(NamedTuple):
    """A replication as it was watched."""

    openings: Openings
    effort: Effort


def seen(rows: pa.Table, horizons: int, groups: int) -> Iterator[Seen]:
    """The replications of a block of rows, in their order."""
    table = {c: np.asarray(rows[c]).astype(np.int64) for c in (*COLUMNS, "replication")}
    edges = np.flatnonzero(np.diff(table["replication"])) + 1
    for part in np.split(np.arange(len(table["part"])), edges):
        own = {c: x[part] for c, x in table.items()}
        yield _seen(own, horizons, groups)


def _seen(own: dict[str, Ints], horizons: int, groups: int) -> Seen:
    stays = {c: x[own["part"] == STAY] for c, x in own.items()}
    number, first, stay = np.unique(stays["opening"], return_index=True, return_inverse=True)
    columns = {c: stays[c][first] for c in ("dispute", "kind", "received", "ended", "how", "suit")}
    found = Openings(**columns, stay=stay.astype(np.int64), stay_tier=stays["tier"], stay_day=stays["day"])
    mine = {c: x[own["part"] == OWN] for c, x in own.items()}
    held = np.unique(mine["opening"])
    minutes = np.zeros((horizons, len(held), groups))
    minutes[mine["day"], np.searchsorted(held, mine["opening"]), mine["tier"]] = mine["minutes"]
    every = {c: x[own["part"] == ALL] for c, x in own.items()}
    busy, limit = np.zeros((horizons, groups)), np.zeros((horizons, groups))
    busy[every["day"], every["tier"]] = every["minutes"]
    limit[every["day"], every["tier"]] = every["received"]
    limit = np.where(limit == NO_LIMIT, np.inf, limit)
    return Seen(found, Effort(np.searchsorted(number, held), minutes, busy, limit))


def watched(
    cases: Sequence[Watched],
    wanted: Sequence[Pair],
    each: int,
    groups: int,
    *,
    executor: Executor,
    progress: Progress = quiet,
) -> Iterator[list[list[Seen]]]:
    """Simulate all cases; for each draw, of which there are `each` replications in a row, those of every case."""
    batch = Batch(cases, [list(wanted)] * len(cases))
    batch.complete(executor=executor, progress=progress)
    horizons = len(cases[0].until)
    for blocks in zip(*(batch.blocks(i, each) for i in range(len(cases))), strict=True):
        yield [list(seen(block.rows, horizons, groups)) for block in blocks]
