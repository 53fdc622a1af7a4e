"""What is read off a trace: plain functions, by the name that a case gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sim.draws import Draws
from sim.model import Model
from sim.outcomes import outcomes
from sim.outcomes.cases import closed_cases, recorded
from sim.outcomes.groups import group_outcomes
from sim.outcomes.pools import unit_utilisation
from sim.outcomes.reading import Reading
from sim.outcomes.table import Outcome, true
from sim.runs.outcomes import rows_of
from sim.scenario.metrics import READ, READINGS, RECORDED, SERIES, TRUE, Column

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
    found = [
        o
        for o in outcomes(seen.reading, seen.model, seen.luck())
        if o.layer == TRUE and (not o.by or o.by == "staff")
    ]
    if groups:
        found += group_outcomes(seen.reading, seen.model)
    found += unit_utilisation(seen.reading, seen.model, true)
    return _table([*map(_row, found), *_records(seen)])


def _records(seen: Seen) -> Iterator[Row]:
    """The record under both readings of the figures."""
    spec = seen.model.recording
    cases = closed_cases(seen.reading, basis=spec.basis, counts_returns=spec.counts_returns)
    for name in READINGS:
        record = recorded(cases, seen.reading.trace, seen.model, seen.luck(), reading=name)
        values = (float(record.mediated), float(record.succeeded), record.rate)
        yield from ((Column(m, RECORDED, name), v) for m, v in zip(READ, values, strict=True))


def _table(rows: Iterator[Row] | list[Row]) -> pa.Table:
    columns, values = zip(*rows, strict=True)
    return rows_of(columns, np.array(values, dtype=np.float64))


def _row(outcome: Outcome) -> Row:
    column = outcome.column
    return column if outcome.layer != SERIES else column._replace(x=outcome.x), outcome.value


READOUTS: dict[str, Callable[..., pa.Table]] = {"place": place, "policy": policy}
DIGESTED = frozenset({"place"})  # those beside which the digest of the trace is kept
