"""Intervals of expected outcomes: closed forms, bounds, and how often they hold a further draw."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.statistics.expected import at_one_point, expected
from sim.statistics.intervals import interval


def test_without_luck_the_interval_is_that_of_the_draws() -> None:
    draws = np.arange(101.0)
    found = expected(np.repeat(draws[:, None], 2, axis=1))
    assert (found.mean, found.median, found.mc_error, found.luck) == (50.0, 50.0, 0.0, 0.0)
    assert found.spread == pytest.approx(draws.std(ddof=1))
    assert 4.0 < found.low < 6.0 and 94.0 < found.high < 96.0


def test_monte_carlo_error_and_luck_are_those_of_replications() -> None:
    values = np.array([[1.0, 3.0], [11.0, 13.0], [21.0, 23.0], [31.0, 33.0]])
    found = expected(values)
    assert found.luck == pytest.approx(math.sqrt(2))  # a pair that differs by 2 has variance 2
    assert found.mc_error == pytest.approx(math.sqrt(2 / 2 / 4))
    assert found.draws == 4


def test_nine_of_ten_further_draws_are_inside() -> None:
    """Twenty-five draws of two replications, luck as large as the spread: a further expected value is inside 90 %."""
    rng = np.random.default_rng(5)
    inside, wide = [], []
    for _ in range(1500):
        truth = rng.normal(10.0, 2.0, 25)
        values = truth[:, None] + rng.normal(0.0, 2.0, (25, 2))
        found = expected(values)
        further = rng.normal(10.0, 2.0, 20)
        inside.append(np.mean((further > found.low) & (further < found.high)))
        raw = values.mean(axis=1)
        wide.append(np.mean((further > raw.min()) & (further < raw.max())))
    assert 0.87 < np.mean(inside) < 0.93
    assert np.mean(wide) > 0.94  # what means of draws with their luck in them would give


def test_no_share_is_beyond_a_hundred_and_no_count_below_nothing() -> None:
    few = np.array([[100.0, 99.0], [98.0, 100.0], [99.0, 99.5], [100.0, 100.0], [90.0, 93.0]])
    assert expected(few).high > 100.0  # Student's limits know no bounds
    bounded = expected(few, (0.0, 100.0))
    assert bounded.high == 100.0
    assert at_one_point(np.array([0.0, 0.0, 1.0]), (0.0, math.inf)).low == 0.0


def test_what_is_only_luck_is_not_estimable_and_never_nothing() -> None:
    rng = np.random.default_rng(3)
    found = expected(rng.normal(size=(25, 2)))
    assert math.isnan(found.spread)
    assert found.high > found.low


def test_what_is_not_defined_is_left_out() -> None:
    nan = math.nan
    values = np.array([[1.0, nan], [2.0, 2.0], [nan, nan], [3.0, 3.0], [4.0, 4.0]])
    found = expected(values)
    assert (found.draws, found.mean) == (4, 2.5)
    none = expected(np.full((3, 2), nan))
    assert none.draws == 0 and math.isnan(none.mean)


def test_one_point_has_students_interval() -> None:
    values = np.array([1.0, 2.0, 4.0, math.nan])
    found, known = at_one_point(values), interval(values, 0.9)
    assert (found.mean, found.low, found.high) == (known.mean, known.low, known.high)
    assert found.draws == 1
    assert math.isnan(at_one_point(np.array([1.0])).low)
