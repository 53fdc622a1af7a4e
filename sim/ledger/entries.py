"""The rows of a register: which of them are disputes, and what their cells say in our words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sim.language import Message
from sim.ledger.dates import moment
from sim.ledger.files import Cell, Sheet
from sim.ledger.headers import Header, is_heading, is_note, is_total
from sim.ledger.ledger import Meanings
from sim.ledger.mapping import LONGEST, Dictionary, Unknown
from sim.ledger.notices import Notes
from sim.ledger.rows import SHORTENED
from sim.ledger.sites import Site, site_of, site_of_organisation
from sim.ledger.words import OPEN_STILL, OTHERWISE, channel_of, kind_of, outcome_of, plain, stage_of
from sim.scenario.errors import shown
from sim.vocabulary import Kind

KINDS = frozenset(k.name.lower() for k in Kind)


@dataclass
class Entry:
    """One row as it was read: times of the day, words in ours."""

    line: int
    sheet: str
    number: str
    site: Site
    kind: str
    received: datetime
    closed: datetime | None
    outcome: str
    stage: str
    organisation: str
    channel: str
    entered: datetime | None = None
    limit: datetime | None = None


@dataclass
class Reading:
    """What reading a register needs and finds."""

    path: Path
    meanings: Meanings
    dictionary: Dictionary
    site: str
    notes: Notes
    unknown: Unknown = field(default_factory=Unknown)
    missing: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    day_before_month: bool = True


def entries_of(sheet: Sheet, header: Header, reading: Reading) -> list[Entry]:
    """The rows of a sheet that can be used; all others are counted and kept apart."""
    notes, out = reading.notes, []
    whole: set[tuple[str, ...]] = set()
    numbers: set[str] = set()
    serial = header.position.get("serial", -1)
    for line, cells in sheet.rows[header.first :]:
        if not any(str(c).strip() for c in cells):
            notes.add("blank", line)
            continue
        if is_total(cells) or is_note(cells):
            notes.add("totals", line)
            continue
        if is_heading(cells, header):
            notes.add("headings", line)
            continue
        reading.rows += 1
        content = tuple(str(c).strip() for i, c in enumerate(cells) if i != serial)
        if content in whole:
            notes.add("duplicates" if _tells_apart(header) else "alike", line)
            if _tells_apart(header):
                continue
        whole.add(content)
        entry = _entry(line, sheet.name, cells, header, reading)
        if entry is None:
            continue
        if entry.number:
            if entry.number in numbers:
                notes.add("same_number", line)
            numbers.add(entry.number)
        out.append(entry)
    return out


def _tells_apart(header: Header) -> bool:
    """Whether two rows that agree in every cell can only be one dispute: they have a number, a name or the parties."""
    return "case" in header.position or any(
        n in ("纠纷名称", "当事人", "当事人姓名", "申请人") for n in header.names
    )


def _entry(line: int, sheet: str, cells: list[Cell], header: Header, reading: Reading) -> Entry | None:
    """A row, or None after it was kept apart."""

    def cell(name: str) -> Cell:
        i = header.position.get(name, -1)
        found = cells[i] if 0 <= i < len(cells) else ""
        if name in header.position and not str(found).strip():
            reading.missing[name] += 1
        return found

    def when(name: str) -> datetime | None:
        return moment(cell(name), day_before_month=reading.day_before_month)

    raw = cell("received")
    received = moment(raw, day_before_month=reading.day_before_month)
    if received is None:
        why = (
            Message("{cells} is no time between 1949 and 2100", cells=shown(str(raw)))
            if str(raw).strip()
            else Message("the date of receipt is empty")
        )
        reading.notes.put_apart(line, why, sheet)
        return None
    number = str(cell("case")).strip()
    if SHORTENED.fullmatch(number):
        reading.notes.add("long_numbers", line)
    organisation = plain(cell("organisation"))
    stage = _stage(organisation, str(cell("stage")), line, reading)
    closing = cell("closed")
    closed = moment(closing, day_before_month=reading.day_before_month)
    if closed is None and "closed" not in header.position and "performed" in header.position:
        closed = when("performed")
        if closed is not None:
            reading.notes.add("performed", line)
    unreadable = closed is None and bool(str(closing).strip())
    if unreadable:
        reading.notes.add("bad_closing", line)
    return Entry(
        line,
        sheet,
        number,
        _site(str(cell("town")), str(cell("site")), organisation, line, header, reading),
        _kind(str(cell("kind")).strip(), line, reading),
        received,
        *_end(str(cell("outcome")).strip(), closed, line, header, reading, unreadable=unreadable),
        stage,
        organisation,
        channel_of(str(cell("channel"))),
        when("entered"),
        when("limit"),
    )


def _kind(word: str, line: int, reading: Reading) -> str:
    if not word:
        reading.notes.add("no_kind", line)
        return ""
    told = reading.dictionary.get("kind", word)
    if told is not None:
        return told
    told = reading.meanings.kinds.get(word, word)
    found = told if told in KINDS else kind_of(told)
    if found is None:
        reading.unknown.add("kind", word, line)
    return found or ""


def _stage(organisation: str, level: str, line: int, reading: Reading) -> str:
    told = reading.dictionary.get("organisation", organisation)
    if told is not None:
        return told
    found = (stage_of(level) if level.strip() else "") or (stage_of(organisation) if organisation else "")
    if not found and organisation:
        reading.unknown.add("organisation", organisation, line, needed=False)
        reading.notes.add("no_stage", line)
    return found


def _site(town: str, village: str, organisation: str, line: int, header: Header, reading: Reading) -> Site:
    """The village of a row; without columns of places that of its committee, or the one place that the user names."""
    if reading.site:
        return site_of("", reading.site)
    if "site" in header.position or "town" in header.position:
        site = site_of(town, village)
        if site.town and not site.village:
            reading.notes.add("township_matters", line)
    else:
        site = site_of_organisation(organisation)
        reading.notes.add("from_committee", line)
    if not site.town and not site.village:
        reading.notes.add("county_matters", line)
    return site


def _end(
    word: str, closed: datetime | None, line: int, header: Header, reading: Reading, *, unreadable: bool
) -> tuple[datetime | None, str]:
    """When and how a dispute ended. Without a closing date a failure is a dispute that is open still.

    Where there is a date that is `unreadable` it is over all the same.
    """
    over = closed is not None or unreadable
    if "outcome" not in header.position or not word:
        return closed, OTHERWISE if over else OPEN_STILL
    outcome = reading.dictionary.get("outcome", word)
    if outcome is None:
        outcome = outcome_of(word)
    if outcome is None:
        if len(word) <= LONGEST // 2:
            reading.unknown.add("outcome", word, line)
        outcome = OTHERWISE if over else OPEN_STILL
    if outcome == OTHERWISE and not over:
        outcome = OPEN_STILL
    if outcome == OPEN_STILL and closed is not None:
        reading.notes.add("open_but_dated", line)
        closed = None
    return closed, outcome or OTHERWISE
