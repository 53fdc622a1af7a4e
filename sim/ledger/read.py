"""Read a ledger from CSV or XES, row by row, with a line number for whatever is wrong."""

from __future__ import annotations

import csv
import re
import xml.sax
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.handler import ContentHandler, feature_external_ges, feature_external_pes

from sim.language import Message, Text
from sim.ledger.ledger import Faults, Ledger, Meanings, Row, gather
from sim.scenario.errors import Fault, ScenarioError, listed, nearest, shown

if TYPE_CHECKING:
    from xml.sax.xmlreader import AttributesImpl

CHINA = timezone(timedelta(hours=8))
REQUIRED = ("case", "activity", "time", "site")
OPTIONAL = ("kind", "channel")
XES_KEYS = {"case": "concept:name", "activity": "concept:name", "time": "time:timestamp"}
_LOOSE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2})[:时](\d{1,2})分?(?::(\d{1,2})(?:\.\d+)?)?)?"
)
_TIME_REMEDY = "Write 2023-05-04 09:30, 2023-05-04T09:30:00+08:00 or 2023-05-04."


def read_ledger(
    path: Path, meanings: Meanings, columns: Mapping[str, str] | None = None, encoding: str = "utf-8"
) -> Ledger:
    """The ledger in a file: XES if it ends in .xes, else CSV. `columns` maps our names to those of the file.

    Times without a zone are local; those with one are turned into Chinese time. Raises ScenarioError with the first
    fault, its line and a remedy.
    """
    if not path.is_file():
        problem = Message("the ledger is a folder") if path.is_dir() else Message("the ledger does not exist")
        raise _fault(path, 0, problem, Message("Name a CSV or XES file."))
    try:
        if path.suffix.lower() == ".xes":
            return _read_xes(path, meanings, dict(columns or {}))
        return _read_csv(path, meanings, dict(columns or {}), encoding)
    except OSError as error:
        raise _fault(
            path,
            0,
            Message("cannot be read: {strerror}", strerror=error.strerror or error),
            Message("Check the file."),
        ) from None


def _fault(path: Path, line: int, problem: Text, remedy: Text) -> ScenarioError:
    return ScenarioError([Fault(str(path), line, "", problem, remedy)])


def local_time(text: str) -> datetime | None:
    """A time as local time without a zone, or None if it is none."""
    text = text.strip()
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        found = _LOOSE.fullmatch(text)
        if found is None:
            return None
        try:
            when = datetime(*(int(x) for x in found.groups(default="0")))  # type: ignore[arg-type]
        except ValueError:
            return None
    return when if when.tzinfo is None else when.astimezone(CHINA).replace(tzinfo=None)


def _row(line: int, cells: Mapping[str, str], faults: Faults) -> Row | None:
    """A row whose cells are all there, or None after its fault was noted."""
    for name in REQUIRED:
        if not cells.get(name, "").strip():
            remedy = {
                "case": "Write the number of the case.",
                "activity": "Write what happened.",
                "time": _TIME_REMEDY,
                "site": "Write the village where the dispute arose.",
            }[name]
            faults.add(line, Message("the {name} is empty", name=name), remedy)
            return None
    when = local_time(cells["time"])
    if when is None or not 1949 <= when.year <= 2100:
        faults.add(
            line,
            Message("{cells} is no time between 1949 and 2100", cells=shown(cells["time"])),
            _TIME_REMEDY,
        )
        return None
    case, activity, site, kind, channel = (
        cells.get(n, "").strip() for n in ("case", "activity", "site", "kind", "channel")
    )
    return Row(line, case, activity, when, site, kind, channel)


# --- CSV -----------------------------------------------------------------------------------------------------------


def _read_csv(path: Path, meanings: Meanings, columns: dict[str, str], encoding: str) -> Ledger:
    encoding = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    faults = Faults(str(path))
    try:
        with path.open(encoding=encoding, newline="") as file:
            return gather(
                path, _csv_rows(path, csv.reader(file, strict=True), columns, faults), meanings, faults
            )
    except LookupError:
        raise _fault(
            path,
            0,
            Message("there is no encoding {encoding}", encoding=shown(encoding)),
            Message("Write utf-8 or gb18030."),
        ) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1 if error.start < 1 << 13 else 0
        problem = Message("is not {encoding}", encoding=encoding.removesuffix("-sig"))
        raise _fault(
            path, line, problem, Message("Save it as UTF-8, or say what it is: --encoding gb18030.")
        ) from None


