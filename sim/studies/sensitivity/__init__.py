"""Which parameters move which outcome, and which the choice between policies."""

from sim.studies.sensitivity.found import Sensitivity
from sim.studies.sensitivity.indices import ExtraMissing, ValueOfKnowing, indices_of, value_of_knowing
from sim.studies.sensitivity.plan import SensitivityPlan, drawn, plan, prior_beside_posterior, sensitivity

__all__ = [
    "ExtraMissing",
    "Sensitivity",
    "SensitivityPlan",
    "ValueOfKnowing",
    "drawn",
    "indices_of",
    "plan",
    "prior_beside_posterior",
    "sensitivity",
    "value_of_knowing",
]
