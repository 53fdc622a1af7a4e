"""Likelihoods of thinned records against sums over all that could have happened, and against simulated records."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.statistics.thinning import Reported, different_rates, same_rate

Floats = NDArray[np.float64]


@dataclass
class Beta:
    """A beta prior of a rate, times a factor."""

    a: float
    b: float
    factor: Floats = field(default_factory=lambda: np.ones(1))

    def density(self, x: Floats) -> Floats:
        factor = self.factor.reshape(-1, *[1] * (x.ndim - 1))
        return np.asarray(stats.beta.pdf(x / factor, self.a, self.b) / factor)

    def draw(self, u: Floats) -> Floats:
        return np.asarray(stats.beta.ppf(u, self.a, self.b))


@pytest.mark.parametrize(("s", "f", "mediated", "succeeded"), [(9, 4, 8, 6), (5, 5, 5, 5), (12, 0, 3, 3)])
def test_one_rate_is_the_integral_over_it(s: int, f: int, mediated: int, succeeded: int) -> None:
    record = Reported(mediated, (succeeded,))
    rng = np.random.default_rng(1)
    r = np.linspace(0, 1, 20_001)
    chance = stats.binom.pmf(succeeded, s, r) * stats.binom.pmf(mediated - succeeded, f, r)
    for prior, near in ((Beta(1, 1), 1e-6), (Beta(2, 3), 0.02)):  # a flat prior leaves the integral exact
        log, rate = same_rate(record, np.array([float(s)]), np.array([float(f)]), prior, rng)
        exact = np.log(np.trapezoid(chance * stats.beta.pdf(r, prior.a, prior.b), r))
        assert log[0] == pytest.approx(exact, abs=near)
        assert 0 < rate[0] < 1


def test_probabilities_of_all_records_sum_to_one() -> None:
    s, f = np.array([6.0]), np.array([3.0])
    total = 0.0
    for k in range(7):
        for m in range(k, k + 4):
            log, _ = same_rate(Reported(m, (k,)), s, f, Beta(1, 1), np.random.default_rng(2))
            total += float(np.exp(log[0]))
    assert total == pytest.approx(1.0)


def test_only_successes_reported() -> None:
    """Thinned successes under a flat prior are uniform on 0 … S (Bayes 1763)."""
    log, _ = same_rate(
        Reported(succeeded=(4,)), np.array([9.0, 3.0]), np.ones(2), Beta(1, 1), np.random.default_rng(3)
    )
    assert np.exp(log) == pytest.approx([0.1, 0.0])


def test_the_rate_that_is_drawn_is_from_its_posterior() -> None:
    n = 4000
    _, rate = same_rate(
        Reported(30, (25,)), np.full(n, 60.0), np.full(n, 20.0), Beta(2, 5), np.random.default_rng(4)
    )
    exact = stats.beta(30 + 2, 50 + 5)
    assert rate.mean() == pytest.approx(exact.mean(), abs=5 * exact.std() / np.sqrt(n))
    assert rate.std() == pytest.approx(exact.std(), rel=0.08)


def test_a_bound_is_the_chance_to_reach_it() -> None:
    """With a flat prior N + 1 numbers of cases are equally likely, of which 21 reach 80 of 100."""
    n = 3000
    record = Reported(at_least=80.0)
    log, _ = same_rate(record, np.full(n, 70.0), np.full(n, 30.0), Beta(1, 1), np.random.default_rng(5))
    assert np.exp(log).mean() == pytest.approx(21 / 101, abs=0.005)
    mixed, _ = same_rate(
        Reported(at_least=80.0, mixed=0.5),
        np.full(n, 70.0),
        np.full(n, 30.0),
        Beta(1, 1),
        np.random.default_rng(5),
    )
    expected = np.mean([(101 - np.ceil(80 * (1 - 0.5 * v))) / 101 for v in (np.arange(4000) + 0.5) / 4000])
    assert np.exp(mixed).mean() == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("record", [Reported(14, (12,)), Reported(succeeded=(12,)), Reported(at_least=15.0)])
@pytest.mark.parametrize(("factor", "selectivity"), [(1.0, 1.0), (0.8, 1.0), (0.8, 0.4)])
def test_different_rates_agree_with_simulated_records(
    record: Reported, factor: float, selectivity: float
) -> None:
    """The estimate's mean over many replications against the share of simulated records that are the reported one."""
    s, f, n, many = 20, 9, 1_500_000, 4000
    rng = np.random.default_rng(6)
    beta = {"recorded": (3, 2), "failures": (2, 3), "relabelled": (1, 4), "invented": (1, 3)}
    x = {k: rng.beta(*ab, n) * (factor if k == "failures" else 1.0) for k, ab in beta.items()}
    real = rng.binomial(s, x["recorded"])
    written = rng.binomial(f, x["recorded"] ** (1 - selectivity) * x["failures"] ** selectivity)
    turned = rng.binomial(written, selectivity * x["relabelled"])
    files = np.floor(selectivity * x["invented"] * real + rng.random(n))
    succeeded, mediated = real + turned + files, real + written + files
    hit = np.ones(n, dtype=bool)
    if record.succeeded:
        hit &= succeeded == record.succeeded[0]
    if record.mediated is not None:
        hit &= mediated == record.mediated
    if record.at_least is not None:
        hit &= mediated >= record.at_least
    priors = {k: Beta(*ab, np.full(many, factor if k == "failures" else 1.0)) for k, ab in beta.items()}
    log, raw = different_rates(
        record, np.full(many, float(s)), np.full(many, float(f)), priors, rng, selectivity
    )
    estimate, error = np.exp(log).mean(), np.exp(log).std() / np.sqrt(many)
    share = hit.mean()
    assert error < 0.05 * share  # or the comparison could not fail
    assert abs(estimate - share) < 4 * np.hypot(error, np.sqrt(share / n))
    weight = np.exp(log)
    for name in beta:  # raw values, before the factor, are from their posterior
        expected = (x[name] / (factor if name == "failures" else 1.0))[hit]
        found = float(weight @ raw[name] / weight.sum())
        assert found == pytest.approx(expected.mean(), abs=5 * expected.std() / np.sqrt(many / 2)), name


def test_a_record_larger_than_what_happened_is_impossible() -> None:
    s, f, rng = np.array([44.0, 60.0]), np.array([20.0, 4.0]), np.random.default_rng(7)
    assert np.isneginf(same_rate(Reported(50, (45,)), s, f, Beta(1, 1), rng)[0]).all()


def test_without_selectivity_successes_and_failures_are_recorded_at_one_rate() -> None:
    """Towards 0 the likelihood is that of one rate, whatever the other shares are."""
    many = 4000
    s, f, one = np.full(many, 30.0), np.full(many, 9.0), np.ones(many)
    beta = {"recorded": (3, 2), "failures": (2, 3), "relabelled": (1, 4), "invented": (1, 3)}
    priors = {k: Beta(*ab, one) for k, ab in beta.items()}
    record = Reported(20, (16,))
    log, _ = different_rates(record, s, f, priors, np.random.default_rng(8), 0.02)
    expected, _ = same_rate(record, s[:1], f[:1], priors["recorded"], np.random.default_rng(9))
    error = np.exp(log).std() / np.sqrt(many)
    assert error < 0.1 * np.exp(expected[0])
    assert abs(np.exp(log).mean() - np.exp(expected[0])) < 4 * error + 0.05 * np.exp(expected[0])
    with pytest.raises(ValueError, match="selectivity"):
        different_rates(record, s, f, priors, np.random.default_rng(8), 0.0)
