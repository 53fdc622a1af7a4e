"""The statistics of comparing policies, against known answers and by macro-simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.statistics.break_even import break_even, crossings
from sim.statistics.decision import decide
from sim.statistics.paired import by_draw, paired, worth
from sim.statistics.ratio import per_cost
from sim.statistics.simultaneous import simultaneous
from sim.studies.groups import gains

RNG = np.random.default_rng


def correlated(rng: np.random.Generator, rho: float, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Two standard normals with a correlation."""
    a, b = rng.standard_normal(shape), rng.standard_normal(shape)
    return a, rho * a + math.sqrt(1 - rho * rho) * b


# --- pairs -----------------------------------------------------------------------------------------------------


def test_one_draw_is_the_paired_t_test() -> None:
    rng = RNG(1)
    x, noise = rng.normal(10, 3, (1, 30)), rng.normal(0.5, 1, (1, 30))
    found = paired(x, x + noise)
    other = stats.ttest_rel((x + noise)[0], x[0])
    assert found.mean == pytest.approx(noise.mean())
    assert found.mean / found.mc_se == pytest.approx(other.statistic)


def test_what_pairing_is_worth_is_one_over_one_minus_the_correlation() -> None:
    """For equal variances var(x) + var(y) over var(y - x) is 1 / (1 - rho)."""
    x, y = correlated(RNG(2), 0.9, (1, 200_000))
    rho, ratio = worth(x, y)
    assert rho == pytest.approx(0.9, abs=0.005) and ratio == pytest.approx(10, rel=0.03)
    assert worth(x, x) == (pytest.approx(1.0), math.inf)
    shared = RNG(3).normal(0, 50, (400, 1))  # what draws have in common is no merit of paired luck
    x, y = correlated(RNG(4), 0.0, (400, 20))
    assert worth(x + shared, y + shared)[1] == pytest.approx(1.0, rel=0.06)


def test_pairs_that_are_undefined_are_left_out_and_counted() -> None:
    x = np.array([[1.0, 2.0, np.nan, 4.0]])
    found = paired(x, x + 1)
    assert found.dropped == 1 and found.clusters == 3 and found.mean == 1.0
    nothing = paired(np.full((1, 3), np.nan), np.zeros((1, 3)))
    assert math.isnan(nothing.mean) and nothing.dropped == 3
    draws = by_draw(np.array([[np.nan, np.nan], [1.0, 3.0], [2.0, 2.0]]))
    assert draws.means.tolist() == [2.0, 2.0] and draws.dropped == 2


# --- many comparisons at once ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("clusters", "rho"), [(12, 0.0), (40, 0.6), (40, 0.98)])
def test_simultaneous_intervals_hold_together(clusters: int, rho: float) -> None:
    """Twelve comparisons with skewed and correlated errors: the family holds in about 95 of 100."""
    rng, runs, hits = RNG(8), 600, 0
    for _ in range(runs):
        common = rng.standard_normal((clusters, 1))
        x = math.sqrt(rho) * common + math.sqrt(1 - rho) * rng.standard_normal((clusters, 12))
        x *= np.linspace(0.1, 10, 12)
        found = simultaneous(x, samples=500)
        hits += bool(((found.low <= 0) & (found.high >= 0)).all())
    assert 0.92 <= hits / runs <= 0.985, hits / runs


def test_the_critical_value_lies_between_one_comparison_and_bonferroni() -> None:
    x = RNG(9).standard_normal((50, 20))
    found = simultaneous(x)
    alone, bonferroni = stats.t.ppf(0.975, 49), stats.t.ppf(1 - 0.025 / 20, 49)
    assert alone < found.critical < bonferroni * 1.03
    same = simultaneous(np.repeat(x[:, :1], 20, axis=1))
    assert same.critical == pytest.approx(alone, rel=0.06)
    assert simultaneous(x).critical == found.critical  # fixed luck


def test_comparisons_that_do_not_vary() -> None:
    x = RNG(10).standard_normal((20, 3))
    x[:, 1], x[:, 2] = 0.0, 5.0
    found = simultaneous(x)
    assert found.low[1] == found.high[1] == 0 and found.p[1] == 1
    assert found.low[2] == found.high[2] == 5 and found.p[2] == 0
    with pytest.raises(ValueError, match="undefined"):
        simultaneous(np.array([[1.0], [np.nan]]))
    with pytest.raises(ValueError, match="two clusters"):
        simultaneous(np.ones((1, 3)))


def test_adjusted_p_values_follow_the_intervals() -> None:
    x = RNG(11).standard_normal((40, 8)) + np.linspace(0, 1.2, 8)
    found = simultaneous(x)
    excluded = found.low > 0
    assert ((found.p < 0.05) == excluded).all() and excluded.any() and not excluded.all()


# --- choosing ----------------------------------------------------------------------------------------------------


def test_the_best_and_the_regret_of_the_others() -> None:
    rng = RNG(14)
    truth = np.array([3.0, 2.0, 2.5])[:, None] + np.array([[0.0], [1.0], [0.0]]) * rng.choice([-1, 1], 400)
    values = truth[:, :, None] + rng.normal(0, 0.2, (3, 400, 10))
    found = decide(values)
    regret = (truth - truth.min(axis=0)).mean(axis=1)
    assert found.regret == pytest.approx(regret, abs=0.02)
    assert found.best[1] == pytest.approx((truth.argmin(axis=0) == 1).mean(), abs=0.02)
    assert found.best.sum() == pytest.approx(1.0) and found.perfect == pytest.approx(regret.min(), abs=0.02)
    assert decide(-values, "higher").regret == pytest.approx(found.regret, abs=0.005)


