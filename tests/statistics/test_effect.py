"""What is believed of an effect once Monte Carlo noise is taken off: closed forms, and coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics.decision import decide
from sim.statistics.effect import central, effects
from sim.statistics.margins import Finding, finding

RNG = np.random.default_rng


def simulated(rng: np.random.Generator, draws: int, times: int, spread: float, luck: float) -> np.ndarray:
    """Differences of one policy, whose effect is normal around -0.5 over parameters."""
    return rng.normal(-0.5, spread, (1, draws, 1)) + rng.normal(0, luck, (1, draws, times))


def test_the_chance_of_a_sign_is_that_of_the_effect_and_not_of_its_noisy_means() -> None:
    found = [effects(simulated(RNG(i), 100, 4, 1.0, 2.0)).below(0) for i in range(60)]
    truth = stats.norm.cdf(0.5)
    naive = stats.norm.cdf(0.5 / math.sqrt(1 + 1))  # of the means of four replications each
    assert np.mean(found) == pytest.approx(truth, abs=0.03) and truth - naive > 0.05
    beyond = [effects(simulated(RNG(i), 60, 2, 1.0, 1.0)).below(0, -1.5) for i in range(60)]
    assert np.mean(beyond) == pytest.approx(stats.norm.cdf(-1.0), abs=0.025)


@pytest.mark.parametrize(("draws", "luck"), [(30, 0.5), (40, 1.0), (15, 1.0)])
def test_ninety_percent_intervals_hold_the_effect_of_a_further_draw_in_ninety_of_a_hundred(
    draws: int, luck: float
) -> None:
    rng, hits, runs = RNG(7), 0, 400
    for _ in range(runs):
        low, _, high = effects(simulated(rng, draws, 2, 1.0, luck)).interval(0)
        hits += low <= rng.normal(-0.5, 1.0) <= high
    assert stats.binomtest(hits, runs, 0.9).pvalue > 0.01, hits / runs


def test_quantiles_of_few_draws_are_those_of_a_further_one() -> None:
    """The plain 5 and 95 % quantiles of twenty draws hold only 82 of a hundred further ones."""
    rng, own, plain = RNG(8), 0, 0
    for _ in range(2000):
        x, new = rng.standard_normal((20, 1)), rng.standard_normal()
        low, _, high = central(x)
        own += low <= new <= high
        plain += np.quantile(x, 0.05) <= new <= np.quantile(x, 0.95)
    assert own / 2000 == pytest.approx(0.9, abs=0.025) and plain / 2000 < 0.85


def test_spread_that_replications_cannot_tell_is_not_zero() -> None:
    luck = [effects(simulated(RNG(i), 30, 2, 0.0, 3.0)) for i in range(40)]
    assert sum(math.isnan(found.spread[0]) for found in luck) >= 35
    assert all(high - low > 0.1 for low, _, high in (found.interval(0) for found in luck))
    clear = effects(simulated(RNG(1), 60, 4, 2.0, 1.0))
    assert clear.spread[0] == pytest.approx(2.0, rel=0.3)
    once = effects(simulated(RNG(1), 30, 1, 2.0, 1.0))  # nothing is known of the noise
    assert math.isnan(once.spread[0]) and math.isnan(once.mc_se[0])


def test_monte_carlo_error_shrinks_with_replications_and_the_interval_does_not() -> None:
    found = {n: [effects(simulated(RNG(i), 60, n, 1.0, 1.0)) for i in range(20)] for n in (2, 50)}
    for n, every in found.items():
        assert np.mean([one.mc_se[0] for one in every]) == pytest.approx(1 / math.sqrt(60 * n), rel=0.05)
        width = np.mean([high - low for low, _, high in (one.interval(0) for one in every)])
        assert width == pytest.approx(2 * 1.645, rel=0.12)


def test_doubling_draws_leaves_a_verdict_as_it_is() -> None:
    """An effect that is below zero with P = 0.7: an interval for its mean excludes zero once draws are many."""
    shares = {}
    for draws in (30, 60, 480):
        found = [effects(simulated(RNG(i), draws, 2, 1.0, 0.5)) for i in range(60)]
        verdicts = [finding(f.below(0), f.above(0)) for f in found]
        shares[draws] = np.mean([v is Finding.LOWER for v in verdicts])
        assert np.mean([f.below(0) for f in found]) == pytest.approx(0.69, abs=0.03)
    assert max(shares.values()) < 0.05
    t = stats.ttest_1samp(simulated(RNG(1), 480, 2, 1.0, 0.5).mean(axis=2)[0], 0.0)
    assert t.pvalue < 1e-6  # as the verdict was once


def test_groups_have_their_own_middle() -> None:
    """Two readings, far apart, each with hardly any spread: means are not drawn together."""
    values = np.where(np.arange(40)[:, None] % 2, 4.0, -4.0) + RNG(2).normal(0, 1.0, (40, 3))
    found = effects(values[None], [i % 2 for i in range(40)])
    assert found.below(0) == pytest.approx(0.5, abs=0.02)
    low, _, high = found.interval(0)
    assert low == pytest.approx(-4.0, abs=1.0) and high == pytest.approx(4.0, abs=1.0)


def test_one_draw_is_students_and_about_luck_only() -> None:
    x = RNG(12).normal(1.0, 2.0, (1, 1, 25))
    found = effects(x)
    t = stats.t(24, loc=x.mean(), scale=x.std(ddof=1) / 5)
    assert found.above(0, 0.5) == pytest.approx(t.sf(0.5), abs=0.01)
    assert found.interval(0)[::2] == pytest.approx(t.interval(0.9), abs=0.05)
    assert math.isnan(found.spread[0]) and found.mc_se[0] == pytest.approx(x.std(ddof=1) / 5)


def test_nothing_is_exactly_nothing() -> None:
    found = effects(np.zeros((2, 30, 2)))
    assert found.interval(0) == (0.0, 0.0, 0.0) and found.below(0) == found.above(0) == 0.0
    assert finding(0.0, 0.0) is Finding.NOTHING
    undefined = effects(np.stack([np.full((20, 2), np.nan), np.ones((20, 2))]))
    assert math.isnan(undefined.below(0)) and undefined.interval(1) == (1.0, 1.0, 1.0)


def test_draws_without_a_value_under_one_policy_count_for_none() -> None:
    values = RNG(4).normal(0, 1, (2, 30, 2))
    values[0, :5] = np.nan
    found, apart = effects(values), effects(values[:, 5:])
    assert found.draws == 25 and found.mean == pytest.approx(apart.mean)


def test_verdicts() -> None:
    assert finding(0.97, 0.03) is Finding.LOWER and finding(0.02, 0.98) is Finding.HIGHER
    assert finding(0.85, 0.15) is Finding.PROBABLY_LOWER and finding(0.7, 0.3) is Finding.UNRESOLVED
    assert finding(0.97, 0.03, 0.96) is Finding.EQUIVALENT and finding(0.97, 0.03, 0.5) is Finding.LOWER


# --- choosing ------------------------------------------------------------------------------------------------------


def outcomes(
    rng: np.random.Generator, effect: float, spread: float, luck: float, draws: int = 60
) -> np.ndarray:
    """A baseline and a policy in two replications a draw."""
    base = rng.normal(100, 20, (draws, 2))
    change = effect + spread * rng.standard_normal((draws, 1)) + luck * rng.standard_normal((draws, 2))
    return np.stack([base, base + change])


def test_a_policy_that_is_better_in_every_draw_is_best() -> None:
    """Noise of three times the effect: the smaller of two noisy means is that of the policy in 0.63 of the draws.

    How much the effect varies over parameters is not known for certain, the less so the fewer the draws.
    """
    for draws, least in ((60, 0.8), (1000, 0.93)):
        best, naive = [], []
        for i in range(20):
            values = outcomes(RNG(i), -1.0, 0.0, 4.26, draws)
            best.append(decide(values).best[1])
            naive.append((values[1].mean(axis=1) < values[0].mean(axis=1)).mean())
        assert np.mean(naive) == pytest.approx(0.63, abs=0.03)
        assert np.mean(best) > least
    sure = decide(outcomes(RNG(1), -1.0, 0.1, 1.0))
    assert sure.best[1] > 0.97 and sure.regret[1] < 0.02


def test_the_chance_of_being_best_is_the_closed_form_of_a_normal_effect() -> None:
    found = [decide(outcomes(RNG(i), -0.5, 1.0, 0.7)) for i in range(60)]
    assert np.mean([f.best[1] for f in found]) == pytest.approx(stats.norm.cdf(0.5), abs=0.03)
    loss = stats.norm.pdf(0.5) - 0.5 * stats.norm.sf(0.5)  # E max(0, effect)
    assert np.mean([f.perfect for f in found]) == pytest.approx(loss, abs=0.04)
    assert all(f.best.sum() == pytest.approx(1.0) for f in found)


def test_the_chance_of_being_best_and_that_of_being_better_are_one() -> None:
    values = outcomes(RNG(5), -0.4, 1.0, 1.0)
    assert decide(values).best[1] == pytest.approx(effects((values[1] - values[0])[None]).below(0), abs=1e-9)
    assert decide(-values, "higher").best == pytest.approx(decide(values).best, abs=0.02)
