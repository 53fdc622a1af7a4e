"""What was learnt, against normal posteriors and correlations that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.statistics.contraction import explained, moments, principal_directions

RNG = np.random.default_rng


def test_moments_of_weighted_draws_are_those_of_the_posterior() -> None:
    """z normal, observed with noise of variance 0.5: mean 2/3 y, variance 1/3; the second parameter is not observed."""
    z = RNG(1).standard_normal((200_000, 2))
    w = np.exp(-((1.2 - z[:, 0]) ** 2))
    w[:10] = 0.0
    found = moments(w / w.sum(), z)
    assert found.mean == pytest.approx([0.8, 0.0], abs=0.012)
    assert found.variance == pytest.approx([1 / 3, 1.0], rel=0.02)
    assert found.contraction == pytest.approx([2 / 3, 0.0], abs=0.02)


def test_errors_are_how_moments_vary() -> None:
    means, contractions, mean_ses, ses = [], [], [], []
    rng = RNG(2)
    for _ in range(1500):
        z = rng.standard_normal((300, 1))
        w = rng.exponential(1.0, 300)  # independent of z: nothing is learnt
        found = moments(w / w.sum(), z)
        means.append(found.mean[0])
        contractions.append(found.contraction[0])
        mean_ses.append(found.mean_se[0])
        ses.append(found.contraction_se[0])
    assert np.std(means) == pytest.approx(np.mean(mean_ses), rel=0.07)
    assert np.std(contractions) == pytest.approx(np.mean(ses), rel=0.1)


def test_directions_turn_draws_so_that_they_are_uncorrelated() -> None:
    rng = RNG(3)
    angle = 0.6
    along = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)], [0.0, 0.0]])
    y = rng.normal([1.0, -2.0], [0.3, 0.9], (60_000, 2))
    z = y @ along.T + np.array([0, 0, 1.0]) * rng.standard_normal((60_000, 1))
    basis = np.eye(3)[:, :2]
    found = principal_directions(np.full(60_000, 1 / 60_000), z, basis)
    assert found.variances == pytest.approx([0.09, 0.81], rel=0.03)
    assert np.abs(found.along.T @ along) == pytest.approx(np.eye(2), abs=0.01)
    assert np.abs(found.shifts) == pytest.approx([1.0, 2.0], abs=0.02)


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.95])
def test_a_figure_explains_the_square_of_its_correlation(rho: float) -> None:
    """Figure and expected goal are correlated over draws; Monte Carlo error in the goal is put right."""
    rng = RNG(4)
    n, repeats = 4000, 21
    truth = rng.standard_normal(n)
    figure = rho * truth + math.sqrt(1 - rho**2) * rng.standard_normal(n)
    goal = truth[:, None] + 3.0 * rng.standard_normal((n, repeats))
    share, low, high = explained(np.repeat(figure[:, None], repeats, axis=1), goal)
    exact = (6 / math.pi * math.asin(rho / 2)) ** 2  # of ranks
    assert share == pytest.approx(exact, abs=0.05)
    assert low <= share <= high and high - low < 0.12
