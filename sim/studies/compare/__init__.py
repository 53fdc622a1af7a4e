"""What policies change: all on the same disputes, under the same random numbers."""

from sim.studies.compare.found import Flows, PoliciesCompared, differences, exchanged
from sim.studies.compare.plan import ComparePlan, compare, plan

__all__ = ["ComparePlan", "Flows", "PoliciesCompared", "compare", "differences", "exchanged", "plan"]
