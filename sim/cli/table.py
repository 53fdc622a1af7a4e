"""The table of commands: names, options, examples. Everything else about the command line is made from it."""

from __future__ import annotations

from dataclasses import replace

from sim.cli.argument_types import (
    at_least_one,
    at_least_two,
    day,
    parts,
    percentage,
    positive,
    share,
    whole,
)
from sim.cli.option import Command, Option
from sim.cli.shared_options import (
    BASELINE,
    COMPUTING,
    DRAWN,
    NO_FIGURES,
    OBJECTIVE,
    OUT,
    PLACE,
    READING,
    REPLACE,
    SCENARIO,
    SEED,
    SET,
    WORKERS,
    policies,
)

COMPLETION = "completion"  # its answer is no data

RUN = Command(
    "run",
    "simulate a place, or an experiment",
    "run_sim.py run liucheng --replications 200 --seed 7",
    (
        *SCENARIO,
        Option("--replications", "default 100", at_least_one, metavar="N"),
        Option("--counties", "of an experiment: only the first N counties", at_least_one, metavar="N"),
        replace(OUT, about="where results go (default results/PLACE)"),
        replace(REPLACE, about="replace the results of another run in --out"),
        *DRAWN,
        *COMPUTING,
        Option("--precision", "add replications until this half-width", percentage, metavar="P%"),
        Option("--metrics", "metrics that --precision looks at", metavar="A,B"),
        Option("--max-replications", "end of --precision", at_least_one, 1000, metavar="N"),
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

COMPARE = Command(
    "compare",
    "policies on the same disputes, or an experiment that compares",
    "run_sim.py compare daliu +whistle -screening --replications 200",
    (
        *policies("a place, or an experiment of the design `comparison`"),
        Option(
            "--replications", "in all (default 100); with --draws, of each draw", at_least_two, metavar="N"
        ),
        Option("--draws", "parameter draws; 1: central values", at_least_one, metavar="N"),
        Option("--metrics", "what is compared (default: the main outcomes)", metavar="A,B"),
        Option("--objective", "what policies are ranked by", metavar="METRIC"),
        Option(
            "--margin",
            "the effect that would matter, in the metric's unit (may be repeated)",
            metavar="METRIC=X",
            repeat=True,
        ),
        Option(
            "--break-even",
            "how strong each assumed effect must be for the ranking to turn",
            switch=True,
        ),
        Option("--prices", "yuan per hour (default: assumed, see docs)", metavar="FILE"),
        REPLACE,
        NO_FIGURES,
        *DRAWN,
        *COMPUTING,
    ),
    function="compare",
)

SELECT = Command(
    "select",
    "the best of several policies, with a stated probability",
    "run_sim.py select daliu +whistle +judge_liaison -screening --delta 5",
    (
        *policies("a place"),
        OBJECTIVE,
        Option("--higher", "higher is better (default: lower)", switch=True),
        Option("--delta", "differences below this do not matter (indifference zone)", positive, metavar="X"),
        Option("--alpha", "probability of being wrong (default 5%%)", percentage, 0.05),
        Option("--budget", "spend N replications in all, in place of --delta", at_least_one, metavar="N"),
        Option("--most", "give up after N replications in all", at_least_one, metavar="N"),
        Option("--batch", "replications in a batch (5)", at_least_one, 5, metavar="N"),
        *DRAWN,
        WORKERS,
    ),
    function="select",
)

OPTIMISE = Command(
    "optimise",
    "the best mixes of mechanisms and staff under a budget",
    "run_sim.py optimise liucheng whistle judge_liaison judges:0:4 --yuan 2000000",
    (
        PLACE,
        Option(
            "choices",
            "mechanisms, and staff with a range such as judges:-2:10 (default: every mechanism it lacks)",
            count="*",
            metavar="CHOICE",
        ),
        replace(BASELINE, about="what is there already"),
        Option("--yuan", "budget in yuan a year, hours priced", positive, metavar="X"),
        Option("--hours", "budget in staff hours a year", positive, metavar="X"),
        Option(
            "--objectives", default="days_in_conflict_per_1000,filings_per_10000,eruptions", metavar="A,B"
        ),
        Option("--replications", "of each mix (20)", at_least_two, 20, metavar="N"),
        Option("--fresh", "to look again (60)", at_least_two, 60, metavar="N"),
        Option("--evaluations", "mixes at most (200)", at_least_one, 200, metavar="N"),
        *DRAWN,
        Option("--prices", "yuan per hour (default: assumed)", metavar="FILE"),
        replace(SEED, about=None),
        replace(OUT, about=None),
        WORKERS,
        REPLACE,
        NO_FIGURES,
    ),
    function="optimise",
)

SENSITIVITY = Command(
    "sensitivity",
    "which parameters move outcomes, and which the choice between policies",
    "run_sim.py sensitivity daliu none +whistle --draws 200",
    (
        *policies("a place"),
        OBJECTIVE,
        Option("--metrics", "outcomes (default: four main ones)", metavar="A,B"),
        Option("--draws", "parameter draws (200)", at_least_two, 200, metavar="N"),
        Option("--replications", "of each draw, to average luck out (4)", at_least_two, 4, metavar="N"),
        REPLACE,
        NO_FIGURES,
        *DRAWN,
        *COMPUTING,
    ),
    function="sensitivity",
)

BEFORE_AFTER = Command(
    "before-after",
    "what a county sees when a policy starts on a date, and what it would have seen without",
    "run_sim.py before-after fengcheng practice --baseline practice-one_village_one_police --start 2019-01-01",
    (
        PLACE,
        Option("policy", "what is in force from the date on, as in `compare`"),
        replace(BASELINE, about="what is in force before it"),
        Option("--start", "YYYY-MM-DD", day, metavar="DATE", required=True),
        Option("--before", "looked at before (365)", at_least_one, 365, metavar="DAYS"),
        Option("--after", "looked at after (365)", at_least_one, 365, metavar="DAYS"),
        Option(
            "--villages", "follow the N villages with most of --by before, too", at_least_one, metavar="N"
        ),
        Option("--by", "what villages are chosen by (crimes)", default="crimes", metavar="METRIC"),
        Option("--claim", "a reported change to examine", metavar="METRIC=PERCENT", repeat=True),
        Option("--replications", "default 200", at_least_two, 200, metavar="N"),
        Option("--draws", "parameter draws (1: central values)", at_least_one, metavar="N"),
        *DRAWN,
        replace(SET, about=None),
        replace(SEED, about=None),
        replace(OUT, about=None),
        REPLACE,
        NO_FIGURES,
    ),
    function="before_after",
)

CALIBRATE = Command(
    "calibrate",
    "parameter draws that agree with what a place reported",
    "run_sim.py calibrate daliu liucheng --seed 1",
    (
        Option("places", "places by name, or scenario files", count="+", metavar="PLACE"),
        replace(READING, about=None),
        SEED,
        Option("--effort", "X times the usual number of replications (1)", positive, 1.0, metavar="X"),
        Option("--draws", "parameter draws that are kept (200)", at_least_two, 200, metavar="N"),
        Option(
            "--repeats", "replications of each kept draw, for `check` (50)", at_least_one, 50, metavar="N"
        ),
        Option(
            "--parts",
            "simulate one of N equal parts of a large place in its stead, and measure the bias (default 1)",
            parts,
            1,
            metavar="N|auto",
        ),
        Option("--joint", "then pool the places, and foretell each from the others", switch=True),
        replace(OUT, about="where tables go (default results)"),
        NO_FIGURES,
        *COMPUTING,
    ),
    function="calibrate",
)

CHECK = Command(
    "check",
    "whether calibrated places still give their reported figures (for CI)",
    "run_sim.py check --junit check.xml",
    (
        Option("places", "default: every place with a posterior", count="*", metavar="PLACE"),
        replace(SEED, about="seed of the luck; none may matter (default 1)"),
        Option("--junit", "write the verdicts as JUnit XML, too", metavar="FILE", shown=True),
        Option("--github", "print failures as annotations for GitHub, too", switch=True, shown=True),
        *COMPUTING,
    ),
    function="check",
)

PREDICT = Command(
    "predict",
    "figures that no fit has seen, foretold by calibrated places",
    "run_sim.py predict jiang daliu",
    (
        Option("places", "default: every place with a posterior", count="*", metavar="PLACE"),
        Option("--posterior", "of one place", default="auto", metavar="auto|FILE"),
        SEED,
        replace(OUT, about="where the table goes (default results)"),
        *COMPUTING,
    ),
    function="predict",
)

NEW = Command(
    "new",
    "a place file for another county, from the figures of a news report, and its first run",
    "run_sim.py new --name shiqiao --villages 20 --townships 2 --persons 42000 --mediated 150 --succeeded 147",
    (
        Option("--figures", "a table with the columns figure,value[,source]", metavar="CSV"),
        Option("--name", "short name: a-z, 0-9 and _"),
        Option("--title-en", "English name", metavar="TEXT"),
        Option("--title-zh", "Chinese name", metavar="TEXT"),
        Option("--villages", "villages and communities", metavar="N"),
        Option("--persons", "inhabitants", metavar="N"),
        Option(
            "--townships", "townships (default: the national mean of villages to a township)", metavar="N"
        ),
        Option("--mediators", "mediators of all committees (default: national mean)", metavar="N"),
        Option("--mediated", "disputes mediated in the window", metavar="N"),
        Option("--succeeded", "of these with success", metavar="N"),
        Option("--rate", "success rate as printed, in place of --succeeded", metavar="PERCENT"),
        Option("--start", "first day of the window (default: the last full year)", metavar="DATE"),
        Option("--end", "last day of the window", metavar="DATE"),
        Option("--source", "title of the report", metavar="TEXT"),
        Option("--url", "where it stands", metavar="URL"),
        replace(OUT, about="the place file (default NAME.yaml); never overwritten", metavar="FILE"),
        Option("--no-run", "write the file only", switch=True, shown=True),
        Option("--replications", "of the first run (40)", at_least_one, 40, metavar="N", shown=True),
        replace(NO_FIGURES, about="the first run writes tables only"),
    ),
    function="new",
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

VALIDATE = Command(
    "validate",
    "check scenario files; all errors at once",
    "run_sim.py validate scenarios/",
    (Option("paths", "scenario files, folders or names", count="+", metavar="PATH"),),
    function="validate",
)

EXPLAIN = Command(
    "explain",
    "every parameter of a place with its source",
    "run_sim.py explain liucheng",
    (
        replace(PLACE, about="a place by name or a scenario file"),
        replace(SET, about=None),
        Option(
            "--policy",
            "show the parameters of these mechanisms (default: practice; see `list mechanisms`)",
            default="practice",
            metavar="EXPRESSION",
        ),
        Option("--only", "one status only", choices=("reported", "derived", "external", "assumed")),
        Option("--stress", "the STRESS-DES checklist of the place instead", switch=True),
    ),
    function="explain",
)

LIST = Command(
    "list",
    "places, policies, experiments, mechanisms, metrics",
    "run_sim.py list metrics",
    (Option("what", count="?", choices=("places", "policies", "experiments", "mechanisms", "metrics")),),
    module="listing",
    function="listing",
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

TRACE = Command(
    "trace",
    "tell one dispute's story, or write a replication as an event log",
    "run_sim.py trace liucheng --dispute 42",
    (
        *SCENARIO,
        Option("--replication", "default 0", whole, 0, metavar="N"),
        Option("--dispute", "default: the most eventful one", whole, metavar="N"),
        Option(
            "--export",
            "write the replication as an event log instead of a story",
            metavar="FILE",
            shown=True,
        ),
        Option(
            "--format",
            "of the event log (default: by the suffix of FILE)",
            choices=("xes", "ocel", "csv", "parquet"),
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

COMPLETE = Command(
    COMPLETION,
    "a script that completes commands, options and names",
    "run_sim.py completion bash",
    (
        Option("shell", choices=("bash", "zsh", "tcsh")),
        Option("--program", "what is typed (disputes)", default="disputes", metavar="NAME"),
    ),
)

FIT = Command(
    "fit",
    "a place file from a ledger of disputes",
    "run_sim.py fit ledger.csv",
    (
        Option("ledger", "CSV (with a header) or XES: case, activity, time, site, and kind if known"),
        replace(OUT, about="place file to write (default: the ledger's name, .yaml)", metavar="FILE"),
        Option("--estimates", "write all estimates as CSV, too", metavar="FILE", shown=True),
        replace(REPLACE, about="replace files that exist"),
        Option("--name", "name of the place (default: from the file to write)", metavar="NAME"),
        Option(
            "--column",
            "the ledger's header for case, activity, time, site, kind or channel (may be repeated)",
            metavar="COLUMN=HEADER",
            repeat=True,
        ),
        Option(
            "--activity",
            "what an activity of the ledger is in the words of docs/event_logs.md (may be repeated)",
            metavar="WORD=ACTIVITY",
            repeat=True,
        ),
        Option(
            "--kind",
            "what a kind of the ledger is: family, neighbour, ... (may be repeated)",
            metavar="WORD=KIND",
            repeat=True,
        ),
        Option("--encoding", "of a CSV (utf-8; or gb18030)", default="utf-8", metavar="NAME"),
        Option("--from", "first day that the ledger covers", day, metavar="DATE", name="first"),
        Option("--to", "last day that it covers", day, metavar="DATE", name="last"),
        Option("--persons", "people who live there (else assumed)", at_least_one, metavar="N"),
        Option("--villages", "villages (default: sites of the ledger)", at_least_one, metavar="N"),
        Option("--townships", "townships (else assumed)", at_least_one, metavar="N"),
        Option("--sizes", "CSV with columns site and persons: what a village has per head", metavar="FILE"),
        Option(
            "--written-down",
            "share of known disputes that the ledger holds, assumed (1)",
            share,
            1.0,
            metavar="SHARE",
        ),
    ),
    function="fit",
)

# In the order in which `--help` lists them.
COMMANDS = (
    *(RUN, RERUN, COMPARE, SELECT, OPTIMISE, SENSITIVITY, BEFORE_AFTER, CALIBRATE, CHECK, PREDICT),
    *(NEW, REPORT, VALIDATE, EXPLAIN, LIST, DIFF, TRACE, COMPLETE, FIT),
)
