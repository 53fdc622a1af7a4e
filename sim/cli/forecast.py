"""`forecast`: how many disputes will be open, by the register and by simulations of the calibrated county."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.fit import filling_in
from sim.cli.perform import asked, shown, work_for
from sim.cli.running import STOPS, make_ready, stopped
from sim.runs.atomic_files import can_be_written
from sim.show.text.console import console
from sim.show.text.forecast import print_forecast
from sim.studies.forecast import plan


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if args.out:
        can_be_written(Path(args.out).parent)
    with filling_in(args, Path(args.ledger)):
        chosen = plan(**asked(args))
    if chosen.ahead is None:
        study = chosen.answered()
    else:
        with work_for(args) as work:
            make_ready("compiled", chosen.ahead.place, console(error=True))
            try:
                study = chosen.carry_out(work)
            except STOPS as stop:
                return stopped(stop, Path(args.out or "."))
    written = []
    if args.out:
        written = [study.save(args.out, figures=not args.no_figures, overwrite=args.overwrite)]
    return shown(args, study, print_forecast, written=written)
