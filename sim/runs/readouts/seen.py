"""One replication as a readout sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.draws import Draws
from sim.model import Model
from sim.outcomes.reading import Reading


@dataclass(frozen=True)
class Seen:
    """One replication as a readout sees it. `luck(copy)` are its random numbers, of which 0 are the trace's own.

    `parts` is of how many parts of a place this is one.
    """

    reading: Reading
    model: Model
    luck: Callable[..., Draws]
    parts: int = 1
