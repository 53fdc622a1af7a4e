"""`check`: whether calibrated places still give their reported figures; made for continuous integration."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.errors import Unwritten, said_of
from sim.cli.perform import asked, shown, work_for
from sim.cli.running import STOPS, make_ready, stopped
from sim.language import Message
from sim.language import shown as in_words
from sim.runs.atomic_files import can_be_written, write_atomically
from sim.scenario.errors import UserError
from sim.show.text.check import github_lines, is_junit, junit, print_checks
from sim.show.text.console import console, say
from sim.studies.check import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    chosen, err = plan(**asked(args)), console(error=True)
    if args.junit:
        can_be_written(Path(args.junit).parent)
        _may_be_written(Path(args.junit))
    for said in chosen.stale:
        err.print(in_words(said))
    make_ready("compiled", chosen.place, err)
    try:
        with work_for(args) as work:
            study = chosen.carry_out(work)
    except STOPS as stop:
        return stopped(stop, None)
    code = shown(args, study, print_checks, written=[args.junit] if args.junit else [])
    if args.junit:
        _write(Path(args.junit), junit(study.checks))
    for line in github_lines(study.checks) if args.github else []:
        say(line, error=args.json)
    return code


def _write(path: Path, report: bytes) -> None:
    """Write the report, after the verdicts were shown. Raises Unwritten."""
    try:
        write_atomically(path, report)
    except OSError as error:
        raise Unwritten(said_of(error)) from None


def _may_be_written(path: Path) -> None:
    """Raise UserError, before the work, where something else than an earlier report is in the way."""
    if not path.exists() or (path.is_file() and is_junit(path)):
        return
    raise UserError(Message("--junit: {path} exists and is no JUnit report; name another file", path=path))
