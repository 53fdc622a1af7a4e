"""Looking at files, and help in a shell."""

from __future__ import annotations

from dataclasses import replace

from sim.cli.commands.option import Command, Option
from sim.cli.commands.shared import (
    PLACE,
    SET,
)

COMPLETION = "completion"  # its answer is no data

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


COMPLETE = Command(
    COMPLETION,
    "a script that completes commands, options and names",
    "run_sim.py completion bash",
    (
        Option("shell", choices=("bash", "zsh", "tcsh")),
        Option("--program", "what is typed (disputes)", default="disputes", metavar="NAME"),
    ),
)
