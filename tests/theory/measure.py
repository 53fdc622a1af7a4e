"""Replications of a degenerate place, and the comparison of their means with an exact value.

The rule: fail if |mean - exact| > t(1 - 1e-6 / 2, R - 1) * standard error over R = 40 replications; and fail if this
half-width exceeds a stated margin of the exact value, for else a test that sees nothing would pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import Model
from sim.outcomes.pools import pool_outcomes
from sim.outcomes.table import true
from sim.traces import Trace
from tests.twin.compare import same

REPLICATIONS = 40
FALSE_ALARM = 1e-6
SEED = 20230101
# (engine, times the volume). The first two have the same traces: quick is the compiled engine, with the reference
# engine beside it in the first replication; the whole of it in the reference engine is for `pytest -m slow`, and so is
# the third, whose margins are an eighth as wide.
SMALL = ("both", 1)
VOLUMES = [
    pytest.param(SMALL, id="both"),
    pytest.param(("reference", 1), id="reference", marks=pytest.mark.slow),
    pytest.param(("compiled", 64), id="compiled", marks=pytest.mark.slow),
]
Volume = tuple[str, int]
Read = Callable[[Trace, Model], Mapping[str, float]]


class Disagreement(AssertionError):
    """A mean that cannot come from the exact value. Mutants must raise this, not just any error."""


@dataclass(frozen=True)
class Comparison:
    """Values of replications beside the exact mean; `margin` is relative to it."""

    name: str
    values: NDArray[np.float64]
    exact: float
    margin: float

    @property
    def half_width(self) -> float:
        """Half the width of the interval that misses the true mean once in a million."""
        n = len(self.values)
        return float(stats.t.ppf(1 - FALSE_ALARM / 2, n - 1) * self.values.std(ddof=1) / math.sqrt(n))

    @property
    def distance(self) -> float:
        """Distance of the mean from the exact value in standard errors."""
        se = float(self.values.std(ddof=1)) / math.sqrt(len(self.values))
        off = float(self.values.mean()) - self.exact
        return off / se if se else math.copysign(math.inf, off)

    def __str__(self) -> str:
        mean, width = self.values.mean(), self.half_width
        return f"{self.name}: mean {mean:.5g} ± {width:.2g}, exact {self.exact:.5g} (t = {self.distance:.1f})"


def agree(comparisons: Iterable[Comparison]) -> None:
    """Pass if every mean agrees with its exact value, sharply enough."""
    comparisons = list(comparisons)
    assert all(len(c.values) >= REPLICATIONS and np.isfinite(c.values).all() for c in comparisons)
    wrong = [str(c) for c in comparisons if abs(c.values.mean() - c.exact) > c.half_width]
    if wrong:
        raise Disagreement("; ".join(wrong))
    vague = [str(c) for c in comparisons if c.half_width > c.margin * c.exact]
    assert not vague, f"too vague to tell anything: {vague}"


def observe(model: Model, read: Read, engine: str = "both") -> dict[str, NDArray[np.float64]]:
    """What `read` finds in each of the replications of a model."""
    if engine == "both":
        same(model, Draws(SEED, 0))
    simulate = simulator("compiled" if engine == "both" else engine)
    found = [read(simulate(model, Draws(SEED, r)), model) for r in range(REPLICATIONS)]
    return {name: np.array([f[name] for f in found]) for name in found[0]}


def load_of(staff: str, units: int) -> Read:
    """What `sim.outcomes.pools` says of a staff group in `units` equal units.

    `queue` is the mean number that waits in one unit, `wait` in hours, `busy` the share of time at work.
    """

    def read(trace: Trace, model: Model) -> dict[str, float]:
        found = {(o.metric, o.group): o.value for o in pool_outcomes(trace, model, true)}
        return {
            "queue": found["queue_length", staff] / units,
            "wait": 24.0 * found["wait_days", staff],
            "busy": found["utilisation", staff] / 100.0,
        }

    return read


def caught(check: Callable[[], None], *names: str) -> None:
    """A mutant is caught: the check finds a disagreement, in each of the quantities named."""
    with pytest.raises(Disagreement) as found:
        check()
    missed = [name for name in names if f"{name}: " not in str(found.value)]
    assert not missed, f"{missed} did not notice; noticed were {found.value}"


__all__ = [
    "REPLICATIONS",
    "SMALL",
    "VOLUMES",
    "Comparison",
    "Disagreement",
    "agree",
    "caught",
    "load_of",
    "observe",
]
