"""A ledger: what somebody wrote down of disputes, as events of cases in the order of time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sim.export.activities import DESKS, ENDS, KNOWN, PASSED, parts
from sim.language import Joined, Message, Text
from sim.scenario.errors import Fault, ScenarioError, listed, nearest, shown
from sim.vocabulary import Kind

EPOCH = datetime(1970, 1, 1)
MINUTES_PER_DAY = 1440.0
MOST_DAYS = 6900  # what a place may have, less its warm-up
KINDS = tuple(k.name.lower() for k in Kind)
_DESK_NAMES = frozenset(DESKS.values())


class Row(NamedTuple):
    """One row of a file, read but not judged: `cells` by our names of columns; `when` is local time without a zone."""

    line: int
    case: str
    activity: str
    when: datetime
    site: str
    kind: str
    channel: str


class Event(NamedTuple):
    """One event. `what` and `stage` are its meaning in our words, empty if it has none; `minute` counts from 1970."""

    activity: str
    what: str
    stage: str
    minute: float
    channel: str

    @property
    def own(self) -> bool:
        """Whether it belongs to the case itself and not to a side job."""
        return self.stage not in _DESK_NAMES


@dataclass
class Case:
    """A dispute of the ledger; `kind` is empty where the ledger does not say."""

    name: str
    site: str
    kind: str
    line: int
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True)
class Ledger:
    """Cases with at least one event in the window [start, end), each with its events in the order of time.

    `guessed` says that the window is only that of the events; `words` that activities are, or were mapped to, ours;
    `foreign` counts the others; `daily` that times are dates; `outside` counts events that were cut off.
    """

    file: str
    sha256: str
    cases: tuple[Case, ...]
    start: datetime
    end: datetime
    guessed: bool
    words: bool
    foreign: Mapping[str, int]
    daily: bool
    outside: int

    @property
    def begin(self) -> float:
        """The first minute of the window."""
        return minute_of(self.start)

    @property
    def close(self) -> float:
        """The end of the window, exclusive."""
        return minute_of(self.end)

    @property
    def days(self) -> float:
        """Length of the window."""
        return (self.close - self.begin) / MINUTES_PER_DAY

    @property
    def years(self) -> float:
        """Length of the window in years of 365 days."""
        return self.days / 365.0

    @property
    def has_kinds(self) -> bool:
        """Whether the ledger says of what kind each dispute is."""
        return bool(self.cases) and all(c.kind for c in self.cases)

    @property
    def has_intake(self) -> bool:
        """Whether the ledger says when disputes become known."""
        return any(e.what == KNOWN for c in self.cases for e in c.events)

    def arrivals(self) -> list[tuple[Case, float]]:
        """Cases that become known in the window, with the minute.

        Where activities are in our words that is the event `known`; a case without one was known before the window
        began, or to nobody. In a ledger that has no such event it is the first event of each case.
        """
        out = []
        intake = self.has_intake
        for case in self.cases:
            if not intake:
                out.append((case, case.events[0].minute))
                continue
            known = next((e.minute for e in case.events if e.what == KNOWN), None)
            if known is not None:
                out.append((case, known))
        return out


def minute_of(when: datetime) -> float:
    """Minutes since 1970, local time."""
    return (when - EPOCH).total_seconds() / 60.0


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    h = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            h.update(block)
    return h.hexdigest()


@dataclass(frozen=True)
class Meanings:
    """What words of the ledger mean in ours, and the window as the user states it (None: not stated)."""

    activities: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None


class Faults:
    """Faults of rows: the first is told, the others are counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.first: Fault | None = None
        self.more = 0

    def add(self, line: int, problem: Text, remedy: Text) -> None:
        """Note a fault of a row."""
        if self.first is None:
            self.first = Fault(self.file, line, "", problem, remedy)
        else:
            self.more += 1

    def stop(self) -> None:
        """Raise ScenarioError if there was any."""
        if self.first is None:
            return
        f = self.first
        more = Message("({n} more rows have faults.)", n=self.more) if self.more else ""
        raise ScenarioError([Fault(f.file, f.line, f.path, f.problem, Joined(f.remedy, more))])


