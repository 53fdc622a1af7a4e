"""Minutes, working calendars and the total order of events.

The clock counts minutes from midnight of the first simulated day. Functions marked *scalar* take plain numbers and
flat sequences, so that one source serves as plain Python and compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

MINUTES_PER_DAY = 1440
MINUTES_PER_YEAR = 525_600
NEVER = 1 << 30  # later than any horizon, never scheduled; fits the columns of a trace

# A packed order key: minute | rank | dispute | job, compared as one integer.
JOB_BITS = 3
DISPUTE_BITS = 27
RANK_BITS = 5
RANK_SHIFT = JOB_BITS + DISPUTE_BITS
MINUTE_SHIFT = RANK_SHIFT + RANK_BITS
MAX_DISPUTES = 1 << DISPUTE_BITS
MAX_MINUTES = 1 << (62 - MINUTE_SHIFT)

# A packed place in a queue: priority | minute known since | dispute | job.
SINCE_SHIFT = RANK_SHIFT
PRIORITY_SHIFT = 2 * SINCE_SHIFT


def order_key(rank: int, dispute: int, job: int) -> int:
    """Order of events within one minute: by rank, then dispute number, then job. *Scalar.*"""
    return (rank << RANK_SHIFT) | (dispute << JOB_BITS) | job


def worked_until(worked: Sequence[int], base: int, opens: int, minute: int) -> int:
    """Working minutes of a calendar from the start of the run until `minute`. *Scalar.*

    `worked[base + d]` is the total before day `d`; a working day has one block of minutes that starts at `opens`.
    """
    day = minute // MINUTES_PER_DAY
    before = worked[base + day]
    length = worked[base + day + 1] - before
    within = minute - day * MINUTES_PER_DAY - opens
    if within <= 0:
        return before
    if within >= length:
        return before + length
    return before + within


def advance(worked: Sequence[int], base: int, days: int, opens: int, minute: int, minutes: int) -> int:
    """The minute at which `minutes` (>= 1) working minutes that begin at `minute` are over. *Scalar.*

    Returns NEVER if the calendar of `days` days ends before.
    """
    target = worked_until(worked, base, opens, minute) + minutes
    if target > worked[base + days]:
        return NEVER
    low = minute // MINUTES_PER_DAY
    high = days
    while high - low > 1:  # invariant: worked before `low` < target <= worked before `high`
        middle = (low + high) // 2
        if worked[base + middle] < target:
            low = middle
        else:
            high = middle
    return low * MINUTES_PER_DAY + opens + target - worked[base + low]


@lru_cache(maxsize=50_000)
def is_workday(day: date) -> bool:
    """Whether offices work: the published holiday and make-up days where known (2004 on), else Monday to Friday."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


@lru_cache(maxsize=50_000)
def is_holiday(day: date) -> bool:
    """Whether a day belongs to a public holiday (weekends that are not part of one do not count)."""
    import chinese_calendar

    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False
    return bool(off and name)


@cache
def spring_festival(year: int) -> date:
    """The middle of the Spring Festival holiday of a year; 5 February where no calendar is published."""
    import chinese_calendar

    days = [date(year, 1, 10) + timedelta(days=i) for i in range(55)]
    try:  # make-up days before and after bear the name of the holiday, too
        festival = [d for d in days if chinese_calendar.get_holiday_detail(d) == (True, "Spring Festival")]
    except NotImplementedError:
        return date(year, 2, 5)
    return festival[len(festival) // 2] if festival else date(year, 2, 5)


def open_days(first: date, days: int, *, weekends: bool, holidays: bool) -> NDArray[np.bool_]:
    """Which of `days` days from `first` are worked, for staff that do or do not work weekends and holidays."""
    out = np.empty(days, dtype=bool)
    for i in range(days):
        day = first + timedelta(days=i)
        if weekends:
            out[i] = holidays or not is_holiday(day)
        else:
            out[i] = is_workday(day) or (holidays and day.weekday() < 5)
    return out


def cumulative_minutes(opened: Iterable[bool] | NDArray[np.bool_], minutes_per_day: int) -> NDArray[np.int64]:
    """Working minutes before each day: shape (days + 1,), from the flags of `open_days`."""
    flags = np.asarray(opened, dtype=np.int64)
    return np.concatenate([[0], np.cumsum(flags * minutes_per_day)]).astype(np.int64)
