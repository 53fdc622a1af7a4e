"""Outcomes of a place: all of them, those that a comparison keeps, and those that an observation model needs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pyarrow as pa

from sim.outcomes import outcomes
from sim.outcomes.cases import Record, closed_cases, recorded
from sim.outcomes.figures import BY_COMMITTEE, FAILURES, RAISED, RESOLVED, SUCCESSES
from sim.outcomes.figures import figures as observed
from sim.outcomes.groups import group_outcomes
from sim.outcomes.pools import unit_utilisation
from sim.outcomes.table import Outcome
from sim.runs.outcomes import RECORDED, SERIES, TRUE, Column, rows_of
from sim.runs.readouts.seen import Seen
from sim.scenario.metrics import KNOWN_METRICS

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
COUNTED = {"count", "hours", "disputes"}  # units of what grows with a place
CASES = {name + suffix for name in (SUCCESSES, FAILURES) for suffix in ("", f" {BY_COMMITTEE}")}

Row = tuple[Column, float]


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
        rows += [(Column(m, RECORDED, record), v) for m, v in zip(RECORD, values, strict=True)]
    return _table(rows)


def grows(name: str) -> bool:
    """Whether a figure of a whole place is so many times that of a part."""
    metric = KNOWN_METRICS.get(name)
    return name in CASES or name in (RAISED, RESOLVED) or (metric is not None and metric.unit in COUNTED)


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
