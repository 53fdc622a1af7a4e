"""What is looked at in a browser."""

from __future__ import annotations

from sim.cli.commands.option import Command, Option
from sim.cli.commands.types import at_least_one, port

LAB = Command(
    "lab",
    "a page to turn knobs on and see what follows, on this computer only",
    "run_sim.py lab",
    (
        Option("--port", "where the page is (default: a free port)", port, metavar="N", shown=True),
        Option("--no-browser", "print the address only", switch=True, shown=True),
        Option(
            "--workers", "processes that work for the page (default: 2)", at_least_one, 2, "N", shown=True
        ),
    ),
)
