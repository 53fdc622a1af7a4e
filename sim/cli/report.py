"""`report`: one HTML file from a result folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli import OK
from sim.cli.machine import answer
from sim.language import Message, tr
from sim.runs.store import can_be_written, write_atomically
from sim.scenario.errors import UserError
from sim.show.report.folder import read_folder
from sim.show.text.console import console

OURS = "village-disputes"  # every report says at its end what made it


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    folder = read_folder(Path(args.folder))
    out = Path(args.out) if args.out else folder.path / "report.html"
    if out.is_dir():
        raise UserError(
            Message(
                "{out} is a folder. Name a file in it, such as {example}.",
                out=out,
                example=out / "report.html",
            )
        )
    if out.exists() and not out.is_file():
        raise UserError(Message("{out} is no ordinary file. Name another.", out=out))
    if out.exists() and not args.overwrite and OURS not in out.read_text("utf-8", errors="replace"):
        raise UserError(
            Message("{out} exists and is no report. Name another file, or add --overwrite.", out=out)
        )
    can_be_written(out.parent)
    from sim.show.report.page import page_of

    text = page_of(folder, seed=args.seed, with_replay=not args.no_replay).encode()
    try:
        write_atomically(out, text)
    except OSError as error:
        raise UserError(
            Message("{out} cannot be written: {strerror}", out=out, strerror=error.strerror or error)
        ) from None
    console(error=True).print(tr("{size:.2f} MB written to {file}", size=len(text) / 1e6, file=out))
    answer(args, {"folder": Path(args.folder), "bytes": len(text)}, written=[out])
    return OK
