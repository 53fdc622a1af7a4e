"""`forecast`: how many disputes will be open, by the register alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.fit import filling_in
from sim.cli.perform import asked, shown
from sim.show.text.forecast import print_forecast
from sim.studies.forecast import forecast


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    with filling_in(args, Path(args.ledger)):
        study = forecast(**asked(args))
    written = []
    if args.out:
        written = [study.save(args.out, figures=not args.no_figures, overwrite=args.overwrite)]
    return shown(args, study, print_forecast, written=written)
