"""Rates and dispersion against counts that were made with known ones."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.negative_binomial import LARGEST, rate_and_dispersion
from sim.statistics.rates import poisson_interval


def test_counts_that_differ_more_than_poisson_are_unequal() -> None:
    rng = np.random.default_rng(8)
    exposure = np.full(400, 1.0)
    same = rate_and_dispersion(rng.poisson(20.0, 400), exposure)[1]
    other = rate_and_dispersion(rng.poisson(20.0 * rng.gamma(4.0, 0.25, 400)), exposure)[1]
    assert same[1] == 0.0
    assert same[2] < 0.02
    assert other[1] < 0.25 < other[2]
    assert other[2] < 0.35


def test_intervals_cover_rate_and_dispersion() -> None:
    """25 groups of unequal exposure, rates gamma with a squared coefficient of variation of 0.5."""
    rng, rate_hits, dispersion_hits, runs = np.random.default_rng(9), 0, 0, 200
    exposure = np.linspace(1, 5, 25)
    for _ in range(runs):
        counts = rng.poisson(4.0 * rng.gamma(2.0, 0.5, 25) * exposure)
        (_, low, high), (_, least, most) = rate_and_dispersion(counts, exposure)
        rate_hits += low <= 4.0 <= high
        dispersion_hits += least <= 0.5 <= most
    assert 0.90 <= rate_hits / runs <= 0.99
    assert 0.90 <= dispersion_hits / runs <= 0.99


def test_a_poisson_sample_has_the_total_over_the_exposure() -> None:
    exposure = np.array([1.0, 2.0, 4.0, 3.0])
    rate, dispersion = rate_and_dispersion(np.array([10, 20, 40, 30]), exposure)
    assert rate[0] == pytest.approx(10.0) and dispersion[:2] == (0.0, 0.0)


def test_one_group_or_none_seen_says_little() -> None:
    rate, dispersion = rate_and_dispersion(np.array([9]), np.array([3.0]))
    low, high = poisson_interval(9)
    assert rate == pytest.approx((3.0, low / 3, high / 3)) and dispersion == (0.0, 0.0, LARGEST)
    rate, dispersion = rate_and_dispersion(np.zeros(5, dtype=int), np.full(5, 2.0))
    assert rate == pytest.approx((0.0, 0.0, poisson_interval(0)[1] / 10)) and dispersion == (
        0.0,
        0.0,
        LARGEST,
    )
