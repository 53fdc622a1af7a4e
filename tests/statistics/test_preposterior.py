"""The value of a study before it is made, against nested Monte Carlo with a known posterior, and its order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.statistics.beyond_chance import foremost, of_group
from sim.statistics.preposterior import Register, binomial, counted, registered, surveyed, worth
from sim.statistics.value_of_information import expected, partial, perfect

DRAWS = 4000


def shares() -> tuple[np.ndarray, np.ndarray]:
    """A share with a beta prior, and options that gain by it, with a doubt that asking does not touch."""
    rng = np.random.default_rng(1)
    p = rng.beta(3, 2, DRAWS)
    return p, np.stack([np.zeros(DRAWS), 1000 * (p - 0.62) + rng.normal(0, 150, DRAWS)])


def test_a_count_out_of_n_is_worth_what_nested_monte_carlo_says() -> None:
    p, benefits = shares()
    fitted = expected(benefits, p[:, None])
    for n in (5, 40):
        rng = np.random.default_rng(n)
        nested = []
        for truth in rng.beta(3, 2, 2000):
            after = rng.beta(3 + (yes := rng.binomial(n, truth)), 2 + n - yes, 1000)
            nested.append(max(0.0, 1000 * (after.mean() - 0.62)))
        base = max(0.0, 1000 * (0.6 - 0.62))
        assert counted(fitted, p, [n])[0] == pytest.approx(np.mean(nested) - base, rel=0.05)


def test_a_larger_study_is_never_worth_less_and_none_more_than_knowing() -> None:
    p, benefits = shares()
    fitted = expected(benefits, p[:, None])
    found = counted(fitted, p, [1, 3, 10, 30, 100, 1000])
    assert (np.diff(found) > 0).all()
    assert found[-1] <= perfect(fitted).value <= perfect(benefits).value
    assert found[-1] > 0.97 * partial(benefits, p[:, None]).value
    few = fitted[:, :40]  # with few draws, too
    steps = counted(few, p[:40], [1, 3, 10, 30, 100, 1000])
    assert (np.diff(steps) > -1e-9).all() and 0 < steps[-1] <= perfect(few).value + 1e-9


def test_a_survey_is_worth_what_nested_monte_carlo_says() -> None:
    """Events at a gamma rate: the posterior is a gamma distribution again."""
    rng = np.random.default_rng(2)
    rate = stats.gamma.ppf((np.arange(300) + 0.5) / 300, 8, scale=0.1 / 8)
    fitted = np.stack([np.zeros(300), 5000 * (rate - 0.105)])
    n, nested = 150, []
    for truth in rng.gamma(8, 0.1 / 8, 40_000):
        after = (8 + rng.poisson(truth * n)) / (80 + n)
        nested.append(max(0.0, 5000 * (after - 0.105)))
    silent = np.full(300, 0.5)  # of what kind events are tells nothing
    assert surveyed(fitted, rate, silent, [n], data=4000)[0] == pytest.approx(np.mean(nested), rel=0.05)
    sizes = surveyed(fitted, rate, silent, [10, 50, 200, 1000])
    assert (np.diff(sizes) >= 0).all() and sizes[-1] <= perfect(fitted).value
    noisy = surveyed(fitted, rate, silent, [200], spread=4.0)[0]
    assert noisy < 0.9 * sizes[2] and noisy == pytest.approx(sizes[1], rel=0.15)


def test_the_kind_of_events_tells_of_their_share() -> None:
    share = np.linspace(0.2, 0.8, 61)
    fitted = np.stack([np.zeros(61), 100 * (share - 0.5)])
    rate = np.full(61, 2.0)
    assert surveyed(fitted, rate, share, [400])[0] > 0.9 * perfect(fitted).value
    assert surveyed(fitted, rate, np.full(61, 0.5), [400])[0] == pytest.approx(0.0, abs=1e-9)


def test_data_that_tell_nothing_are_worth_nothing() -> None:
    fitted = np.stack([np.zeros(20), np.linspace(-1, 1.5, 20)])
    assert worth(fitted, np.zeros((5, 20))) == 0.0
    assert worth(fitted, np.where(np.eye(20) > 0, 0.0, -np.inf)) == pytest.approx(perfect(fitted).value)


def test_the_binomial_is_that_of_scipy() -> None:
    found = binomial(np.arange(8), 7, np.array([0.0, 0.3, 1.0]))
    assert np.exp(found) == pytest.approx(stats.binom.pmf(np.arange(8)[:, None], 7, [0.0, 0.3, 1.0]))


def test_many_columns_are_not_taken_for_knowledge_from_few_draws() -> None:
    rng = np.random.default_rng(3)
    told = 0
    for _ in range(20):
        known = rng.standard_normal((40, 60))
        noise = np.stack([np.zeros(40), rng.normal(0, 1, 40)])
        told += of_group(noise, known).beyond
    assert told <= 3  # of 20, at 5 % each
    signal = np.stack([np.zeros(40), known[:, 17] + rng.normal(0, 0.4, 40)])
    assert of_group(signal, known).beyond
    assert 17 in [int(np.argmin(np.abs(known - c[:, None]).sum(axis=0))) for c in foremost(signal, known).T]


def test_the_days_of_a_register_are_worth_what_nested_monte_carlo_says() -> None:
    """A normal mean of known variance, told by a Poisson number of rows: the posterior is normal again."""
    rng = np.random.default_rng(7)
    mean = stats.norm.ppf((np.arange(300) + 0.5) / 300, 2.0, 0.5)
    fitted = np.stack([np.zeros(300), 100 * (mean - 2.1)])
    alike = Register(np.full(300, 3.0), np.full(300, 0.7), mean, 1.2)
    months, nested = 4, []
    for truth, k in zip(rng.normal(2.0, 0.5, 40_000), rng.poisson(3.0 * 0.7 * months, 40_000), strict=True):
        seen = rng.normal(truth, 1.2 / np.sqrt(k)) if k else 0.0
        precision = 1 / 0.25 + k / 1.44
        nested.append(max(0.0, 100 * ((2.0 / 0.25 + seen * k / 1.44) / precision - 2.1)))
    assert registered(fitted, alike, [months], data=6000)[0] == pytest.approx(np.mean(nested), rel=0.05)
    sizes = registered(fitted, alike, [1, 3, 12, 120])
    assert (np.diff(sizes) > 0).all() and sizes[-1] <= perfect(fitted).value + 1e-9
    silent = Register(np.full(300, 3.0), np.full(300, 0.7), np.full(300, 2.0), 1.2)
    assert registered(fitted, silent, [12])[0] == pytest.approx(0.0, abs=1e-9)


def test_rows_and_their_share_tell_as_in_a_survey() -> None:
    rng = np.random.default_rng(9)
    rate, share = rng.gamma(8, 0.5, 300), rng.beta(4, 4, 300)
    fitted = np.stack([np.zeros(300), 50 * (rate - 4.0) + 100 * (share - 0.5)])
    rows = Register(rate, share, np.zeros(300), 1.0)
    both = (
        f(fitted, *given, [6], data=6000)[0]
        for f, given in ((registered, (rows,)), (surveyed, (rate, share)))
    )
    one, other = both
    assert one == pytest.approx(other, rel=0.05)
