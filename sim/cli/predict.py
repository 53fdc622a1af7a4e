"""`predict`: figures that no fit has seen, foretold by calibrated places."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

import pandas as pd

from sim.cli import OK
from sim.cli.machine import answer
from sim.cli.run import chosen_executor
from sim.cli.running import STOPS, make_ready, told
from sim.language import Message, shown, tr
from sim.runs.executors.local import warm
from sim.runs.posterior import fresh, path_of
from sim.scenario import terms
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.lookup import names
from sim.scenario.policy import practice
from sim.scenario.terms import Term
from sim.show.report.foretold import in_words
from sim.show.text.console import console, progress, table
from sim.studies.calibration.held_out import Foretold, foretell, held_out
from sim.studies.tables import write_table

MECHANISM = 6  # the column of words, which may go on below


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    chosen = args.places or [n for n in names("places") if path_of(n).is_file()]
    rows: list[Foretold] = []
    without: list[Message] = []
    err = console(error=True)
    with contextlib.closing(warm(chosen_executor(args))) as executor:
        for name in chosen:
            place = load_place(name)
            measures = tuple(practice(place))
            if not held_out(place):
                without.append(Message("{place}: no figure is held out.", place=Term("word", place.name)))
                err.print(shown(without[-1]))
                continue
            posterior = fresh(place, measures, None if args.posterior == "auto" else Path(args.posterior))
            if posterior is None:
                raise UserError(
                    Message(
                        "{place} has no posterior; make one: run_sim.py calibrate {place}", place=place.name
                    )
                )
            make_ready("compiled", place, err)
            title, n = terms.title(place.title), len(held_out(place))
            err.print(tr("{place}: {n} held-out figure(s)", place=title, n=n))
            try:
                with progress(tr("replications")) as report:
                    rows += foretell(
                        place, measures, posterior, executor=executor, seed=args.seed, progress=report
                    )
            except STOPS as stop:
                return told(stop, Path())
    out = Path(args.out or "results") / "predict"
    if rows:
        write_table(out / "held_out.csv", frame(rows))
    _print(rows)
    found = {"seed": args.seed, "calibrated": True, "figures": frame(rows)}
    answer(args, found, warnings=without, written=[out] if rows else [])
    return OK


def frame(rows: list[Foretold]) -> pd.DataFrame:
    """A row per figure and reading."""
    out = []
    for r in rows:
        bands = {f"with_{q}": x for q, x in zip(("p05", "p50", "p95"), r.with_it, strict=True)}
        bands |= {f"without_{q}": x for q, x in zip(("p05", "p50", "p95"), r.without, strict=True)}
        plain = {k: v for k, v in r.__dict__.items() if k not in ("with_it", "without")}
        out.append({**plain, **bands})
    return pd.DataFrame(out)


def _print(rows: list[Foretold]) -> None:
    out = console()
    if rows:
        found = frame(rows)
        words = in_words(found)
        grid = table(tr("place"), *words.columns, right=(4, 5, 7))
        for at, column in enumerate(grid.columns):
            column.no_wrap = at != MECHANISM  # a name or a band in pieces says nothing
        for place, cells in zip(found["place"], words.itertuples(index=False, name=None), strict=True):
            grid.add_row(tr(str(place)), *cells)
        out.print(grid)
    out.print(tr("cannot test: the place would have shown the figure without the mechanism, too."))
    out.print(tr("Nothing was fitted to these figures."))
