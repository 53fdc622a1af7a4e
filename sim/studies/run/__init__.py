"""What happens in a place: replications of it, and their summary."""

from sim.studies.run.found import Ran
from sim.studies.run.plan import RunPlan, plan, run

__all__ = ["Ran", "RunPlan", "plan", "run"]
