"""`calibrate`: parameter draws that agree with what a place reported, in a file that other commands use."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.cli import FAILED, OK
from sim.cli.calibrating import print_calibration, print_together
from sim.cli.calibration_answer import calibration_found, joint_found
from sim.cli.machine import answer
from sim.cli.policies import CELLS
from sim.cli.run import chosen_executor
from sim.cli.running import STOPS, make_ready, told
from sim.language import Message, shown, tr
from sim.runs.executors.local import Executor, warm
from sim.runs.fingerprint import model_digest
from sim.runs.posterior import FOLDER, Posterior, ReadingDraws, scenario_digest
from sim.runs.store import write_atomically
from sim.scenario.errors import UserError
from sim.scenario.load import load_place
from sim.scenario.metrics import READINGS
from sim.scenario.part import can_be_parted
from sim.scenario.place import Place
from sim.scenario.policy import Measure, practice
from sim.scenario.terms import Term
from sim.show.text.console import console, duration, progress
from sim.studies.calibration.fit import Effort
from sim.studies.calibration.parts import parts_of
from sim.studies.calibration.together import Together, calibrate_jointly
from sim.studies.calibration.whole import Calibration, calibrate_place
from sim.studies.results import json_text
from sim.studies.tables import write_table


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    places = [load_place(name) for name in args.places]
    readings = READINGS if args.reading == "both" else (args.reading,)
    err = console(error=True)
    if args.joint and len(places) < 2:
        raise UserError(Message("--joint pools places; name two or more"))
    code = OK
    every: list[Calibration] = []
    together, written = None, []
    with contextlib.closing(warm(chosen_executor(args))) as executor:
        for place in places:
            make_ready("compiled", place, err)
            started = time.perf_counter()
            try:
                found = _one(args, place, readings, executor)
            except STOPS as stop:
                return told(stop, CELLS)
            seconds = time.perf_counter() - started
            kept = _keep(args, found, seconds)
            code = code if kept else FAILED
            written += kept or [_tables(args, found)]
            every.append(found)
        if args.joint and code == OK:
            try:
                together = _together(args, every, executor)
                written.append(_joint(args))
            except STOPS as stop:
                return told(stop, CELLS)
    answer(
        args,
        {
            "seed": args.seed,
            "effort": args.effort,
            "places": [calibration_found(found) for found in every],
            "joint": None if together is None else joint_found(together),
        },
        warnings=[
            Message("{place}, {reading}: {text}", place=Term("word", c.place.name), reading=r, text=text)
            for c in every
            for r, one in c.readings.items()
            for text in one.complaints
        ]
        + ([] if together is None else together.complaints),
        written=written,
    )
    return code


def _tables(args: argparse.Namespace, found: Calibration) -> Path:
    """The folder of a place's tables."""
    return Path(args.out or "results") / f"calibrate-{found.place.name}"


def _joint(args: argparse.Namespace) -> Path:
    """The folder of what all places say together."""
    return Path(args.out or "results") / "calibrate-joint"


def _together(args: argparse.Namespace, every: list[Calibration], executor: Executor) -> Together:
    """Pool the places, write tables and pooled posteriors, print."""
    err = console(error=True)
    started = time.perf_counter()
    with progress(tr("replications")) as report:
        found = calibrate_jointly(
            every,
            CELLS,
            executor=executor,
            seed=args.seed,
            chains=args.draws,
            progress=report,
            stage=lambda text: err.print(shown(text)),
        )
    out = _joint(args)
    for name, frame in (("shrinkage", found.shrinkage), ("left_out", found.foretold)):
        write_table(out / f"{name}.csv", frame)
    for c in every:
        draws = {r: ReadingDraws.of(*found.draws[r, c.place.name], {}) for r in c.readings}
        about: dict[str, Any] = {
            "command": f"run_sim.py calibrate {' '.join(args.places)} --joint --seed {args.seed}"
        }
        if c.parts > 1:
            about["parts"] = c.parts
        digest = scenario_digest(c.place, c.measures)
        Posterior(c.place.name, digest, model_digest(), draws, about).save(out / f"{c.place.name}.json")
    print_together(found)
    seconds, where = time.perf_counter() - started, f"{out}{os.sep}"
    err.print(tr("pooled in {time}; tables and posteriors in {folder}", time=duration(seconds), folder=where))
    return found


def _one(args: argparse.Namespace, place, readings, executor: Executor) -> Calibration:  # type: ignore[no-untyped-def]
    err = console(error=True)
    measures = tuple(practice(place))
    with progress(tr("replications")) as report:
        return calibrate_place(
            place,
            measures,
            CELLS,
            executor=executor,
            seed=args.seed,
            effort=Effort().scaled(args.effort),
            readings=readings,
            draws=args.draws,
            repeats=args.repeats,
            parts=_parts(args.parts, place, measures),
            progress=report,
            stage=lambda text: err.print(shown(text)),
        )


def _parts(wanted: int | str, place: Place, measures: Sequence[Measure]) -> int:
    """Into how many parts a place is divided. Raises UserError where that is not possible."""
    if wanted == "auto":
        return parts_of(place, measures)
    parts, villages = int(wanted), int(place.villages.count.value)
    if parts > 1 and not can_be_parted(measures):
        raise UserError(
            Message(
                "{place} cannot be divided: a measure names villages or townships by number; --parts 1",
                place=place.name,
            )
        )
    if parts > villages:
        raise UserError(
            Message(
                "{place} has {villages} villages and cannot have {parts} parts; --parts auto",
                place=place.name,
                villages=villages,
                parts=parts,
            )
        )
    return parts


def _keep(args: argparse.Namespace, found: Calibration, seconds: float) -> list[Path]:
    """Write the posterior and the tables, print; what was written, nothing where no draw has any weight."""
    name = found.place.name
    out = _tables(args, found)
    for table, frame in found.tables().items():
        write_table(out / f"{table}.csv", frame)
    if not args.no_figures:
        from sim.show.figures.calibration import save_calibration

        save_calibration(found, out / "figures")
    print_calibration(found)
    if any(not len(r.draws) for r in found.readings.values()):
        said = tr(
            "{place}: no simulated county agrees with the figures; no posterior is written.", place=name
        )
        console(error=True).print(said)
        return []
    command = f"run_sim.py calibrate {name} --seed {args.seed} --effort {args.effort:g}"
    command += f" --parts {found.parts}" if found.parts > 1 else ""
    posterior = found.posterior({"command": command, "effort": args.effort, "repeats": args.repeats})
    posterior.save(out / "posterior.json")
    where = Path("scenarios") / FOLDER / f"{name}.json"
    if len(found.readings) == len(READINGS):
        if where.is_file():  # what was there is kept beside it
            write_atomically(where.with_suffix(".json.previous"), where.read_bytes())
        posterior.save(where)
    run = {"command": "calibrate", "seconds": round(seconds, 1), "replications": found.replications}
    write_atomically(out / "run.json", json_text(run))
    err = console(error=True)
    whole = len(found.readings) == len(READINGS)
    err.print(
        tr(
            "done in {time}: {n:,} replications; tables in {folder}, {posterior}",
            time=duration(seconds),
            n=found.replications,
            folder=f"{out}{os.sep}",
            posterior=tr("posterior in {file}", file=where)
            if whole
            else tr("posterior beside them, of one reading"),
        )
    )
    return [out, where] if len(found.readings) == len(READINGS) else [out]
