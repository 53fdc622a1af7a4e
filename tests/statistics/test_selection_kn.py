"""The procedure against a literal reading of the paper, its edge cases, and what it says about itself."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from sim.statistics.selection import Simulate, Variance, kn
from sim.statistics.selection.sequential import h_squared
from tests.statistics.selection_worlds import luck, names, races, world


def as_in_the_paper(x: np.ndarray, delta: float, alpha: float, first: int, variance: Variance) -> Any:
    """Kim & Nelson's steps in plain loops, for the largest mean: (selected, stage at which each system left)."""
    k = len(x)
    small = alpha / (k - 1)
    if variance == "first":
        eta = 0.5 * ((2 * small) ** (-2 / (first - 1)) - 1)
        h2 = 2 * eta * (first - 1)
    else:
        h2 = 2 * -math.log(2 * small)
    race, stage, r = list(range(k)), {}, first
    while True:
        n = first if variance == "first" else r
        s2 = {(i, j): np.var(x[i, :n] - x[j, :n], ddof=1) for i in race for j in race if i != j}
        mean = {i: x[i, :r].mean() for i in race}
        width = {ij: max(0.0, delta / (2 * r) * (h2 * s / delta**2 - r)) for ij, s in s2.items()}
        stay = [i for i in race if all(mean[i] >= mean[j] - width[i, j] for j in race if j != i)]
        stage.update({i: r for i in race if i not in stay})
        race = stay
        if len(race) == 1:
            return race[0], stage
        r += 1


@pytest.mark.parametrize("variance", ["first", "update"])
@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_it_does_what_the_paper_says(variance: Variance, correlation: float) -> None:
    late = 0
    for run in range(15):
        x = luck(run, 4, 2000, correlation) + np.array([0.0, 0.3, 0.1, 0.5])[:, None]
        found = kn(world(x), names(4), delta=0.3, alpha=0.1, better="higher", first=8, variance=variance)
        selected, stage = as_in_the_paper(x, 0.3, 0.1, 8, variance)
        assert found.selected == selected
        assert {each.system: each.replications for each in found.dropped} == stage
        stages = [each.replications for each in found.dropped]
        assert stages == sorted(stages) and len(stages) == 3
        late += stages[-1] > 8
    assert late > 5  # most races went on after the first batches, so that the comparison says something


def test_the_constant() -> None:
    # 9 · (0.1^(-2/9) - 1) with 0.1^(-2/9) = 1.668101, and -2 ln 0.1
    assert h_squared(2, 0.05, 10, "first") == pytest.approx(6.01291, abs=2e-5)
    assert h_squared(2, 0.05, 10, "update") == pytest.approx(4.60517, abs=1e-5)
    assert h_squared(5, 0.05, 10**7, "first") == pytest.approx(h_squared(5, 0.05, 2, "update"), rel=1e-5)


def test_batches_are_means_of_replications() -> None:
    x = luck(3, 3, 6000, 0.5) + np.array([0.0, 0.2, 0.4])[:, None]
    single = kn(world(x.reshape(3, -1, 4).mean(axis=2)), names(3), delta=0.2, first=6)
    batched = kn(world(x), names(3), delta=0.2, first=6, batch=4)
    assert batched.replications == tuple(4 * n for n in single.replications)
    assert batched.selected == single.selected
    assert batched.means == pytest.approx(single.means)


def test_higher_is_lower_upside_down() -> None:
    x = luck(5, 4, 3000, 0.3) + np.array([0.0, 0.3, 0.3, 0.6])[:, None]
    low = kn(world(x), names(4), delta=0.3)
    high = kn(world(-x), names(4), delta=0.3, better="higher")
    assert (high.selected, high.replications, high.dropped) == (low.selected, low.replications, low.dropped)
    assert high.means == pytest.approx([-each for each in low.means])


