"""Whether the time window of a place can be, and has days on which somebody works."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sim import clock
from sim.language import Message, Text
from sim.scenario.fields import PathKeys
from sim.scenario.place import Place

MAX_DAYS = 7305  # 20 years; the packed event key would hold 255, but calendars and memory would not


@dataclass(frozen=True)
class Problem:
    """A fault without its line; `path` is where the remedy applies."""

    path: PathKeys
    problem: Text
    remedy: Text


def window_problems(place: Place) -> Iterator[Problem]:
    """What is wrong with the window, its open end and its calendars."""
    window = place.window
    first, last = window.start, window.end
    if not 1949 <= first.year <= 2100:
        problem = Message("the year {year} is outside 1949 to 2100", year=first.year)
        yield Problem(("window", "start"), problem, Message("Write the date as YYYY-MM-DD."))
        return
    if last <= first:
        problem = Message(
            "the window has no length: it ends on {last} and starts on {first}", last=last, first=first
        )
        yield Problem(("window", "end"), problem, Message("Write an end after the start."))
        return
    if window.end_earliest <= first:
        problem = Message(
            "{end_earliest} is not after the start of the window, {first}",
            end_earliest=window.end_earliest,
            first=first,
        )
        yield Problem(
            ("window", "end_earliest"),
            problem,
            Message("Write the earliest day on which the figures may end."),
        )
    elif window.end_earliest > last:
        problem = Message("{end_earliest} is after end, {last}", end_earliest=window.end_earliest, last=last)
        yield Problem(("window", "end_earliest"), problem, Message("Write {last} or earlier.", last=last))
    if window.end_latest < last:
        problem = Message("{end_latest} is before end, {last}", end_latest=window.end_latest, last=last)
        yield Problem(("window", "end_latest"), problem, Message("Write {last} or later.", last=last))
    days = (max(last, window.end_latest) - first).days + 1 + math.ceil(float(window.warm_up.value))
    if days > MAX_DAYS:
        long_warm_up = float(window.warm_up.value) > MAX_DAYS / 2
        path: PathKeys = ("window", "warm_up" if long_warm_up else "end")
        problem = Message(
            "window and warm-up last {days} days, which overflows the clock of {max_days} (20 years)",
            days=days,
            max_days=MAX_DAYS,
        )
        yield Problem(path, problem, Message("Shorten the window or the warm-up."))
        return
    yield from _open_days(place, (last - first).days + 1)


def _open_days(place: Place, days: int) -> Iterator[Problem]:
    first = place.window.start
    days = min(days, 400)  # no calendar is closed for a year
    for name in dict.fromkeys(w.calendar for w in place.working.values()):
        calendar = place.calendars.get(name)
        if calendar is None:
            continue
        if not clock.open_days(first, days, weekends=calendar.weekends, holidays=calendar.holidays).any():
            problem = Message(
                "no day is open between {first} and {last}",
                first=first,
                last=first + timedelta(days=days - 1),
            )
            yield Problem(
                ("calendars", name),
                problem,
                Message("Write weekends: true, holidays: true or a longer window."),
            )
