"""Asking a system for replications, and refusing answers that cannot be ranked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

Simulate = Callable[[int, range], ArrayLike]
"""`simulate(system, replications)`: one value of the metric per replication, in order.

`system` counts from 0. The same replication number must mean the same luck for every system, and the same answer
whenever it is asked for. Every call continues where the last one of that system ended, from replication 0, and no
replication of a system is asked for twice: what a store already has can be answered from it.
"""

Better = Literal["lower", "higher"]


@dataclass(frozen=True)
class Chosen:
    """Which of several systems was selected, after how many replications; systems are numbers into `systems`.

    `replications` and `means`, in the metric's unit, have one entry per system.
    """

    systems: tuple[str, ...]
    selected: int
    means: tuple[float, ...]
    replications: tuple[int, ...]

    @property
    def name(self) -> str:
        """The selected system."""
        return self.systems[self.selected]

    @property
    def total(self) -> int:
        """Replications of all systems together."""
        return sum(self.replications)


def check_systems(systems: Sequence[str]) -> None:
    """Refuse fewer than two systems, and names that would make a result ambiguous."""
    if len(systems) < 2:
        raise ValueError(f"choosing takes at least two systems, got {len(systems)}")
    twice = sorted({name for name in systems if list(systems).count(name) > 1})
    if twice:
        raise ValueError(f"two systems have the same name: {', '.join(twice)}")


def sign(better: Better) -> float:
    """What to multiply values by so that the lowest mean is the best."""
    if better not in ("lower", "higher"):
        raise ValueError(f"better must be 'lower' or 'higher', got {better!r}")
    return 1.0 if better == "lower" else -1.0


def ask(simulate: Simulate, systems: Sequence[str], system: int, replications: range) -> np.ndarray:
    """The values of one system, shape (replications,), all of them finite.

    Raises ValueError, with the system's name, if a value is missing or infinite. Leaving such replications out would
    break the pairing of systems and rank them on different luck.
    """
    values = np.asarray(simulate(system, replications), dtype=np.float64)
    if values.shape != (len(replications),):
        raise ValueError(
            f"system {systems[system]!r} was asked for {len(replications)} replications "
            f"and gave values of shape {values.shape}"
        )
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise ValueError(
            f"system {systems[system]!r} gave {values[bad[0]]} in replication {replications[int(bad[0])]}: "
            "only a metric that is defined in every replication can be ranked"
        )
    return values