def test_every_replication_is_asked_for_once_and_in_order() -> None:
    x = luck(1, 3, 3000, 0.5) + np.array([0.0, 0.2, 0.4])[:, None]
    asked: Counter[int] = Counter()

    def simulate(system: int, replications: range) -> np.ndarray:
        assert replications.start == asked[system]
        asked[system] = replications.stop
        return x[system, replications.start : replications.stop]

    found = kn(simulate, names(3), delta=0.2, batch=2)
    assert tuple(asked[i] for i in range(3)) == found.replications
    assert found.total == sum(found.replications)
    assert found == kn(world(x), names(3), delta=0.2, batch=2)


@pytest.mark.parametrize("variance", ["first", "update"])
def test_common_luck_saves_replications(variance: Variance) -> None:
    means, totals = [0.0, 0.2, 0.2, 0.2], {}
    for correlation in (0.0, 0.9):
        found = races(10, means, 0.2, correlation=correlation, variance=variance, first=10)
        totals[correlation] = sum(each.total for each in found)
    assert totals[0.9] < totals[0.0] / 5


def test_equal_systems_end_and_say_so() -> None:
    one = luck(0, 1, 500, 0.0)
    x = np.concatenate([one, one, one + 3])
    for variance in ("first", "update"):
        found = kn(world(x), names(3), delta=0.5, variance=variance)
        assert found.selected == 0 and found.left == (0, 1) and not found.stopped
        assert [each.system for each in found.dropped] == [2]


def test_systems_without_any_variance_end() -> None:
    found = kn(lambda i, wanted: np.full(len(wanted), [2.0, 1.0, 3.0][i]), names(3), delta=0.5)
    assert found.selected == 1 and found.left == (1,)
    assert found.replications == (20, 20, 20)
    assert {each.system: each.by for each in found.dropped} == {0: 1, 2: 1}


def test_the_budget_ends_the_race_without_a_promise() -> None:
    x = luck(2, 3, 3000, 0.0)
    found = kn(world(x), names(3), delta=0.05, most=100)
    assert found.stopped and 97 < found.total <= 100 and len(found.left) > 1
    averages = [x[i, : found.replications[i]].mean() for i in found.left]
    assert found.left[int(np.argmin(averages))] == found.selected


def test_a_budget_that_suffices_changes_nothing() -> None:
    x = luck(2, 3, 3000, 0.0) + np.array([0.0, 1.0, 1.0])[:, None]
    free = kn(world(x), names(3), delta=1.0)
    bound = kn(world(x), names(3), delta=1.0, most=free.total)
    assert not bound.stopped and bound.replications == free.replications


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_missing_value_names_the_system_and_the_replication(bad: float) -> None:
    x = luck(2, 3, 3000, 0.0)
    for place in (7, 23):  # among the first batches, and later
        broken = x.copy()
        broken[1, place] = bad
        with pytest.raises(ValueError, match=rf"system 's1' gave (nan|inf) in replication {place}:"):
            kn(world(broken), names(3), delta=0.1)


def test_an_answer_of_the_wrong_length_names_the_system() -> None:
    short: Simulate = lambda i, wanted: np.zeros(len(wanted) - (i == 2))  # noqa: E731
    with pytest.raises(ValueError, match=r"system 's2' was asked for 20 replications .* \(19,\)"):
        kn(short, names(3), delta=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"delta": 0.0}, "delta"),
        ({"delta": math.nan}, "delta"),
        ({"alpha": 0.0}, "alpha"),
        ({"alpha": 0.67}, "alpha must lie between 0 and 0.6667"),
        ({"first": 1}, "at least two first batches"),
        ({"batch": 0}, "batch"),
        ({"most": 59}, "take 60 replications, more than the budget of 59"),
        ({"better": "more"}, "better"),
        ({"variance": "last"}, "variance"),
        ({"systems": ["a"]}, "at least two systems"),
        ({"systems": ["a", "b", "a"]}, "same name: a"),
    ],
)
def test_senseless_settings_are_refused(change: dict[str, Any], message: str) -> None:
    settings: dict[str, Any] = {"systems": names(3), "delta": 1.0, **change}
    with pytest.raises(ValueError, match=message):
        kn(world(luck(0, 3, 100, 0.0)), **settings)
