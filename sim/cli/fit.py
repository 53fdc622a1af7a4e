"""`fit`: what a ledger of disputes identifies, and a place file that says so."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from sim.cli.perform import asked, shown
from sim.language import Message, tr
from sim.ledger.mapping import UnknownWords
from sim.runs.atomic_files import can_be_written, write_atomically
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
    with filling_in(args, path):
        study = fit(**{**asked(args), "name": args.name or slug(out.stem)})
    if estimates:  # before anything is printed: the reader of a pipe may have gone
        study.write_estimates(estimates)
    study.write_place(out)

    def show(found: Fit) -> None:
        print_fit(found)
        say(tr("Written to {file}; try: python run_sim.py explain {file}", file=out))

    return shown(args, study, show, written=written)


@contextlib.contextmanager
def filling_in(args: argparse.Namespace, ledger: Path, before: str = "") -> Iterator[None]:
    """Where words of a ledger have no meaning: write a mapping file to fill in, and say the command that uses it.

    `before` are the words of the command that stand before the ledger.
    """
    try:
        yield
    except UnknownWords as error:
        file = Path(f"{ledger.stem}_words.csv")
        if file.exists():
            raise UserError(
                Message("{error} {file} is there already: complete it.", error=error, file=file)
            ) from None
        write_atomically(file, error.text.encode("utf-8"))
        raise UserError(
            Message(
                "{error} {file} has been written: fill in its third column, then run: python run_sim.py {command} "
                "{ledger} --mapping {file}",
                error=error,
                file=file,
                command=f"{args.command} {before}".strip(),
                ledger=ledger,
            )
        ) from None


def _free(file: Path, ledger: Path, *, overwrite: bool) -> None:
    can_be_written(file.parent)
    if file.is_dir():
        raise UserError(Message("{file} is a folder. Name a file.", file=file))
    if file.exists() and file.resolve() == ledger.resolve():
        raise UserError(Message("{file} is the ledger itself. Name another file.", file=file))
    if file.exists() and not overwrite:
        raise UserError(Message("{file} exists already. Name another file, or add --overwrite.", file=file))
