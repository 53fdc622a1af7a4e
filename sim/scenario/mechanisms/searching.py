"""A periodic search as a mechanism writes it down: a round of the schema, every number an assumption of the
mechanism.
"""

from __future__ import annotations

from sim.scenario.mechanisms.base import ASSUMPTION
from sim.scenario.place import Round
from sim.scenario.quantity import Quantity, Status


def searching(channel: str, *, every: float, irregularity: float, detects: float, enters: str) -> Round:
    """A round that covers every village where its mechanism is in force; `every` is in days."""

    def number(value: float, unit: str) -> Quantity:
        return Quantity(
            value=value, unit=unit, low=value, high=value, source=ASSUMPTION, status=Status.ASSUMED
        )

    return Round.model_validate(
        {
            "channel": channel,
            "every": number(every, "days"),
            "irregularity": number(irregularity, "share"),
            "detects": number(detects, "probability"),
            "coverage": number(1, "share"),
            "enters": enters,
        }
    )
