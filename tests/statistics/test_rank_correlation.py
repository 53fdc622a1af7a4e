"""Kendall's tau against SciPy's, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics.rank_correlation import kendall_tau


def test_by_hand() -> None:
    assert kendall_tau(np.array([1.0, 2, 3]), np.array([10.0, 20, 30])) == 1.0
    assert kendall_tau(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])) == -1.0
    # six pairs, one of them tied in x and one in y: 3 agree, 1 does not; (3 - 1) / sqrt(5 * 5)
    assert kendall_tau(np.array([1.0, 1, 2, 3]), np.array([1.0, 3, 2, 3])) == pytest.approx(2 / 5)


@pytest.mark.parametrize("values", [3, 8, 1000])
@pytest.mark.parametrize("n", [2, 3, 7, 40])
def test_the_same_number_as_scipy(n: int, values: int) -> None:
    """To the last bit, ties or none: tables that were made with SciPy's stay as they are."""
    rng = np.random.default_rng([n, values])
    ties = 0
    for _ in range(50):
        x, y = rng.integers(0, values, (2, n)).astype(float)
        expected = float(stats.kendalltau(x, y).statistic)
        found = kendall_tau(x, y)
        assert found == expected or (math.isnan(found) and math.isnan(expected))
        ties += len(set(x)) < n
    assert ties > 0 or values == 1000


def test_where_there_is_no_order() -> None:
    tied, order = np.ones(4), np.arange(4.0)
    assert math.isnan(kendall_tau(tied, order)) and math.isnan(kendall_tau(order, tied))
    assert math.isnan(kendall_tau(np.ones(1), np.ones(1)))
    assert math.isnan(kendall_tau(order, np.array([1.0, np.nan, 2.0, 3.0])))
    with pytest.raises(ValueError, match="same things"):
        kendall_tau(order, order[:3])
