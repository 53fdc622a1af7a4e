"""Estimates of cluster trials against closed forms, brute force and the exact test of permutations."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from sim.statistics import cluster_trials
from sim.statistics.cluster_trials import (
    LEVEL,
    Variance,
    analyse,
    coefficients,
    operating,
    over_groups,
    paired,
    parallel,
    power_of_parallel,
    power_of_wedge,
    variance,
    wedge,
)

MIXED = Variance(0.5, 1.0)


def cells(trials: int, clusters: int, periods: int, of: Variance, seed: int = 1) -> np.ndarray:
    """Normal cells with a random cluster and a trend that all share."""
    rng = np.random.default_rng(seed)
    own = rng.normal(0.0, of.between**0.5, (trials, clusters, 1))
    noise = rng.normal(0.0, of.within**0.5, (trials, clusters, periods))
    return own + noise + np.linspace(3.0, 7.0, periods)


def test_one_period_is_the_t_test_of_two_groups() -> None:
    y = cells(40, 9, 1, MIXED)
    found = analyse(y, parallel(9))
    expected = stats.ttest_ind(y[:, :4, 0], y[:, 4:, 0], axis=1)
    assert found.estimate == pytest.approx(y[:, :4, 0].mean(1) - y[:, 4:, 0].mean(1))
    assert found.p == pytest.approx(expected.pvalue)


def test_pairs_are_the_paired_t_test() -> None:
    y = cells(30, 8, 2, MIXED)
    found = paired(y[:, :, 1] - y[:, :, 0])
    expected = stats.ttest_rel(y[:, :, 1], y[:, :, 0], axis=1)
    assert found.p == pytest.approx(expected.pvalue)


@pytest.mark.parametrize("between", [0.0, 0.3, 4.0])
def test_the_estimate_of_a_wedge_is_that_of_generalised_least_squares(between: float) -> None:
    """By brute force: the full design matrix and covariance."""
    n, steps = 7, 3
    periods = steps + 1
    x = wedge(n, steps)
    y = cells(3, n, periods, Variance(between, 0.8))
    design = np.concatenate([x.reshape(-1, 1), np.tile(np.eye(periods), (n, 1))], axis=1)
    one = 0.8 * np.eye(periods) + between * np.ones((periods, periods))
    inverse = np.linalg.inv(np.kron(np.eye(n), one))
    brute = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ y.reshape(3, -1).T)[0]
    weight = Variance(between, 0.8).weight(periods)
    assert analyse(y, x, weight).estimate == pytest.approx(brute)
    c = coefficients(x, weight)
    assert np.einsum("ip,pq,iq->", c, one, c) == pytest.approx(
        np.linalg.inv(design.T @ inverse @ design)[0, 0]
    )


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
def test_the_error_is_that_of_all_permutations(weight: float) -> None:
    """Clusters in every order: the variance of the estimate, with the divisor of a t test, not that of a census."""
    n, x = 5, wedge(5, 2)
    y = cells(1, n, 3, MIXED)
    found = analyse(y, x, weight)
    rest = y[0] - found.estimate[0] * x
    every = [float((rest[list(order)] * coefficients(x, weight)).sum()) for order in permutations(range(n))]
    assert np.mean(every) == pytest.approx(0.0, abs=1e-9)
    assert found.se[0] ** 2 == pytest.approx(np.var(every) * (n - 1) / (n - 2))


def test_power_of_a_wedge_agrees_with_hussey_and_hughes() -> None:
    trials, n, steps, effect = 4000, 60, 4, 0.48
    x = wedge(n, steps)
    weight = MIXED.weight(steps + 1)
    found = analyse(cells(trials, n, steps + 1, MIXED) + effect * x, x, weight)
    power, closed = float((found.p < LEVEL).mean()), power_of_wedge(effect, MIXED, n, steps)
    error = (closed * (1 - closed) / trials) ** 0.5
    assert abs(power - closed) < 4 * error + 0.01, (power, closed)  # 0.01: t of 58 against z
    assert 0.6 < closed < 0.95 and error < 0.01
    assert abs(float(found.estimate.mean()) - effect) < 4 * float(found.estimate.std()) / trials**0.5


def test_power_of_a_parallel_trial_agrees_with_the_formula_of_clusters() -> None:
    trials, n, effect = 6000, 12, 2.0
    x = parallel(n)
    found = analyse(cells(trials, n, 1, MIXED, 2) + effect * x, x)
    power, closed = float((found.p < LEVEL).mean()), power_of_parallel(effect, MIXED, n)
    assert abs(power - closed) < 4 * (closed * (1 - closed) / trials) ** 0.5
    assert 0.5 < closed < 0.9


@pytest.mark.parametrize("design", ["parallel", "wedge", "within", "pairs"])
@pytest.mark.parametrize("skewed", [False, True])
def test_no_effect_gives_false_alarms_in_five_percent(design: str, skewed: bool) -> None:
    """With neighbouring months alike, too, which the weights know nothing of; and with skewed villages."""
    trials, n, steps = 6000, 24, 3
    rng = np.random.default_rng(4)
    own = rng.gamma(0.7, 1.0, (trials, n, 1)) if skewed else rng.normal(0.0, 0.7, (trials, n, 1))
    noise = rng.normal(0.0, 1.0, (trials, n, steps + 1))
    y = own + noise + 0.8 * np.roll(noise, 1, axis=2)
    if design == "parallel":
        found = analyse(y[:, :, :1], parallel(n))
    elif design == "pairs":
        found = paired(y[:, ::2, 0] - y[:, 1::2, 0])
    else:
        found = analyse(y, wedge(n, steps), 1.0 if design == "within" else 0.4)
    share = float((found.p < LEVEL).mean())
    assert abs(share - LEVEL) < 4 * (LEVEL * (1 - LEVEL) / trials) ** 0.5, share


def test_components_of_variance_are_found_again() -> None:
    found = variance(cells(400, 30, 6, MIXED, 3))
    assert found.between == pytest.approx(0.5, rel=0.05) and found.within == pytest.approx(1.0, rel=0.02)
    assert found.icc == pytest.approx(1 / 3, rel=0.05)
    assert variance(cells(400, 30, 6, Variance(0.0, 1.0), 5)).icc < 0.005


def test_what_a_design_is_good_for_counted_by_hand() -> None:
    tested = cluster_trials.Tested(
        np.array([2.0, -1.0, 0.1, 3.0]), np.ones(4), np.array([0.01, 0.04, 0.9, 0.001])
    )
    found = operating(tested, np.array([1.0, 1.0, 1.0, 2.0]), np.array([0, 0, 1, 1]))
    assert found.power.value == 0.75 and found.power.se == pytest.approx(0.25)  # means of groups 1, 0.5
    assert found.exaggerates == pytest.approx(2.0 / (4 / 3)) and found.reverses == pytest.approx(1 / 3)
    assert found.bias.value == pytest.approx((1 - 2 - 0.9 + 1) / 4)
    assert np.isnan(over_groups(np.ones(3), np.zeros(3, dtype=np.int64)).se)


def test_designs_that_tell_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="no cells"):
        coefficients(np.ones((4, 2)), 1.0)
    with pytest.raises(ValueError, match="three clusters"):
        analyse(cells(1, 2, 1, MIXED), np.array([[1.0], [0.0]]))
    with pytest.raises(ValueError, match="two pairs"):
        paired(np.ones((3, 1)))
