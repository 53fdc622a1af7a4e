"""What all mechanisms have in common: a frozen dataclass whose numbers have sources, compiled into edits and uses."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from sim.scenario.effects_file import effects
from sim.scenario.mechanisms.effects import Edit, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity, Status

ASSUMPTION = "assumption"


def number(
    value: float,
    unit: str,
    low: float,
    high: float,
    note: str,
    *,
    source: str = ASSUMPTION,
    status: str = "assumed",
    least: float = 0.0,
    most: float = 1e9,
) -> Any:
    """A parameter of a mechanism. `source` is a key of scenarios/national/sources.yaml; `least`, `most` hard limits."""
    quantity = Quantity(
        value=value, unit=unit, low=low, high=high, source=source, status=Status(status), note=note
    )
    return field(default=quantity, metadata={"least": least, "most": most})


def evidenced(mechanism: str, name: str, *, least: float = 0.0, most: float = 1e9) -> Any:
    """A parameter whose prior follows from studies: it stands in scenarios/national/effects.yaml."""
    return field(default=effects()[mechanism].priors[name], metadata={"least": least, "most": most})


@dataclass(frozen=True)
class Mechanism:
    """One thing that a county does about disputes.

    `acts_at` names the tiers where it acts, `about` says what it is, `pays` whose hours (and money) it takes.
    One with a parameter `learning` (days) is learnt: see `learnt`.
    """

    name: ClassVar[str]
    zh: ClassVar[str]
    acts_at: ClassVar[str]
    about: ClassVar[str]
    pays: ClassVar[str]
    exchanged: ClassVar[bool] = True  # whether it does something by itself, without numbers of the analyst
    lasts_days: ClassVar[int | None] = None  # of what is meant for a short time

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes in a place, at a dose of 1."""
        yield from ()

    def uses(self, place: Place) -> Iterator[Use]:
        """What it costs, at a strength of 1: hours of staff, persons, money."""
        yield from ()

    def learnt(self, days: float) -> float:
        """The share of its effect that it has so many days after its start: 1 - exp(-days / learning), or all of it."""
        learning = getattr(self, "learning", None)
        return 1.0 if learning is None else -math.expm1(-days / float(learning))

    @classmethod
    def parameters(cls) -> dict[str, Quantity]:
        """Its parameters with their default values."""
        return {f.name: f.default for f in dataclasses.fields(cls) if isinstance(f.default, Quantity)}

    @classmethod
    def limits(cls, name: str) -> tuple[float, float]:
        """The hard limits of a parameter."""
        metadata = next(f.metadata for f in dataclasses.fields(cls) if f.name == name)
        return float(metadata["least"]), float(metadata["most"])

    @classmethod
    def made(cls, values: Mapping[str, Quantity]) -> Self:
        """The mechanism with some of its parameters changed."""
        return cls(**values)
