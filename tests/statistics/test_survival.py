"""Censored times by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.survival import kaplan_meier, time_until_over


def test_the_product_limit_by_hand() -> None:
    """Of five, one ends at 1 (4/5), one is lost at 2, one ends at 3 (4/5 · 2/3), and two are watched until 4."""
    times, ended = np.array([1.0, 2, 3, 4, 4]), np.array([True, False, True, False, False])
    curve = kaplan_meier(times, ended).sf
    assert curve.evaluate([0.5, 1.0, 2.5, 3.0]) == pytest.approx([1.0, 0.8, 0.8, 0.8 * 2 / 3])
    assert time_until_over(times, ended, 0.2) == 1.0
    assert time_until_over(times, ended, 0.4) == 3.0
    assert time_until_over(times, ended, 0.9) == 2.0  # not seen: half the longest


def test_the_time_is_a_quantile_whatever_is_censored() -> None:
    rng = np.random.default_rng(3)
    life, watch = rng.exponential(10.0, 40_000), rng.uniform(0, 60.0, 40_000)
    times, ended = np.minimum(life, watch), life <= watch
    assert time_until_over(times, ended, 0.9) == pytest.approx(10 * np.log(10), rel=0.03)
    naive = np.quantile(times, 0.9)
    assert naive < 0.9 * 10 * np.log(10)


def test_where_nothing_ends() -> None:
    assert time_until_over(np.ones(3), np.zeros(3, dtype=bool), 0.5) == 0.0
