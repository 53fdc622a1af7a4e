"""Every number of a scenario with its range and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from sim.scenario.fields import dotted, quantities


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
