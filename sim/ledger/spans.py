"""Stays at stages and spans of time within them, read off the events of each case, censored where the ledger ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sim.export.activities import (
    ADJOURNED,
    BEGUN,
    BROKEN,
    BYPASSED,
    ENDED,
    ENDS,
    KNOWN,
    LEFT,
    PASSED,
    PROCEDURE,
    QUEUED,
    REFUSED,
    REOPENED,
    REST,
    STAGES,
    SUIT,
)
from sim.ledger.ledger import Case, Event, Ledger

ARRIVING = (KNOWN, PASSED.strip(), REOPENED)
END_WORDS = frozenset(ENDS.values())
STAGE_NAMES = tuple(STAGES.values())
OPEN = ""  # where a stay has gone that is not over


@dataclass
class Stay:
    """A case at a stage, from its arrival to its leaving; `to` is the next stage, an end, or OPEN at the ledger's end.

    `events` are those in between, that of leaving included, without those of side jobs. Minutes as in the ledger.
    """

    case: Case
    stage: str
    arrival: str
    start: float
    end: float
    to: str = OPEN
    events: list[Event] = field(default_factory=list)

    @property
    def minutes(self) -> float:
        """How long it lasted, as far as the ledger shows."""
        return self.end - self.start


@dataclass(frozen=True)
class Span:
    """A time from one event to another; `seen` whether it was over in sight, and not broken off or cut by the end."""

    what: str
    stage: str
    minutes: float
    seen: bool


def stays(ledger: Ledger) -> list[Stay]:
    """All stays whose arrival the ledger shows. A stay that began before the window is not one of them."""
    out: list[Stay] = []
    for case in ledger.cases:
        now: Stay | None = None
        for event in case.events:
            if not event.own:
                continue
            if event.what in ARRIVING:
                if now is not None:
                    now.end, now.to = event.minute, event.stage
                    now.events.append(event)
                now = Stay(case, event.stage, event.what, event.minute, ledger.close)
                out.append(now)
            elif now is not None:
                now.events.append(event)
                if event.what in END_WORDS:
                    now.end, now.to = event.minute, event.what
                    now = None
    return [s for s in out if not _never_taken_up(s)]


def _never_taken_up(stay: Stay) -> bool:
    """A case that comes back and is given up at once is not at a stage at all."""
    return stay.arrival == REOPENED and len(stay.events) == 1 and stay.to in END_WORDS and stay.minutes == 0


# How spans begin, what ends them, what breaks them off.
_RESUMES = (QUEUED, PROCEDURE, ADJOURNED, REST, REFUSED, BYPASSED)
_SPANS: dict[str, tuple[str, tuple[str, ...]]] = {
    QUEUED: ("wait", (BEGUN,)),
    BEGUN: ("session", (ENDED,)),
    PROCEDURE: ("procedure", _RESUMES),
    ADJOURNED: ("adjournment", _RESUMES),
    REST: ("rest", _RESUMES),
}
_BREAKS = frozenset([*END_WORDS, *ARRIVING, BROKEN, LEFT, SUIT])


def spans(ledger: Ledger) -> Iterator[Span]:
    """Waits, sessions and pauses of all cases, by stage."""
    for case in ledger.cases:
        now: tuple[str, tuple[str, ...], str, float] | None = None
        for event in case.events:
            if not event.own:
                continue
            if now is not None:
                what, ends, stage, since = now
                if event.what in ends and event.stage == stage:
                    yield Span(what, stage, event.minute - since, True)
                    now = None
                elif event.what in _BREAKS:
                    yield Span(what, stage, event.minute - since, False)
                    now = None
            if event.what in _SPANS and event.stage:
                if now is not None:
                    yield Span(now[0], now[2], event.minute - now[3], False)
                now = (*_SPANS[event.what], event.stage, event.minute)
        if now is not None:
            yield Span(now[0], now[2], ledger.close - now[3], False)


def steps(ledger: Ledger) -> Iterator[tuple[str, str, float]]:
    """(activity, next activity or OPEN, minutes) of a ledger in other words than ours.

    An activity that is the last one wherever it occurs ends a case; after any other, a case is open.
    """
    followed = {a.activity for c in ledger.cases for a in c.events[:-1]}
    for case in ledger.cases:
        for a, b in zip(case.events, case.events[1:], strict=False):
            yield a.activity, b.activity, b.minute - a.minute
        last = case.events[-1]
        if last.activity in followed:
            yield last.activity, OPEN, ledger.close - last.minute
