"""The best mix of mechanisms and staff under a budget, and how far to believe it.

`best_mixes` does all of it; the parts are `search` (the front), `reevaluate` (the front on fresh luck),
`marginal_values` (what the next 100,000 yuan buy) and `greedy` (one purchase after another, as a check).
"""

from sim.analysis.optimise.answer import Answer, Crosscheck, best_mixes, crosscheck
from sim.analysis.optimise.dominance import Verdict, non_dominated
from sim.analysis.optimise.estimates import Estimate, NotANumber, Samples
from sim.analysis.optimise.fresh import Checked, Fresh, Optimism, reevaluate
from sim.analysis.optimise.front import Front, Method, search
from sim.analysis.optimise.genetic import SearchUnavailable
from sim.analysis.optimise.problem import RESOURCES, Budget, CannotBe, Mix, Problem, Variable
from sim.analysis.optimise.purchases import Path, Purchase, greedy
from sim.analysis.optimise.steps import Step, marginal_values

__all__ = [
    "RESOURCES",
    "Answer",
    "Budget",
    "CannotBe",
    "Checked",
    "Crosscheck",
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
    "best_mixes",
    "crosscheck",
    "greedy",
    "marginal_values",
    "non_dominated",
    "reevaluate",
    "search",
]
