"""Parameter draws that agree with what places reported."""

from sim.studies.calibrate.found import Calibrated, PlaceCalibrated, Pooled
from sim.studies.calibrate.plan import CalibratePlan, calibrate, plan
from sim.studies.kept_posterior import POSTERIORS, put_aside

__all__ = [
    "POSTERIORS",
    "CalibratePlan",
    "Calibrated",
    "PlaceCalibrated",
    "Pooled",
    "calibrate",
    "plan",
    "put_aside",
]
