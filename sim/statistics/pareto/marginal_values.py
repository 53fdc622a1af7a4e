"""What the next 100,000 yuan buy."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.statistics.intervals import interval
from sim.statistics.pareto.estimates import Estimate
from sim.statistics.pareto.front import Front
from sim.statistics.pareto.problem import ROUNDING, Mix
from sim.statistics.pareto.reevaluation import Fresh


@dataclass(frozen=True)
class Step:
    """From one budget to the next, and what the best mix gains by it in one objective.

    The mixes are chosen by the search and valued by the fresh replications, so that `gain` (positive is better, in
    the objective's unit, with paired limits) is not inflated by the choice. Steps that change nothing are left out:
    `before` is the last budget at which the choice changed, `budget` the first that can pay `mix`. The step from
    doing nothing has `before` None.
    """

    resource: str
    objective: str
    before: float | None
    budget: float
    mix: Mix
    value: Estimate
    gain: float
    low: float
    high: float


def marginal_values(
    front: Front, fresh: Fresh, *, resource: str = "yuan", step: float = 100_000.0
) -> list[Step]:
    """Steps of the budget in one resource, for each simulated objective, from zero up to the dearest useful mix.

    `step` is in units of the resource. Mixes are those of the front in this resource and this objective; the other
    resource is limited by the problem's budget only. At a budget of zero savings may pay for something already.
    Raises ValueError for a step that is not positive, or a resource that is not among the objectives.
    """
    problem = front.problem
    if resource not in problem.costs:
        raise ValueError(f"{resource!r} is not among the objectives {', '.join(problem.objectives)}")
    if not 0 < step < math.inf:
        raise ValueError(f"a step must be positive, got {step}")
    found: list[Step] = []
    for objective in problem.simulated:
        column = problem.objectives.index(objective)
        simulated = problem.simulated.index(objective)
        chosen, before = front.nothing, None
        # Along this front dearer is better, so that the last point which a budget pays is its best.
        last = {
            _budget(p.spending[resource], step, front, resource): p
            for p in front.pairs[(resource, objective)]
        }
        for budget, point in sorted(last.items()):
            if point.mix == chosen.mix or point.means[column] >= chosen.means[column]:
                continue
            gap = fresh.samples.of(chosen.mix)[simulated] - fresh.samples.of(point.mix)[simulated]
            gain = interval(gap, fresh.level)
            value = fresh.samples.estimate(point.mix)
            found.append(
                Step(resource, objective, before, budget, point.mix, value, gain.mean, gain.low, gain.high)
            )
            chosen, before = point, budget
    return found


def _budget(cost: float, step: float, front: Front, resource: str) -> float:
    """The first budget, in whole steps from zero and at most the problem's limit, that pays a cost."""
    whole = max(0, math.ceil(cost / step - ROUNDING)) * step
    return min(whole, front.problem.budget.limit(resource))
