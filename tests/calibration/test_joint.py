"""Pooling against the Gaussian algebra that it stands for."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.analysis.calibration.joint import HUMAN, LOCAL, STATUTORY, Factor, Pool, alike, bent

NAMES = [
    ("character.a", "incidence.b"),
    ("character.a", "calendars.c"),
    ("character.a", "calendars.c", "incidence.b"),
]


def pool() -> Pool:
    return Pool([SimpleNamespace(fit=SimpleNamespace(names=n)) for n in NAMES])  # type: ignore[misc]


def test_what_is_alike() -> None:
    assert alike("kinds.land.success") == HUMAN
    assert alike("kinds.land.share") == LOCAL
    assert alike("calendars.police.opens") == STATUTORY
    assert alike("incidence.latent_rate") == LOCAL
    assert alike("villages.mediators") == LOCAL


def test_a_place_given_the_others_is_conditional_normal() -> None:
    """Against the whole covariance matrix: correlation ρ between places, unit variances."""
    rng = np.random.default_rng(1)
    states = [rng.standard_normal((3, len(n))) for n in NAMES]
    mean, variance = pool().conditional(states, 2)
    for column, (name, rho) in enumerate(
        [("character.a", HUMAN), ("calendars.c", STATUTORY), ("incidence.b", LOCAL)]
    ):
        others = [s[:, n.index(name)] for s, n in zip(states[:2], NAMES[:2], strict=True) if name in n]
        m = len(others)
        cov = np.full((m + 1, m + 1), rho) + (1 - rho) * np.eye(m + 1)
        gain = cov[-1, :m] @ np.linalg.inv(cov[:m, :m])
        assert mean[:, column] == pytest.approx(gain @ np.array(others))
        assert variance[column] == pytest.approx(1 - gain @ cov[:m, -1])


def test_bent_draws_have_the_moments_of_prior_times_factor() -> None:
    rng = np.random.default_rng(2)
    variance = np.array([1.0, 0.5, 0.2])
    prior = np.tile([0.3, -0.2, 1.0], (60_000, 1))
    factor = Factor(np.array([[0.6, 0.8, 0.0]]), np.array([2.0]), np.array([4.0]))
    centre, draws = bent(prior, variance, factor, rng)
    precision = np.diag(1 / variance) + factor.rows.T * factor.precision @ factor.rows
    cov = np.linalg.inv(precision)
    mean = cov @ (np.diag(1 / variance) @ prior[0] + factor.rows.T @ (factor.precision * factor.value))
    assert centre[0] == pytest.approx(mean)
    assert draws.mean(axis=0) == pytest.approx(mean, abs=0.02)
    assert np.cov(draws.T) == pytest.approx(cov, abs=0.02)
