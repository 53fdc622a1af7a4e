"""The front of mixes: all of them where they are few, a search where they are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice

import numpy as np

from sim.statistics.pareto.dominance import non_dominated
from sim.statistics.pareto.estimates import Estimate, Samples
from sim.statistics.pareto.genetic import library, propose
from sim.statistics.pareto.problem import RESOURCES, Mix, Problem

WORST = 1e300  # of a mix that cannot be, in every objective: all others beat it
COUNTED = 100_000  # mixes whose cost is looked at to see whether those that can be paid are few


class Method(Enum):
    """How the mixes were chosen that were tried."""

    ALL = "all"
    SEARCH = "search"


@dataclass(frozen=True)
class Front:
    """Mixes that no tried mix beats, with means and standard errors over the replications of the search.

    `points` are non-dominated in all objectives together; `pairs` has, for each (cost, simulated objective), those
    of them that are non-dominated in these two alone. Both ascend by cost. `nothing` is doing nothing, on the
    front or not. Means on the front are picked for being low: see `reevaluate` before believing them.
    """

    problem: Problem = field(repr=False)
    points: tuple[Estimate, ...]
    pairs: dict[tuple[str, str], tuple[Estimate, ...]] = field(repr=False)
    nothing: Estimate
    method: Method
    tried: int
    seed: int
    samples: Samples = field(repr=False, compare=False)

    @property
    def replications(self) -> tuple[int, ...]:
        """The replication numbers of the search."""
        return self.samples.replications


def search(problem: Problem, *, replications: Sequence[int], evaluations: int, seed: int) -> Front:
    """The front of mixes that can be paid, from at most `evaluations` simulated ones.

    Where no more mixes than that can be paid, all are tried, and `method` says so; else NSGA-II proposes them.
    The same seed gives the same front, value for value. Doing nothing is always tried.

    Raises ValueError for fewer than one evaluation or two replications or a negative seed, NotANumber for a value
    that is none, and SearchUnavailable, before anything is simulated, when the library is needed and not installed.
    """
    if evaluations < 1:
        raise ValueError(f"at least one evaluation is needed, got {evaluations}")
    if seed < 0:
        raise ValueError(f"a seed is zero or more, got {seed}")
    samples = Samples(problem, replications)
    few = affordable(problem, evaluations)
    if few is None:
        library()
    samples.of(problem.nothing)
    if few is not None:
        method, tried = Method.ALL, few
    else:
        method = Method.SEARCH
        worst = (WORST,) * len(problem.objectives)

        def objectives(mix: Mix) -> tuple[float, ...]:
            return samples.estimate(mix).means if samples.can_be(mix) else worst

        tried = sorted(propose(problem, objectives, evaluations, seed))
    mixes = [mix for mix in tried if samples.can_be(mix)]
    points = front_of(samples.estimates(sorted(mixes)), problem.objectives)
    return Front(
        problem=problem,
        points=points,
        pairs={(c, o): along(problem, points, c, o) for c in problem.costs for o in problem.simulated},
        nothing=samples.estimate(problem.nothing),
        method=method,
        tried=len(tried),
        seed=seed,
        samples=samples,
    )


def affordable(problem: Problem, most: int) -> list[Mix] | None:
    """All mixes that can be paid, if they are at most `most`; else None. Costs only, nothing is simulated."""
    if problem.size > max(most, COUNTED):
        return None
    found = list(islice((m for m in problem.mixes() if problem.is_feasible(m)), most + 1))
    return found if len(found) <= most else None


def front_of(estimates: Sequence[Estimate], objectives: Sequence[str]) -> tuple[Estimate, ...]:
    """The estimates that no other dominates, ascending by cost (or by the first objective), then by mix."""
    if not estimates:
        return ()
    kept = [estimates[i] for i in non_dominated([e.means for e in estimates])]
    first = next((i for i, o in enumerate(objectives) if o in RESOURCES), 0)
    return tuple(sorted(kept, key=lambda e: (e.means[first], e.means, e.mix)))


def along(problem: Problem, points: Sequence[Estimate], cost: str, objective: str) -> tuple[Estimate, ...]:
    """The points that are non-dominated in one cost and one objective alone, ascending by that cost.

    Looking among the joint front is enough: whatever is best in two objectives has an equal there.
    """
    columns = [problem.objectives.index(cost), problem.objectives.index(objective)]
    values = np.array([[p.means[c] for c in columns] for p in points])
    kept = [points[i] for i in non_dominated(values)]
    return tuple(sorted(kept, key=lambda e: ([e.means[c] for c in columns], e.mix)))
