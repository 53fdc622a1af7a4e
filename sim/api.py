"""The public interface for notebooks and scripts: what the commands do, as pandas frames and matplotlib figures.

    import sim

    county = sim.load("liucheng")
    result = sim.run(county, replications=40)
    result.summary

Nothing is written but what is kept to be used again: replications of comparisons, below `results/policies`. Errors of a
scenario are `ScenarioError`, with file, line and remedy. Outside `if __name__ == "__main__":` a script has one worker.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sim.language import Message
from sim.runs.batch import run as run_cases
from sim.runs.executors.choose import executor_by_name
from sim.runs.executors.local import Executor, cores, warm
from sim.runs.guard import allowed
from sim.runs.outcomes import Outcomes
from sim.runs.place_run import PlaceRun
from sim.runs.posterior import Posterior, fresh
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.policies import parse
from sim.scenario.policy import practice
from sim.show.figures.notebook import in_notebook
from sim.show.figures.painter import Matplotlib
from sim.studies.before_after import before_after
from sim.studies.calibrate import calibrate
from sim.studies.check import check
from sim.studies.compare import compare
from sim.studies.county import County, as_county, load, places
from sim.studies.diff import diff
from sim.studies.explain import explain
from sim.studies.fit import fit
from sim.studies.listing import listing
from sim.studies.new import new
from sim.studies.optimise import optimise
from sim.studies.posteriors import PER_DRAW, draws_for
from sim.studies.predict import predict
from sim.studies.select import select
from sim.studies.sensitivity import sensitivity
from sim.studies.study import Study, paint_with
from sim.studies.summary import summarise
from sim.studies.trace import trace
from sim.studies.validate import validate

__all__ = [
    "County",
    "Study",
    "before_after",
    "calibrate",
    "check",
    "compare",
    "diff",
    "explain",
    "fit",
    "listing",
    "load",
    "new",
    "optimise",
    "places",
    "posterior_of",
    "predict",
    "run",
    "select",
    "sensitivity",
    "trace",
    "validate",
]

paint_with(Matplotlib())

STORE = Path("results") / "policies"


def _executor(workers: int | None) -> Executor:
    many = allowed(cores() if workers is None else workers)
    return executor_by_name("serial") if many == 1 else warm(executor_by_name("processes", many))


@dataclass(frozen=True)
class Result:
    """What `run` returns. `summary` has a row per metric; `values` one number per replication and metric."""

    county: County
    seed: int
    calibrated: bool
    numbers: Outcomes = field(repr=False)
    per_draw: int = 0

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean, interval, spread and reported figure of every metric; see docs/results.md for the columns."""
        return summarise(self.numbers, self.county.place, self.per_draw)

    @cached_property
    def values(self) -> pd.DataFrame:
        """Outcomes of the place as a whole: a row per replication, a column per metric."""
        whole = {k.metric: v for k, v in self.numbers.items() if not k.by}
        return pd.DataFrame(whole, index=pd.Index(self.numbers.replication, name="replication"))

    def figure(self, name: str = "flow") -> Figure:
        """One of the figures of `run`: flow, settlement, load, staff, spread. KeyError for another name."""
        from sim.show.figures.cells import Cells
        from sim.show.figures.page import Run, lay_out
        from sim.show.figures.save import FIGURES
        from sim.show.figures.style import style

        with style():
            drawing = FIGURES[name](Run(self.county.place, Cells(self.numbers), self.seed, self.calibrated))
            if drawing is None:
                raise KeyError(f"{self.county.name} has nothing to show in the figure {name}")
            lay_out(drawing.figure)
            return in_notebook(drawing.figure)


def run(
    county: County | str | Path,
    *,
    replications: int = 100,
    policy: str | None = None,
    seed: int = 1,
    posterior: str = "auto",
    reading: str = "both",
    workers: int | None = None,
) -> Result:
    """Simulate a place. Parameters come from its posterior, two replications of each draw, or are central values.

    `policy` is what is in force, such as `"none"` or `"practice+whistle"`; `posterior` is auto, none or a file.
    """
    one = as_county(county)
    measures = None if policy is None else parse(policy, one.place)
    draws = draws_for(one.name, one.place, one.sets, posterior, reading)
    job = PlaceRun(one.place, seed, "compiled", measures, draws, PER_DRAW)
    job = job.possible(policy, one.sets, replications)
    with contextlib.closing(_executor(workers)) as executor:
        found = run_cases([job.case], job.pairs(replications), executor=executor)
    return Result(one, seed, draws is not None, found, PER_DRAW if draws is not None else 0)


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
