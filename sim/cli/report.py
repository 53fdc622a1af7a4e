"""`report`: one HTML file from a result folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.perform import asked, shown
from sim.language import shown as in_words
from sim.language import tr
from sim.show.report.study import NAME, Report, free, report
from sim.show.text.console import console


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    err, folder = console(error=True), Path(args.folder)
    out = Path(args.out) if args.out else (folder if folder.is_dir() else folder.parent) / NAME
    study = report(**asked(args))
    free(out, overwrite=args.overwrite)

    def show(found: Report) -> None:
        found.save(out, overwrite=True)
        err.print(tr("{size:.2f} MB written to {file}", size=found.size / 1e6, file=out))
        for said in found.messages():
            err.print(in_words(said))

    return shown(args, study, show, written=[out])
