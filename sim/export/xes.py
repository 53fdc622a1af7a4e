"""Event logs as XES, the IEEE standard 1849-2016, written as they come: no tree of the file is ever in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

from sim.export.log import Case, Event, EventLog

NAMESPACE = "http://www.xes-standard.org/"
EXTENSIONS = {
    "Concept": "concept",
    "Time": "time",
    "Lifecycle": "lifecycle",
    "Organizational": "org",
}


def write_xes(log: EventLog, file: BinaryIO) -> None:
    """Write a log as XES in UTF-8. What the standard extensions do not name has attributes of its own."""
    for line in _lines(log):
        file.write(line.encode("utf-8") + b"\n")


def _lines(log: EventLog) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<log xes.version="1849.2016" xes.features="" xmlns="{NAMESPACE}">'
    for name, prefix in EXTENSIONS.items():
        yield f'  <extension name="{name}" prefix="{prefix}" uri="{NAMESPACE}{prefix}.xesext"/>'
    yield '  <global scope="trace">'
    for key in ("concept:name", "site", "kind"):
        yield "    " + _string(key, "UNKNOWN")
    yield "  </global>"
    yield '  <global scope="event">'
    yield "    " + _string("concept:name", "UNKNOWN")
    yield "    " + _tag("date", "time:timestamp", "1970-01-01T00:00:00.000+08:00")
    yield "    " + _string("lifecycle:transition", "complete")
    yield "  </global>"
    yield '  <classifier name="Activity" keys="concept:name"/>'
    yield "  " + _string("concept:name", log.title)
    yield "  " + _string("lifecycle:model", "standard")
    yield "  " + _string("origin", log.origin)
    yield "  " + _tag("date", "window_start", _moment(log, -1, start=True))
    yield "  " + _tag("date", "window_end", _moment(log, -1))
    for i, case in enumerate(log.cases):
        yield "  <trace>"
        yield "    " + "".join(_of_case(case))
        for event in log.events(i):
            yield "    <event>" + "".join(_of_event(log, event)) + "</event>"
        yield "  </trace>"
    yield "</log>"


def _of_case(case: Case) -> Iterator[str]:
    yield _string("concept:name", str(case.number))
    yield _string("site", case.site)
    yield _string("kind", case.kind)
    yield _string("township", case.township)
    yield _tag("boolean", "departments", str(case.departments).lower())
    yield _tag("boolean", "minority_language", str(case.language).lower())
    if case.severity is not None:
        yield _tag("float", "severity", repr(case.severity))


def _of_event(log: EventLog, event: Event) -> Iterator[str]:
    yield _string("concept:name", event.activity)
    yield _tag("date", "time:timestamp", _moment(log, event.minute))
    yield _string("lifecycle:transition", event.lifecycle)
    if event.pool >= 0:
        yield _string("org:group", log.pool_name(event.pool))
    if event.stage:
        yield _string("stage", event.stage)
    if event.channel:
        yield _string("channel", event.channel)
    if event.minutes >= 0:
        yield _tag("int", "working_minutes", str(event.minutes))


def _moment(log: EventLog, minute: int, *, start: bool = False) -> str:
    """A minute of the run, or, for -1, the beginning or end of the window, with milliseconds as XES writes them."""
    when = log.moment(minute) if minute >= 0 else log.window[0 if start else 1]
    return when.isoformat(timespec="milliseconds")


def _string(key: str, value: str) -> str:
    return _tag("string", key, value)


def _tag(kind: str, key: str, value: str) -> str:
    return f'<{kind} key="{key}" value={quoteattr(value)}/>'
