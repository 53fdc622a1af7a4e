"""Outcomes of a place: all of them, those that a comparison keeps, and those that an observation model needs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from sim.outcomes import outcomes
from sim.outcomes.cases import Record, closed_cases, recorded
from sim.outcomes.figures import BY_COMMITTEE, FAILURES, RAISED, RESOLVED, SUCCESSES
from sim.outcomes.figures import figures as observed
from sim.outcomes.groups import group_outcomes
from sim.outcomes.pools import unit_utilisation
from sim.outcomes.table import Outcome, true
from sim.runs.outcomes import rows_of
from sim.runs.readouts.seen import Seen
from sim.scenario.metrics import KNOWN_METRICS, READ, READINGS, RECORDED, SERIES, TRUE, Column

CASES = {name + suffix for name in (SUCCESSES, FAILURES) for suffix in ("", f" {BY_COMMITTEE}")}
GIVEN_UP, SETTLED = "ended_lumped", "ended_settled"

Row = tuple[Column, float]


def place(seen: Seen) -> pa.Table:
    """All outcomes of a place, with curves."""
    return _table(map(_row, outcomes(seen.reading, seen.model, seen.luck())))


def policy(seen: Seen, groups: bool = True) -> pa.Table:
    """Outcomes of the place as a whole, of its staff, as recorded under both readings, and by group if wanted.

    By tier there is only what is given up there; what mediation settles is there as a whole.
    """
    every = [o for o in outcomes(seen.reading, seen.model, seen.luck()) if o.layer == TRUE]
    found = [o for o in every if not o.by or o.by == "staff" or o.metric == GIVEN_UP]
    found.append(true(SETTLED, sum(o.value for o in every if o.metric == SETTLED)))
    if groups:
        found += group_outcomes(seen.reading, seen.model)
    found += unit_utilisation(seen.reading, seen.model, true)
    return _table([*map(_row, found), *_records(seen)])


def figures(seen: Seen, record: str = "") -> pa.Table:
    """What an observation model needs; with `record` what the place writes down under that reading, too.

    Of a part, what grows with a place is taken as often as there are parts, and the cases are recorded so often.
    """
    found = observed(seen.reading, seen.model, seen.luck())
    rows = [(Column(m), v * (seen.parts if grows(m) else 1)) for m, v in found.items()]
    if record:
        spec = seen.model.recording
        cases = closed_cases(seen.reading, basis=spec.basis, counts_returns=spec.counts_returns)
        copies = [
            recorded(cases, seen.reading.trace, seen.model, seen.luck(n), reading=record)
            for n in range(seen.parts)
        ]
        whole = Record(sum(r.mediated for r in copies), sum(r.succeeded for r in copies))
        values = (float(whole.mediated), float(whole.succeeded), float(whole.rate))
        rows += [(Column(m, RECORDED, record), v) for m, v in zip(READ, values, strict=True)]
    return _table(rows)


def grows(name: str) -> bool:
    """Whether a figure of a whole place is so many times that of a part."""
    metric = KNOWN_METRICS.get(name)
    return name in CASES or name in (RAISED, RESOLVED) or (metric is not None and metric.summed)


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
