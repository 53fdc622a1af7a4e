"""A study as an Excel workbook: what was found in words, every table, the numbers it rests on, how to get it again.

Written with XlsxWriter. A text is always written as a text: what begins with `=`, `+`, `-` or `@` is shown and never
calculated, and nothing becomes a link. The same study gives the same bytes: no time stands in the file.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.language import shown, tr
from sim.runs.atomic_files import write_atomically
from sim.scenario import terms
from sim.scenario.explain import Row, explain, explain_measures
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.show.report.answer import said_of
from sim.show.report.labels import labelled
from sim.studies.study import Study

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575  # of a sheet, below its header
MOST_LETTERS = 32_767  # of a cell
WIDEST = 60  # characters of a column, beyond which cells wrap
LOOKED_AT = 500  # rows that decide how wide a column is
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
UNDATED = datetime(2000, 1, 1)  # workbooks must have a date of creation; this says that it means nothing
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")  # no XML can hold them


@dataclass(frozen=True)
class Asked:
    """How the study was asked for: the command line that gives it again, and the places whose numbers it rests on."""

    command: str
    places: tuple[Place, ...] = ()


def write_workbook(path: Path, study: Study, asked: Asked) -> Path:
    """Write the workbook, whole or not at all; returns its path."""
    write_atomically(path, workbook(study, asked))
    return path


def workbook(study: Study, asked: Asked) -> bytes:
    """The bytes of the workbook, in the language in use."""
    from xlsxwriter import Workbook

    held = io.BytesIO()
    with Workbook(held, OPTIONS) as book:
        book.set_properties({"created": UNDATED, "title": _title(study)})
        pen = _Pen(book)
        pen.words(tr("answer"), _answer(study))
        for name, frame in study.tables().items():
            pen.table(name, labelled(frame))
        rows = [(place, row) for place in asked.places for row in _numbers(place)]
        if rows:
            pen.rows(tr("numbers and sources"), NUMBERS, [_told(place, row) for place, row in rows])
        pen.words(tr("how to reproduce"), _reproduce(study, asked))
    return held.getvalue()


NUMBERS = ("place", "parameter", "value", "low", "high", "unit", "status", "source", "note")


def _numbers(place: Place) -> Iterable[Row]:
    yield from explain(place)
    yield from explain_measures(practice(place))


def _told(place: Place, row: Row) -> tuple[Any, ...]:
    unit, status = terms.named(row.unit), terms.named(row.status)
    return (place.name, row.path, row.value, row.low, row.high, unit, status, row.source, tr(row.note))


def _title(study: Study) -> str:
    return f"disputes {study.command}"


def _answer(study: Study) -> list[tuple[str, str]]:
    """The answer in words, what must be known beside it, and which tables follow: a line each."""
    tables = study.tables()
    said = said_of(_Told(study.command, study.sentences(), tables))
    beside = [shown(one) for one in study.messages()]
    names = tr(", ").join(terms.named(name) for name in tables)
    told = [*_under(tr("answer"), said), *_under(tr("to know beside it"), beside)]
    return [(tr("command"), study.command), *told, (tr("tables"), names)]


def _under(heading: str, lines: Sequence[str]) -> list[tuple[str, str]]:
    """Lines, the first of them with what they are."""
    return [(heading if i == 0 else "", line) for i, line in enumerate(lines)]


@dataclass(frozen=True)
class _Told:
    """A study as the sentences of a report are made of it."""

    command: str
    sentences: Sequence[Any]
    tables: Mapping[str, pd.DataFrame]

    @property
    def parts(self) -> Sequence[str]:
        return list(dict.fromkeys(name.rpartition("/")[0] for name in self.tables)) or [""]

    def table(self, name: str, part: str = "") -> pd.DataFrame | None:
        return self.tables.get(f"{part}/{name}" if part else name)


def _reproduce(study: Study, asked: Asked) -> list[tuple[str, str]]:
    """The command, and what decides the answer, flat."""
    return [(tr("command"), asked.command), *_flat(study.manifest())]


def _flat(mapping: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, str]]:
    for key, value in mapping.items():
        name = f"{above}.{key}" if above else str(key)
        if isinstance(value, Mapping):
            yield from _flat(value, name)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if not any(isinstance(one, Mapping) for one in value):
                yield name, ", ".join(map(str, value))
            else:
                for i, one in enumerate(value, start=1):
                    yield from _flat(one if isinstance(one, Mapping) else {"": one}, f"{name}[{i}]")
        else:
            yield name, "" if value is None else str(value)


class _Pen:
    """Writes sheets of one book."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.head: Format = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#E7EEF5"}
        )
        self.text: Format = book.add_format({"valign": "top", "text_wrap": True})
        self.bold: Format = book.add_format({"valign": "top", "bold": True})
        self.formats: dict[str, Format] = {}
        self.used: set[str] = set()

    def words(self, name: str, lines: Sequence[tuple[str, str]]) -> None:
        """A sheet of lines to read: what it is, and a text."""
        sheet = self._sheet(name)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 110)
        for i, (what, text) in enumerate(lines):
            sheet.write_string(i, 0, _plain(what), self.bold)
            sheet.write_string(i, 1, _plain(text), self.text)

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """A sheet of a table."""
        self.rows(terms.named(name), [str(c) for c in frame.columns], list(frame.itertuples(index=False)))

    def rows(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """A sheet of rows below a header that stays in sight and filters."""
        sheet = self._sheet(name)
        kept = rows[:MOST_ROWS]
        for j, column in enumerate(columns):
            sheet.write_string(0, j, _plain(terms.named(column)), self.head)
            sheet.set_column(j, j, _width(terms.named(column), [row[j] for row in kept[:LOOKED_AT]]))
        for i, row in enumerate(kept, start=1):
            for j, value in enumerate(row):
                self._cell(sheet, i, j, value)
        sheet.freeze_panes(1, 0)
        if kept:
            sheet.autofilter(0, 0, len(kept), len(columns) - 1)

    def _cell(self, sheet: Worksheet, i: int, j: int, value: Any) -> None:
        if isinstance(value, bool) or type(value).__name__ == "bool_":
            sheet.write_boolean(i, j, bool(value))
        elif isinstance(value, Real):
            number = float(value)
            if math.isfinite(number):  # an empty cell is a number that does not exist
                sheet.write_number(i, j, number, self._format(number_format(value)))
        elif value is not None and str(value) not in ("", "nan", "NaT", "<NA>"):
            sheet.write_string(i, j, _plain(str(value)), self.text)

    def _format(self, code: str) -> Format:
        if code not in self.formats:
            self.formats[code] = self.book.add_format({"num_format": code, "valign": "top"})
        return self.formats[code]

    def _sheet(self, name: str) -> Worksheet:
        """A sheet under a name that Excel takes and that no other sheet has."""
        base = FORBIDDEN.sub(" ", _plain(name)).strip()[:31] or "-"
        chosen, n = base, 1
        while chosen.lower() in self.used:
            n += 1
            chosen = f"{base[: 30 - len(str(n))]} {n}"
        self.used.add(chosen.lower())
        return self.book.add_worksheet(chosen)


def number_format(value: Real) -> str:
    """How a cell shows a number: whole ones without decimals, others with about four digits. The cell keeps all."""
    number = float(value)
    if isinstance(value, Integral) or number == int(number):
        return "#,##0" if abs(number) < 1e15 else "0.000E+00"
    size = math.floor(math.log10(abs(number)))
    if size < -4 or size > 14:
        return "0.000E+00"
    return "#,##0" + ("." + "0" * (3 - size) if size < 3 else "")


def _plain(text: str) -> str:
    """What an XML file can hold of a text, not longer than a cell."""
    clean = CONTROL.sub("\ufffd", text)
    return clean if len(clean) <= MOST_LETTERS else clean[: MOST_LETTERS - 1] + "…"


def _width(head: str, cells: Sequence[Any]) -> float:
    """Characters of a column: its widest cell, a Chinese character counted twice."""
    return min(WIDEST, max(9, max(map(_letters, (head, *cells))) + 2))


def _letters(cell: Any) -> int:
    text = f"{cell:.5g}" if isinstance(cell, float) else str(cell)
    return max((sum(1 + (ord(c) > 0x2E80) for c in line) for line in text.split("\n")), default=0)


__all__ = ["Asked", "workbook", "write_workbook"]
