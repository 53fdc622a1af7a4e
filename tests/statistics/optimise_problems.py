"""Synthetic problems whose best mixes are known: separable effects, luck that mixes share, and noise of their own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sim.statistics.pareto import Budget, Mix, Problem, Variable

Floats = NDArray[np.float64]
MOST = 400  # replication numbers are below


class Village:
    """Effects add up over variables; a replication adds its own luck, the same for every mix, and noise per mix."""

    def __init__(
        self,
        variables: Sequence[Variable],
        effects: Sequence[Sequence[Sequence[float]]],
        *,
        shared: float = 5.0,
        own: float = 0.0,
        seed: int = 1,
    ) -> None:
        """`effects[objective][variable][units - low]` is added to a level of 100."""
        self.variables, self.effects = tuple(variables), effects
        self.own, self.seed = own, seed
        self.luck = np.random.default_rng([seed, 0]).normal(0, shared, (len(effects), MOST))
        self.calls: list[tuple[Mix, tuple[int, ...]]] = []

    def truth(self, mix: Mix) -> Floats:
        """Expected values of the objectives."""
        return np.array(
            [
                100 + sum(table[n - v.low] for table, v, n in zip(each, self.variables, mix, strict=True))
                for each in self.effects
            ]
        )

    def __call__(self, mix: Mix, replications: Sequence[int]) -> Floats:
        self.calls.append((mix, tuple(replications)))
        values = self.truth(mix)[:, None] + self.luck[:, list(replications)]
        if self.own:
            key = [self.seed, 1, *(n + 100 for n in mix)]
            values += np.random.default_rng(key).normal(0, self.own, self.luck.shape)[:, list(replications)]
        return values

    def problem(self, budget: Budget, objectives: tuple[str, ...] = ("yuan", "days")) -> Problem:
        return Problem(self.variables, budget, objectives, self)


def village(
    switches: int = 4, staff: int = 1, objectives: int = 1, *, seed: int = 1, own: float = 0.0
) -> Village:
    """Mechanisms that cost 50,000 to 800,000 yuan, staff from −3 to +6 with diminishing returns."""
    rng = np.random.default_rng([seed, 9])
    variables = [
        Variable(f"mechanism {i}", 0, 1, {"yuan": 10_000.0 * rng.integers(5, 80), "staff_hours": 100.0 * i})
        for i in range(switches)
    ]
    variables += [
        Variable(f"staff {i}", -3, 6, {"yuan": 10_000.0 * rng.integers(5, 14), "staff_hours": -1_700.0})
        for i in range(staff)
    ]
    effects = [
        [
            [0.0, -float(rng.gamma(1.0, 8.0))]
            if v.low == 0
            else list(-float(rng.gamma(2.0, 8.0)) * (np.sqrt(np.arange(10) + 1.0) - 2))
            for v in variables
        ]
        for _ in range(objectives)
    ]
    return Village(variables, effects, seed=seed, own=own)


def noise(variables: int, *, own: float = 10.0, seed: int = 1) -> Village:
    """Mechanisms that do nothing at all and cost one yuan each; values differ by noise only."""
    return Village(
        [Variable(f"mechanism {i}", 0, 1, {"yuan": 1.0}) for i in range(variables)],
        [[[0.0, 0.0]] * variables],
        seed=seed,
        own=own,
    )


def spent(variables: Sequence[Variable], mix: Mix, resource: str) -> float:
    """Linear cost, counted apart from the code under test."""
    return sum(v.unit_cost.get(resource, 0.0) * n for v, n in zip(variables, mix, strict=True))


def brute_front(rows: dict[Mix, tuple[float, ...]]) -> set[Mix]:
    """Non-dominated mixes by the definition, every one against every other."""
    return {
        a
        for a, x in rows.items()
        if not any(
            all(p <= q for p, q in zip(y, x, strict=True)) and y != x for b, y in rows.items() if b != a
        )
    }


def all_mixes(variables: Sequence[Variable]) -> list[Mix]:
    return list(product(*(range(v.low, v.high + 1) for v in variables)))


def hypervolume(points: Floats, corner: Sequence[float]) -> float:
    """The volume between points, shape (n, 2 or 3), all minimised, and a corner that is worse than they are."""
    inside = np.array([p for p in np.asarray(points, dtype=np.float64) if (p < corner).all()])
    if not len(inside):
        return 0.0
    if inside.shape[1] == 1:
        return float(corner[0] - inside.min())
    # Slices along the last objective: between two of its values, what the points below span in the others.
    inside = inside[np.argsort(inside[:, -1], kind="stable")]
    edges = [*inside[1:, -1], corner[-1]]
    return sum(
        (edge - point[-1]) * hypervolume(inside[: i + 1, :-1], corner[:-1])
        for i, (point, edge) in enumerate(zip(inside, edges, strict=True))
        if edge > point[-1]
    )


def true_front(place: Village, budget: float) -> Floats:
    """Values (yuan, objectives) of the true front: effects are separable, so one variable after another is added."""
    values = np.array([[0.0, *([100.0] * len(place.effects))]])
    savings = [min(0.0, v.unit_cost["yuan"] * v.low) for v in place.variables]
    for j, variable in enumerate(place.variables):
        units = np.arange(variable.low, variable.high + 1)
        step = np.column_stack([variable.unit_cost["yuan"] * units, *(e[j] for e in place.effects)])
        values = (values[:, None, :] + step[None]).reshape(-1, values.shape[1])
        values = values[values[:, 0] + sum(savings[j + 1 :]) <= budget]
        values = np.unique(values, axis=0)  # in lexicographic order: only earlier rows can dominate
        kept = np.empty((0, values.shape[1]))
        for row in values:
            if not (kept <= row).all(axis=1).any():
                kept = np.vstack([kept, row])
        values = kept
    return values
