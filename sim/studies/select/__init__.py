"""The best of several policies: a race that promises it, or a budget that makes the most of what it has."""

from sim.studies.select.found import Selected
from sim.studies.select.plan import SelectPlan, plan, select

__all__ = ["SelectPlan", "Selected", "plan", "select"]