def gather(
    path: Path,
    rows: Iterable[Row],
    meanings: Meanings,
    faults: Faults,
    stated: tuple[datetime, datetime] | None = None,
) -> Ledger:
    """Rows as a ledger. `stated` is a window that the file itself gives. Raises ScenarioError."""
    cases: dict[str, Case] = {}
    counted: Counter[str] = Counter()
    daily = True
    meant: dict[str, tuple[str, str]] = {}
    for row in rows:
        kind = meanings.kinds.get(row.kind, row.kind)
        case = cases.get(row.case)
        if case is None:
            if kind and kind not in KINDS:
                _unknown_kind(faults, row, kind)
            case = cases[row.case] = Case(row.case, row.site, kind, row.line)
        elif case.site != row.site:
            problem = Message(
                "case {case} is of site {site} here, but of {other} in line {line}",
                case=shown(row.case),
                site=shown(row.site),
                other=shown(case.site),
                line=case.line,
            )
            faults.add(
                row.line,
                problem,
                Message("Write one site, where the dispute arose, in all its rows."),
            )
        elif case.kind != kind:
            problem = Message(
                "case {case} is of kind {kind} here, but of {other} in line {line}",
                case=shown(row.case),
                kind=shown(kind),
                other=shown(case.kind),
                line=case.line,
            )
            faults.add(row.line, problem, Message("Write one kind in all rows of a case."))
        activity = meanings.activities.get(row.activity, row.activity)
        if activity not in meant:
            meant[activity] = parts(activity) or ("", "")
        what, stage = meant[activity]
        if not what:
            counted[row.activity] += 1
        daily = daily and row.when.hour == row.when.minute == 0
        case.events.append(Event(activity, what, stage, minute_of(row.when), row.channel))
    faults.stop()
    if not cases:
        raise ScenarioError(
            [Fault(str(path), 0, "", Message("the ledger has no rows"), Message("Write one row per event."))]
        )
    for case in cases.values():
        case.events.sort(key=lambda e: e.minute)  # stable: rows of one minute stay in the order of the file
    start, end, guessed = _window(str(path), cases.values(), meanings, stated)
    kept, outside = _cut(cases.values(), minute_of(start), minute_of(end))
    if not kept:
        problem = Message(
            "no event lies between {start} and {end}",
            start=start.date(),
            end=(end - timedelta(days=1)).date(),
        )
        raise ScenarioError([Fault(str(path), 0, "", problem, Message("Correct --from and --to."))])
    markers = {*ENDS.values(), KNOWN, PASSED.strip()}
    words = any(e.what in markers for case in kept for e in case.events)
    return Ledger(
        *(path.name, digest(path), tuple(kept), start, end, guessed, words),
        *(dict(counted), daily, outside),
    )


def _unknown_kind(faults: Faults, row: Row, kind: str) -> None:
    near = nearest(kind, KINDS)
    faults.add(
        row.line,
        Message("the kind {kind} is not one of {kinds}", kind=shown(kind), kinds=listed(KINDS)),
        Message(
            "Did you mean {near}? If not, say which one it is: --kind {kind}=other.", near=near, kind=kind
        )
        if near
        else Message("Say which one it is: --kind {kind}=other.", kind=kind),
    )


def _window(
    file: str, cases: Iterable[Case], meanings: Meanings, stated: tuple[datetime, datetime] | None
) -> tuple[datetime, datetime, bool]:
    """Beginning and end (exclusive) of the window, and whether they are only those of the events."""
    minutes = [e.minute for c in cases for e in c.events]
    first = EPOCH + timedelta(minutes=min(minutes))
    last = EPOCH + timedelta(minutes=max(minutes))
    start = datetime(first.year, first.month, first.day)
    end = datetime(last.year, last.month, last.day) + timedelta(days=1)
    if stated is not None:
        start, end = stated
    if meanings.first is not None:
        start = datetime(meanings.first.year, meanings.first.month, meanings.first.day)
    if meanings.last is not None:
        end = datetime(meanings.last.year, meanings.last.month, meanings.last.day) + timedelta(days=1)
    if (end - start) < timedelta(days=2):
        problem = Message(
            "the window from {start} to {end} has less than two days",
            start=start.date(),
            end=(end - timedelta(days=1)).date(),
        )
        remedy = Message(
            "Write the first and last day that the ledger covers: --from 2023-01-01 --to 2023-12-31."
        )
        raise ScenarioError([Fault(file, 0, "", problem, remedy)])
    if (end - start).days > MOST_DAYS:
        last_day = (end - timedelta(days=1)).date()
        problem = Message(
            "the window from {start} to {last_day} is longer than {most_days} days",
            start=start.date(),
            last_day=last_day,
            most_days=MOST_DAYS,
        )
        remedy = Message("Correct the years, or fit a part of it: --from 2020-01-01 --to 2023-12-31.")
        raise ScenarioError([Fault(file, 0, "", problem, remedy)])
    return start, end, stated is None and (meanings.first is None or meanings.last is None)


def _cut(cases: Iterable[Case], begin: float, close: float) -> tuple[list[Case], int]:
    """Cases with their events in the window only, and how many events were cut off."""
    kept, outside = [], 0
    for case in cases:
        inside = [e for e in case.events if begin <= e.minute < close]
        outside += len(case.events) - len(inside)
        if inside:
            case.events = inside
            kept.append(case)
    return kept, outside
