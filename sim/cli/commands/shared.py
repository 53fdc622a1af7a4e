"""Options that several commands have."""

from __future__ import annotations

from dataclasses import replace

from sim.cli.commands.option import OVERWRITE, Option
from sim.cli.commands.types import at_least_one, whole

PLACE = Option("place", "a place")
SET = Option(
    "--set",
    "change a value of the scenario, e.g. villages.mediators=3 (may be repeated)",
    metavar="PATH=VALUE",
    repeat=True,
    name="sets",
)
SEED = Option("--seed", "seed of all random numbers (default 1)", whole, 1)
OUT = Option("--out", "where results go", metavar="FOLDER", shown=True)
REPLACE = Option("--overwrite", OVERWRITE, switch=True, shown=True)
DRY_RUN = Option("--dry-run", "say what it would cost, and stop", switch=True, shown=True)
NO_FIGURES = Option("--no-figures", "write tables only", switch=True, shown=True)
POSTERIOR = Option(
    "--posterior",
    "parameter draws of this calibration (default: that of the place, if it has one)",
    default="auto",
    metavar="auto|none|FILE",
)
READING = Option(
    "--reading",
    "the reading of the record that draws are taken from (default: half from each)",
    choices=("both", "proportional", "target_driven"),
    default="both",
)
WORKERS = Option("--workers", "processes (default: all cores)", at_least_one, metavar="N")
EXECUTOR = Option("--executor", "serial, processes (default) or dask", default="processes", metavar="NAME")
SCHEDULER = Option(
    "--scheduler", "of a Dask cluster, tcp://HOST:PORT (default: one on this computer)", metavar="ADDRESS"
)
BASELINE = Option("--baseline", "what others are compared with", default="practice", metavar="POLICY")
POLICIES = Option(
    "policies",
    "such as +whistle, -screening, none+grid, courts_go_out, +judge_liaison:share=0.5",
    count="*",
    metavar="POLICY",
)
OBJECTIVE = Option(
    "--objective", "what policies are ranked by", default="days_in_conflict_per_1000", metavar="METRIC"
)

DRAWN = (POSTERIOR, READING)
COMPUTING = (WORKERS, EXECUTOR, SCHEDULER)
SCENARIO = (
    replace(PLACE, about="a place by name (see `list`) or a scenario file; `run` takes experiments, too"),
    SET,
    Option(
        "--policy",
        "what is in force, such as none or practice-screening+whistle (default: the place's practice)",
        metavar="EXPRESSION",
    ),
    SEED,
    Option("--engine", "never changes results", choices=("auto", "reference", "compiled"), default="auto"),
)


def policies(place: str) -> tuple[Option, ...]:
    """A place, policies for it, and what is changed; `place` says what may stand there."""
    return (
        replace(PLACE, about=place),
        POLICIES,
        BASELINE,
        replace(SET, about="as in `run`"),
        SEED,
        OUT,
    )
