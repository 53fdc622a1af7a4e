"""The days that a ledger covers, dates that cannot be meant, and what lies outside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from sim.language import Message
from sim.ledger.files import fault
from sim.ledger.ledger import EPOCH, MINUTES_PER_DAY, MOST_DAYS, Case, Meanings, minute_of

ENOUGH = 20  # dates, below which none is called a mistake
SHORTEST_SPAN = 60.0  # days


def plausible(minutes: Iterable[float]) -> tuple[float, float]:
    """Limits beyond which a date must have a wrong year: as far from the middle 98 % as these are long, and a year.

    Without enough dates everything is plausible.
    """
    every = np.fromiter(minutes, dtype=float)
    if len(every) < ENOUGH:
        return -np.inf, np.inf
    low, high = np.quantile(every, [0.01, 0.99], method="closest_observation")
    room = max(high - low, SHORTEST_SPAN * MINUTES_PER_DAY) + 366.0 * MINUTES_PER_DAY
    return float(low - room), float(high + room)


def window(
    path: Path, cases: Iterable[Case], meanings: Meanings, stated: tuple[datetime, datetime] | None
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
        latest = min(meanings.last, date(9999, 12, 30))  # no day comes after the last of the calendar
        end = datetime(latest.year, latest.month, latest.day) + timedelta(days=1)
    last_day = (end - timedelta(days=1)).date()
    if (end - start) < timedelta(days=2):
        problem = Message(
            "the window from {start} to {end} has less than two days", start=start.date(), end=last_day
        )
        remedy = Message(
            "Write the first and last day that the ledger covers: --from 2023-01-01 --to 2023-12-31."
        )
        raise fault(path, 0, problem, remedy)
    if (end - start).days > MOST_DAYS:
        problem = Message(
            "the window from {start} to {last_day} is longer than {most_days} days",
            start=start.date(),
            last_day=last_day,
            most_days=MOST_DAYS,
        )
        remedy = Message("Correct the years, or fit a part of it: --from 2020-01-01 --to 2023-12-31.")
        raise fault(path, 0, problem, remedy)
    return start, end, stated is None and (meanings.first is None or meanings.last is None)


def cut(path: Path, cases: Iterable[Case], start: datetime, end: datetime) -> tuple[list[Case], int]:
    """Cases with their events in the window only, and how many events were cut off. Raises ScenarioError for none."""
    begin, close = minute_of(start), minute_of(end)
    kept, outside = [], 0
    for case in cases:
        inside = [e for e in case.events if begin <= e.minute < close]
        outside += len(case.events) - len(inside)
        if inside:
            case.events = inside
            kept.append(case)
    if not kept:
        last_day = (end - timedelta(days=1)).date()
        problem = Message("no event lies between {start} and {end}", start=start.date(), end=last_day)
        raise fault(path, 0, problem, Message("Correct --from and --to."))
    return kept, outside
