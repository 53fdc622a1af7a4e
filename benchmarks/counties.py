"""A nation of so many counties, one after the other in a process of its own: `python -m benchmarks.counties COUNTIES`.

The totals of the national year are brought to that number of counties in proportion, so that a county stays what it
is. Counties are simulated, read, stored on the disk and taken together, as `run` does it. Prints a line of JSON:
disputes with the warm-up, processor seconds, and the peak of resident memory in bytes.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sim.studies.national import CountyOutcomes

from benchmarks.measure import peak_of_this_process, seconds
from sim.runs.batch import run
from sim.runs.executors.local import SerialExecutor
from sim.runs.nation import NationRun, counties_of
from sim.runs.readouts.county import DISPUTES
from sim.scenario.experiment import load_experiment

SEED = 20230101
CHUNK = 16
SHARED = ("persons", "villages", "townships", "committees", "mediators")


def sets(counties: int) -> list[str]:
    """What to set so that the nation has so many counties like those of the national year."""
    totals = load_experiment("national_year").experiment.totals
    factor = counties / int(totals.counties)
    shared = (f"totals.{name}={round(int(getattr(totals, name)) * factor)}" for name in SHARED)
    return [f"totals.counties={counties}", *shared]


def main(counties: int) -> dict[str, Any]:
    """The measurement; see above."""
    nation = NationRun(load_experiment("national_year", sets(counties)), SEED)
    nation.case.measure(0, 0)  # loads what is loaded once

    def work() -> int:
        with tempfile.TemporaryDirectory() as folder:
            found = run(
                [nation.case],
                counties_of(counties, 1),
                executor=SerialExecutor(),
                folder=Path(folder),
                chunk=CHUNK,
            )
            return int(CountyOutcomes.of(found, nation.counties).whole(DISPUTES).sum())

    spent, disputes = seconds(work, time.process_time)
    return {"disputes": disputes, "seconds": spent, "peak": peak_of_this_process()}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
