"""What is read off a trace: plain functions, by the name that a case gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from sim.draws import Draws
from sim.model import Model
from sim.outcomes import outcomes
from sim.outcomes.cases import closed_cases, recorded
from sim.outcomes.groups import group_outcomes
from sim.outcomes.pools import unit_utilisation
from sim.outcomes.reading import Reading
from sim.outcomes.table import Outcome
from sim.runs.outcomes import RECORDED, SERIES, TRUE, Column, rows_of

READINGS = ("proportional", "target_driven")
GROUPINGS = ("kind", "township", "language", "village_size")  # of `outcomes.groups.memberships`
RECORD = ("mediated", "succeeded", "success_rate")  # metrics of a record
STAFF = {
    "staff_hours",
    "utilisation",
    "utilisation_busiest",
    "queue_length",
    "wait_days",
}  # metrics of staff groups
KEPT_OF_STAFF = {"utilisation", "utilisation_busiest", "staff_hours"}  # those that a comparison keeps

Row = tuple[Column, float]


@dataclass(frozen=True)
class Seen:
    """One replication as a readout sees it. `luck(copy)` are its random numbers, of which 0 are the trace's own.

    `parts` is of how many parts of a place this is one.
    """

    reading: Reading
    model: Model
    luck: Callable[..., Draws]
    parts: int = 1


def place(seen: Seen) -> pa.Table:
    """All outcomes of a place, with curves."""
    return _table(map(_row, outcomes(seen.reading, seen.model, seen.luck())))


def policy(seen: Seen, groups: bool = True) -> pa.Table:
    """Outcomes of the place as a whole, of its staff, as recorded under both readings, and by group if wanted."""
    rows: list[Row] = [
        _row(o)
        for o in outcomes(seen.reading, seen.model, seen.luck())
        if o.layer == TRUE and not o.kind and (not o.tier or o.metric in KEPT_OF_STAFF)
    ]
    rows += _records(seen)
    if groups:
        rows += [
            (_column(metric, TRUE, "", grouping, group), value)
            for grouping, group, metric, value in group_outcomes(seen.reading, seen.model)
        ]
    rows += [
        (_column("utilisation", TRUE, "", staff, f"township {unit}"), value)
        for staff, unit, value in unit_utilisation(seen.reading, seen.model)
    ]
    return _table(rows)


def _records(seen: Seen) -> Iterator[Row]:
    """The record under both readings of the figures."""
    spec = seen.model.recording
    cases = closed_cases(seen.reading, basis=spec.basis, counts_returns=spec.counts_returns)
    for name in READINGS:
        record = recorded(cases, seen.reading.trace, seen.model, seen.luck(), reading=name)
        values = (float(record.mediated), float(record.succeeded), record.rate)
        yield from ((_column(m, RECORDED, name, "", ""), v) for m, v in zip(RECORD, values, strict=True))


def _table(rows: Iterator[Row] | list[Row]) -> pa.Table:
    columns, values = zip(*rows, strict=True)
    return rows_of(columns, np.array(values, dtype=np.float64))


def _row(outcome: Outcome) -> Row:
    x = outcome.x if outcome.layer == SERIES else None
    return _named(outcome.metric, outcome.tier, outcome.kind, outcome.layer, x), outcome.value


@lru_cache(maxsize=4096)
def _named(metric: str, tier: str, kind: str, layer: str, x: float | None) -> Column:
    """The column of a row of the table of outcomes."""
    if kind:
        return Column(metric, layer, "", "kind", kind, x)
    by = "" if not tier else "staff" if metric in STAFF else "step" if ">" in tier else "tier"
    return Column(metric, layer, "", by, tier, x)


@lru_cache(maxsize=4096)
def _column(metric: str, layer: str, reading: str, by: str, group: str) -> Column:
    return Column(metric, layer, reading, by, group)


READOUTS: dict[str, Callable[..., pa.Table]] = {"place": place, "policy": policy}
DIGESTED = frozenset({"place"})  # those beside which the digest of the trace is kept
