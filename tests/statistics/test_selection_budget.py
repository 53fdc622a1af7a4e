"""The allocation against theory, against equal numbers, and where there is nothing to learn."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from sim.statistics.selection import ocba
from sim.statistics.selection.budget import _view
from tests.statistics.selection_worlds import luck, names, world


def shares(runs: int, budget: int, slope: float, correlation: float) -> tuple[dict[str, float], float]:
    """Right selections with equal numbers and by both rules, and the mean estimate; Chen et al. (2000), 10 systems."""
    shift = slope * np.arange(10)[:, None]
    hits: Counter[str] = Counter()
    estimate = 0.0
    for run in range(runs):
        x = shift + 6 * luck(run, 10, budget, correlation)
        hits["equal"] += int(x[:, : budget // 10].mean(axis=1).argmin() == 0)
        alone = ocba(world(x), names(10), budget=budget, correlated=False)
        paired = ocba(world(x), names(10), budget=budget)
        hits["alone"] += alone.selected == 0
        hits["paired"] += paired.selected == 0
        estimate += paired.probability / runs
        assert alone.total == paired.total == budget and min(paired.replications) >= 10
    return {name: count / runs for name, count in hits.items()}, estimate


# Margins are about four standard errors of the difference below what 1,000 runs gave.
def test_independent_systems() -> None:
    found, _ = shares(200, 400, 1.0, 0.0)
    assert found["alone"] > found["equal"] + 0.04
    assert found["paired"] > found["equal"] + 0.04


def test_common_luck() -> None:
    found, estimate = shares(200, 400, 0.2, 0.98)
    assert found["paired"] > found["equal"] + 0.04
    assert found["paired"] > found["alone"] + 0.1
    assert 0.7 < estimate < found["paired"]  # Bonferroni errs on the safe side


@pytest.mark.slow
@pytest.mark.parametrize(
    ("budget", "slope", "correlation"),
    [(400, 1.0, 0.0), (800, 1.0, 0.0), (400, 1.0, 0.5), (200, 0.5, 0.9), (400, 0.5, 0.9), (400, 0.2, 0.98)],
)
def test_it_beats_equal_numbers(budget: int, slope: float, correlation: float) -> None:
    found, estimate = shares(1000, budget, slope, correlation)
    print(f"\ncorrelation {correlation}, budget {budget}: {found}, estimated {estimate:.3f}")
    assert found["paired"] > found["equal"] + 0.05
    assert estimate < found["paired"]


def test_in_the_long_run_the_allocation_is_the_known_one() -> None:
    spread = np.array([1.0, 2.0, 1.5, 1.0])
    means = np.array([0.0, 0.4, 0.6, 0.5])
    x = means[:, None] + spread[:, None] * luck(4, 4, 20_000, 0.0)
    found = ocba(world(x), names(4), budget=20_000, step=25, correlated=False)
    n = np.array(found.replications)
    assert n[0] == pytest.approx(spread[0] * math.sqrt(((n / spread)[1:] ** 2).sum()), rel=0.05)
    gaps = np.subtract(found.means, found.means[0])[1:]  # what it had to go by
    rates = gaps**2 / (spread[0] ** 2 / n[0] + spread[1:] ** 2 / n[1:])
    assert rates.max() < 1.1 * rates.min()
    equal = means[1:] ** 2 / (spread[0] ** 2 + spread[1:] ** 2)
    assert equal.max() > 2 * equal.min()


@pytest.mark.parametrize("best", [0, 1])
def test_the_variance_of_adjusted_means(best: int) -> None:
    """Over many draws differences vary as estimated, whether the best is the longest (0) or not (1)."""
    counts = np.array([120, 60, 80])
    means = np.array([5.0, 5.0, 10.0])
    means[best] = 0.0
    spread = np.array([1.0, 1.5, 2.0])
    gaps, claimed = [], []
    for run in range(2500):
        x = means[:, None] + spread[:, None] * luck(run, 3, 120, 0.8)
        x[np.arange(120) >= counts[:, None]] = 0.0
        view = _view(x, counts, correlated=True)
        assert view.best == best
        others = np.delete(view.means - view.means[best], best)
        gaps.append(others)
        claimed.append(others**2 / np.delete(view.evidence, best))
    ratio = np.var(gaps, axis=0) / np.mean(claimed, axis=0)
    assert np.all((ratio > 0.88) & (ratio < 1.12))  # four standard errors
    assert np.mean(gaps, axis=0) == pytest.approx(np.delete(means - means[best], best), abs=0.02)
    apart = spread**2 / counts
    unpaired = np.delete(apart + apart[best], best)
    assert np.all(np.var(gaps, axis=0) < unpaired / 1.3)  # the pairing is worth something here


def test_perfect_pairing_gives_the_difference_exactly() -> None:
    x = luck(0, 1, 300, 0.0) + np.array([0.0, 0.25, 1.0])[:, None]
    found = ocba(world(x), names(3), budget=100)
    assert found.selected == 0 and found.probability == pytest.approx(1.0)
    assert np.subtract(found.means, found.means[0]) == pytest.approx([0.0, 0.25, 1.0])
    assert found.total == 100


def test_unpaired_means_are_the_plain_ones() -> None:
    x = luck(0, 3, 300, 0.5)
    found = ocba(world(x), names(3), budget=100, correlated=False)
    assert found.means == found.plain
    assert found.plain == pytest.approx([x[i, :n].mean() for i, n in enumerate(found.replications)])


@pytest.mark.parametrize("correlated", [True, False])
def test_it_asks_once_in_order_and_repeats_itself(correlated: bool) -> None:
    x = luck(6, 4, 500, 0.5) + np.array([0.3, 0.2, 0.0, 0.1])[:, None]
    asked: Counter[int] = Counter()

    def simulate(system: int, replications: range) -> np.ndarray:
        assert replications.start == asked[system] and len(replications) > 0
        asked[system] = replications.stop
        return x[system, replications.start : replications.stop]

    found = ocba(simulate, names(4), budget=203, step=7, correlated=correlated)
    assert tuple(asked[i] for i in range(4)) == found.replications and found.total == 203
    assert found == ocba(world(x), names(4), budget=203, step=7, correlated=correlated)
    upside = ocba(world(-x), names(4), budget=203, step=7, correlated=correlated, better="higher")
    assert (upside.selected, upside.replications) == (found.selected, found.replications)
    assert upside.means == pytest.approx([-each for each in found.means])


@pytest.mark.parametrize("correlated", [True, False])
def test_ties_and_constants_end(correlated: bool) -> None:
    one = luck(0, 1, 300, 0.0)
    for x in (np.zeros((3, 300)), np.repeat([[1.0], [0.0], [2.0]], 300, axis=1), np.concatenate([one] * 3)):
        found = ocba(world(x), names(3), budget=150, correlated=correlated)
        assert found.total == 150 and not math.isnan(found.probability)
    constant = ocba(lambda i, wanted: np.full(len(wanted), -float(i)), names(3), budget=90)
    assert constant.selected == 2 and constant.probability == 1.0 and constant.replications == (30, 30, 30)


def test_a_missing_value_names_the_system() -> None:
    x = luck(2, 3, 300, 0.0)
    x[2, 14] = math.nan
    x[:2] += 5
    with pytest.raises(ValueError, match="system 's2' gave nan in replication 14"):
        ocba(world(x), names(3), budget=200)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget": 29}, "take 30, more than the 29"),
        ({"first": 4}, "first must be at least 5"),
        ({"step": 0}, "step at least 1"),
        ({"better": "more"}, "better"),
        ({"systems": ["a"]}, "at least two systems"),
    ],
)
def test_senseless_settings_are_refused(change: dict[str, Any], message: str) -> None:
    settings: dict[str, Any] = {"systems": names(3), "budget": 60, **change}
    with pytest.raises(ValueError, match=message):
        ocba(world(luck(0, 3, 100, 0.0)), **settings)
