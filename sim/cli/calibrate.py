"""`calibrate`: parameter draws that agree with what a place reported, in a file that other commands use."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from sim.cli import FAILED, OK
from sim.cli.errors import keeping
from sim.cli.machine import answer
from sim.cli.perform import asked, work_for
from sim.cli.running import STOPS, make_ready, told
from sim.language import marked, shown, tr
from sim.runs.sealed import sealed
from sim.runs.store import can_be_written, write_atomically
from sim.show.figures.painter import Matplotlib
from sim.show.text.calibrate import print_calibration, print_together
from sim.show.text.console import console, duration
from sim.studies.calibrate import Calibrated, PlaceCalibrated, plan
from sim.studies.calibration.together import Together
from sim.studies.results import json_text
from sim.studies.study import STORE, Stopwatch
from sim.studies.tables import write_table


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    chosen, err = plan(**asked(args)), console(error=True)
    for county in chosen.counties:
        can_be_written(_folder(args, county[0].name))
    every: list[PlaceCalibrated] = []
    written: list[Path] = []
    together: Together | None = None
    make_ready("compiled", chosen.counties[0][0], err)
    try:
        with keeping(STORE), work_for(args) as work:
            watch = Stopwatch()
            for one in chosen.each(work, lambda text: err.print(shown(text))):
                every.append(one)
                written += _keep(args, one, watch.seconds)
                watch = Stopwatch()
            if args.joint and all(one.passed for one in every):
                together = chosen.pooled(every, work, lambda text: err.print(shown(text)))
                out = Path(args.out or "results") / "calibrate-joint"
                for name, frame in (("shrinkage", together.shrinkage), ("left_out", together.foretold)):
                    write_table(out / f"{name}.csv", frame)
                for posterior in chosen.pooled_posteriors(every, together):
                    posterior.save(out / f"{posterior.place}.json")
                print_together(together)
                where = f"{out}{os.sep}"
                said = marked("pooled in {time}; tables and posteriors in {folder}")
                err.print(tr(said, time=duration(watch.seconds), folder=where))
                written.append(out)
    except STOPS as stop:
        return told(stop, STORE)
    study = Calibrated(tuple(every), together, args.seed, args.effort)
    answer(args, study.answer(), warnings=study.messages(), written=written)
    return OK if study.passed else FAILED


def _folder(args: argparse.Namespace, name: str) -> Path:
    """Where the tables of a place go."""
    return Path(args.out or "results") / f"calibrate-{name}"


def _keep(args: argparse.Namespace, one: PlaceCalibrated, seconds: float) -> list[Path]:
    """Write tables, figure and posterior, print; what was written. No posterior where no draw has any weight."""
    name, err = one.place.name, console(error=True)
    out = _folder(args, name)
    for table, frame in one.tables().items():
        write_table(out / f"{table}.csv", frame)
    if not args.no_figures:
        Matplotlib().save(one.figures(), out / "figures")
    print_calibration(one.calibration)
    if not one.passed:
        said = marked("{place}: no simulated county agrees with the figures; no posterior is written.")
        err.print(tr(said, place=name))
        return [out]
    one.posterior.save(out / "posterior.json")
    where = one.save_posterior() if one.whole else None
    replications = one.calibration.replications
    facts = {"command": "calibrate", "seconds": round(seconds, 1), "replications": replications}
    write_atomically(out / "run.json", json_text(sealed(facts)))
    kept = (
        tr("posterior in {file}", file=where)
        if where is not None
        else tr("posterior beside them, of one reading")
    )
    said = marked("done in {time}: {n:,} replications; tables in {folder}, {posterior}")
    folder = f"{out}{os.sep}"
    err.print(tr(said, time=duration(seconds), n=replications, folder=folder, posterior=kept))
    return [out, where] if where is not None else [out]
