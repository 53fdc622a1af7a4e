"""Made-up mechanisms for tests of the machinery: they change what a test asks for, and cost what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.mechanisms.base import Mechanism
from sim.scenario.mechanisms.effects import Edit, Use
from sim.scenario.place import Place
from sim.scenario.policy import Measure


def mechanism(name: str, edits: Sequence[Edit] = (), uses: Sequence[Use] = ()) -> type[Mechanism]:
    """A mechanism without parameters that yields just these edits and uses."""

    @dataclass(frozen=True)
    class MadeUp(Mechanism):
        def edits(self, place: Place) -> Iterator[Edit]:
            yield from edits

        def uses(self, place: Place) -> Iterator[Use]:
            yield from uses

    made: Any = MadeUp
    made.name, made.zh, made.acts_at, made.about, made.pays = name, "虚构", "", "made up", "nobody"
    return MadeUp


def measure(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    edits: Sequence[Edit] = (),
    uses: Sequence[Use] = (),
    **fields: Any,
) -> Measure:
    """A measure with a made-up mechanism, known as long as the test runs."""
    monkeypatch.setitem(MECHANISMS, name, mechanism(name, edits, uses))
    return Measure(mechanism=name, **fields)