def test_regret_is_not_flattered_by_noise() -> None:
    """Equal policies: whoever takes the smallest of noisy means reports a regret that does not exist."""
    values = RNG(15).normal(0, 1.0, (6, 500, 4))
    found = decide(values)
    naive = (values.mean(axis=2) - values.mean(axis=2).min(axis=0)).mean()
    assert naive > 0.5 and found.regret.max() < naive / 4
    with pytest.raises(ValueError, match="undefined"):
        decide(np.full((2, 2, 2), np.nan))
    with pytest.raises(ValueError, match="it takes two"):
        decide(np.zeros((2, 2, 1)))


# --- break-even --------------------------------------------------------------------------------------------------


def test_where_a_line_crosses_zero() -> None:
    grid = np.array([0.0, 0.5, 1.0, 2.0, 3.0])
    rng = RNG(16)
    differences = (1.5 - grid)[:, None] + rng.normal(0, 0.3, (1, 200))  # the same luck at every multiplier
    prior = np.linspace(0.5, 2.5, 401)
    found = break_even(grid, differences, prior)
    at = 1.5 + differences[0].mean() - 1.5
    assert found.nearest == pytest.approx(at, abs=1e-9) and len(found.crossings) == 1
    assert found.low < at < found.high and found.high - found.low == pytest.approx(
        4 * 0.3 / math.sqrt(200), rel=0.3
    )
    assert found.beyond == pytest.approx((2.5 - at) / 2, abs=0.01)


def test_no_crossing_is_said_to_be_none_in_range() -> None:
    grid = np.array([0.0, 1.0, 2.0])
    found = break_even(grid, np.ones((3, 10)), np.ones(5))
    assert found.crossings == () and found.beyond == 0
    with pytest.raises(ValueError, match="ascending"):
        break_even(grid[::-1], np.ones((3, 10)))


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=8))
def test_crossings_are_as_many_as_changes_of_sign(values: list[int]) -> None:
    signs = [np.sign(v) for v in values if v]
    changes = sum(a != b for a, b in itertools.pairwise(signs))
    found = crossings(np.arange(len(values), dtype=float), np.array(values, dtype=float))
    assert len(found) == changes and list(found) == sorted(found)


# --- per cost, and by group --------------------------------------------------------------------------------------


def test_fieller_covers_the_ratio() -> None:
    rng, hits, runs = RNG(17), 0, 1500
    for _ in range(runs):
        x = rng.normal(10, 4, 25)
        y = 0.3 * (x - 10) + rng.normal(-5, 2, 25)
        found = per_cost(y, x, 100.0)
        hits += found.low <= -50.0 <= found.high
    assert stats.binomtest(hits, runs, 0.95).pvalue > 1e-4


def test_a_ratio_to_a_cost_that_may_be_zero_is_not_defined() -> None:
    rng = RNG(18)
    assert not per_cost(rng.normal(1, 1, 30), rng.normal(0, 1, 30)).defined
    assert not per_cost(np.ones(5), np.zeros(5)).defined
    fixed = per_cost(np.array([1.0, 2.0, 3.0]), np.full(3, 4.0), 2.0)
    half = stats.t.ppf(0.975, 2) * 1.0 / math.sqrt(3)
    assert (fixed.low, fixed.value, fixed.high) == pytest.approx(((2 - half) / 2, 1.0, (2 + half) / 2))


def test_who_gains_and_who_loses() -> None:
    rng = RNG(19)
    base = {("days", "kind", g): rng.normal(100, 5, (1, 40)) for g in ("land", "family", "debt")}
    change = {"land": -8.0, "family": 3.0, "debt": 0.0}
    after = {k: v + change[k[2]] + rng.normal(0, 1, (1, 40)) for k, v in base.items()}
    frame = gains(base, after).set_index("group")
    assert frame.loc["land", "verdict"] == "gains" and frame.loc["family", "verdict"] == "loses"
    assert frame.loc["debt", "verdict"] == "no difference shown"
    assert frame["share"].sum() == pytest.approx(1.0)
    assert frame.loc["land", "difference"] == pytest.approx(-8, abs=0.6)


def test_a_few_clusters_of_which_few_differ_give_an_interval_of_a_sane_width() -> None:
    """Signs can leave such a bootstrap sample without any spread: Bonferroni is the most that is ever needed."""
    rng = np.random.default_rng(12)
    values = rng.standard_normal((7, 200))
    values[:, 0] = 0.0
    values[3, 0] = 900.0
    found = simultaneous(values)
    bonferroni = stats.t.ppf(1 - 0.025 / 200, 6)
    assert stats.t.ppf(0.975, 6) < found.critical <= bonferroni * (1 + 1e-9)
    assert found.high[0] - found.low[0] <= 2.001 * bonferroni * values[:, 0].std(ddof=1) / np.sqrt(7)
    assert (found.p <= 1.0).all() and found.p[0] == pytest.approx(1.0, abs=0.3)
