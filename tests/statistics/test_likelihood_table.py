"""The smoothed likelihood against the normal integral that it stands for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.statistics.likelihood_table import FLOOR, noise_ratio, tabulated

Floats = NDArray[np.float64]


def log(y: Floats) -> Floats:
    """A normal likelihood of one summary or two independent ones."""
    return np.asarray(stats.norm.logpdf(y, 1.0, 0.3).sum(axis=1))


def test_a_table_is_the_likelihood_smoothed_by_noise() -> None:
    rng = np.random.default_rng(2)
    table = tabulated(
        log, lambda y: np.full(y.shape, 0.04), rng.uniform(-2, 3, (500, 1)), np.ones(1), np.zeros(1), 1.2
    )
    at = np.linspace(-0.5, 2.0, 6)
    exact = stats.norm.logpdf(at, 1.0, math.sqrt(0.3**2 + (1.2 * 0.2) ** 2))
    assert table(at[:, None]) == pytest.approx(exact, abs=0.05)


def test_doubt_is_a_variance_beside_the_noise_of_each_of_two_summaries() -> None:
    rng = np.random.default_rng(3)
    table = tabulated(
        log,
        lambda y: np.full(y.shape, 0.02),
        rng.uniform(-1, 3, (500, 2)),
        np.array([2.0, 1.0]),
        np.array([0.0, 0.07]),
        1.0,
    )
    at = np.array([[1.0, 1.0], [0.6, 1.5], [1.3, 0.4]])
    exact = stats.norm.logpdf(at, 1.0, np.sqrt(0.09 + np.array([0.04, 0.09]))).sum(axis=1)
    assert table(at) == pytest.approx(exact, abs=0.06)


def test_what_is_impossible_is_low_and_beyond_the_grid_it_stays() -> None:
    table = tabulated(
        lambda y: np.where(y[:, 0] > 0, 0.0, -np.inf),
        lambda y: np.full(y.shape, 1e-6),
        np.linspace(-1, 1, 200)[:, None],
        np.ones(1),
        np.zeros(1),
        1.0,
    )
    assert table(np.array([[-0.9], [-50.0], [0.9], [50.0]])) == pytest.approx(
        [FLOOR, FLOOR, 0.0, 0.0], abs=1e-6
    )


def test_the_ratio_of_noise_is_that_of_the_replications() -> None:
    rng = np.random.default_rng(2)
    y = rng.standard_normal((400, 1, 2)) + np.array([0.4, 0.1]) * rng.standard_normal((400, 5, 2))
    ratio = noise_ratio(y, lambda m: np.full(m.shape, 0.04))
    assert ratio == pytest.approx([4.0, 0.25], rel=4 * math.sqrt(2 / (400 * 4)))
    assert noise_ratio(y, lambda m: np.full(m.shape, 1e-9)).tolist() == [20.0, 20.0]
