"""Tables of a result folder: CSV, which is English, and beside it the phrases of its cells for other languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim.export.cells import inert_table, table_as_written
from sim.language import found, kept
from sim.runs.atomic_files import write_atomically
from sim.runs.sealed import document


def messages_file(path: Path) -> Path:
    """Where the phrases of a table lie: `changes.messages.json` beside `changes.csv`."""
    return path.with_suffix(".messages.json")


def csv_of(frame: pd.DataFrame, float_format: str) -> str:
    """A table as CSV, none of whose texts a spreadsheet runs."""
    text: str = inert_table(frame).to_csv(index=False, float_format=float_format, lineterminator="\n")
    return text


def read_csv(path: Path, dtype: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """A table that `csv_of` wrote. Only empty cells are missing: `null` and `NA` may be somebody's names."""
    types: Any = dtype
    return table_as_written(pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=types))


def write_table(path: Path, frame: pd.DataFrame, float_format: str = "%.6g") -> None:
    """Write a table as CSV, whole or not at all, and its phrases beside it if it has any."""
    cells = [
        cell for _, column in frame.items() if column.dtype == object for cell in column if pd.notna(cell)
    ]
    phrases = kept(cells)
    if phrases:
        text = json.dumps(phrases, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        write_atomically(messages_file(path), text.encode())
    else:
        messages_file(path).unlink(missing_ok=True)
    write_atomically(path, csv_of(frame, float_format).encode())


def read_table(path: Path) -> pd.DataFrame:
    """A table with its phrases, as it was written. Raises ValueError for a damaged file.

    Where no phrases are beside it, as in a folder of an earlier version, its texts stay English.
    """
    frame = read_csv(path)
    beside = messages_file(path)
    if not beside.is_file():
        return frame
    phrases = document(beside)
    if not isinstance(phrases, dict):
        raise ValueError(f"{beside.name} is no table of messages")
    for name, column in frame.items():
        if not pd.api.types.is_numeric_dtype(column) and column.isin(list(phrases)).any():
            frame[name] = pd.Series(
                [found(cell, phrases) for cell in column], index=frame.index, dtype=object
            )
    return frame
