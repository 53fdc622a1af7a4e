"""`check`: whether calibrated places still give their reported figures; made for continuous integration."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.perform import asked, shown, work_for
from sim.cli.running import STOPS, make_ready, told
from sim.language import shown as in_words
from sim.runs.store import can_be_written, write_atomically
from sim.show.text.check import github_lines, junit, print_checks
from sim.show.text.console import console, say
from sim.studies.check import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    chosen, err = plan(**asked(args)), console(error=True)
    if args.junit:
        can_be_written(Path(args.junit).parent)
    for said in chosen.stale:
        err.print(in_words(said))
    make_ready("compiled", chosen.place, err)
    try:
        with work_for(args) as work:
            study = chosen.carry_out(work)
    except STOPS as stop:
        return told(stop, Path())
    if args.junit:
        write_atomically(Path(args.junit), junit(study.checks))
    code = shown(args, study, print_checks, written=[args.junit] if args.junit else [])
    for line in github_lines(study.checks) if args.github else []:
        say(line, error=args.json)
    return code
