"""Which of these next? A path of single purchases, as a cheap check on the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.statistics.intervals import Interval, interval
from sim.statistics.pareto.estimates import Samples
from sim.statistics.pareto.problem import RESOURCES, Mix, Problem


@dataclass(frozen=True)
class Purchase:
    """One step of the path: a variable changed by one unit, at a cost, for a gain (positive is better) with limits."""

    variable: str
    change: int
    mix: Mix
    cost: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Path:
    """Purchases from doing nothing on, for one objective, by gain per unit of one resource."""

    objective: str
    resource: str
    purchases: tuple[Purchase, ...]
    samples: Samples = field(repr=False, compare=False)

    @property
    def mixes(self) -> tuple[Mix, ...]:
        """The mixes along the path, without doing nothing."""
        return tuple(p.mix for p in self.purchases)


def greedy(
    problem: Problem,
    objective: str,
    *,
    replications: Sequence[int] = (),
    samples: Samples | None = None,
    resource: str = "yuan",
    level: float = 0.95,
) -> Path:
    """Add again and again the unit with the largest paired gain per cost, until none surely gains.

    A unit leads away from zero, up or (where the bounds allow) down. Only units count that the budget pays and whose
    gain has a lower paired limit, one-sided and by Bonferroni over the units at hand, above zero: the largest of many
    noisy gains is seldom the best. A unit that costs nothing or saves, and does no harm, goes before all that cost.
    `samples` shares the memory of a search; else `replications` are used. The limits ask for a `level` above 0.5.

    Blind to pairs that work only together, which the search is not. Raises ValueError for an unknown objective
    or resource.
    """
    if objective not in problem.simulated:
        raise ValueError(
            f"{objective!r} is not among the simulated objectives {', '.join(problem.simulated)}"
        )
    if resource not in RESOURCES:
        raise ValueError(f"{resource!r} is not a resource; there are {', '.join(RESOURCES)}")
    known = Samples(problem, replications) if samples is None else samples
    row = problem.simulated.index(objective)
    mix, spent = problem.nothing, problem.spending(problem.nothing)[resource]
    path: list[Purchase] = []
    while True:
        units = _units(problem, mix)
        best: tuple[tuple[bool, float], Purchase] | None = None
        for variable, change, tried in units:
            if not known.can_be(tried):
                continue
            gap = known.of(mix)[row] - known.of(tried)[row]
            gain = interval(gap, 1 - 2 * (1 - level) / len(units))
            cost = problem.spending(tried)[resource] - spent
            if not _worthwhile(gain, cost):
                continue
            free = cost <= 0
            merit = (free, gain.mean if free else gain.mean / cost)
            if best is None or merit > best[0]:
                best = merit, Purchase(variable, change, tried, cost, gain.mean, gain.low, gain.high)
        if best is None:
            return Path(objective, resource, tuple(path), known)
        path.append(best[1])
        mix, spent = best[1].mix, spent + best[1].cost


def _units(problem: Problem, mix: Mix) -> list[tuple[str, int, Mix]]:
    """Single units away from zero that bounds and budget allow: variable, change, mix."""
    found = []
    for index, variable in enumerate(problem.variables):
        for change in (1, -1):
            if mix[index] * change < 0:
                continue
            tried = (*mix[:index], mix[index] + change, *mix[index + 1 :])
            if problem.is_feasible(tried):
                found.append((variable.name, change, tried))
    return found


def _worthwhile(gain: Interval, cost: float) -> bool:
    """Whether a unit surely gains, or surely does no harm and saves."""
    return gain.low > 0 or (gain.low >= 0 and cost < 0)
