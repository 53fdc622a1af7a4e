"""`--xlsx FILE` of every command: checked before the work, written after it."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

from sim.language import Message
from sim.scenario.errors import UserError
from sim.scenario.place import Place
from sim.studies.study import Study


def check(args: argparse.Namespace) -> None:
    """Raises UserError where the workbook could not be written. No file that is there is replaced."""
    if not getattr(args, "xlsx", None):
        return
    path = Path(args.xlsx)
    if path.suffix.lower() != ".xlsx":
        raise UserError(Message("--xlsx: {path} must end in .xlsx", path=path))
    if path.exists():
        raise UserError(Message("--xlsx: {path} exists and is kept; name another file", path=path))
    near = next(one for one in path.absolute().parents if one.exists())
    if not near.is_dir():
        raise UserError(Message("--xlsx: {near} is a file, and no folder for {path}", near=near, path=path))


def write(args: argparse.Namespace, study: Study, places: Sequence[Place] = ()) -> list[Path]:
    """Write the workbook if it was asked for; returns what was written."""
    if not getattr(args, "xlsx", None):
        return []
    from sim.show.workbook import Asked, write_workbook

    path = Path(args.xlsx)
    try:
        write_workbook(path, study, Asked(shlex.join(args.typed), tuple(places)))
    except OSError as error:
        said = Message("--xlsx: {path} cannot be written: {error}", path=path, error=error.strerror or error)
        raise UserError(said) from None
    return [path]
