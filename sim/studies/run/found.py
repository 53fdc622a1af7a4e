"""The answer of a run: all numbers of its replications, and their summary."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message, Text
from sim.runs.atomic_files import write_atomically
from sim.runs.batch import Batch
from sim.runs.outcomes import Outcomes
from sim.runs.place_run import PlaceRun
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.scenario.terms import Term
from sim.studies.county import County, about_place
from sim.studies.possible import without_hours
from sim.studies.posteriors import told_since
from sim.studies.results import DRAWS, FORMAT, json_text
from sim.studies.run.figures import run_figures
from sim.studies.run.tables import read_tables, write_tables
from sim.studies.study import Sketch, Study
from sim.studies.summary import Full, full_staff, idle_staff, summarise
from sim.studies.tables import write_table

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

OVER_PARAMETERS = "90 % credible interval over parameters of the expected value"
OF_LUCK = "90 % confidence interval of the mean"


@dataclass(frozen=True)
class Ran(Study):
    """Replications of a place. `summary` has a row per metric, `values` one number per replication and metric.

    `batch` is where the replications are; `asked` is the engine that was asked for; `remarks` are what the run had to
    say for itself.
    """

    command: ClassVar[str] = "run"
    county: County
    job: PlaceRun = field(repr=False)
    replications: int
    batch: Batch = field(repr=False)
    asked: str = "auto"
    remarks: tuple[Message, ...] = ()

    @property
    def place(self) -> Place:
        """The place."""
        return self.county.place

    @property
    def seed(self) -> int:
        """The seed of all random numbers."""
        return self.job.seed

    @property
    def posterior(self) -> ParameterDraws | None:
        """The parameter draws that were taken; None at central values."""
        return self.job.posterior

    @property
    def calibrated(self) -> bool:
        """Whether parameters were drawn from a posterior."""
        return self.job.posterior is not None

    @property
    def per_draw(self) -> int:
        """Replications in a row of each parameter draw; 0 at central values."""
        return self.job.per_draw if self.calibrated else 0

    @cached_property
    def _read(self) -> tuple[Outcomes, str]:
        return read_tables(self.batch)

    @property
    def numbers(self) -> Outcomes:
        """All numbers of all replications."""
        return self._read[0]

    @property
    def trace_digest(self) -> str:
        """One digest for all traces in the order of replications."""
        return self._read[1]

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean, interval, spread and reported figure of every metric under each reading; see docs/results.md."""
        return summarise(self.numbers, self.place, self.readings)

    @cached_property
    def readings(self) -> NDArray[np.object_] | None:
        """The reading of the record that each replication's draw was made under; None at central values."""
        if self.posterior is None:
            return None
        return np.array([self.posterior.reading(int(draw)) for draw in self.numbers.draw], dtype=object)

    @cached_property
    def full(self) -> list[Full]:
        """Staff who have no hour left in a share of replications."""
        return full_staff(self.numbers, self.readings)

    @cached_property
    def values(self) -> pd.DataFrame:
        """Outcomes of the place as a whole: a row per replication, a column per metric."""
        whole = {k.metric: v for k, v in self.numbers.items() if not k.by}
        return pd.DataFrame(whole, index=pd.Index(self.numbers.replication, name="replication"))

    def tables(self) -> dict[str, pd.DataFrame]:
        """`summary`. A folder has all numbers, too."""
        return {"summary": self.summary}

    def figures(self) -> dict[str, Sketch]:
        """The figures of a run, flow, settlement, load, staff, spread: of each reading of the record, if it has two."""
        return run_figures(self.numbers, self.place, self.seed, self.posterior)

    def figure(self, name: str | None = None) -> Figure:
        """One of `figures()`. KeyError for another; of a run with two readings names have the reading at their end."""
        known = self.figures()
        if name is not None and name not in known:
            raise KeyError(f"there is no figure {name}; there are {', '.join(known)}")
        return super().figure(name)

    def messages(self) -> list[Text]:
        """Precision; draws left out; staff who are full or idle; reported figures that nothing compares with."""
        left_out, summary = self.job.left_out, self.summary
        out: list[Text] = [*self.remarks, *told_since(self.place.name, self.posterior)]
        if left_out:
            out.append(without_hours(len(left_out)))
        out += [
            Message(
                "{staff}: the busiest pool is over 95 % busy in {share:.0%} of replications: waits and backlog there "
                "grow as long as one looks",
                staff=Term("staff", i.staff),
                share=i.share,
            )
            for i in self.full
        ]
        out += [
            Message(
                "{staff}: under 20 % of hours used even in the busiest pool; more of them would hardly shorten a wait, "
                "fewer may matter",
                staff=Term("staff", i.staff),
            )
            for i in idle_staff(summary)
        ]
        without = [t.metric for t in self.place.targets if t.metric not in set(summary["metric"])]
        if without:
            out.append(
                Message(
                    "reported figures without a simulated counterpart: {list}",
                    list=[Term("metric", name) for name in without],
                )
            )
        return out

    def manifest(self) -> dict[str, Any]:
        """What was run: scenario, seed, engine as asked for (the one taken is in `run.json`), digest of the traces."""
        job = self.job
        told: dict[str, Any] = {
            "format": FORMAT,
            "command": self.command,
            "key": job.key,
            "place": job.place.name,
            "seed": job.seed,
            "engine": self.asked,
            "replications": self.replications,
            "trace_digest": self.trace_digest,
            "scenario": job.place.model_dump(mode="json"),
        }
        if job.measures is not None:  # other than those of the place itself
            told["measures"] = [m.model_dump(mode="json") for m in job.measures]
        if job.posterior is not None:  # the draws themselves are in `posterior.json` beside it
            readings = [reading for reading, _, _ in job.posterior.parts]
            drawn = {"key": job.posterior.key, "readings": readings, "per_draw": job.per_draw}
            told["posterior"] = {**drawn, "left_out": list(job.left_out)} if job.left_out else drawn
        return told

    def answer(self) -> dict[str, Any]:
        """`metrics` has every row of summary.csv."""
        place, measures, drawn = self.place, self.job.measures, self.posterior
        in_force = practice(place) if measures is None else measures
        return {
            "design": "place",
            "place": about_place(place),
            "mechanisms": [m.mechanism for m in in_force],
            "seed": self.seed,
            "replications": self.replications,
            "calibrated": self.calibrated,
            "readings": [r for r, _, _ in drawn.parts] if drawn else [place.recording.reading],
            "interval": OVER_PARAMETERS if drawn else OF_LUCK,
            "trace_digest": self.trace_digest,
            "metrics": self.summary,
            "targets": place.targets,
        }

    def write(self, folder: Path) -> None:
        """All numbers, the summary, and the parameter draws that were taken."""
        # What is written is read in the same pass: the rows of all replications are never in memory at once.
        self.__dict__["_read"] = write_tables(folder, self.batch)
        write_table(folder / "summary.csv", self.summary, "%.10g")
        if self.posterior is not None:
            write_atomically(folder / DRAWS, json_text({"parts": self.posterior.packed()}))
