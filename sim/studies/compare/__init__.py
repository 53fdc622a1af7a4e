"""What policies change: all on the same disputes, under the same random numbers.

Intervals of effects are made in `sim.studies.effect_intervals`, which other studies use as well.
"""

from sim.studies.compare.found import Flows, PoliciesCompared, differences, exchanged
from sim.studies.compare.plan import ComparePlan, compare, plan

__all__ = ["ComparePlan", "Flows", "PoliciesCompared", "compare", "differences", "exchanged", "plan"]
