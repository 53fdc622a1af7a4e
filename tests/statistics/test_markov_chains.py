"""Moves against the normal algebra of what they keep."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.statistics.markov_chains import chosen_by_weight, crank_nicolson, tuned


def test_moves_keep_the_prior_times_the_likelihood() -> None:
    rng = np.random.default_rng(2)
    prior, variance = np.array([0.3, -1.0]), np.array([0.5, 0.2])

    def log(x: np.ndarray) -> np.ndarray:
        return np.asarray(-0.5 * ((x[:, 0] - 2.0) / 0.5) ** 2)

    sd2 = 1 / (1 / 0.5 + 1 / 0.25)
    exact = sd2 * (0.3 / 0.5 + 2.0 / 0.25)
    n = 20_000
    z = np.column_stack(
        [rng.normal(exact, math.sqrt(sd2), n), rng.normal(prior[1], math.sqrt(variance[1]), n)]
    )
    z, accepted = crank_nicolson(z, log, np.tile(prior, (n, 1)), variance, 0.7, 5, rng)
    assert 0.2 < accepted < 0.9
    assert z.mean(axis=0) == pytest.approx([exact, -1.0], abs=4 * math.sqrt(sd2 / n))
    assert z.var(axis=0) == pytest.approx([sd2, 0.2], rel=4 * math.sqrt(2 / n))


def test_one_of_several_is_chosen_by_weight() -> None:
    rng = np.random.default_rng(3)
    weights = np.array([0.1, 0.2, 0.7, 0.0])
    with np.errstate(divide="ignore"):
        chosen = chosen_by_weight(np.tile(np.log(weights) - 500.0, (40_000, 1)), rng)
    share = np.bincount(chosen, minlength=4) / 40_000
    assert share == pytest.approx(weights, abs=4 * 0.5 / math.sqrt(40_000))
    assert (chosen_by_weight(np.full((5, 3), -np.inf), rng) == 0).all()


def test_a_full_move_forgets_where_it_was() -> None:
    rng = np.random.default_rng(4)
    z, accepted = crank_nicolson(
        np.full((4000, 1), 9.0),
        lambda x: np.zeros(len(x)),
        np.full((4000, 1), 1.0),
        np.array([0.25]),
        1.0,
        1,
        rng,
    )
    assert accepted == 1.0
    assert z.mean() == pytest.approx(1.0, abs=4 * 0.5 / math.sqrt(4000))
    assert z.std() == pytest.approx(0.5, rel=4 / math.sqrt(8000))


def test_sizes_follow_acceptance_within_bounds() -> None:
    assert tuned(0.5, 0.3) == 0.5 and tuned(0.5, 0.4) == pytest.approx(0.5 * math.exp(0.1))
    assert tuned(0.9, 0.9) == 1.0 and tuned(0.05, 0.0) == 0.05
