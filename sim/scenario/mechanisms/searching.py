"""A periodic search as a mechanism writes it down: a round of the schema, every number an assumption of the
mechanism.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sim.scenario.copies import copied
from sim.scenario.fields import expected_at
from sim.scenario.mechanisms.base import ASSUMPTION
from sim.scenario.place import Round
from sim.scenario.quantity import Quantity, Status

UNITS = {"every": "days", "irregularity": "share", "detects": "probability", "coverage": "share"}


def searching(channel: str, *, every: float, irregularity: float, detects: float, enters: str) -> Round:
    """A round that covers every village where its mechanism is in force; `every` is in days."""
    numbers = {"every": every, "irregularity": irregularity, "detects": detects}
    if not all(_fits(name, x) for name, x in numbers.items()):
        return _validated(channel, enters, {**numbers, "coverage": 1})  # which says what does not fit
    pattern = _pattern(channel, enters)
    return copied(pattern, {n: copied(getattr(pattern, n), _exactly(x)) for n, x in numbers.items()})


@lru_cache(maxsize=64)
def _pattern(channel: str, enters: str) -> Round:
    return _validated(channel, enters, dict.fromkeys(UNITS, 1))


def _validated(channel: str, enters: str, numbers: dict[str, float]) -> Round:
    quantities = {
        name: Quantity(unit=UNITS[name], source=ASSUMPTION, status=Status.ASSUMED, **_exactly(x))
        for name, x in numbers.items()
    }
    return Round.model_validate({"channel": channel, "enters": enters, **quantities})


def _exactly(x: float) -> dict[str, Any]:
    return {"value": x, "low": x, "high": x}


def _fits(name: str, x: float) -> bool:
    """Whether the schema takes a number there; what is not finite it never does."""
    expected = expected_at(Round, (name,))
    return (
        expected is not None
        and expected.expects is not None
        and expected.expects.minimum <= x <= expected.expects.maximum
    )