def _csv_rows(
    path: Path, reader: Iterator[list[str]], columns: dict[str, str], faults: Faults
) -> Iterator[Row]:
    at = 0
    try:
        header = next(reader, None)
        if header is None:
            raise _fault(
                path,
                0,
                Message("the ledger is empty"),
                Message("Write a header: case,activity,time,site,kind."),
            )
        position = _positions(path, [h.strip() for h in header], columns)
        at = reader.line_num  # type: ignore[attr-defined]
        for record in reader:
            line, at = at + 1, reader.line_num  # type: ignore[attr-defined]
            if not any(cell.strip() for cell in record):
                continue
            if len(record) != len(header):
                problem = Message("the row has {n} cells, the header {m}", n=len(record), m=len(header))
                faults.add(line, problem, Message("Put cells that contain a comma into double quotes."))
                continue
            row = _row(line, {name: record[i] for name, i in position.items()}, faults)
            if row is not None:
                yield row
    except csv.Error as error:
        problem = Message("the row is no CSV: {error}", error=error)
        raise _fault(
            path, at + 1, problem, Message("Close the quotes, or save the file as CSV again.")
        ) from None


def _positions(path: Path, header: list[str], columns: dict[str, str]) -> dict[str, int]:
    """Where each column of ours is in the file."""
    found: dict[str, int] = {}
    for name in (*REQUIRED, *OPTIONAL):
        wanted = columns.get(name, name)
        matches = [i for i, h in enumerate(header) if h == wanted]
        if len(matches) > 1:
            raise _fault(
                path,
                1,
                Message("the column {wanted} is there twice", wanted=shown(wanted)),
                Message("Rename one of the two."),
            )
        if matches:
            found[name] = matches[0]
        elif name in REQUIRED or name in columns:
            if len(header) == 1 and re.search(r"[;\t]", header[0]):
                raise _fault(
                    path,
                    1,
                    Message("cells are not separated by commas"),
                    Message("Save the file as CSV with commas."),
                )
            near = nearest(wanted, header) or "HEADER"
            have = listed([str(shown(h)) for h in header])
            remedy = Message("Say which one it is: --column {name}={near}.", name=name, near=near)
            raise _fault(
                path,
                1,
                Message("there is no column {wanted} among {have}", wanted=shown(wanted), have=have),
                remedy,
            )
    return found


# --- XES -----------------------------------------------------------------------------------------------------------


class _XesHandler(ContentHandler):
    """Collects the rows of an XES file; attributes of a trace hold for its events."""

    def __init__(self, columns: dict[str, str], faults: Faults) -> None:
        super().__init__()
        self.keys = {name: columns.get(name, XES_KEYS.get(name, name)) for name in (*REQUIRED, *OPTIONAL)}
        self.faults = faults
        self.rows: list[Row] = []
        self.of_log: dict[str, str] = {}
        self.of_trace: dict[str, str] = {}
        self.of_event: dict[str, str] = {}
        self.open: list[str] = []
        self.begun = 0

    def startElement(self, name: str, attrs: AttributesImpl[str]) -> None:  # noqa: N802
        name = name.rpartition(":")[2]
        if name == "trace":
            self.of_trace = {}
        elif name == "event":
            self.of_event, self.begun = {}, self.line
        elif "key" in attrs and "value" in attrs and self.open:
            inside = {"event": self.of_event, "trace": self.of_trace, "log": self.of_log}.get(self.open[-1])
            missing = name == "float" and attrs["value"].lower() == "nan"  # how pandas writes an empty cell
            if (
                inside is not None and not missing
            ):  # those within attributes, and of `global`, are passed over
                inside[str(attrs["key"])] = str(attrs["value"])
        self.open.append(name)

    def endElement(self, name: str) -> None:  # noqa: N802
        self.open.pop()
        if name.rpartition(":")[2] == "event" and "trace" in self.open:
            cells = {
                n: self.of_trace.get(key, "")
                if n == "case"
                else self.of_event.get(key) or self._shared(n, key)
                for n, key in self.keys.items()
            }
            row = _row(self.begun, cells, self.faults)
            if row is not None:
                self.rows.append(row)

    def _shared(self, name: str, key: str) -> str:
        return "" if name in ("activity", "time") else self.of_trace.get(key, "")

    @property
    def line(self) -> int:
        return int(self._locator.getLineNumber() or 0)  # type: ignore[attr-defined]


def _read_xes(path: Path, meanings: Meanings, columns: dict[str, str]) -> Ledger:
    faults = Faults(str(path))
    handler = _XesHandler(columns, faults)
    parser = xml.sax.make_parser()
    parser.setFeature(feature_external_ges, False)  # a ledger fetches nothing
    parser.setFeature(feature_external_pes, False)
    parser.setContentHandler(handler)
    try:
        with path.open("rb") as file:
            parser.parse(file)
    except xml.sax.SAXParseException as error:
        line = int(error.getLineNumber() or 0)
        raise _fault(
            path,
            line,
            Message("is no XML: {error}", error=error.getMessage()),
            Message("Export the log as XES again."),
        ) from None
    faults.stop()
    window = [local_time(handler.of_log.get(key, "")) for key in ("window_start", "window_end")]
    start, end = window
    stated = (start, end) if start is not None and end is not None and start < end else None
    return gather(path, handler.rows, meanings, faults, stated)
