"""A ledger: what somebody wrote down of disputes, as events of cases in the order of time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from sim.export.activities import DESKS, ENDS, KNOWN
from sim.ledger.notices import Apart, Notice
from sim.ledger.words import OTHERWISE
from sim.vocabulary import Kind

EPOCH = datetime(1970, 1, 1)
MINUTES_PER_DAY = 1440.0
MOST_DAYS = 6900  # what a place may have, less its warm-up
KINDS = tuple(k.name.lower() for k in Kind)
_DESK_NAMES = frozenset(DESKS.values())
_ENDS = frozenset(ENDS.values())
REGISTER_ENDS = frozenset([OTHERWISE])  # ends that only a register has: over, and how is not told


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
    """A dispute of the ledger.

    `site` is its village, with the township in front where two have a village of the name; empty for a matter of the
    township `town`.
    `kind` is empty where the ledger does not say. `dated` is False where the time of its end is not to be trusted:
    such a case counts neither as open nor in durations. Of a register there are `outcome` (a word of words.py), the
    `organisation` in charge, and the minutes of entry into the register and of the case's own time limit.
    """

    name: str
    site: str
    kind: str
    line: int
    events: list[Event] = field(default_factory=list)
    town: str = ""
    dated: bool = True
    outcome: str = ""
    organisation: str = ""
    entered: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Facts:
    """What else reading found: rows with something in them, cells that are empty by column, the names of columns."""

    rows: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)  # ours: the file's
    missing: Mapping[str, int] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    unknown_words: str = ""  # a mapping file of words that could have a meaning and have none


@dataclass(frozen=True)
class Ledger:
    """Cases with at least one event in the window [start, end), each with its events in the order of time.

    `guessed` says that the window is only that of the events; `words` that activities are, or were mapped to, ours;
    `foreign` counts the others; `daily` that times are dates; `outside` counts events that were cut off. `notices` and
    `apart` are what was noticed, and the rows that could not be used.
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
    notices: tuple[Notice, ...] = ()
    apart: tuple[Apart, ...] = ()
    facts: Facts = field(default_factory=Facts)

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
        """Whether the ledger says of what kind most disputes are; those without are left out where kinds matter."""
        return 2 * sum(bool(c.kind) for c in self.cases) > len(self.cases)

    @property
    def has_intake(self) -> bool:
        """Whether the ledger says when disputes become known."""
        return any(e.what == KNOWN for c in self.cases for e in c.events)

    @property
    def two_dates(self) -> bool:
        """Whether it has, of each dispute, no more than its receipt and its end: a register.

        Such a ledger says nothing of attempts that failed, of the way between stages, or of the stage of receipt.
        """
        whats = {e.what for c in self.cases for e in c.events}
        return self.words and not whats - {KNOWN, *_ENDS, *REGISTER_ENDS}

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
