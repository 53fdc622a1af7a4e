"""The best mixes at each budget and how far to believe them: search, fresh replications, steps, the greedy path."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.statistics.pareto.dominance import dominates
from sim.statistics.pareto.estimates import Estimate
from sim.statistics.pareto.front import Front, search
from sim.statistics.pareto.greedy import Path, greedy
from sim.statistics.pareto.marginal_values import Step, marginal_values
from sim.statistics.pareto.problem import RESOURCES, Mix, Problem
from sim.statistics.pareto.reevaluation import Fresh, reevaluate

STEPS: Mapping[str, float] = {
    "yuan": 100_000.0,
    "staff_hours": 2_000.0,
}  # about a person's working year of hours


@dataclass(frozen=True)
class Crosscheck:
    """A greedy path beside the front, by the fresh means: how many of its mixes are on the front, beaten, better.

    `better` mixes dominate a point of the front without being one: then the search was too short.
    """

    path: Path
    on_front: int
    beaten: int
    better: int


@dataclass(frozen=True)
class Answer:
    """What to buy at which budget, and how sure that is."""

    problem: Problem
    front: Front
    fresh: Fresh
    steps: tuple[Step, ...]
    greedy: tuple[Crosscheck, ...]


def best_mixes(
    problem: Problem,
    *,
    replications: Sequence[int],
    fresh: Sequence[int],
    evaluations: int,
    seed: int,
    steps: Mapping[str, float] = STEPS,
    level: float = 0.95,
) -> Answer:
    """Search, look again with fresh replications, price the steps of the budget, and walk the greedy path beside it.

    `replications` are the numbers that the search uses, `fresh` others for judging what it found. The greedy path
    runs on the search's replications, simulates further mixes beyond `evaluations`, and is not given to the
    search: it is a check. `steps` are the steps of the budget, by resource; a missing one is as in `STEPS`.

    Raises what `search` and `reevaluate` raise; ValueError for numbers that clash, a step that is not positive or a
    level outside 0.5 to 1 before anything runs.
    """
    both = sorted(set(replications) & set(fresh))
    if both:
        raise ValueError(f"replications {both} are given for the search and as fresh ones")
    if not 0.5 < level < 1:
        raise ValueError(f"the confidence level must lie between 0.5 and 1, got {level}")
    sizes = {**STEPS, **steps}
    if wrong := {r: n for r, n in sizes.items() if r not in STEPS or not 0 < n < math.inf}:
        raise ValueError(f"a step is a positive number of {' or '.join(STEPS)}, got {wrong}")
    front = search(problem, replications=replications, evaluations=evaluations, seed=seed)
    again = reevaluate(front, fresh, level=level)
    return Answer(
        problem=problem,
        front=front,
        fresh=again,
        steps=tuple(
            s for r in problem.costs for s in marginal_values(front, again, resource=r, step=sizes[r])
        ),
        greedy=tuple(
            crosscheck(front, again, greedy(problem, o, samples=front.samples, resource=r, level=level))
            for r in problem.costs
            for o in problem.simulated
        ),
    )


def front_table(front: Front) -> pd.DataFrame:
    """The front as the search saw it, a row per point: variables, both costs, objectives with standard errors."""
    return pd.DataFrame([row(front.problem, point) for point in front.points])


def row(problem: Problem, point: Estimate) -> dict[str, float]:
    """One point as a row of a table."""
    values: dict[str, float] = dict(zip((v.name for v in problem.variables), point.mix, strict=True))
    values |= {r: point.spending[r] for r in RESOURCES}
    for name, mean, error in zip(problem.objectives, point.means, point.errors, strict=True):
        if name in problem.simulated:
            values |= {name: mean, f"{name} (se)": error}
    return values


def crosscheck(front: Front, fresh: Fresh, path: Path) -> Crosscheck:
    """Compare a greedy path with the front on the fresh replications, in the path's own resource and objective."""
    problem = front.problem
    columns = [problem.objectives.index(path.resource), problem.objectives.index(path.objective)]

    def seen_again(mix: Mix) -> list[float]:
        means = fresh.samples.estimate(mix).means
        return [means[c] for c in columns]

    known = {p.mix for p in front.points}
    others = [seen_again(p.mix) for p in front.points]
    useful = [seen_again(p.mix) for p in front.pairs[(path.resource, path.objective)]]
    on_front = beaten = better = 0
    for mix in path.mixes:
        mine = seen_again(mix)
        if mix in known:
            on_front += 1
        elif any(dominates(other, mine) for other in others):
            beaten += 1
        elif any(dominates(mine, point) for point in useful):
            better += 1
    return Crosscheck(path, on_front, beaten, better)
