"""Running a place, and what came out of it."""

from __future__ import annotations

from dataclasses import replace

from sim.cli.commands.option import Command, Option
from sim.cli.commands.shared import (
    COMPUTING,
    DRAWN,
    NO_FIGURES,
    OUT,
    POSTERIOR,
    READING,
    REPLACE,
    SCENARIO,
    SEED,
)
from sim.cli.commands.types import at_least_one, percentage, replications, two_replications, whole

RUN = Command(
    "run",
    "simulate a place, or an experiment",
    "run_sim.py run liucheng --replications 200 --seed 7",
    (
        *SCENARIO,
        Option("--replications", "default 100", replications, metavar="N"),
        Option("--counties", "of an experiment: only the first N counties", at_least_one, metavar="N"),
        replace(OUT, about="where results go (default results/PLACE)"),
        replace(REPLACE, about="replace the results of another run in --out"),
        *DRAWN,
        *COMPUTING,
        Option("--precision", "add replications until this half-width", percentage, metavar="P%"),
        Option("--metrics", "metrics that --precision looks at", metavar="A,B"),
        Option("--max-replications", "end of --precision", two_replications, 1000, metavar="N"),
        Option("--all", "print every metric, not the main ones", switch=True, shown=True),
        NO_FIGURES,
        Option("--dry-run", "say what it would cost, and stop", switch=True),
    ),
    function="run",
)


RERUN = Command(
    "rerun",
    "run a manifest again",
    "run_sim.py rerun results/liucheng/manifest.json",
    (
        Option("manifest", "a result folder or its manifest.json"),
        replace(OUT, about="where results go (default: beside it, -rerun)"),
        *COMPUTING,
        NO_FIGURES,
    ),
    function="rerun",
)


TRACE = Command(
    "trace",
    "tell one dispute's story, or write a replication as an event log",
    "run_sim.py trace liucheng --dispute 42",
    (
        *SCENARIO,
        Option("--replication", "default 0", whole, 0, metavar="N"),
        replace(
            POSTERIOR,
            about="parameter draws, as in `run`; auto: replication N of `run` (default: central values)",
            default="none",
            metavar="none|auto|FILE",
        ),
        READING,
        Option("--dispute", "default: the most eventful one", whole, metavar="N"),
        Option(
            "--export",
            "write the replication as an event log, or an .xlsx register, instead of a story",
            metavar="FILE",
            shown=True,
        ),
        Option(
            "--format",
            "of the event log (default: by the suffix of FILE)",
            choices=("xes", "ocel", "csv", "parquet", "zongzhi", "sifa"),
            shown=True,
        ),
        Option(
            "--known-only",
            "leave out what a ledger cannot hold: grievances that nobody learnt of, and all before they did",
            switch=True,
        ),
        Option(
            "--recorded",
            "as --known-only, and only disputes that the place writes down (recording.proportional)",
            switch=True,
        ),
        Option("--warm-up", "events before the window, too (default: the window only)", switch=True),
        replace(REPLACE, about="replace FILE if it exists"),
    ),
    function="trace",
)


DIFF = Command(
    "diff",
    "compare two results",
    "run_sim.py diff results/liucheng results/liucheng-2",
    (
        Option("a", "a result folder"),
        Option("b", "another"),
        Option("--all", "print metrics that do not differ, too", switch=True, shown=True),
    ),
    function="diff",
)


REPORT = Command(
    "report",
    "one HTML page from a result folder",
    "run_sim.py report results/compare-daliu",
    (
        Option("folder", "a result folder of any command"),
        replace(OUT, about="default: FOLDER/report.html", metavar="FILE"),
        replace(SEED, about="of the replay (default 1)"),
        Option("--no-replay", "leave the map out", switch=True),
        replace(REPLACE, about="replace a file at --out that is no report"),
    ),
    function="report",
)
