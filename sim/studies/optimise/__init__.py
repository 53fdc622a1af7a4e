"""The best mix of mechanisms and staff under a budget: `best_mixes` finds it, `words` tells it."""

from sim.studies.optimise.answer import Answer, Crosscheck, best_mixes, crosscheck, front_table
from sim.studies.optimise.found import Optimised
from sim.studies.optimise.plan import OptimisePlan, optimise, plan

__all__ = [
    "Answer",
    "Crosscheck",
    "OptimisePlan",
    "Optimised",
    "best_mixes",
    "crosscheck",
    "front_table",
    "optimise",
    "plan",
]
