"""Components of variance by hand and by chance."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.variance_components import variance_components


def test_by_hand() -> None:
    between, within = variance_components(np.array([[1.0, 3.0], [5.0, 5.0], [8.0, 14.0]]))
    assert within == pytest.approx((2 + 0 + 18) / 3)
    assert between == pytest.approx(np.var([2, 5, 11], ddof=1) - within / 2)
    assert variance_components(np.array([[1.0, 3.0], [3.0, 1.0]]))[0] == 0.0  # not below zero


def test_they_are_unbiased_where_noise_is_small() -> None:
    rng = np.random.default_rng(1)
    found = [variance_components(rng.normal(0, 2, (30, 1)) + rng.normal(0, 3, (30, 6))) for _ in range(2000)]
    assert np.mean(found, axis=0) == pytest.approx([4.0, 9.0], rel=0.03)


def test_too_little_is_refused() -> None:
    for bad in (np.ones((1, 5)), np.ones((5, 1)), np.array([[1.0, np.nan], [1.0, 2.0]])):
        with pytest.raises(ValueError, match="two draws of two"):
            variance_components(bad)
