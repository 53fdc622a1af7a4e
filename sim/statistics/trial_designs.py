"""Which clusters a trial takes and what each of them gets: by lot, or those with most disorder first.

Trials are made from two worlds that were simulated in full, without a policy and with it everywhere, by taking each
cell from the world that it would be in. That is exact as long as clusters do not touch each other, and as the effect
does not depend on how long the policy has been there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.statistics.cluster_trials import (
    WITHIN,
    Floats,
    Ints,
    Tested,
    Variance,
    analyse,
    paired,
    parallel,
    variance,
    wedge,
)

Kind = Literal["parallel", "townships", "pairs", "wedge"]
Chosen = Literal["lot", "earlier", "base"]


@dataclass(frozen=True)
class Design:
    """A trial: `clusters` of them over `months`, in `steps` (of a wedge), and how it is chosen who has the policy when.

    `lot`: by lot. `earlier`: those that had most disorder in a period before the base. `base`: in the base itself.
    """

    kind: Kind
    clusters: int
    months: int
    steps: int = 1
    chosen: Chosen = "lot"

    def problem(self) -> str:
        """Why it cannot be; empty if it can."""
        if self.clusters < (4 if self.kind != "wedge" else max(3, self.steps)):
            return "too few clusters"
        if self.kind == "wedge" and self.steps < 2:
            return "a wedge has two steps at least"
        if self.kind == "wedge" and self.months < self.steps + 1:
            return "a step needs a month"
        return "pairs need an even number" if self.kind == "pairs" and self.clusters % 2 else ""

    @property
    def edges(self) -> list[int]:
        """Months from the start at which its periods begin, and the end."""
        periods = self.steps + 1 if self.kind == "wedge" else 1
        return [round(i * self.months / periods) for i in range(periods + 1)]


@dataclass(frozen=True)
class Worlds:
    """What happened in clusters without the policy and with it, in a base, an earlier period, and month by month.

    `cells` has shape (2 worlds, samples, clusters, months) and holds sums, `base` and `earlier` (samples, clusters),
    sums over `base_months`. `size` (samples, clusters) is what a month's sum is divided by to make a rate; 0 or less
    marks a cluster that a sample does not have. `worse` is 1 where more is disorder, else -1.
    """

    cells: Floats
    base: Floats
    earlier: Floats
    size: Floats
    base_months: int
    worse: float = 1.0

    @cached_property
    def sums(self) -> Floats:
        """Running sums over months, beginning with 0."""
        first = np.zeros((*self.cells.shape[:3], 1))
        return np.concatenate([first, np.cumsum(self.cells, axis=3)], axis=3)

    @cached_property
    def there(self) -> NDArray[np.bool_]:
        """Which clusters there are, shape (samples, clusters)."""
        return np.asarray(self.size > 0)

    @property
    def most(self) -> int:
        """Clusters that every sample has."""
        return int(self.there.sum(axis=1).min())

    def rates(self, world: int, start: int, end: int) -> Floats:
        """Rates from one month to another, shape (samples, clusters)."""
        return self._rate(self.sums[world, :, :, end] - self.sums[world, :, :, start], end - start)

    def before(self, chosen: Chosen) -> Floats:
        """Rates of the base, or of the earlier period."""
        return self._rate(self.earlier if chosen == "earlier" else self.base, self.base_months)

    def _rate(self, sums: Floats, months: int) -> Floats:
        out: Floats = np.divide(sums, self.size * months, out=np.zeros_like(sums), where=self.there)
        return out

    def effect(self, months: int) -> Floats:
        """Mean over clusters of the rate with the policy less that without, shape (samples,)."""
        difference = self.rates(1, 0, months) - self.rates(0, 0, months)
        out: Floats = difference.sum(axis=1) / self.there.sum(axis=1)
        return out

    def variance(self, months: int) -> Variance:
        """Components between clusters and between their months, without the policy, over clusters of all samples."""
        n = self.most
        order = np.argsort(~self.there, axis=1, kind="stable")[:, :n]
        monthly = np.divide(
            self.cells[0, :, :, :months],
            self.size[:, :, None],
            out=np.zeros_like(self.cells[0, :, :, :months]),
            where=self.there[:, :, None],
        )
        return variance(np.take_along_axis(monthly, order[:, :, None], axis=1))


def lots(there: NDArray[np.bool_], resamples: int, rng: np.random.Generator) -> Ints:
    """Clusters in an order by lot, those that there are first; shape (samples, resamples, clusters)."""
    samples, clusters = there.shape
    luck = rng.random((samples, resamples, clusters)) + ~there[:, None, :]
    return np.argsort(luck, axis=2)


def group_of(samples: Sequence[int] | Ints, resamples: int) -> Ints:
    """A number for each sample, repeated for its trials in the order in which `trials` has them."""
    return np.repeat(np.asarray(samples, dtype=np.int64), resamples)


def trials(design: Design, worlds: Worlds, order: Ints, weight: float, *, policy: bool = True) -> Tested:
    """Trials of one design: one for each sample and order by lot. Without `policy` nothing is done in any cluster.

    By lot, what follows is compared (in a wedge with `weight`, see `Variance.weight`); where the order is chosen, the
    changes from the base are, within clusters. The first to have the policy are those with most disorder.
    """
    taken = order[:, :, : design.clusters]
    world = 1 if policy else 0
    if design.kind == "pairs":
        return _of_pairs(design, worlds, taken, world)
    if design.chosen != "lot":
        taken = _sorted(taken, worlds.worse * worlds.before(design.chosen))
    treated = wedge(design.clusters, design.steps) if design.kind == "wedge" else parallel(design.clusters)
    edges = design.edges
    cells = []
    for p, (start, end) in enumerate(pairwise(edges)):
        without = _picked(worlds.rates(0, start, end), taken)
        under = _picked(worlds.rates(world, start, end), taken) if world else without
        cells.append(np.where(treated[:, p] > 0, under, without))
    if design.chosen != "lot":
        cells.insert(0, _picked(worlds.before("base"), taken))
        treated = np.concatenate([np.zeros((design.clusters, 1)), treated], axis=1)
        weight = WITHIN
    every = np.stack(cells, axis=3).reshape(-1, design.clusters, len(cells))
    return analyse(every, treated, weight)


def _of_pairs(design: Design, worlds: Worlds, taken: Ints, world: int) -> Tested:
    """Neighbours in the base are pairs, one of each has the policy, by lot; or, chosen, neighbours in the period that
    they are chosen by, of which the one with more disorder has it. (Matched by another period they would not be alike.)
    """
    taken = _sorted(taken, worlds.worse * worlds.before("base" if design.chosen == "lot" else design.chosen))
    first, second = taken[:, :, 0::2], taken[:, :, 1::2]
    if design.chosen == "lot":
        swap = _coins(first.shape)
        first, second = np.where(swap, second, first), np.where(swap, first, second)
    months = design.months
    difference = _picked(worlds.rates(world, 0, months), first) - _picked(worlds.rates(0, 0, months), second)
    if design.chosen != "lot":
        base = worlds.before("base")
        difference = difference - (_picked(base, first) - _picked(base, second))
    return paired(difference.reshape(-1, difference.shape[2]))


def _coins(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Fair coins, the same whenever so many are thrown."""
    return np.asarray(np.random.default_rng(shape).random(shape) < 0.5)


def _picked(values: Floats, taken: Ints) -> Floats:
    """Values of shape (samples, clusters) of the clusters taken, shape (samples, resamples, clusters of the trial)."""
    return np.take_along_axis(values[:, None, :], taken, axis=2)


def _sorted(taken: Ints, score: Floats) -> Ints:
    """Clusters taken with the highest score first; equal ones stay in their order by lot."""
    return np.take_along_axis(taken, np.argsort(-_picked(score, taken), axis=2, kind="stable"), axis=2)
