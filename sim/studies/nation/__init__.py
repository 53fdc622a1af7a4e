"""A nation of counties: its totals, and how counties differ."""

from sim.studies.nation.found import NationRan
from sim.studies.nation.plan import NationPlan, nation, plan

__all__ = ["NationPlan", "NationRan", "nation", "plan"]
