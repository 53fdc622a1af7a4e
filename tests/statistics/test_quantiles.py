"""Quantiles by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.statistics.quantiles import CENTRAL_95, central, quantiles


def test_between_order_statistics_they_are_linear() -> None:
    x = np.array([30.0, np.nan, 10.0, 20.0])
    assert central(x) == pytest.approx((11.0, 20.0, 29.0))
    assert quantiles(x, CENTRAL_95) == pytest.approx((10.5, 29.5))
    assert quantiles(np.array([7.0]), (0.1,)) == (7.0,)


def test_nothing_has_no_quantiles() -> None:
    for nothing in (np.array([]), np.array([np.nan, np.nan])):
        assert all(math.isnan(q) for q in central(nothing)) and len(quantiles(nothing, CENTRAL_95)) == 2
