"""`trace`: one dispute's story in sentences, or a whole replication as an event log."""

from __future__ import annotations

import argparse
import functools
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from sim.cli import OK, UserError
from sim.cli.machine import about_place, answer
from sim.draws import Draws
from sim.export.formats import WRITERS, UnknownFormat, format_of
from sim.export.log import NotDisputeByDispute, event_log
from sim.export.story import story
from sim.language import Message, said_by, tr
from sim.model import Model
from sim.runs.single import single
from sim.runs.store import write_atomically
from sim.scenario import terms
from sim.scenario.load import load_place
from sim.scenario.policies import parse
from sim.trace import ROW_COLUMNS, Trace
from sim.vocabulary import EventKind, Tier


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    target = _target(args)
    place = load_place(args.place, args.sets)
    measures = None if args.policy is None else parse(args.policy, place)
    model, trace = single(place, measures, args.seed, args.replication, args.engine)
    about = {"place": terms.title(place.title), "seed": args.seed, "n": args.replication}
    print(tr("{place}, seed {seed}, replication {n}", **about))
    print(tr("trace of {n:,} rows, digest {digest}", n=len(trace.rows), digest=trace.digest()[:16]))
    found: dict[str, Any] = {
        "place": about_place(place),
        "policy": args.policy,
        "seed": args.seed,
        "replication": args.replication,
        "rows": len(trace.rows),
        "disputes": int(trace.dispute_column("exists").sum()),
        "digest": trace.digest(),
    }
    if target is not None:
        found["export"] = _export(args, target, trace, model, Draws(args.seed, args.replication))
    if target is None or args.dispute is not None:
        dispute = _dispute(args, trace)
        lines = story(trace, model, dispute)
        print("\n".join(lines))
        found["dispute"] = {"number": dispute, "story": lines, "events": _events(trace, model, dispute)}
    answer(args, found, written=[target[0]] if target else [])
    return OK


def _events(trace: Trace, model: Model, dispute: int) -> list[dict[str, Any]]:
    """The rows of a dispute for programs, in the words of sim/vocabulary.py; `tier` is null outside of any."""
    midnight = datetime(model.first_day.year, model.first_day.month, model.first_day.day)
    out = []
    for row in trace.rows[trace.column("dispute") == dispute].tolist():
        told = dict(zip(ROW_COLUMNS, row, strict=True))
        out.append(
            {
                "time": (midnight + timedelta(minutes=told["minute"])).isoformat(),
                "minute": told["minute"],
                "in_window": told["minute"] >= trace.warm_up,
                "event": EventKind(told["event"]).name.lower(),
                "tier": Tier(told["tier"]).name.lower() if told["tier"] >= 0 else None,
                **{column: told[column] for column in ("job", "visit", "session", "detail")},
            }
        )
    return out


def _dispute(args: argparse.Namespace, trace: Trace) -> int:
    """The dispute that is asked for, else the one with most events."""
    if args.dispute is not None:
        return int(args.dispute)
    who = trace.column("dispute")
    return int(np.argmax(np.bincount(who[who >= 0]))) if len(who) else 0


def _target(args: argparse.Namespace) -> tuple[Path, str] | None:
    """File and format of the event log; what is wrong with them is said before anything is computed."""
    if args.export is None:
        for given, option in (
            (args.format, "--format"),
            (args.known_only, "--known-only"),
            (args.recorded, "--recorded"),
            (args.warm_up, "--warm-up"),
        ):
            if given:
                raise UserError(Message("{option} is about an event log. Add --export FILE.", option=option))
        return None
    path = Path(args.export)
    if path.is_dir():
        raise UserError(
            Message(
                "{path} is a folder. Name a file in it, such as {example}.",
                path=path,
                example=path / "ledger.csv",
            )
        )
    if path.exists() and not args.overwrite:
        raise UserError(Message("{path} exists already. Name another file, or add --overwrite.", path=path))
    try:
        return path, format_of(path, args.format)
    except UnknownFormat as error:
        raise UserError(said_by(error)) from None


def _export(
    args: argparse.Namespace, target: tuple[Path, str], trace: Trace, model: Model, draws: Draws
) -> dict[str, Any]:
    """Write the event log; what it holds."""
    path, name = target
    origin = (
        f"simulated by village-disputes from the scenario {model.place.name}, seed {args.seed}, "
        f"replication {args.replication}, trace {trace.digest()}"
    )
    try:
        log = event_log(
            trace,
            model,
            known_only=args.known_only,
            warm_up=args.warm_up,
            recorded_with=draws if args.recorded else None,
            origin=origin,
        )
    except NotDisputeByDispute as error:
        raise UserError(said_by(error)) from None
    try:
        write_atomically(path, functools.partial(WRITERS[name], log))
    except OSError as error:
        raise UserError(
            Message("{path} cannot be written: {strerror}", path=path, strerror=error.strerror or error)
        ) from None
    first, last = log.window
    print(
        tr(
            "{n:,} events of {cases:,} cases, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, "
            "written to {file} as {format}",
            n=len(log),
            cases=len(log.cases),
            first=first,
            last=last,
            file=path,
            format=name,
        )
    )
    return {"format": name, "events": len(log), "cases": len(log.cases), "first": first, "last": last}
