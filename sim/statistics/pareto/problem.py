"""What may be bought, what it costs, what it must not exceed, and what is to be made small."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

RESOURCES = ("yuan", "staff_hours")
ROUNDING = 1e-9  # of the limit: three times 0.1 yuan is not over a budget of 0.3 yuan

Mix = tuple[int, ...]
Evaluate = Callable[[Mix, Sequence[int]], npt.ArrayLike]
CostFunction = Callable[[Mix], Mapping[str, float]]


class CannotBe(Exception):
    """Raised by `evaluate` for a mix that nobody could carry out: it is no answer, whatever it costs."""


@dataclass(frozen=True)
class Variable:
    """One thing that may be bought in whole units: a mechanism (0 or 1), or staff more or fewer than today.

    `low` and `high` are inclusive and zero, today's amount, lies between them. `unit_cost` is in yuan and staff
    hours per unit and year, keys from `RESOURCES`; a missing key costs nothing, a negative cost is a saving.
    Raises ValueError when a bound or a cost makes no sense.
    """

    name: str
    low: int
    high: int
    unit_cost: Mapping[str, float]

    def __post_init__(self) -> None:
        if not self.low <= 0 <= self.high or self.low == self.high:
            raise ValueError(
                f"{self.name}: zero, which is today's amount, must lie between low and high, and they must differ, "
                f"got {self.low} and {self.high}"
            )
        _known(self.unit_cost, self.name)

    @property
    def is_switch(self) -> bool:
        """Whether it is either there or not, as a mechanism is."""
        return (self.low, self.high) == (0, 1)


@dataclass(frozen=True)
class Budget:
    """The most that a mix may cost, in yuan and in staff hours a year; None is no limit.

    Raises ValueError for a negative limit: then not even doing nothing could be paid.
    """

    yuan: float | None = None
    staff_hours: float | None = None

    def __post_init__(self) -> None:
        for name in RESOURCES:
            limit = getattr(self, name)
            if limit is not None and not 0 <= limit < math.inf:
                raise ValueError(f"a budget in {name} must be zero or more, and finite, got {limit}")

    def limit(self, resource: str) -> float:
        """The limit of a resource, infinite where there is none."""
        found = getattr(self, resource)
        return math.inf if found is None else float(found)


@dataclass(frozen=True)
class Problem:
    """Variables, a budget, objectives and the function that simulates a mix.

    `objectives` are names, each to be minimised. "yuan" and "staff_hours" are costs, computed here; the others are
    simulated: `evaluate(mix, replications)` returns them, in their order, as an array (objectives without the
    costs, replications), or raises CannotBe for a mix that is not to be had. The same replication number must mean the
    same luck whatever the mix: all comparisons are paired by it. `cost(mix)`, if given, is added to the linear cost:
    training that two mechanisms share, say.

    Raises ValueError when names clash, an objective is missing, or doing nothing is over the budget.
    """

    variables: tuple[Variable, ...]
    budget: Budget
    objectives: tuple[str, ...]
    evaluate: Evaluate
    cost: CostFunction | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", tuple(self.variables))
        object.__setattr__(self, "objectives", tuple(self.objectives))
        names = [v.name for v in self.variables]
        for what, given in (("variable", names), ("objective", list(self.objectives))):
            twice = sorted({x for x in given if given.count(x) > 1})
            if twice:
                raise ValueError(f"there are two {what}s of one name: {', '.join(twice)}")
        if not names:
            raise ValueError("there is no variable, so there is nothing to choose")
        if not self.simulated:
            raise ValueError(
                f"no objective is simulated; {', '.join(RESOURCES)} are costs, computed without a run"
            )
        if not self.is_feasible(self.nothing):
            raise ValueError(f"doing nothing is over the budget: {self.spending(self.nothing)}")

    @property
    def nothing(self) -> Mix:
        """The mix that leaves everything as it is: all zeros."""
        return (0,) * len(self.variables)

    @cached_property
    def simulated(self) -> tuple[str, ...]:
        """The objectives that `evaluate` returns, in their order."""
        return tuple(o for o in self.objectives if o not in RESOURCES)

    @cached_property
    def costs(self) -> tuple[str, ...]:
        """The objectives that are costs."""
        return tuple(o for o in self.objectives if o in RESOURCES)

    @property
    def size(self) -> int:
        """How many mixes the bounds allow, whether they can be paid or not."""
        return math.prod(v.high - v.low + 1 for v in self.variables)

    def mixes(self) -> Iterator[Mix]:
        """Every mix that the bounds allow, in lexicographic order."""
        return product(*(range(v.low, v.high + 1) for v in self.variables))

    def spending(self, mix: Mix) -> dict[str, float]:
        """What a mix costs, by resource; less than zero is saved. Raises ValueError for a cost that is no number."""
        total = {
            r: math.fsum(v.unit_cost.get(r, 0.0) * n for v, n in zip(self.variables, mix, strict=True))
            for r in RESOURCES
        }
        if self.cost is not None:
            more = self.cost(mix)
            _known(more, f"the cost function, for {self.describe(mix)}")
            for resource, amount in more.items():
                total[resource] += amount
        return total

    def is_feasible(self, mix: Mix) -> bool:
        """Whether a mix keeps to the bounds and to the budget."""
        within = all(v.low <= n <= v.high for v, n in zip(self.variables, mix, strict=True))
        return within and self._excess(mix) == 0

    def repaired(self, mix: Mix, rng: np.random.Generator) -> Mix:
        """A mix that can be paid: units are taken back, one at a time and at random, until the budget is kept.

        A mix that can be paid already is returned as it is. Only steps towards zero that lower the excess are
        taken; where none does, as a cost function may have it, doing nothing is returned.
        """
        excess = self._excess(mix)
        while excess > 0:
            for index in rng.permutation(len(mix)):
                if mix[index] == 0:
                    continue
                less = mix[index] - (1 if mix[index] > 0 else -1)
                tried = (*mix[:index], less, *mix[index + 1 :])
                left = self._excess(tried)
                if left < excess:
                    mix, excess = tried, left
                    break
            else:
                return self.nothing
        return mix

    def describe(self, mix: Mix) -> str:
        """A mix in words: mechanisms by name, staff with a signed number."""
        parts = [
            v.name if v.is_switch else f"{v.name} {n:+d}".replace("-", "−")
            for v, n in zip(self.variables, mix, strict=True)
            if n
        ]
        return ", ".join(parts) if parts else "doing nothing"

    def _excess(self, mix: Mix) -> float:
        """By how much a mix is over its budget, as shares of the limits, summed; 0 when it can be paid."""
        over = 0.0
        for resource, spent in self.spending(mix).items():
            limit = self.budget.limit(resource)
            if spent > limit + ROUNDING * max(1.0, limit):
                over += (spent - limit) / max(1.0, limit)
        return over


def _known(costs: Mapping[str, float], whose: str) -> None:
    for resource, amount in costs.items():
        if resource not in RESOURCES:
            raise ValueError(f"{whose}: a cost is in {' or '.join(RESOURCES)}, not in {resource!r}")
        if not math.isfinite(amount):
            raise ValueError(f"{whose}: a cost must be a finite number, got {amount} {resource}")
