"""Event logs in XES: attributes of a trace hold for its events."""

from __future__ import annotations

import io
import re
import xml.sax
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.handler import ContentHandler, feature_external_ges, feature_external_pes

from sim.language import Message
from sim.ledger.dates import moment
from sim.ledger.files import fault
from sim.ledger.gather import Row, gather
from sim.ledger.headers import EVENT_COLUMNS, OPTIONAL_COLUMNS
from sim.ledger.ledger import Facts, Ledger, Meanings
from sim.ledger.notices import Notes
from sim.ledger.register import refuse_if_lost
from sim.ledger.rows import row_of

if TYPE_CHECKING:
    from xml.sax.xmlreader import AttributesImpl

XES_KEYS = {
    "case": "concept:name",
    "activity": "concept:name",
    "time": "time:timestamp",
    "lifecycle": "lifecycle:transition",
    "town": "township",
}
_OF_EVENT = ("activity", "time", "lifecycle")
_NATIVE = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9_.-]+)["'][^>]*\?>""")


class _XesHandler(ContentHandler):
    """Collects the rows of an XES file."""

    def __init__(self, columns: dict[str, str], notes: Notes, site: str) -> None:
        super().__init__()
        names = (*EVENT_COLUMNS, *OPTIONAL_COLUMNS)
        self.keys = {name: columns.get(name, XES_KEYS.get(name, name)) for name in names}
        self.notes, self.site = notes, site
        self.rows: list[Row] = []
        self.of_log: dict[str, str] = {}
        self.of_trace: dict[str, str] = {}
        self.of_event: dict[str, str] = {}
        self.open: list[str] = []
        self.begun = 0
        self.began: list[int] = []  # index of the first row of each trace

    def startElement(self, name: str, attrs: AttributesImpl[str]) -> None:  # noqa: N802
        name = name.rpartition(":")[2]
        if name == "trace":
            self.of_trace = {}
            self.began.append(len(self.rows))
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
            cells = {n: self._value(n, key) for n, key in self.keys.items()}
            row = row_of(self.begun, cells, self.notes, self.site)
            if row is not None:
                self.rows.append(row)

    def _value(self, name: str, key: str) -> str:
        if name == "case":
            return self.of_trace.get(key, "")
        return self.of_event.get(key) or ("" if name in _OF_EVENT else self.of_trace.get(key, ""))

    @property
    def line(self) -> int:
        return int(self._locator.getLineNumber() or 0)  # type: ignore[attr-defined]


def read_xes(path: Path, data: bytes, meanings: Meanings, columns: dict[str, str], site: str) -> Ledger:
    """The ledger of an XES file. Raises ScenarioError."""
    notes = Notes()
    handler = _XesHandler(columns, notes, site)
    _parse(path, data, handler)
    if notes.apart:
        refuse_if_lost(path, len(handler.rows), notes)
    rows = _of_their_own(handler.rows, handler.began, notes) if handler.rows else []
    start, end = (moment(handler.of_log.get(key, "")) for key in ("window_start", "window_end"))
    stated = (start, end) if start is not None and end is not None and start < end else None
    facts = Facts(rows=len(handler.rows) + len(notes.apart), columns=handler.keys)
    return gather(path, rows, meanings, notes, facts, stated)


def _parse(path: Path, data: bytes, handler: _XesHandler) -> None:
    parser = xml.sax.make_parser()
    parser.setFeature(feature_external_ges, False)  # a ledger fetches nothing
    parser.setFeature(feature_external_pes, False)
    parser.setContentHandler(handler)
    try:
        parser.parse(io.BytesIO(_as_utf8(data)))
    except xml.sax.SAXParseException as error:
        line = int(error.getLineNumber() or 0)
        problem = Message("is no XML: {error}", error=error.getMessage())
        raise fault(path, line, problem, Message("Export the log as XES again.")) from None
    except (LookupError, ValueError) as error:  # of the parser: an encoding that it does not know
        problem = Message("declares an encoding that cannot be read: {error}", error=error)
        raise fault(path, 1, problem, Message("Export the log as XES in UTF-8.")) from None


def _as_utf8(data: bytes) -> bytes:
    """The file in UTF-8 if it declares an encoding of China's, which the parser does not know."""
    found = _NATIVE.match(data)
    if not found or found[1].lower() not in (b"gbk", b"gb2312", b"gb18030", b"gb-18030", b"cp936"):
        return data
    text = data[found.end() :].decode("gb18030", errors="replace")
    return b'<?xml version="1.0" encoding="UTF-8"?>' + text.encode("utf-8")


def _of_their_own(rows: list[Row], began: list[int], notes: Notes) -> list[Row]:
    """Rows with a case for each trace; a second one of a name is the same dispute if all its events are."""
    seen: Counter[str] = Counter()
    first: dict[str, list[tuple[str, datetime, str]]] = {}
    out: list[Row] = []
    for a, b in zip(began, [*began[1:], len(rows)], strict=True):
        trace = rows[a:b]
        if not trace:
            continue
        name, content = trace[0].case, [(r.activity, r.when, r.lifecycle) for r in trace]
        if name in first and content == first[name]:
            notes.add("duplicates", trace[0].line, len(trace))
            continue
        seen[name] += 1
        first.setdefault(name, content)
        if seen[name] > 1:
            notes.add("same_number", trace[0].line)
            trace = [r._replace(case=f"{name} ({seen[name]})") for r in trace]
        out += trace
    return out
