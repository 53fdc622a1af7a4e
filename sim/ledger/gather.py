"""From rows of events to a ledger: what belongs together, in which order, and what in it cannot be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

from sim.export.activities import ENDS, KNOWN, PASSED, REOPENED, parts
from sim.language import Message
from sim.ledger.files import fault
from sim.ledger.ledger import Case, Event, Facts, Ledger, Meanings, digest, minute_of
from sim.ledger.mapping import Unknown, UnknownWords
from sim.ledger.notices import Notes
from sim.ledger.sites import Site, labels, namesakes, townless
from sim.ledger.window import cut, plausible, window
from sim.ledger.words import kind_of
from sim.vocabulary import Kind

KINDS = frozenset(k.name.lower() for k in Kind)
END_WORDS = frozenset(ENDS.values())
MARKERS = frozenset([*END_WORDS, KNOWN, PASSED.strip()])
DESCENDING = 0.9  # share of the steps between rows that go back in time, in a file with the newest first


class Row(NamedTuple):
    """One event of a file, read but not judged; `when` is local time without a zone."""

    line: int
    case: str
    activity: str
    when: datetime
    site: Site
    kind: str
    channel: str
    lifecycle: str = ""


def gather(
    path: Path,
    rows: Sequence[Row],
    meanings: Meanings,
    notes: Notes,
    facts: Facts,
    stated: tuple[datetime, datetime] | None = None,
) -> Ledger:
    """Rows of events as a ledger. `stated` is a window that the file itself gives. Raises ScenarioError."""
    if not rows:
        raise fault(path, 0, Message("the ledger has no rows"), Message("Write one row per event."))
    if not any(row.site.village or row.site.town for row in rows):
        remedy = Message("Name the column: --column site=HEADER; if the ledger names no places: --site NAME.")
        raise fault(path, rows[0].line, Message("no row names a village"), remedy)
    known_kinds = _kinds(path, rows, meanings)
    rows, daily = _days(_oldest_first(_folded(rows, notes), notes), notes)
    if stated is None and meanings.first is None and meanings.last is None:
        rows = _without_stray(rows, notes)
    cases, foreign = _cases(rows, meanings, known_kinds, notes)
    for case in cases:
        _put_in_order(case, notes, daily=daily)
    if not daily:
        notes.add("no_length", n=sum(_no_length(c) for c in cases))
    start, end, guessed = window(path, cases, meanings, stated)
    kept, outside = cut(path, cases, start, end)
    words = any(e.what in MARKERS for case in kept for e in case.events)
    if any(c.kind for c in kept):
        notes.add("no_kind", n=sum(not c.kind for c in kept))
    return Ledger(
        *(path.name, digest(path), tuple(kept), start, end, guessed, words),
        *(foreign, daily, outside, notes.told(), tuple(notes.apart), facts),
    )


def _kinds(path: Path, rows: Iterable[Row], meanings: Meanings) -> dict[str, str]:
    """What each word for a kind means. Raises UnknownWords with all that mean nothing."""
    meant: dict[str, str] = {}
    unknown = Unknown()
    for row in rows:
        if row.kind not in meant:
            kind = meanings.kinds.get(row.kind, row.kind)
            meant[row.kind] = kind if kind in KINDS or not kind else kind_of(kind) or "?"
        if meant[row.kind] == "?":
            unknown.add("kind", row.kind, row.line)
    if unknown.needed:
        raise UnknownWords(path, unknown)
    return meant


# --- Rows ----------------------------------------------------------------------------------------------------------


def _folded(rows: Sequence[Row], notes: Notes) -> Sequence[Row]:
    """Rows of which an activity has a start and a complete one, as one: known at its start, all else when complete."""
    seen: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        seen[row.activity].add(row.lifecycle.lower())
    pairs = {a for a, words in seen.items() if {"start", "complete"} <= words}
    if not pairs:
        return rows

    def stays(row: Row) -> bool:
        wanted = "start" if row.activity.startswith(KNOWN) else "complete"
        return row.activity not in pairs or row.lifecycle.lower() in ("", wanted)

    kept = [row for row in rows if stays(row)]
    notes.add("pairs", n=len(rows) - len(kept))
    return kept


def _oldest_first(rows: Sequence[Row], notes: Notes) -> Sequence[Row]:
    """Rows of a file that has the newest first, the other way round, so that those of one day are in order."""
    back = forth = 0
    for a, b in pairwise(rows):
        back += a.when > b.when
        forth += a.when < b.when
    if back < 3 or back < DESCENDING * (back + forth):
        return rows
    notes.add("newest_first", n=len(rows))
    return rows[::-1]


def _days(rows: Sequence[Row], notes: Notes) -> tuple[Sequence[Row], bool]:
    """Rows, and whether their times are dates: all at midnight, or all at one hour (midnights of another zone)."""
    clocks = {row.when.time() for row in rows}
    if len(clocks) > 1 or len({row.when.date() for row in rows}) < 3:
        return rows, clocks == {datetime.min.time()}
    if clocks == {datetime.min.time()}:
        return rows, True
    notes.add("one_hour", n=len(rows))
    return [row._replace(when=datetime(row.when.year, row.when.month, row.when.day)) for row in rows], True


def _without_stray(rows: Sequence[Row], notes: Notes) -> Sequence[Row]:
    low, high = plausible(minute_of(row.when) for row in rows)
    stray = [row for row in rows if not low <= minute_of(row.when) <= high]
    for row in stray:
        notes.add("stray", row.line)
        notes.put_apart(row.line, Message("the year must be a mistake"))
    return rows if not stray else [row for row in rows if low <= minute_of(row.when) <= high]


# --- Cases ---------------------------------------------------------------------------------------------------------


def _cases(
    rows: Sequence[Row], meanings: Meanings, kinds: dict[str, str], notes: Notes
) -> tuple[list[Case], dict[str, int]]:
    """Rows by case, and how often each activity without a meaning occurs."""
    same = townless(row.site for row in rows)
    called = labels(same.get(row.site, row.site) for row in rows)
    notes.add("namesakes", n=namesakes(row.site for row in rows))
    cases: dict[str, Case] = {}
    at: dict[str, Site] = {}
    counted: Counter[str] = Counter()
    meant: dict[str, tuple[str, str]] = {}
    for row in rows:
        site = same.get(row.site, row.site)
        if site != row.site:
            notes.add("spelling", row.line)
        case = cases.get(row.case)
        if case is None:
            case = cases[row.case] = Case(row.case, called[site], kinds[row.kind], row.line, town=site.town)
            at[row.case] = site
            if site.town and not site.village:
                notes.add("township_matters", row.line)
        elif at[row.case] != site:
            notes.add("other_site", row.line)
        if case.kind != kinds[row.kind]:
            if case.kind and row.kind:
                notes.add("other_kind", row.line)
            case.kind = case.kind or kinds[row.kind]
        activity = meanings.activities.get(row.activity, row.activity)
        if activity not in meant:
            meant[activity] = parts(activity) or ("", "")
        what, stage = meant[activity]
        if not what:
            counted[row.activity] += 1
        case.events.append(Event(activity, what, stage, minute_of(row.when), row.channel))
    return list(cases.values()), dict(counted)


def _put_in_order(case: Case, notes: Notes, *, daily: bool) -> None:
    """Events in the order of time, each once; an end before the beginning is taken out."""
    case.events.sort(key=lambda e: e.minute)  # stable: rows of one minute stay in the order of the file
    events: list[Event] = []
    for _, group in groupby(case.events, key=lambda e: e.minute):
        events += _once(list(group), case, notes)
    case.events = _from_the_beginning(events, case, notes, daily=daily)


def _once(events: list[Event], case: Case, notes: Notes) -> list[Event]:
    """Events of one minute without those that are there twice: side by side, or the whole of them again."""
    out = [e for i, e in enumerate(events) if i == 0 or e != events[i - 1]]
    half = len(out) // 2
    if half and len(out) == 2 * half and out[:half] == out[half:]:
        out = out[:half]
    notes.add("duplicates", case.line, len(events) - len(out))
    return out


def _from_the_beginning(events: list[Event], case: Case, notes: Notes, *, daily: bool) -> list[Event]:
    first = next((i for i, e in enumerate(events) if e.what == KNOWN), None)
    if first is None:
        return events
    early = [e for e in events[:first] if e.what in END_WORDS]
    if early and not any(e.what == REOPENED for e in events[: first + 1]):
        beginning = events[first]
        late = [e for e in early if daily and e.minute == beginning.minute]
        if late:  # of one day, in the wrong order: what happened first is told first
            notes.add("day_order", case.line)
        if len(late) < len(early):
            notes.add("reversed", case.line)
            case.dated = False
        others = [e for e in events if e not in early and e is not beginning]
        events = [beginning, *others, *late]
        events.sort(key=lambda e: e.minute)
    out: list[Event] = []
    open_ = False
    for e in events:
        if e.what == KNOWN and open_:
            notes.add("known_again", case.line)
            continue
        open_ = open_ or e.what == KNOWN
        if e.what == REOPENED:
            open_ = False
        out.append(e)
    return out


def _no_length(case: Case) -> bool:
    """Whether a dispute is known and over in the same minute, with nothing in between."""
    own = [e for e in case.events if e.own]
    return (
        len(own) == 2 and own[0].what == KNOWN and own[1].what in END_WORDS and own[0].minute == own[1].minute
    )


def as_of(ledger: Ledger, end: datetime) -> Ledger:
    """The ledger as it looked on an earlier day: nothing of it was known that happened from `end` on."""
    cases = [replace(c, events=list(c.events)) for c in ledger.cases]
    kept, outside = cut(Path(ledger.file), cases, ledger.start, end)
    return replace(ledger, cases=tuple(kept), end=end, outside=outside)
