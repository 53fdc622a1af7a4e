"""What a study of the county has found goes back into the posterior of its place."""

from sim.studies.observe.found import Observed
from sim.studies.observe.plan import ObservePlan, plan

__all__ = ["ObservePlan", "Observed", "plan"]
