"""Formats of event logs, by name and by the suffix of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from sim.export.log import EventLog
from sim.export.ocel import write_ocel
from sim.export.register import FORMS
from sim.export.register import WRITERS as REGISTERS
from sim.export.tabular import write_csv, write_parquet
from sim.export.xes import write_xes
from sim.language import Message

WRITERS: dict[str, Callable[[EventLog, BinaryIO], None]] = {
    "xes": write_xes,
    "ocel": write_ocel,
    "csv": write_csv,
    "parquet": write_parquet,
    **REGISTERS,
}
SUFFIXES = {
    ".xes": "xes",
    ".jsonocel": "ocel",
    ".json": "ocel",
    ".csv": "csv",
    ".parquet": "parquet",
    ".xlsx": FORMS[0],
}


class UnknownFormat(ValueError):
    """Neither the suffix nor the user says which format a file is to have."""


def format_of(path: Path, named: str | None) -> str:
    """The format that is named, else that of the suffix. Raises UnknownFormat."""
    if named in FORMS and path.suffix.lower() == ".csv":
        return f"{named} csv"
    if named is not None:
        return named
    found = SUFFIXES.get(path.suffix.lower())
    if found is None:
        known = ", ".join(SUFFIXES)
        raise UnknownFormat(
            Message(
                "{path}: the suffix '{suffix}' is of no format of event logs ({known}). Add --format.",
                path=path,
                suffix=path.suffix,
                known=known,
            )
        )
    return found
