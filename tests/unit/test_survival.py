"""Kaplan and Meier's estimate against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from sim.outcomes.survival import Survival, kaplan_meier


def curve(*observations: tuple[float, bool]) -> Survival:
    days, settled = zip(*observations, strict=True)
    return kaplan_meier(np.array(days, dtype=float), np.array(settled, dtype=bool))


# Five disputes: settled on days 1, 3 and 3; open when last seen on days 2 and 6.
# After day 1: 4/5. Day 2 leaves 3 under observation. After day 3: 4/5 * 1/3.
SMALL = ((1, True), (2, False), (3, True), (3, True), (6, False))


def test_steps() -> None:
    found = curve(*SMALL)
    after = 4 / 5 * 1 / 3
    days = np.array([0, 0.5, 1, 2.9, 3, 5, 6])
    assert found.at(days) == pytest.approx([1, 1, 0.8, 0.8, after, after, after])
    assert math.isnan(found.at(np.array([6.1]))[0])  # nobody was watched so long


def test_quantiles() -> None:
    found = curve(*SMALL)
    assert found.quantile(0.1) == found.quantile(0.2) == 1
    assert found.quantile(0.5) == found.quantile(0.73) == 3
    assert math.isnan(found.quantile(0.9))


def test_the_mean_is_the_area_up_to_the_longest_observation() -> None:
    found = curve(*SMALL)
    assert found.mean() == pytest.approx(1 * 1 + 2 * 0.8 + 3 * (0.8 / 3))
    area, _ = integrate.quad(lambda x: found.at(np.array([x]))[0], 0, 6, points=[1, 3], limit=200)
    assert found.mean() == pytest.approx(area, rel=1e-6)


def test_a_dispute_open_on_the_day_of_a_settlement_counts_as_still_there() -> None:
    assert curve((2, True), (2, False), (5, True)).at(np.array([2.0]))[0] == pytest.approx(2 / 3)


def test_without_censoring_it_is_the_share_and_the_mean() -> None:
    days = np.random.default_rng(1).gamma(2.0, 10.0, size=200)
    found = kaplan_meier(days, np.ones(200, dtype=bool))
    marks = np.array([1.0, 5, 20, 60, 1000])
    assert found.at(marks) == pytest.approx([(days > x).mean() for x in marks])
    assert found.mean() == pytest.approx(days.mean())
    assert found.quantile(0.5) == np.sort(days)[99]


def test_it_finds_the_truth_under_censoring() -> None:
    luck = np.random.default_rng(7)
    n = 20_000
    settled, seen = luck.exponential(30, n), luck.uniform(0, 90, n)
    found = kaplan_meier(np.minimum(settled, seen), settled <= seen)
    marks = np.array([5.0, 20, 40, 60])
    assert found.at(marks) == pytest.approx(np.exp(-marks / 30), abs=0.02)
    naive = (np.minimum(settled, seen)[:, None] > marks).mean(axis=0)
    assert (np.abs(naive - np.exp(-marks / 30)) > 0.02).any()  # what leaving the censoring out would give


def test_nobody_settled_and_nobody_at_all() -> None:
    none = curve((4, False), (9, False))
    assert none.at(np.array([0.0, 8.9])).tolist() == [1, 1]
    assert math.isnan(none.at(np.array([9.5]))[0])
    assert none.mean() == 9 and math.isnan(none.quantile(0.5))
    empty = kaplan_meier(np.zeros(0), np.zeros(0, dtype=bool))
    assert math.isnan(empty.mean()) and math.isnan(empty.quantile(0.5))


@pytest.mark.parametrize("n", [1, 2, 30, 1000])
@pytest.mark.parametrize("censored", [0.0, 0.3, 0.9])
def test_it_is_the_product_over_days(n: int, censored: float) -> None:
    """On days with many ties, settled and censored ones among them: the definition, day by day."""
    luck = np.random.default_rng([n, int(10 * censored)])
    for most in (3, 40, 10_000):
        days = luck.integers(1, most, n) / 8.0
        settled = luck.random(n) >= censored
        found = kaplan_meier(days, settled)
        left = 1.0
        for day, share in zip(np.unique(days), found.at(np.unique(days)), strict=True):
            left *= 1 - ((days == day) & settled).sum() / (days >= day).sum()
            assert share == pytest.approx(left, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_it_is_what_scipy_says_to_the_last_bit(share: float) -> None:
    luck = np.random.default_rng(11)
    for n in (1, 2, 7, 1000):
        days, settled = np.ceil(luck.gamma(2.0, 20.0, size=n)) / 7, luck.random(n) < share
        found = kaplan_meier(days, settled)
        curve = stats.ecdf(stats.CensoredData(days[settled], right=days[~settled])).sf
        assert found.days.tobytes() == curve.quantiles.tobytes()
        assert found.unsettled.tobytes() == curve.probabilities.tobytes()
