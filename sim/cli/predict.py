"""`predict`: figures that no fit has seen, predicted by calibrated places."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli.perform import asked, shown, work_for
from sim.cli.running import STOPS, make_ready, told
from sim.language import shown as in_words
from sim.runs.store import can_be_written
from sim.show.text.console import console
from sim.show.text.predict import print_predictions
from sim.studies.predict import plan
from sim.studies.tables import write_table


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    chosen, err = plan(**asked(args)), console(error=True)
    out = Path(args.out or "results") / "predict"
    can_be_written(out)
    for said in (*map(in_words, chosen.without), *chosen.openings):
        err.print(said)
    if chosen.chosen:
        make_ready("compiled", chosen.chosen[0][0], err)
    try:
        with work_for(args) as work:
            study = chosen.carry_out(work)
    except STOPS as stop:
        return told(stop, Path())
    for name, frame in study.tables().items():
        write_table(out / f"{name}.csv", frame)
    return shown(args, study, print_predictions, written=[out] if study.rows else [])
