"""`--xlsx FILE` of every command: checked before the work, written after it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

from sim.cli.errors import Unwritten
from sim.language import Message
from sim.runs.atomic_files import can_be_written
from sim.scenario.errors import UserError
from sim.scenario.place import Place
from sim.studies.study import Study


def check(path: Path) -> None:
    """Raises UserError or OSError, before any work, where a workbook could not be written. No file is replaced."""
    if path.suffix.lower() != ".xlsx":
        raise UserError(Message("--xlsx: {path} must end in .xlsx", path=path))
    if path.exists():
        raise UserError(Message("--xlsx: {path} exists and is kept; name another file", path=path))
    can_be_written(path.parent)


def write(
    args: argparse.Namespace, study: Study, words: Sequence[str], places: Sequence[Place] = ()
) -> list[Path]:
    """Write the workbook if it was asked for; returns what was written. `words` ask for the study again."""
    if not getattr(args, "xlsx", None):
        return []
    from sim.show.workbook import Asked, write_workbook

    path = Path(args.xlsx)
    try:
        write_workbook(path, study, Asked(shlex.join(["python", "run_sim.py", *words]), tuple(places)))
    except OSError as error:
        said = Message("--xlsx: {path} cannot be written: {error}", path=path, error=error.strerror or error)
        raise Unwritten(said) from None
    return [path]
