"""A number of a scenario: value, unit, range, source and status. The program refuses one without."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from sim.language import Message, Phrase


class Status(StrEnum):
    """How a value is known."""

    REPORTED = "reported"  # the place's own article says it
    DERIVED = "derived"  # computed from reported figures
    EXTERNAL = "external"  # another published source
    ASSUMED = "assumed"  # nobody reports it; the range says how little is known


class QuantityError(ValueError):
    """A quantity that cannot be: `word` is the key to correct, `remedy` how, as far as the quantity itself knows."""

    def __init__(self, word: str, problem: Phrase, remedy: Phrase, *, out_of_bounds: bool = False) -> None:
        super().__init__(problem)
        self.word = word
        self.problem = problem
        self.remedy = remedy
        self.out_of_bounds = out_of_bounds


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
            problem = Message("low {low:g} is greater than high {high:g}", low=self.low, high=self.high)
            raise QuantityError("low", problem, Message("Swap them."))
        if not self.low <= self.value <= self.high:
            problem = Message(
                "value {value:g} lies outside low {low:g} to high {high:g}",
                value=self.value,
                low=self.low,
                high=self.high,
            )
            remedy = Message("Widen low and high so that they contain the value.")
            raise QuantityError("value", problem, remedy)
        if not self.source.strip():
            remedy = Message(
                "Write: source: <a key of sources>; say `status: assumed` if nobody reports the number."
            )
            raise QuantityError("source", Message("source is empty"), remedy)
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
            problem = Message("unit is '{unit}', expected '{expected}'", unit=q.unit, expected=self.unit)
            raise QuantityError("unit", problem, self.unit_remedy)
        for name in ("value", "low", "high"):
            x = getattr(q, name)
            if not self.minimum <= x <= self.maximum:
                problem = Message(
                    "{name} {x:g} is out of bounds for {unit}: {low:g} to {high:g}",
                    name=name,
                    x=x,
                    unit=Message(self.unit),
                    low=self.minimum,
                    high=self.maximum,
                )
                raise QuantityError(name, problem, self._bounds_remedy(x), out_of_bounds=True)
        if self.integer and q.value != int(q.value):
            problem = Message(
                "value {value:g} must be a whole number of {unit}", value=q.value, unit=Message(self.unit)
            )
            raise QuantityError("value", problem, Message("Write a number without decimals."))
        return q

    @property
    def unit_remedy(self) -> Message:
        """What to write in place of another unit."""
        unit = f"'{self.unit}'" if "," in self.unit else self.unit
        return Message("Write: unit: {unit} (and convert the numbers).", unit=unit)

    def _bounds_remedy(self, x: float) -> Message:
        if self.maximum == 1 and 1 < x <= 100:
            return Message("Write a number from 0 to 1; {x:g} % is {share:g}.", x=x, share=x / 100)
        return Message("Write a number from {low:.6g} to {high:.12g}.", low=self.minimum, high=self.maximum)


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
PerTenThousandYear = _quantity("per 10,000 persons per year", 0.0, 1e5)
PerYear = _quantity("per year", 0.0, 1e5)
Trend = _quantity("relative change per year", -0.95, 10.0)
