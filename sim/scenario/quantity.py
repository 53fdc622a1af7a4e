"""A number of a scenario: value, unit, range, source and status. The program refuses one without."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator


class Status(StrEnum):
    """How a value is known."""

    REPORTED = "reported"  # the place's own article says it
    DERIVED = "derived"  # computed from reported figures
    EXTERNAL = "external"  # another published source
    ASSUMED = "assumed"  # nobody reports it; the range says how little is known


class Quantity(BaseModel):
    """A number with its unit, its range and where it comes from.

    `source` is a key of the scenario's `sources`; `note` says how the figure was read or derived.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    value: float | int
    unit: str
    low: float | int
    high: float | int
    source: str
    status: Status
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _status_from_text(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("status"), str):
            known = {s.value: s for s in Status}
            if data["status"] in known:
                data = {**data, "status": known[data["status"]]}
        return data

    @model_validator(mode="after")
    def _ordered(self) -> Quantity:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is greater than high {self.high:g}; swap them")
        if not self.low <= self.value <= self.high:
            raise ValueError(f"value {self.value:g} lies outside low {self.low:g} to high {self.high:g}")
        if not self.source.strip():
            raise ValueError("source is empty; name a key of `sources`")
        return self

    def __float__(self) -> float:
        return float(self.value)

    def __int__(self) -> int:
        return int(self.value)


@dataclass(frozen=True)
class Expects:
    """What a field of the schema expects of its quantity: kept as metadata for `explain` and the JSON Schema."""

    unit: str
    minimum: float = -math.inf
    maximum: float = math.inf
    integer: bool = False

    def __call__(self, q: Quantity) -> Quantity:
        if q.unit != self.unit:
            raise ValueError(f"unit is '{q.unit}', expected '{self.unit}'")
        for name in ("value", "low", "high"):
            x = getattr(q, name)
            if not self.minimum <= x <= self.maximum:
                bounds = f"{self.minimum:g} to {self.maximum:g}"
                raise ValueError(f"{name} {x:g} is out of bounds for {self.unit}: {bounds}")
        if self.integer and q.value != int(q.value):
            raise ValueError(f"value {q.value:g} must be a whole number of {self.unit}")
        return q


def _quantity(unit: str, minimum: float = 0.0, maximum: float = 1e9, integer: bool = False) -> Any:
    expects = Expects(unit, minimum, maximum, integer)
    return Annotated[Quantity, AfterValidator(expects), expects]


# Upper bounds are generous: they catch slips (hours for minutes, a number that overflows the clock).
Probability = _quantity("probability", 0.0, 1.0)
Share = _quantity("share", 0.0, 1.0)
Days = _quantity("days", 0.0, 36500.0)
PositiveDays = _quantity("days", 1 / 1440, 36500.0)
Hours = _quantity("hours", 0.0, 10000.0)
PositiveHours = _quantity("hours", 1 / 60, 10000.0)
HoursPerDay = _quantity("hours per day", 1 / 60, 24.0)
Minutes = _quantity("minutes", 0.0, 1e6)
Persons = _quantity("persons", 1.0, 2e9, integer=True)
Count = _quantity("count", 0.0, 1e7, integer=True)
PositiveCount = _quantity("count", 1.0, 1e7, integer=True)
MeanCount = _quantity("count", 1.0, 15.0)
Ratio = _quantity("ratio", 0.0, 1e4)
PositiveRatio = _quantity("ratio", 1e-3, 1e4)
LogOdds = _quantity("log-odds", -20.0, 20.0)
LogRatio = _quantity("log-ratio", -20.0, 20.0)
PerThousandYear = _quantity("per 1,000 persons per year", 0.0, 1e4)
PerYear = _quantity("per year", 0.0, 1e5)
Trend = _quantity("relative change per year", -0.95, 10.0)
