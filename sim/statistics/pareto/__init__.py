"""The best mixes of whole units under a budget, by several objectives at once, and how far to believe them.

`search` finds the mixes that no tried mix beats (the Pareto front), `reevaluate` values them on replications that the
search has not seen, `marginal_values` says what the next step of the budget buys, and `greedy` buys one unit after
another, as a check. Nothing here knows what is bought.
"""

from sim.statistics.pareto.dominance import Verdict, dominates, non_dominated, verdicts
from sim.statistics.pareto.estimates import Estimate, NotANumber, Samples
from sim.statistics.pareto.front import Front, Method, search
from sim.statistics.pareto.genetic import SearchUnavailable
from sim.statistics.pareto.greedy import Path, Purchase, greedy
from sim.statistics.pareto.marginal_values import Step, marginal_values
from sim.statistics.pareto.problem import RESOURCES, Budget, CannotBe, Mix, Problem, Variable
from sim.statistics.pareto.reevaluation import Checked, Fresh, Optimism, reevaluate

__all__ = [
    "RESOURCES",
    "Budget",
    "CannotBe",
    "Checked",
    "Estimate",
    "Fresh",
    "Front",
    "Method",
    "Mix",
    "NotANumber",
    "Optimism",
    "Path",
    "Problem",
    "Purchase",
    "Samples",
    "SearchUnavailable",
    "Step",
    "Variable",
    "Verdict",
    "dominates",
    "greedy",
    "marginal_values",
    "non_dominated",
    "reevaluate",
    "search",
    "verdicts",
]
