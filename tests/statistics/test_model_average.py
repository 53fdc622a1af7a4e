"""Averages over models by hand and by chance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.statistics.intervals import Mean
from sim.statistics.model_average import averaged


def test_by_hand() -> None:
    mean, se = averaged([Mean(10.0, 3.0, 5), Mean(20.0, 4.0, 9)], [0.25, 0.75])
    assert mean == 17.5 and se == pytest.approx(math.hypot(0.75, 3.0))
    assert math.isnan(averaged([Mean(1.0, math.nan, 1), Mean(2.0, 1.0, 5)], [0.5, 0.5])[1])
    with pytest.raises(ValueError, match="sum to 1"):
        averaged([Mean(1.0, 1.0, 2), Mean(2.0, 1.0, 2)], [0.5, 0.6])


def test_it_varies_as_its_standard_error_says() -> None:
    rng = np.random.default_rng(1)
    draws = 0.3 * rng.normal(1, 2, 50_000) + 0.7 * rng.normal(4, 0.5, 50_000)
    mean, se = averaged([Mean(1.0, 2.0, 2), Mean(4.0, 0.5, 2)], [0.3, 0.7])
    assert (mean, se) == (pytest.approx(draws.mean(), abs=0.02), pytest.approx(draws.std(), rel=0.02))
