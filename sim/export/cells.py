"""Cells of CSV files that people open in a spreadsheet: text stays text, whatever it begins with.

A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@` or a control character for a formula, and runs it. Such
text gets an apostrophe in front, as spreadsheets write it themselves; `as_written` takes it off again. Numbers, and
percentages, are no text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd

_BEGINS = "'*[=+\\-@\t\r\n＝＋－＠]"  # Chinese spreadsheets take the wide ones, too
_RUNS = re.compile(_BEGINS)
_GUARDED = re.compile(f"'{_BEGINS}")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?( ?%)?", re.ASCII)
T = TypeVar("T")


def inert(cell: T) -> T | str:
    """What is written for a cell: texts that a spreadsheet would run get an apostrophe, all else is as it was."""
    text = str(cell)
    runs = _RUNS.match(text) is not None and not _is_number(cell) and not _NUMBER.fullmatch(text)
    return f"'{text}" if runs else cell


def as_written(cell: T) -> T | str:
    """A cell as it was before `inert`."""
    return cell[1:] if isinstance(cell, str) and _GUARDED.match(cell) else cell


def inert_table(frame: pd.DataFrame) -> pd.DataFrame:
    """A table for CSV."""
    return _each_text(frame, inert)


def table_as_written(frame: pd.DataFrame) -> pd.DataFrame:
    """A table from CSV."""
    return _each_text(frame, as_written)


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) or hasattr(cell, "dtype")


def _each_text(frame: pd.DataFrame, change: Callable[[Any], Any]) -> pd.DataFrame:
    made = frame.copy(deep=False)
    for name, column in frame.items():
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
            continue
        cells = [cell if _is_missing(cell) else change(cell) for cell in column]
        if any(new is not old for new, old in zip(cells, column, strict=True)):
            made[name] = pd.Series(cells, index=column.index, dtype=column.dtype)
    return made.rename(columns=change)


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or (isinstance(cell, float) and cell != cell)
