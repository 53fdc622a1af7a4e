"""`quality`: how far a register can be trusted."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.fit import filling_in
from sim.cli.perform import asked, shown
from sim.show.text.quality import print_quality
from sim.studies.quality import quality


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    with filling_in(args, Path(args.ledger)):
        study = quality(**asked(args))
    written = []
    if args.out:
        written = [study.save(args.out, figures=not args.no_figures, overwrite=args.overwrite)]
    return shown(args, study, print_quality, written=written)
