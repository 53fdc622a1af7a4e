"""`quality`: how far a register can be trusted."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.fit import filling_in
from sim.cli.perform import asked, shown
from sim.show.text.quality import print_quality
from sim.studies.quality import quality
from sim.studies.results import free_folder


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    with filling_in(args, Path(args.ledger)):
        study = quality(**asked(args))
    written = []
    if args.out:
        key = study.manifest()["key"]
        folder = free_folder(Path(args.out), key, named_by_user=True, overwrite=args.overwrite)
        written = [study.save(folder, figures=not args.no_figures, overwrite=True)]
    return shown(args, study, print_quality, written=written)
