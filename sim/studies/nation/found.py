"""The answer of a nation: totals over counties, the spread between them, and figures from outside beside them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.runs.atomic_files import write_atomically
from sim.runs.nation import NationRun
from sim.runs.outcomes import Outcomes
from sim.runs.readouts.county import DISPUTES, ROWS
from sim.scenario.place import Place
from sim.studies.county import about_place
from sim.studies.nation.counties import (
    CountyOutcomes,
    beside_outside,
    counties_table,
    summarise_nation,
    write_outcomes,
)
from sim.studies.results import FORMAT
from sim.studies.study import Sketch, Study


@dataclass(frozen=True)
class NationRan(Study):
    """Counties of a nation: `summary` has a row per metric, `outside` one per published figure.

    `outcomes` have the counties as draws; `asked` is the engine that was asked for.
    """

    command: ClassVar[str] = "nation"
    digits: ClassVar[str] = "%.10g"
    job: NationRun
    number: int
    replications: int
    outcomes: Outcomes = field(repr=False)
    asked: str = "auto"

    @property
    def place(self) -> Place:
        """The typical county, under the name of the experiment."""
        return self.job.place

    @cached_property
    def table(self) -> CountyOutcomes:
        """The outcomes of counties."""
        return CountyOutcomes.of(self.outcomes, self.job.counties)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """The nation's number of every metric, and the spread between counties."""
        return summarise_nation(self.table)

    @cached_property
    def outside(self) -> pd.DataFrame:
        """Published figures and the rates of the nation."""
        return beside_outside(self.table, self.job)

    @property
    def facts(self) -> dict[str, Any]:
        """How much was simulated."""
        found = self.table
        return {"disputes": int(found.whole(DISPUTES).sum()), "trace_rows": int(found.whole(ROWS).sum())}

    @property
    def trace_digest(self) -> str:
        """One digest for all traces."""
        return hashlib.sha256("".join(self.outcomes.digests).encode()).hexdigest()

    def tables(self) -> dict[str, pd.DataFrame]:
        """`counties`, what was run; `summary`; `outside`. A folder has all numbers, too."""
        counties = counties_table(self.job, self.job.counties, self.table)
        return {"counties": counties, "summary": self.summary, "outside": self.outside}

    def figures(self) -> dict[str, Sketch]:
        """How counties differ."""
        return {"nation": Sketch("nation", {"table": self.table, "job": self.job})}

    def manifest(self) -> dict[str, Any]:
        """What was run."""
        return {
            "format": FORMAT,
            "command": self.command,
            "key": self.job.key,
            "seed": self.job.seed,
            "engine": self.asked,
            "replications": self.replications,
            "counties": self.number,
            "trace_digest": self.trace_digest,
            "experiment": self.job.nation.experiment.model_dump(mode="json"),
            "county": self.job.nation.county.model_dump(mode="json"),
        }

    def answer(self) -> dict[str, Any]:
        """Every row of summary.csv and outside.csv."""
        experiment = self.job.nation.experiment
        return {
            "design": "nation",
            "experiment": {"name": experiment.name, "title": experiment.title},
            "county": about_place(self.job.nation.county),
            "seed": self.job.seed,
            "replications": self.replications,
            "counties": self.number,
            "of_counties": int(experiment.totals.counties),
            "calibrated": False,
            "readings": [self.job.nation.county.recording.reading],
            "interval": "95 % t-interval over replications",
            "metrics": self.summary,
            "outside": self.outside,
        }

    def write(self, folder: Path) -> None:
        """All numbers, and the tables."""
        write_atomically(folder / "outcomes.parquet", lambda file: write_outcomes(file, self.table))
        super().write(folder)
