"""Questions about policies."""

from __future__ import annotations

from dataclasses import replace

from sim.cli.commands.option import Command, Option
from sim.cli.commands.shared import (
    BASELINE,
    COMPUTING,
    DRAWN,
    DRY_RUN,
    NO_FIGURES,
    OBJECTIVE,
    OUT,
    PLACE,
    POSTERIOR,
    REPLACE,
    SEED,
    SET,
    WORKERS,
    policies,
)
from sim.cli.commands.types import (
    at_least_one,
    at_least_two,
    day,
    percentage,
    positive,
    two_replications,
    whole,
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
        Option(
            "--value",
            "what outcomes are worth in yuan, such as settled=800,unresolved_day=20,suit=3000; in=hours for hours",
            metavar="OUTCOME=X",
            repeat=True,
        ),
        REPLACE,
        DRY_RUN,
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
        REPLACE,
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
            "--objectives",
            "what mixes are judged by (default: days in conflict, eruptions, what stays open)",
            default="days_in_conflict_per_1000,eruptions,unresolved",
            metavar="A,B",
        ),
        Option("--replications", "of each mix (20)", at_least_two, 20, metavar="N"),
        Option("--fresh", "to look again (60)", at_least_two, 60, metavar="N"),
        Option("--evaluations", "mixes at most (200)", at_least_one, 200, metavar="N"),
        *DRAWN,
        Option("--prices", "yuan per hour (default: assumed)", metavar="FILE"),
        replace(SET, about="as in `run`"),
        replace(SEED, about=None),
        replace(OUT, about=None),
        WORKERS,
        REPLACE,
        DRY_RUN,
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
        Option("--replications", "of each draw, to average chance out (4)", at_least_two, 4, metavar="N"),
        REPLACE,
        NO_FIGURES,
        *DRAWN,
        *COMPUTING,
    ),
    function="sensitivity",
)


AUDIT = Command(
    "audit",
    "how many closed cases to call back to learn what the record counts, and what the answers tell",
    "run_sim.py audit daliu +whistle --observed 83/100",
    (
        *policies("a place"),
        Option(
            "--observed",
            "YES/ASKED: of how many parties how many said that the matter is settled",
            metavar="YES/ASKED",
        ),
        Option(
            "--odds", "odds at which the readings are told apart (default: 10 and 20)", positive, metavar="X"
        ),
        Option("--probability", "how surely (default: 80%% and 90%%)", percentage, metavar="P"),
        OBJECTIVE,
        Option("--draws", "parameter draws (100)", at_least_two, 100, metavar="N"),
        Option("--replications", "of each draw (2)", at_least_two, 2, metavar="N"),
        Option("--prices", "yuan per hour, and what studies take (default: assumed)", metavar="FILE"),
        REPLACE,
        NO_FIGURES,
        POSTERIOR,
        *COMPUTING,
    ),
    function="audit",
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
        Option(
            "--earlier",
            "villages are chosen by so many days before the base (365); 0: by the base itself, so that their fall from "
            "a chance high is part of the change",
            whole,
            365,
            metavar="DAYS",
        ),
        Option(
            "--trend",
            "what the province saw anyway, percent a year, such as filings=-40:10",
            metavar="METRIC=LOW:HIGH",
            repeat=True,
        ),
        Option("--claim", "a reported change to examine", metavar="METRIC=PERCENT", repeat=True),
        Option(
            "--replications",
            "in all (default 200); with --draws, of each draw",
            two_replications,
            metavar="N",
        ),
        Option("--draws", "parameter draws (1: central values)", at_least_one, metavar="N"),
        *DRAWN,
        replace(SET, about=None),
        replace(SEED, about=None),
        replace(OUT, about=None),
        REPLACE,
        NO_FIGURES,
        *COMPUTING,
    ),
    function="before_after",
)


PILOT = Command(
    "pilot",
    "which trial of a policy could show its effect: power, false alarms, bias of many designs",
    "run_sim.py pilot jiang +whistle --months 6,12,24 --outcome days_in_conflict",
    (
        PLACE,
        Option("policy", "what is tried out, as in `compare`; it must add to the baseline"),
        replace(BASELINE, about="what is there already"),
        Option(
            "--start",
            "first day of the trial, YYYY-MM-DD (default: that of the place's window)",
            day,
            metavar="DATE",
        ),
        Option(
            "--designs",
            "of parallel, townships, pairs, wedge (default: all)",
            default="parallel,townships,pairs,wedge",
            metavar="LIST",
        ),
        Option("--villages", "numbers of villages (default: up to all there are)", metavar="N,N"),
        Option("--months", "durations (6,12,24)", default="6,12,24", metavar="N,N"),
        Option("--steps", "of a stepped wedge (3,5)", default="3,5", metavar="N,N"),
        Option(
            "--outcome",
            "what the trial is judged by (days_in_conflict)",
            default="days_in_conflict",
            metavar="METRIC",
        ),
        Option(
            "--value",
            "what outcomes are worth in yuan: unresolved_day=20,suit=3000",
            metavar="OUTCOME=X",
            repeat=True,
        ),
        Option("--years", "for which what is learnt is of use (5)", positive, 5.0, metavar="X"),
        Option("--prices", "yuan per hour (default: assumed)", metavar="FILE"),
        Option("--draws", "parameter draws (80)", at_least_two, 80, metavar="N"),
        Option("--replications", "of each draw (2)", at_least_one, 2, metavar="N"),
        *DRAWN,
        replace(SET, about=None),
        replace(SEED, about=None),
        replace(OUT, about=None),
        WORKERS,
        REPLACE,
        DRY_RUN,
        NO_FIGURES,
    ),
    function="pilot",
)
