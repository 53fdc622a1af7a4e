"""The t-interval against scipy, its edge cases, and its coverage."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy import stats

from sim.statistics.intervals import interval, mean_and_error, welch


def test_it_agrees_with_scipy() -> None:
    values = np.random.default_rng(3).gamma(2.0, size=17)
    low, high = stats.t.interval(0.9, 16, loc=values.mean(), scale=stats.sem(values))
    found = interval(values, level=0.9)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
    assert found.halfwidth == pytest.approx((high - low) / 2) and found.n == 17


def test_too_few_values_give_nan_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one, none = interval([4.0]), interval([math.nan, math.nan])
        assert math.isnan(interval([1.0, math.inf, 2.0]).halfwidth)
    assert one.mean == 4.0 and one.n == 1 and math.isnan(one.low) and math.isnan(one.relative)
    assert math.isnan(none.mean) and none.n == 0 and none.dropped == 2


def test_nan_values_are_dropped_and_counted() -> None:
    found = interval([1.0, math.nan, 3.0, 2.0])
    assert found[:4] == interval([1.0, 3.0, 2.0])[:4]
    assert (found.n, found.dropped) == (3, 1)


def test_a_mean_of_zero_is_never_precise() -> None:
    assert interval([0.0] * 10).relative == math.inf
    assert interval([5.0] * 10).relative == 0.0


def test_coverage_is_nominal() -> None:
    runs, level = 4000, 0.95
    samples = np.random.default_rng(11).normal(5.0, 2.0, size=(runs, 8))
    covered = sum(low <= 5.0 <= high for _, low, high, *_ in (interval(sample, level) for sample in samples))
    # Four standard errors of a binomial share: a correct interval fails this once in 16,000 seeds.
    assert abs(covered / runs - level) < 4 * math.sqrt(level * (1 - level) / runs)


def test_welch_agrees_with_scipy() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(3, 1, 9), rng.normal(1, 5, 23)
    expected = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.9)
    found = welch(a, np.append(b, np.nan), 0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-12)
    assert (found.mean, found.n, found.dropped) == (a.mean() - b.mean(), 32, 1)
    pooled = stats.ttest_ind(a, b).confidence_interval(0.9)
    assert found.high - found.low != pytest.approx(
        pooled.high - pooled.low, rel=0.1
    )  # not of equal variances


def test_welch_where_little_is_known() -> None:
    one, many = np.array([2.0]), np.arange(4.0)
    assert welch(one, many).mean == 0.5 and math.isnan(welch(one, many).low)
    same = welch(np.full(3, 2.0), np.full(5, 1.5))
    assert (same.mean, same.low, same.high, same.halfwidth) == (0.5, 0.5, 0.5, 0.0)
    half_known = welch(np.full(3, 2.0), many)  # one side does not vary: Student's t of the other
    t = stats.t.interval(0.95, 3, loc=2.0 - many.mean(), scale=stats.sem(many))
    assert (half_known.low, half_known.high) == pytest.approx(t)
    assert math.isnan(welch(np.array([np.nan]), many).mean)
    with pytest.raises(ValueError, match="level"):
        welch(many, many, 1.0)


def test_a_mean_with_its_standard_error() -> None:
    values = np.array([3.0, np.nan, 5.0, 10.0])
    assert mean_and_error(values) == (6.0, pytest.approx(stats.sem([3.0, 5.0, 10.0])), 3)
    one, none = mean_and_error(np.array([2.0])), mean_and_error(np.array([np.nan]))
    assert one.mean == 2.0 and math.isnan(one.se) and math.isnan(none.mean) and none.n == 0
