"""What a measure changes in a made-up place: the same disputes and the same luck, with it and without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draws
from sim.engines import compiled
from sim.model import Model, build
from sim.outcomes import outcomes
from sim.scenario.place import Place
from sim.scenario.policy import Measure

Key = tuple[str, str]  # metric, group
Values = dict[Key, NDArray[np.float64]]


@dataclass(frozen=True)
class Pair:
    """Outcomes by (metric, group), one entry per replication."""

    before: Values
    after: Values

    def change(self, metric: str, group: str = "") -> NDArray[np.float64]:
        """After minus before, by replication."""
        key = metric, group
        return self.after[key] - self.before[key]

    def ratio(self, metric: str, group: str = "") -> float:
        """After over before, of the sums over replications."""
        key = metric, group
        return float(self.after[key].sum() / self.before[key].sum())

    def t(self, metric: str, group: str = "") -> float:
        """The paired t statistic of a change."""
        x = self.change(metric, group)
        return float(x.mean() / (x.std(ddof=1) / np.sqrt(len(x))))


def values(model: Model, replications: int, seed: int = 11) -> Values:
    """Outcomes of the true and the recorded layer, by replication."""
    found: dict[Key, list[float]] = {}
    for r in range(replications):
        draws = Draws(seed, r)
        for o in outcomes(compiled.simulate(model, draws), model, draws):
            if o.layer != "series":
                found.setdefault((o.metric, o.group), []).append(o.value)
    return {key: np.array(x) for key, x in found.items()}


def pair(
    place: Place,
    measures: Sequence[Measure],
    without: Sequence[Measure] = (),
    replications: int = 12,
    seed: int = 11,
) -> Pair:
    """The place under `without` and under `measures`, on the same disputes with the same luck."""
    return Pair(
        values(build(place, without), replications, seed), values(build(place, measures), replications, seed)
    )
