"""The public interface for notebooks and scripts: what the commands do, as pandas frames and matplotlib figures.

    import sim

    county = sim.load("liucheng")
    result = sim.run(county, replications=40)
    result.summary

Nothing is written but what is kept to be used again: replications of comparisons, below `results/policies`. Errors of a
scenario are `ScenarioError`, with file, line and remedy. Outside `if __name__ == "__main__":` a script has one worker.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.language import Message
from sim.runs.posterior import Posterior, fresh
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.policy import practice
from sim.show.figures.painter import Matplotlib
from sim.studies.audit import audit
from sim.studies.before_after import before_after
from sim.studies.calibrate import calibrate
from sim.studies.check import check
from sim.studies.compare import compare
from sim.studies.county import County, as_county, load, places
from sim.studies.diff import diff
from sim.studies.explain import explain
from sim.studies.fit import fit
from sim.studies.forecast import forecast
from sim.studies.inference import as_inference_data
from sim.studies.listing import listing
from sim.studies.nation import nation
from sim.studies.new import new
from sim.studies.optimise import optimise
from sim.studies.pilot import pilot
from sim.studies.predict import predict
from sim.studies.quality import quality
from sim.studies.rerun import rerun
from sim.studies.run import run
from sim.studies.select import select
from sim.studies.sensitivity import sensitivity
from sim.studies.study import Study, paint_with
from sim.studies.trace import trace
from sim.studies.validate import validate

if TYPE_CHECKING:
    from arviz import InferenceData

__all__ = [
    "County",
    "Study",
    "audit",
    "before_after",
    "calibrate",
    "check",
    "compare",
    "diff",
    "explain",
    "fit",
    "forecast",
    "inference_data",
    "listing",
    "load",
    "nation",
    "new",
    "optimise",
    "pilot",
    "places",
    "posterior_of",
    "predict",
    "quality",
    "rerun",
    "run",
    "select",
    "sensitivity",
    "trace",
    "validate",
]

paint_with(Matplotlib())


def posterior_of(county: County | str | Path) -> Posterior:
    """The posterior that belongs to a place. ScenarioError if there is none, or if it is stale."""
    one = as_county(county)
    found = fresh(one.place, tuple(practice(one.place)))
    if found is None:
        raise ScenarioError(
            [
                Fault(
                    one.name,
                    0,
                    "",
                    Message("it has no posterior"),
                    Message("Make one: sim.calibrate({one})", one=repr(one.name)),
                )
            ]
        )
    return found


def inference_data(county: County | str | Path, reading: str = "proportional") -> InferenceData:
    """The posterior of a place under one reading as ArviZ `InferenceData`; needs the extra `arviz`.

    Groups: `posterior`, a variable per parameter in its own unit; `sample_stats` with `log_weight`, equal for all
    draws; `observed_data`, the figures that the calibration saw. There is one chain: draws are of importance sampling,
    so that R-hat says nothing of them. ScenarioError where there is no posterior, UserError without ArviZ.
    """
    return as_inference_data(as_county(county).place, posterior_of(county), reading)
