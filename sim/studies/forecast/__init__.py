"""How many disputes will be open: by the register alone, and by simulations of the calibrated county."""

from sim.studies.forecast.found import Outlook
from sim.studies.forecast.plan import forecast, plan

__all__ = ["Outlook", "forecast", "plan"]
