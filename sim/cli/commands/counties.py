"""A county from what it reported, and from what it has in its files."""

from __future__ import annotations

from dataclasses import replace

from sim.cli.commands.option import Command, Option
from sim.cli.commands.shared import (
    COMPUTING,
    DRY_RUN,
    NO_FIGURES,
    OUT,
    POSTERIOR,
    READING,
    REPLACE,
    SEED,
)
from sim.cli.commands.types import (
    at_least_one,
    at_least_two,
    correlation,
    day,
    effort,
    parts,
    replications,
    shares,
)

# What a ledger's file is and how it is to be read: `fit`, `quality` and `forecast` have these.
LEDGER = (
    Option("ledger", "an Excel workbook, CSV or XES: a row per dispute, or a row per event"),
    Option(
        "--column",
        "the ledger's header for one of our columns, such as received, closed, site or case (may be repeated)",
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
    Option("--mapping", "what words of the ledger mean: a table column,word,means", metavar="FILE"),
    Option("--sheet", "of a workbook (default: all sheets that have a header)", metavar="NAME"),
    Option("--site", "the village of a ledger that names no places", default="", metavar="NAME"),
    Option("--encoding", "of a CSV (default: found by itself)", metavar="NAME"),
    Option("--from", "first day that the ledger covers", day, metavar="DATE", name="first"),
    Option("--to", "last day that it covers", day, metavar="DATE", name="last"),
)

CALIBRATE = Command(
    "calibrate",
    "parameter draws that agree with what a place reported",
    "run_sim.py calibrate daliu liucheng --seed 1",
    (
        Option("places", "places by name, or scenario files", count="*", metavar="PLACE"),
        Option(
            "--all",
            "every place there is, large ones by a part: all posteriors anew",
            switch=True,
            name="every",
        ),
        replace(READING, about=None),
        SEED,
        Option("--effort", "X times the usual number of replications (1)", effort, 1.0, metavar="X"),
        Option("--draws", "parameter draws that are kept (200)", at_least_two, 200, metavar="N"),
        Option(
            "--repeats", "replications of each kept draw, for `check` (10)", at_least_one, 10, metavar="N"
        ),
        Option(
            "--parts",
            "simulate one of N equal parts of a large place in its stead, and measure the bias (default 1)",
            parts,
            1,
            metavar="N|auto",
        ),
        Option(
            "--evidence",
            "figures of other places as soft targets, or none (default national)",
            choices=("national", "none"),
            default="national",
        ),
        Option(
            "--correlation",
            "of numbers of one name across tiers and kinds (default: that of the place, 0.8)",
            correlation,
            metavar="X",
        ),
        Option("--joint", "then pool the places, and predict each from the others", switch=True),
        Option(
            "--ledger",
            "the place's own register, a row per dispute: one likelihood of it, the reported figures and the evidence",
            metavar="FILE",
        ),
        *LEDGER[1:],
        Option(
            "--written-down",
            "share of known disputes that the register holds, or its range (default: as told to fit, else left open)",
            shares,
            metavar="SHARE|LOW:HIGH",
        ),
        Option(
            "--observed",
            "the result of a study, such as call_back=83/100: it goes into the posterior that the place has",
            metavar="STUDY=RESULT",
            repeat=True,
        ),
        replace(OUT, about="where tables go (default results)"),
        DRY_RUN,
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
        replace(SEED, about="seed of the random numbers; none may matter (default 1)"),
        Option("--junit", "write the verdicts as JUnit XML, too", metavar="FILE", shown=True),
        Option("--github", "print failures as annotations for GitHub, too", switch=True, shown=True),
        *COMPUTING,
    ),
    function="check",
)


PREDICT = Command(
    "predict",
    "figures that no fit has seen, predicted by calibrated places",
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
        Option("--replications", "of the first run (40)", replications, 40, metavar="N", shown=True),
        replace(NO_FIGURES, about="the first run writes tables only"),
    ),
    function="new",
)


QUALITY = Command(
    "quality",
    "how far a register of disputes can be trusted",
    "run_sim.py quality register.xlsx",
    (
        *LEDGER,
        Option("--names", "name the committees whose rates no chance explains", switch=True),
        replace(OUT, about="write tables and a figure into FOLDER, too"),
        REPLACE,
        NO_FIGURES,
    ),
    function="quality",
)


FORECAST = Command(
    "forecast",
    "how many disputes of a register will be open in one, three and six months",
    "run_sim.py forecast register.xlsx --place nanping.yaml --policy +whistle",
    (
        *LEDGER,
        Option(
            "--as-of",
            "forecast as on this day, and see what came (default: the last day of the register)",
            day,
            metavar="DATE",
            name="from_day",
        ),
        Option(
            "--place",
            "simulate this county from the open disputes on, with hours of staff; calibrate it by the register first",
            metavar="PLACE",
        ),
        Option("--policy", "the same with this in force, such as +whistle", metavar="EXPRESSION"),
        Option(
            "--policy-from",
            "the first day of the policy (default: the day of the forecast)",
            day,
            metavar="DATE",
        ),
        Option("--replications", "of the simulations (default 200)", at_least_two, 200, metavar="N"),
        POSTERIOR,
        READING,
        SEED,
        *COMPUTING,
        replace(OUT, about="write tables and a figure into FOLDER, too"),
        REPLACE,
        NO_FIGURES,
    ),
    function="forecast",
)


FIT = Command(
    "fit",
    "a place file from a ledger of disputes",
    "run_sim.py fit ledger.xlsx",
    (
        *LEDGER,
        replace(OUT, about="place file to write (default: the ledger's name, .yaml)", metavar="FILE"),
        Option("--estimates", "write all estimates as CSV, too", metavar="FILE", shown=True),
        replace(REPLACE, about="replace files that exist"),
        Option("--name", "name of the place (default: from the file to write)", metavar="NAME"),
        Option("--persons", "people who live there (else assumed)", at_least_one, metavar="N"),
        Option("--villages", "villages (default: sites of the ledger)", at_least_one, metavar="N"),
        Option(
            "--townships", "townships (default: those of the ledger, else assumed)", at_least_one, metavar="N"
        ),
        Option(
            "--sizes", "a table with columns site and persons: what a village has per head", metavar="FILE"
        ),
        Option(
            "--written-down",
            "share of known disputes that the ledger holds, or its range (default: all of an event log; not known of a "
            "register)",
            shares,
            metavar="SHARE|LOW:HIGH",
        ),
        Option(
            "--mediated",
            "disputes that the place reported as mediated in the window",
            at_least_one,
            metavar="N",
        ),
        Option("--succeeded", "of these with success", at_least_one, metavar="N"),
    ),
    function="fit",
)
