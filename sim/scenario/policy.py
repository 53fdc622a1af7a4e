"""Policies: which mechanisms are in force, where, since when, and how strongly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from sim.language import Message
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.mechanisms.base import Mechanism
from sim.scenario.place import MechanismInForce, Place, Slug, Source, Strict, Title
from sim.scenario.quantity import Quantity


class Coverage(Strict):
    """Which villages: a share of them (a larger share contains the smaller one), or villages or townships by number.

    Villages and townships are numbered from 1 in the order of the model. `chosen: largest` takes the share from the
    villages with most people, where most grievances are to be expected.
    """

    share: float = Field(default=1.0, ge=0.0, le=1.0)
    villages: list[int] | None = None
    townships: list[int] | None = None
    chosen: Literal["evenly", "largest"] = "evenly"

    @model_validator(mode="after")
    def _one_way(self) -> Coverage:
        given = [self.villages is not None, self.townships is not None, self.share != 1.0]
        if sum(given) > 1:
            raise ValueError(Message("name villages, townships or a share, only one of the three"))
        return self


class Measure(Strict):
    """One mechanism in force. `strength` scales all of it, `effect` only what it achieves, not what it costs."""

    mechanism: Slug
    parameters: dict[Slug, Quantity] = {}
    strength: float = Field(default=1.0, ge=0.0, le=10.0)
    effect: float = Field(default=1.0, ge=0.0, le=100.0)
    coverage: Coverage = Coverage()
    start: date | None = None
    stop: date | None = None
    replace: list[str] = []
    note: str = ""

    def built(self) -> Mechanism:
        """The mechanism with its parameters."""
        return MECHANISMS[self.mechanism].made(self.parameters)


class Policy(Strict):
    """A bundle of measures by name. `practice_of` a place: its measures are those that the place reports."""

    schema_version: Literal[1]
    name: Slug
    title: Title
    about: str
    sources: dict[str, Source] = {}
    practice_of: Slug | None = None
    measures: list[Measure] = []


def practice(place: Place) -> tuple[Measure, ...]:
    """What a place does as it reports it."""
    return tuple(measure_of(m) for m in place.mechanisms)


def measure_of(entry: MechanismInForce) -> Measure:
    """An entry of a place as a measure."""
    return Measure(
        mechanism=entry.name,
        parameters=entry.parameters,
        coverage=Coverage(share=float(entry.coverage.value)) if entry.coverage is not None else Coverage(),
        start=entry.start,
        stop=entry.stop,
        replace=entry.replace,
        note=entry.note,
    )


def without(measures: Iterable[Measure], name: str) -> tuple[Measure, ...]:
    """The measures less those of one mechanism."""
    return tuple(m for m in measures if m.mechanism != name)


def names(measures: Sequence[Measure]) -> list[str]:
    """The mechanisms of measures, each once."""
    return list(dict.fromkeys(m.mechanism for m in measures))
