"""The best mix of mechanisms and staff under a budget, and how far to believe it.

`best_mixes` does all of it; the parts are `search` (the front), `reevaluate` (the front on fresh luck),
`marginal_values` (what the next 100,000 yuan buy) and `greedy` (one purchase after another, as a check).
"""

from sim.studies.optimise.answer import Answer, Crosscheck, best_mixes, crosscheck
from sim.studies.optimise.dominance import Verdict, non_dominated
from sim.studies.optimise.estimates import Estimate, NotANumber, Samples
from sim.studies.optimise.fresh import Checked, Fresh, Optimism, reevaluate
from sim.studies.optimise.front import Front, Method, search
from sim.studies.optimise.genetic import SearchUnavailable
from sim.studies.optimise.problem import RESOURCES, Budget, CannotBe, Mix, Problem, Variable
from sim.studies.optimise.purchases import Path, Purchase, greedy
from sim.studies.optimise.steps import Step, marginal_values

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
