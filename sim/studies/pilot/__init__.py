"""Which trial of a policy could show its effect?"""

from sim.studies.pilot.found import Piloted
from sim.studies.pilot.plan import PilotPlan, pilot, plan

__all__ = ["PilotPlan", "Piloted", "pilot", "plan"]
