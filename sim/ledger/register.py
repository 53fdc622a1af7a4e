"""A register with one row a dispute: receipt, end, outcome and who was in charge, as a ledger of two dates.

Nothing is copied from a row but dates, the village, the kind, the organisation and the outcome; names of people, of
disputes and of mediators are not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sim.export.activities import ENDS, KNOWN
from sim.language import Message
from sim.ledger.dates import day_first, year_last
from sim.ledger.entries import Entry, Reading, entries_of
from sim.ledger.files import Sheet, fault
from sim.ledger.headers import Header
from sim.ledger.ledger import EPOCH, Case, Event, Facts, Ledger, Meanings, digest, minute_of
from sim.ledger.mapping import Dictionary, UnknownWords
from sim.ledger.notices import Notes
from sim.ledger.sites import labels, namesakes, townless
from sim.ledger.window import cut, plausible, window
from sim.ledger.words import (
    OPEN_STILL,
    OTHERWISE,
    plain,
)
from sim.vocabulary import End, Kind, Tier

KINDS = frozenset(k.name.lower() for k in Kind)
COUNTED = (
    "received",
    "closed",
    "entered",
    "town",
    "site",
    "kind",
    "organisation",
    "outcome",
    "channel",
    "limit",
)
MOST_LOST = 0.5  # share of rows that cannot be used, from which on the file is refused
OF_YEAR = 0.9  # share of receipts within the year that a title names
_TRIAL, _DECISION = Tier.TRIAL.name.lower(), Tier.DECISION.name.lower()


def read_register(
    path: Path,
    sheets: Sequence[tuple[Sheet, Header]],
    meanings: Meanings,
    dictionary: Dictionary,
    site: str,
    notes: Notes,
) -> Ledger:
    """The ledger of a register's sheets, one below the other. Raises ScenarioError, UnknownWords with all words."""
    reading = Reading(path, meanings, dictionary, site, notes)
    reading.day_before_month = _day_first(sheets, notes)
    entries: list[Entry] = []
    for sheet, header in sheets:
        entries += entries_of(sheet, header, reading)
    if reading.unknown.needed:
        raise UnknownWords(path, reading.unknown)
    refuse_if_lost(path, len(entries), notes)
    entries = _without_stray(entries, meanings, notes)
    cases = _cases(entries, notes)
    stated = _year_of_title(sheets, entries, meanings, notes)
    start, end, guessed = window(path, cases, meanings, stated)
    if guessed:
        end = _end_of_receipts(cases, start, end, meanings, notes)
    for case in cases:
        first, last = case.events[0].minute, case.events[-1].minute
        if first < minute_of(start):
            notes.add("before", case.line)
        if last >= minute_of(end) > first:
            notes.add("after", case.line)
            case.outcome = OPEN_STILL
    kept, outside = cut(path, cases, start, end)
    if not any(c.site or c.town for c in kept):
        remedy = Message("Name the column: --column site=HEADER; if the ledger names no places: --site NAME.")
        raise fault(path, sheets[0][1].line, Message("no row names a village"), remedy)
    header = sheets[0][1]
    facts = Facts(
        rows=reading.rows,
        columns={ours: header.names[i] for ours, i in header.position.items()},
        missing={c: reading.missing[c] for c in COUNTED if c in header.position},
        sheets=tuple(s.name for s, _ in sheets if s.name),
        unknown_words=reading.unknown.text() if reading.unknown.other else "",
    )
    daily = all(e.received.hour == e.received.minute == 0 for e in entries)
    return Ledger(
        *(path.name, digest(path), tuple(kept), start, end, guessed, True),
        *({}, daily, outside, notes.told(), tuple(notes.apart), facts),
    )


def refuse_if_lost(path: Path, used: int, notes: Notes) -> None:
    """Raise ScenarioError where hardly any row can be used, with the first that cannot."""
    lost = len(notes.apart)
    if used and lost < MOST_LOST * (used + lost):
        return
    if not lost:
        raise fault(path, 0, Message("the ledger has no rows"), Message("Write one row per dispute."))
    first = notes.apart[0]
    remedy = Message("{n} of {m} rows cannot be used.", n=lost, m=used + lost)
    raise fault(path, first.line, first.why, remedy)


