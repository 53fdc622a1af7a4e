"""One figure of a gate: what it should be, what it is, how far these may lie apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.language import Text


@dataclass(frozen=True)
class Check:
    """One figure: reported, what it should be (`pinned`), simulated now, and how far these may lie apart.

    A `pinned` check compares with what the model gave when the posterior was made, a `target` check with what the
    place reported. `room` is how far apart they may be without any luck, and is part of the tolerance in the end;
    `misfit` is why a place is known not to give a reported figure: such a check does not fail, as long as they lie no
    farther apart than `far`: what is known to miss a figure is not excused from coming near it.
    """

    place: str
    reading: str
    figure: Text
    reported: Text
    pinned: float
    simulated: float
    tolerance: float
    problem: Text = ""
    kind: Literal["pinned", "target"] = "pinned"
    room: float = 0.0
    misfit: str = ""
    far: float = 0.0

    @property
    def met(self) -> bool:
        """Whether what is simulated is near enough."""
        return not self.problem and abs(self.simulated - self.pinned) <= self.tolerance

    @property
    def passed(self) -> bool:
        """Whether it is, or is known not to be."""
        near = not self.problem and abs(self.simulated - self.pinned) <= self.far
        return self.met or (bool(self.misfit) and near)
