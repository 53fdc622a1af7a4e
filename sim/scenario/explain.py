"""Every number of a scenario with its range and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from sim.scenario.fields import dotted, quantities
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.policy import Measure


@dataclass(frozen=True)
class Row:
    """One number. `path` is what `--set` takes."""

    path: str
    value: float | int
    unit: str
    low: float | int
    high: float | int
    status: str
    source: str
    note: str


def explain(scenario: BaseModel) -> list[Row]:
    """All quantities of a place (or policy), in the order of the schema."""
    return [
        Row(dotted(path), q.value, q.unit, q.low, q.high, q.status.value, q.source, q.note)
        for path, q in quantities(scenario)
    ]


def explain_measures(measures: Sequence[Measure]) -> list[Row]:
    """The parameters of the mechanisms in force; `path` is mechanism and parameter."""
    rows = []
    for measure in measures:
        for name, default in MECHANISMS[measure.mechanism].parameters().items():
            q = measure.parameters.get(name, default)
            path = f"{measure.mechanism}:{name}"
            rows.append(Row(path, q.value, q.unit, q.low, q.high, q.status.value, q.source, q.note))
    return rows