def _day_first(sheets: Sequence[tuple[Sheet, Header]], notes: Notes) -> bool:
    """Whether 4/1/2023 is the fourth of January: by dates that can only be one of the two, else assumed and said."""
    cells = [
        row[header.position[c]]
        for sheet, header in sheets
        for _, row in sheet.rows[header.first :]
        for c in ("received", "closed")
        if c in header.position and header.position[c] < len(row) and isinstance(row[header.position[c]], str)
    ]
    found = day_first(cells)
    if found is None:
        notes.add("day_first", n=sum(year_last(c) for c in cells))
        return True
    return found


def _without_stray(entries: list[Entry], meanings: Meanings, notes: Notes) -> list[Entry]:
    """Entries without those whose year must be a mistake, where nobody states the window."""
    if meanings.first is not None and meanings.last is not None:
        return entries
    low, high = plausible(minute_of(e.received) for e in entries)
    out = []
    for e in entries:
        if not low <= minute_of(e.received) <= high:
            notes.add("stray", e.line)
            notes.put_apart(e.line, Message("the year must be a mistake"), e.sheet)
            continue
        if e.closed is not None and not low <= minute_of(e.closed) <= high:
            notes.add("stray", e.line)
            e.closed = None
            e.outcome = OTHERWISE if e.outcome == OPEN_STILL else e.outcome
        out.append(e)
    return out


def _cases(entries: Sequence[Entry], notes: Notes) -> list[Case]:
    same = townless(e.site for e in entries)
    called = labels(same.get(e.site, e.site) for e in entries)
    notes.add("namesakes", n=namesakes(e.site for e in entries))
    out = []
    for i, e in enumerate(entries):
        site = same.get(e.site, e.site)
        if site != e.site:
            notes.add("spelling", e.line)
        case = Case(str(i + 1), called[site], e.kind, e.line, town=site.town, organisation=e.organisation)
        case.outcome = e.outcome
        case.entered = minute_of(e.entered) if e.entered is not None else None
        case.limit = minute_of(e.limit) if e.limit is not None else None
        begun = minute_of(e.received)
        case.events.append(Event("received", KNOWN, e.stage, begun, e.channel))
        if e.closed is not None and minute_of(e.closed) < begun:
            notes.add("reversed", e.line)
            case.dated = False
        elif e.closed is not None:
            if e.closed.date() == e.received.date():
                notes.add("same_day", e.line)
            what = _end_word(e.outcome, e.stage)
            case.events.append(Event("closed", what, e.stage, minute_of(e.closed), ""))
        elif e.outcome != OPEN_STILL:
            notes.add("ended_undated", e.line)
            case.dated = False
        out.append(case)
    return out


def _end_word(outcome: str, stage: str) -> str:
    """The end in the words of event logs: a court that ends a matter without a settlement has ruled on it."""
    if outcome == OTHERWISE and stage == _TRIAL:
        return ENDS[End.ADJUDICATED]
    if outcome == OTHERWISE and stage == _DECISION:
        return ENDS[End.DECIDED]
    return outcome


def _year_of_title(
    sheets: Sequence[tuple[Sheet, Header]], entries: Sequence[Entry], meanings: Meanings, notes: Notes
) -> tuple[datetime, datetime] | None:
    """The year that the title names, if nearly all disputes were received in it and nobody states the window."""
    if meanings.first is not None or meanings.last is not None:
        return None
    text = plain(" ".join(sheets[0][1].above))
    found = re.search(r"((?:19|20)\d{2})年(?!\d{1,2}月)", text)
    if not found:
        return None
    year = int(found[1])
    inside = sum(e.received.year == year for e in entries)
    if inside < OF_YEAR * len(entries):
        return None
    notes.add("title_year", n=inside)
    return datetime(year, 1, 1), datetime(year + 1, 1, 1)


def _end_of_receipts(
    cases: Sequence[Case], start: datetime, end: datetime, meanings: Meanings, notes: Notes
) -> datetime:
    """The end of a guessed window: that of receipts, where closings go on longer after them than chance explains.

    Receipts come at a constant rate: the chance of none in the last part is exp(-rate * its length).
    """
    last = max(c.events[0].minute for c in cases)
    begin, close = minute_of(start), minute_of(end)
    expected = len(cases) * (close - last) / max(last - begin, 1440.0)
    if meanings.last is not None or expected < 7.0 or last - begin < 7 * 1440.0:
        return end
    day = (last // 1440.0 + 1) * 1440.0
    notes.add("followed_up", n=sum(c.events[-1].minute >= day for c in cases))
    return EPOCH + timedelta(minutes=day)
