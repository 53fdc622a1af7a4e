"""Intervals of counts, shares and means against the distributions that define them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics.rates import dispersion_test, mean_interval, poisson_interval, share_interval


def test_exact_poisson_intervals_are_those_of_the_distribution() -> None:
    for count in (0, 1, 7, 300):
        low, high = poisson_interval(count)
        assert stats.poisson.cdf(count, high) == pytest.approx(0.025)
        if count:
            assert stats.poisson.sf(count - 1, low) == pytest.approx(0.025)


def test_jeffreys_intervals_are_closed_at_the_ends() -> None:
    assert share_interval(0, 30)[0] == 0.0
    assert share_interval(30, 30)[1] == 1.0
    low, high = share_interval(12, 30)
    assert stats.beta.cdf([low, high], 12.5, 18.5) == pytest.approx([0.025, 0.975])


def test_intervals_of_means_lie_between_the_two_exact_ones() -> None:
    low, high = mean_interval(100.0, 10)
    assert 2 * 100 / stats.chi2.ppf(0.975, 22) < low < 2 * 100 / stats.chi2.ppf(0.975, 20)
    assert 2 * 100 / stats.chi2.ppf(0.025, 22) < high < 2 * 100 / stats.chi2.ppf(0.025, 20)


def test_the_interval_of_a_mean_covers_it() -> None:
    """Twelve ends out of a watch that lasts until the twelfth: the total time is gamma."""
    rng = np.random.default_rng(1)
    total = rng.gamma(12, 5.0, 6000)
    low, high = np.array([mean_interval(t, 12) for t in total]).T
    assert np.mean((low <= 5.0) & (high >= 5.0)) == pytest.approx(0.95, abs=0.012)


def test_dispersion_by_hand_and_by_chance() -> None:
    index, p = dispersion_test([3, 5, 10], [1.0, 1.0, 2.0])
    chi2 = (3 - 4.5) ** 2 / 4.5 + (5 - 4.5) ** 2 / 4.5 + (10 - 9) ** 2 / 9
    assert index == pytest.approx(chi2 / 2) and p == pytest.approx(stats.chi2.sf(chi2, 2), rel=1e-12)
    rng = np.random.default_rng(2)
    found = [dispersion_test(rng.poisson(30, 20).tolist(), [1.0] * 20) for _ in range(2000)]
    assert np.mean([x for x, _ in found]) == pytest.approx(1.0, abs=0.03)
    assert np.mean([q < 0.05 for _, q in found]) == pytest.approx(0.05, abs=0.02)
    for nothing in (dispersion_test([4], [1.0]), dispersion_test([0, 0], [1.0, 1.0])):
        assert math.isnan(nothing[0]) and math.isnan(nothing[1])
