"""`fit`: what a ledger of disputes identifies, and a place file that says so."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.perform import asked, shown
from sim.language import Message, tr
from sim.runs.store import can_be_written
from sim.scenario.errors import UserError
from sim.show.text.console import say
from sim.show.text.fit import print_fit
from sim.studies.fit import Fit, fit, slug


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    path = Path(args.ledger)
    out = Path(args.out) if args.out else Path(f"{path.stem}.yaml")
    estimates = Path(args.estimates) if args.estimates else None
    written = [out, *([estimates] if estimates else [])]
    for file in written:
        _free(file, path, overwrite=args.overwrite)
    study = fit(**{**asked(args), "name": args.name or slug(out.stem)})
    if estimates:  # before anything is printed: the reader of a pipe may have gone
        study.write_estimates(estimates)
    study.write_place(out)

    def show(found: Fit) -> None:
        print_fit(found)
        say(tr("Written to {file}; try: python run_sim.py explain {file}", file=out))

    return shown(args, study, show, written=written)


def _free(file: Path, ledger: Path, *, overwrite: bool) -> None:
    can_be_written(file.parent)
    if file.is_dir():
        raise UserError(Message("{file} is a folder. Name a file.", file=file))
    if file.exists() and file.resolve() == ledger.resolve():
        raise UserError(Message("{file} is the ledger itself. Name another file.", file=file))
    if file.exists() and not overwrite:
        raise UserError(Message("{file} exists already. Name another file, or add --overwrite.", file=file))
