"""Ranks of true values, and tests of their uniformity, against what they are known to do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.statistics.posterior_ranks import holm, uniformity, weighted_rank

RNG = np.random.default_rng


def test_a_rank_by_hand() -> None:
    values, weights = np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.3, 0.4])
    assert weighted_rank(values, weights, 2.0, 0.5) == pytest.approx(0.1 + 0.25)
    assert weighted_rank(values, weights, 2.5, 0.9) == pytest.approx(0.6)
    assert weighted_rank(values, weights, 0.0, 0.9) == 0.0 and weighted_rank(values, weights, 9.0, 0.0) == 1.0


def test_ranks_of_truths_from_their_posterior_are_uniform_though_values_tie() -> None:
    """Truths and draws are dice, and the draws come with the weights of another die: only right ranks are uniform."""
    rng = RNG(1)
    proposal, target = np.array([1, 2, 3, 4, 5, 6]) / 21, np.full(6, 1 / 6)
    ranks = []
    for _ in range(2000):
        values = rng.choice(6, 400, p=proposal)
        weights = (target / proposal)[values]
        ranks.append(
            weighted_rank(values.astype(float), weights / weights.sum(), rng.integers(6), rng.random())
        )
    found = uniformity(np.array(ranks))
    assert found.p > 1e-4 and found.covered == pytest.approx(0.9, abs=0.03)


def test_posteriors_that_are_too_narrow_or_shifted_are_noticed() -> None:
    rng = RNG(2)
    good, narrow, shifted = rng.random(1000), rng.beta(0.5, 0.5, 1000), rng.beta(1.0, 1.4, 1000)
    assert uniformity(good).p > 0.01
    assert uniformity(narrow).p < 1e-6 and uniformity(narrow).covered < 0.87
    assert uniformity(shifted).p < 1e-6
    few = rng.random(40)
    assert uniformity(few).p == stats.kstest(few, "uniform").pvalue
    x = np.array([0.0, 0.049, 0.051, 0.5, 1.0])
    assert uniformity(x).covered == pytest.approx(0.4) and uniformity(x).chi2 == pytest.approx(
        (4 + 1 + 1 + 1) * 4 - 5
    )


def test_holm_by_hand_in_any_order() -> None:
    assert holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1.0, 1.0])
