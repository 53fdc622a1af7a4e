"""Coverage and reliability by hand, and the benchmark's way from draws to answers where the truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.coverage import answered, report
from sim.statistics.reliability import coverage, reliability


def test_reliability_by_hand() -> None:
    stated = np.array([0.1, 0.15, 0.9, 1.0, 0.95, 0.5])
    happened = np.array([False, True, True, True, False, True])
    low, middle, high = reliability(stated, happened)
    assert (low.low, low.high, low.n, low.true) == (0.0, 0.2, 2, 0.5)
    assert low.stated == pytest.approx(0.125)
    assert low.se == pytest.approx(math.sqrt(0.1 * 0.9 + 0.15 * 0.85) / 2)
    assert (middle.n, middle.true) == (1, 1.0)
    assert (high.n, high.high, high.true) == (3, 1.0, pytest.approx(2 / 3))


def test_coverage_by_hand() -> None:
    nan = math.nan
    found = coverage(
        np.array([0.0, 0.0, nan, 1.0]), np.array([1.0, 1.0, 1.0, 2.0]), np.array([0.5, 2.0, 0.5, nan])
    )
    assert (found.share, found.n) == (0.5, 2)
    assert coverage(np.array([nan]), np.array([nan]), np.array([0.0])).n == 0


def test_beliefs_about_a_gaussian_county_hold() -> None:
    """Effects are normal over draws and a figure tells something of them: each draw is a county like the others."""
    rng = np.random.default_rng(11)
    draws, times = 80, 6
    effect = rng.normal([[-1.0], [0.0]], 1.0, (2, draws))
    told = (0.8 * effect[0] + rng.normal(0.0, 0.6, draws))[None, :, None] + rng.normal(
        0.0, 0.5, (1, draws, times)
    )
    luck = rng.normal(0.0, 3.0, (1, 1, draws, times))
    mine = rng.normal(0.0, 0.2, (2, 1, draws, times))
    after = luck + effect[:, None, :, None] + mine
    values = np.concatenate([luck, after])
    found = answered(values, told, np.arange(draws) % 2)
    held = coverage(found.low.ravel(), found.high.ravel(), found.truth.ravel())
    assert 0.84 < held.share < 0.96
    wrong = coverage(found.low.ravel(), found.high.ravel(), found.truth.ravel() + 1.5)
    assert wrong.share < 0.75  # an effect that is off by one and a half spreads is seen
    for b in reliability(found.stated, found.best):
        assert abs(b.true - b.stated) < 0.05 + 3 * b.se
    swapped = reliability(1 - found.stated, found.best)
    assert any(abs(b.true - b.stated) > 0.05 + 3 * b.se for b in swapped)
    assert 10 < found.ess < draws


def test_the_page_says_whether_the_bar_is_met() -> None:
    rng = np.random.default_rng(2)
    values, figures = rng.normal(size=(3, 4, 50, 4)), rng.normal(size=(1, 50, 4))
    found = answered(values, figures, np.zeros(50, dtype=int))
    page = report(found, 50, 4)
    assert "**all** (bar 87% to 93%" in page and page.count("+whistle") == 4
