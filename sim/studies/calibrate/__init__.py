"""Parameter draws that agree with what places reported."""

from sim.studies.calibrate.found import POSTERIORS, Calibrated, PlaceCalibrated, Pooled, put_aside
from sim.studies.calibrate.plan import CalibratePlan, calibrate, plan

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
