"""Open a ledger's file: workbooks of Excel and WPS, CSV in the encodings and with the separators of clerks' programs.

What a file is, is read off its first bytes, whatever its name; a container that holds no table is named as such.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.language import Message, Text
from sim.scenario.errors import Fault, ScenarioError, shown

Cell = Any  # a text, number, date or time; an empty text where there is nothing
LARGEST = 1 << 30  # bytes, unpacked; what is larger is no ledger
SEPARATORS = (",", ";", "\t", "，", "|")
SAMPLE_LINES = 60


@dataclass(frozen=True)
class Sheet:
    """A table of a file: rows with the number of their line, as a person counts them. `name` is empty in a CSV."""

    name: str
    rows: list[tuple[int, list[Cell]]]


def fault(path: Path, line: int, problem: Text, remedy: Text) -> ScenarioError:
    """The error of a file that cannot be used."""
    return ScenarioError([Fault(str(path), line, "", problem, remedy)])


def bytes_of(path: Path) -> bytes:
    """What is in a file; one that is packed by gzip is unpacked. Raises ScenarioError."""
    if not path.is_file():
        problem = Message("the ledger does not exist")
        if path.exists():
            problem = (
                Message("the ledger is a folder") if path.is_dir() else Message("it is no ordinary file")
            )
        raise fault(path, 0, problem, Message("Name a CSV, Excel or XES file."))
    packed = False
    try:
        with path.open("rb") as file:
            large = os.fstat(file.fileno()).st_size > LARGEST
            data = b"" if large else file.read(LARGEST + 1)
        if packed := data[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(data)) as unpacked:
                data = unpacked.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        problem = Message("cannot be read: {strerror}", strerror=getattr(error, "strerror", None) or error)
        raise fault(path, 0, problem, Message("Check the file.")) from None
    if large or len(data) > LARGEST:
        problem = Message("is larger than 1 GB when unpacked") if packed else Message("is larger than 1 GB")
        raise fault(path, 0, problem, Message("Cut the log into years."))
    return data


def is_xml(data: bytes) -> bool:
    """Whether it is an XML file, in any encoding."""
    head = data[:400].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    return head.startswith((b"<?xml", b"<log", b"<!DOCTYPE log"))


def sheets_of(path: Path, data: bytes, encoding: str | None = None) -> list[Sheet]:
    """The tables of a file that is no XML. `encoding` is that of a CSV; None finds it. Raises ScenarioError."""
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _workbook(path, data)
    _refuse_others(path, data)
    return [Sheet("", _csv_rows(path, text_of(path, data, encoding)))]


def _refuse_others(path: Path, data: bytes) -> None:
    """Raise for containers that hold no table that can be read here, with what they are and what to do."""
    head = data[:2000].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    save = Message("Open it in Excel or WPS and save it as .xlsx.")
    if data[:4] == b"PAR1":
        problem, remedy = Message("is a Parquet file"), Message("Export the log as CSV or XES.")
    elif re.match(rb"(?i)<(!doctype html|html|table|head|meta|body)", head):
        problem, remedy = Message("is a web page, whatever its name says"), save
    elif b"urn:schemas-microsoft-com:office:spreadsheet" in data[:4000]:
        problem, remedy = Message("is an XML table of Excel 2003"), save
    elif head.startswith(b"%PDF"):
        problem, remedy = Message("is a PDF"), Message("Ask for the table that it was printed from.")
    elif head.startswith(b"{"):
        problem = Message("is JSON (an OCEL log, perhaps)")
        remedy = Message("Export the log as XES or CSV, one row per event.")
    else:
        return
    raise fault(path, 0, problem, remedy)


# --- Workbooks -----------------------------------------------------------------------------------------------------


def _workbook(path: Path, data: bytes) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        out = []
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            top = sheet.start[0] if sheet.start else 0
            rows = sheet.to_python(skip_empty_area=True)
            out.append(Sheet(name, [(top + i + 1, row) for i, row in enumerate(rows)]))
    except PasswordError:
        remedy = Message("Open it, take the password off, and save it again.")
        raise fault(path, 0, Message("is protected by a password"), remedy) from None
    except (CalamineError, OSError, ValueError) as error:
        problem = Message("is no workbook that can be read: {error}", error=str(error)[:120])
        remedy = Message("Open it in Excel or WPS and save it as .xlsx.")
        raise fault(path, 0, problem, remedy) from None
    return [s for s in out if any(_filled(row) for _, row in s.rows)]


def _filled(row: list[Cell]) -> bool:
    return any(str(cell).strip() for cell in row)


# --- CSV -----------------------------------------------------------------------------------------------------------


def text_of(path: Path, data: bytes, encoding: str | None = None) -> str:
    """The text of a file: in the encoding that is named, else the one that its bytes show. Raises ScenarioError."""
    named = encoding or _encoding_of(data)
    try:
        return data.decode("utf-8-sig" if named.lower().replace("_", "-") in ("utf-8", "utf8") else named)
    except LookupError:
        remedy = Message("Write utf-8 or gb18030.")
        raise fault(
            path, 0, Message("there is no encoding {encoding}", encoding=shown(named)), remedy
        ) from None
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        line = data[:start].count(b"\n") + 1
        problem = Message("is not {encoding}", encoding=named)
        remedy = Message("Save it as UTF-8, or say what it is, as in --encoding gb18030.")
        raise fault(path, line, problem, remedy) from None


def _encoding_of(data: bytes) -> str:
    """By the mark at the beginning, the zeros of UTF-16, and what decodes without a fault: UTF-8, else GB18030."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    sample = data[: 1 << 16]
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if max(odd, even) > len(sample) // 20:
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            data.decode("gb18030")
        except UnicodeDecodeError:
            return "utf-8" if error.start > len(data) // 2 else "gb18030"
        return "gb18030"
    return "utf-8"


def _csv_rows(path: Path, text: str) -> list[tuple[int, list[Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows: list[tuple[int, list[Cell]]] = []
    at = 0
    try:
        for record in reader:
            line, at = at + 1, reader.line_num
            rows.append((line, record))
    except csv.Error as error:
        problem = Message("the row is no CSV: {error}", error=error)
        raise fault(
            path, at + 1, problem, Message("Close the quotes, or save the file as CSV again.")
        ) from None
    return rows


def _separator(text: str) -> str:
    """Which sign separates cells: the one that stands equally often, and oftenest, in most of the first lines."""
    lines = [line for line in text[: 1 << 16].splitlines() if line.strip()][:SAMPLE_LINES]
    best, score = ",", 0
    for sign in SEPARATORS:
        counts = [re.sub(r'"[^"]*"', "", line).count(sign) for line in lines]
        usual = max(set(counts), key=lambda n: (counts.count(n), n)) if counts else 0
        found = usual * counts.count(usual)
        if found > score:
            best, score = sign, found
    return best
