"""`calibrate`: parameter draws that agree with what a place reported, in a file that other commands use."""

from __future__ import annotations

import argparse
import contextlib
import os
from pathlib import Path

from sim.cli import FAILED, OK, spreadsheet
from sim.cli.errors import keeping
from sim.cli.fit import filling_in
from sim.cli.json_answer import answer
from sim.cli.perform import asked, costed, perform, typed, work_for
from sim.cli.running import STOPS, make_ready, stopped
from sim.language import Message, marked, shown, tr
from sim.runs.atomic_files import can_be_written
from sim.show.text.calibrate import print_calibration, print_pooled
from sim.show.text.console import console, duration
from sim.show.text.observe import print_observed
from sim.studies.calibrate import POSTERIORS, CalibratePlan, PlaceCalibrated, Pooled, plan
from sim.studies.folders import claimed
from sim.studies.observe import Observed, ObservePlan
from sim.studies.study import RESULTS, STORE, Stopwatch, Work


def run(args: argparse.Namespace) -> int:
    """Run the command: each place has a folder of its own, and is kept as soon as it is done."""
    with _words(args):
        chosen = plan(**asked(args))
    if isinstance(chosen, ObservePlan):
        can_be_written(POSTERIORS)
        return perform(args, chosen, _keep_and_print, below=True)
    if args.dry_run:
        return costed(args, chosen)
    every: list[PlaceCalibrated] = []
    written: list[Path] = []
    pooled: Pooled | None = None
    for folder in (STORE, *([POSTERIORS] if args.reading == "both" else [])):
        can_be_written(folder)
    make_ready("compiled", chosen.counties[0][0], console(error=True))
    try:
        with keeping(STORE), work_for(args) as work:
            for number in range(len(chosen.counties)):
                every.append(_place(args, chosen, number, work, written))
            if args.joint and all(one.passed for one in every):
                pooled = _together(args, chosen, every, work, written)
    except STOPS as stop:
        return stopped(stop, STORE)
    study = chosen.answer(every, pooled)
    written += spreadsheet.write(args, study, typed(args), tuple(place for place, _, _ in chosen.counties))
    answer(args, study.answer(), warnings=study.messages(), written=written)
    return OK if study.passed else FAILED


def _keep_and_print(study: Observed) -> None:
    """What the answers did, and where the posterior is that other commands use from now on."""
    print_observed(study)
    where = study.save_posterior()
    _say(Message("posterior in {file}; the one before is kept beside it", file=where))


def _words(args: argparse.Namespace) -> contextlib.AbstractContextManager[None]:
    """Unknown words of a register go into a mapping file."""
    if args.ledger is None:
        return contextlib.nullcontext()
    return filling_in(args, Path(args.ledger), " ".join([*map(str, args.places), "--ledger"]))


def _say(text: Message) -> None:
    console(error=True).print(shown(text))


def _wanted(args: argparse.Namespace, name: str) -> Path:
    return Path(args.out or RESULTS) / f"calibrate-{name}"


def _place(
    args: argparse.Namespace, chosen: CalibratePlan, number: int, work: Work, written: list[Path]
) -> PlaceCalibrated:
    """Calibrate a place in its folder, print, keep the posterior. None is kept where no draw has any weight."""
    name, err = chosen.counties[number][0].name, console(error=True)
    with claimed(_wanted(args, name), chosen.key(number), named_by_user=False) as out:
        watch = Stopwatch()
        one = chosen.one(number, work, _say)
        replications = one.calibration.replications
        facts = {"command": one.command, "seconds": round(watch.seconds, 1), "replications": replications}
        one.keep(out, one.key, figures=not args.no_figures, run=facts)
        written.append(out)
        print_calibration(one.calibration)
        if not one.passed:
            said = marked("{place}: no simulated county agrees with the figures; no posterior is written.")
            err.print(tr(said, place=name))
            return one
        where = one.save_posterior() if one.whole else None
    if where is not None:
        written.append(where)
        kept = tr("posterior in {file}", file=where)
    else:
        kept = tr("posterior beside them, of one reading")
    said = marked("done in {time}: {n:,} replications; tables in {folder}, {posterior}")
    folder, time = f"{out}{os.sep}", duration(watch.seconds)
    err.print(tr(said, time=time, n=replications, folder=folder, posterior=kept))
    return one


def _together(
    args: argparse.Namespace,
    chosen: CalibratePlan,
    every: list[PlaceCalibrated],
    work: Work,
    written: list[Path],
) -> Pooled:
    """Pool the places in a folder of their own."""
    with claimed(_wanted(args, "joint"), chosen.pooled_key, named_by_user=False) as out:
        watch = Stopwatch()
        pooled = chosen.pooled(every, work, _say)
        pooled.keep(out, pooled.key)
    print_pooled(pooled.pooling)
    said = marked("pooled in {time}; tables and posteriors in {folder}")
    console(error=True).print(tr(said, time=duration(watch.seconds), folder=f"{out}{os.sep}"))
    written.append(out)
    return pooled
