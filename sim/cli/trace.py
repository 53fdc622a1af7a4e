"""`trace`: one dispute's story in sentences, or a whole replication as an event log."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.cli import OK, spreadsheet
from sim.cli.json_answer import answer
from sim.cli.perform import asked, typed
from sim.export.formats import UnknownFormat, format_of
from sim.export.log import NotDisputeByDispute
from sim.language import Message, said_by
from sim.runs.atomic_files import can_be_written
from sim.scenario.errors import UserError
from sim.show.text.trace import print_export, print_head, print_story
from sim.studies.trace import Replication, trace


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    target = _target(args)
    study = trace(**asked(args))
    print_head(study)
    found = study.about()
    if target is not None:
        found["export"] = _exported(study, *target)
    if target is None or args.dispute is not None:
        print_story(study)
        found = {**found, "dispute": study.answer()["dispute"]}
    written = [target[0]] if target else []
    answer(args, found, written=[*written, *spreadsheet.write(args, study, typed(args))])
    return OK


def _exported(study: Replication, path: Path, format: str) -> dict[str, object]:
    """Write the event log; what it holds, for programs."""
    try:
        study.export(path, format)
    except NotDisputeByDispute as error:
        raise UserError(said_by(error)) from None
    except OSError as error:
        raise UserError(
            Message("{path} cannot be written: {strerror}", path=path, strerror=error.strerror or error)
        ) from None
    print_export(study, path, format)
    log, (first, last) = study.log, study.log.window
    return {"format": format, "events": len(log), "cases": len(log.cases), "first": first, "last": last}


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
    can_be_written(path.parent)
    if path.exists() and not args.overwrite:
        raise UserError(Message("{path} exists already. Name another file, or add --overwrite.", path=path))
    try:
        return path, format_of(path, args.format)
    except UnknownFormat as error:
        raise UserError(said_by(error)) from None
