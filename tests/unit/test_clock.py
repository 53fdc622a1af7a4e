"""Minutes, calendars and the order of events, against loops that take every minute one by one."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import clock
from sim.vocabulary import Clock, Job

DAY = clock.MINUTES_PER_DAY


@st.composite
def calendars(draw: st.DrawFn) -> tuple[list[bool], int, int]:
    """Open days, opening minute, minutes a day."""
    flags = draw(st.lists(st.booleans(), min_size=1, max_size=8))
    minutes = draw(st.integers(1, DAY))
    opens = draw(st.integers(0, DAY - minutes))
    return flags, opens, minutes


def open_minutes(flags: list[bool], opens: int, minutes: int) -> np.ndarray:
    """Whether each minute of the run is worked."""
    day = np.zeros(DAY, dtype=bool)
    day[opens : opens + minutes] = True
    return np.concatenate([day if flag else np.zeros(DAY, dtype=bool) for flag in flags])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(calendar=calendars(), before=st.lists(st.booleans(), max_size=3), data=st.data())
def test_worked_until_and_advance_agree_with_counting_minutes(
    calendar: tuple[list[bool], int, int], before: list[bool], data: st.DataObject
) -> None:
    flags, opens, length = calendar
    days = len(flags)
    # Another calendar lies before it in the table, as in the tables of a model.
    other = clock.cumulative_minutes(before, 77)
    table = np.concatenate([other, clock.cumulative_minutes(flags, length)]).tolist()
    base = len(other)
    is_open = open_minutes(flags, opens, length)
    counted = np.concatenate([[0], np.cumsum(is_open)])
    edges = sorted({0, opens, opens - 1, opens + 1, opens + length, opens + length - 1} & set(range(DAY)))
    minute = data.draw(st.integers(0, days * DAY - 1) | st.sampled_from(edges))
    work = data.draw(st.integers(1, 3 * DAY) | st.just(length))
    assert clock.worked_until(table, base, opens, minute) == counted[minute]
    enough = np.flatnonzero(counted >= counted[minute] + work)
    over = clock.advance(table, base, days, opens, minute, work)
    assert over == (enough[0] if len(enough) else clock.NEVER)
    if over < days * DAY:  # what the engines rely on when a session ends: the work done is the work planned
        assert clock.worked_until(table, base, opens, over) == counted[minute] + work


def test_a_session_runs_over_closing_time_and_the_weekend() -> None:
    flags = [True] * 5 + [False] * 2 + [True]  # Monday to the next Monday, 9 to 17
    worked = clock.cumulative_minutes(flags, 480).tolist()
    friday_four = 4 * DAY + 16 * 60
    assert clock.advance(worked, 0, 8, 540, friday_four, 60) == 4 * DAY + 17 * 60
    assert clock.advance(worked, 0, 8, 540, friday_four, 61) == 7 * DAY + 9 * 60 + 1
    assert clock.advance(worked, 0, 8, 540, 5 * DAY + 700, 30) == 7 * DAY + 9 * 60 + 30
    assert clock.advance(worked, 0, 8, 540, 7 * DAY, 481) == clock.NEVER


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    a=st.tuples(
        st.integers(0, clock.MAX_MINUTES - 1),
        st.sampled_from(Clock),
        st.integers(0, clock.MAX_DISPUTES - 1),
        st.sampled_from(Job),
    ),
    b=st.tuples(
        st.integers(0, clock.MAX_MINUTES - 1) | st.just(0),
        st.sampled_from(Clock),
        st.integers(0, clock.MAX_DISPUTES - 1) | st.just(0),
        st.sampled_from(Job),
    ),
    same=st.integers(0, 3),
)
def test_packed_keys_order_events_as_tuples_do(
    a: tuple[int, int, int, int], b: tuple[int, int, int, int], same: int
) -> None:
    b = (*a[:same], *b[same:])  # equal up to some place, so that the later places decide
    packed = [(x[0] << clock.MINUTE_SHIFT) | clock.order_key(*x[1:]) for x in (a, b)]
    assert (packed[0] < packed[1], packed[0] == packed[1]) == (a < b, a == b)
    assert all(0 <= key < 1 << 62 for key in packed)  # room for the sign of an int64


def test_there_is_room_for_every_rank_and_job() -> None:
    assert max(Clock) < 1 << clock.RANK_BITS
    assert max(Job) < 1 << clock.JOB_BITS
    assert clock.MAX_MINUTES > 100 * clock.MINUTES_PER_YEAR
    assert clock.NEVER > clock.MAX_MINUTES


# First day of the lunar year.
NEW_YEAR = {
    2018: date(2018, 2, 16),
    2019: date(2019, 2, 5),
    2020: date(2020, 1, 25),
    2021: date(2021, 2, 12),
    2022: date(2022, 2, 1),
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
}


@pytest.mark.parametrize(("year", "new_year"), NEW_YEAR.items())
def test_the_spring_festival_is_near_the_lunar_new_year(year: int, new_year: date) -> None:
    middle = clock.spring_festival(year)
    assert 0 <= (middle - new_year).days <= 4
    assert clock.is_holiday(middle) and not clock.is_workday(middle)
    first = next(
        new_year - timedelta(days=i) for i in range(10) if clock.is_workday(new_year - timedelta(days=i))
    )
    last = next(middle + timedelta(days=i) for i in range(12) if clock.is_workday(middle + timedelta(days=i)))
    # Weekends next to the holiday, and their make-up days, shift neither end by more than two days.
    assert abs((middle - first).days - (last - middle).days) <= 2


def test_make_up_days_do_not_move_the_middle_of_the_festival() -> None:
    # 2023: 21 to 27 January off, 28 and 29 worked. 2019: 4 to 10 February off, 2 and 3 worked.
    assert clock.spring_festival(2023) == date(2023, 1, 24)
    assert clock.spring_festival(2019) == date(2019, 2, 7)


def test_without_a_published_calendar_the_festival_is_in_early_february() -> None:
    assert clock.spring_festival(1999) == date(1999, 2, 5)
    assert not clock.is_holiday(date(1999, 10, 1))
    assert clock.is_workday(date(1999, 10, 1)) and not clock.is_workday(date(1999, 10, 2))


@pytest.mark.parametrize(
    ("day", "works", "holiday"),
    [
        (date(2023, 1, 23), False, True),  # Spring Festival, a Monday
        (date(2023, 1, 28), True, False),  # a Saturday, made up for it
        (date(2023, 1, 29), True, False),  # a Sunday, likewise
        (date(2023, 10, 7), True, False),  # a Saturday, made up for the National Day
        (date(2023, 10, 6), False, True),  # a Friday of the National Day's week
        (date(2022, 4, 2), True, False),  # a Saturday, made up for Qingming
        (date(2020, 1, 31), False, True),  # the festival prolonged by the epidemic
        (date(2024, 2, 18), True, False),  # a Sunday, made up for the Spring Festival
        (date(2024, 6, 15), False, False),  # an ordinary Saturday
        (date(2024, 6, 17), True, False),  # an ordinary Monday
    ],
)
def test_public_holidays_and_make_up_days(day: date, works: bool, holiday: bool) -> None:
    assert clock.is_workday(day) is works
    assert clock.is_holiday(day) is holiday


def test_staff_with_and_without_weekends_and_holidays() -> None:
    first, days = date(2023, 1, 20), 11  # a Friday; festival 21 to 27; 28 and 29 made up; Monday 30

    def flags(weekends: bool, holidays: bool) -> str:
        return "".join(
            "#" if x else "." for x in clock.open_days(first, days, weekends=weekends, holidays=holidays)
        )

    assert flags(False, False) == "#.......###"
    assert flags(False, True) == "#..########"
    assert flags(True, False) == "#.......###"
    assert flags(True, True) == "###########"
    summer = date(2023, 7, 7)  # a Friday
    shown = [
        clock.open_days(summer, 4, weekends=w, holidays=h).tolist()
        for w, h in ((False, False), (True, False))
    ]
    assert shown == [[True, False, False, True], [True] * 4]


def test_cumulative_minutes() -> None:
    found = clock.cumulative_minutes([True, False, True], 480)
    assert found.tolist() == [0, 480, 480, 960] and found.dtype == np.int64
