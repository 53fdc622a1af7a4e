"""What answers of a call-back tell: separation of readings, odds and weights, against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.statistics.call_back import odds, separated, weights

FAIR, DRIVEN = np.array([0.92, 0.95, 0.97]), np.array([0.6, 0.75, 0.85])


def test_odds_are_the_ratio_of_averaged_likelihoods() -> None:
    one, other = (stats.binom.pmf(83, 100, c).mean() for c in (FAIR, DRIVEN))
    assert odds(83, 100, [FAIR, DRIVEN]) == pytest.approx(one / other)
    assert odds(0, 100, [np.array([1.0]), DRIVEN]) < 1e-300  # what cannot be, and no error


def test_separation_is_as_often_as_it_is_seen() -> None:
    found = separated([FAIR, DRIVEN], [30], [10.0])[10.0]
    rng = np.random.default_rng(1)
    right, wrong = [], []
    for i, chances in enumerate((FAIR, DRIVEN)):
        yes = rng.binomial(30, rng.choice(chances, 20_000))
        factor = np.array([odds(k, 30, [FAIR, DRIVEN]) for k in range(31)])[yes]
        factor = factor if i == 0 else 1 / factor
        right.append((factor >= 10).mean())
        wrong.append((factor <= 0.1).mean())
    assert found.right[0] == pytest.approx(right, abs=0.01)
    assert found.wrong[0] == pytest.approx(wrong, abs=0.01)


def test_the_number_that_is_enough_is_enough_from_there_on() -> None:
    both = separated([FAIR, DRIVEN], range(1, 120), [10.0, 20.0])
    found = both[10.0]
    n = found.enough(0.8)
    assert n is not None and 5 < n < 100
    assert (found.right.min(axis=1)[n - 1 :] >= 0.8).all() and found.right.min(axis=1)[n - 2] < 0.8
    assert found.enough(0.82) >= n and found.enough(0.999) is None
    assert both[20.0].enough(0.8) >= n
    assert (found.wrong < 0.1 + 1e-9).all()  # odds of 10:1 for the wrong one come once in ten at most
    assert separated([FAIR, FAIR], range(1, 60), [10.0])[10.0].enough(0.5) is None


def test_weights_are_bayes_by_hand() -> None:
    chances, groups = np.array([0.95, 0.8, 0.7, 0.6]), [0, 1, 1, 1]
    like = stats.binom.pmf(16, 20, chances) * np.array([0.5, 1 / 6, 1 / 6, 1 / 6])
    assert weights(16, 20, chances, groups) == pytest.approx(like / like.sum())
    with pytest.raises(ValueError, match="no draw"):
        weights(1, 20, np.array([1.0, 1.0]), [0, 1])
