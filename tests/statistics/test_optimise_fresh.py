"""Fresh luck: optimism of the search, what stays of the front, and what a step of the budget buys."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.pareto import (
    Budget,
    Fresh,
    Front,
    Optimism,
    Variable,
    Verdict,
    marginal_values,
    reevaluate,
    search,
)
from sim.statistics.pareto.dominance import verdicts
from tests.statistics.optimise_problems import Village, noise, village

SEARCH, AGAIN = range(20), range(100, 140)


def both(place: Village, budget: Budget | None = None) -> tuple[Front, Fresh]:
    objectives = ("yuan", *["days", "filings"][: len(place.effects)])
    front = search(
        place.problem(budget or Budget(), objectives), replications=SEARCH, evaluations=600, seed=0
    )
    return front, reevaluate(front, AGAIN)


def optimism(fresh: Fresh, *, gain: bool) -> Optimism:
    return next(o for o in fresh.optimism if o.gain is gain)


def test_the_search_is_optimistic_about_noise_and_fresh_luck_is_not() -> None:
    """256 mixes, all truly 100, noise of 10 over 20 replications: the least of many means is some 6 too low."""
    promised, seen = [], []
    for seed in range(1, 9):
        front, fresh = both(noise(8, seed=seed))
        shared = fresh.samples.problem.evaluate.luck  # type: ignore[attr-defined]
        assert optimism(fresh, gain=True).mean > 0
        promised += [p.means[1] - shared[0, list(SEARCH)].mean() for p in front.points if any(p.mix)]
        seen += [c.after.means[1] - shared[0, list(AGAIN)].mean() for c in fresh.checked if any(c.before.mix)]
    assert np.mean(promised) < 100 - 3
    error = 10 / np.sqrt(40) / np.sqrt(len(seen))  # mixes have noise of their own
    assert error < 0.5
    assert abs(np.mean(seen) - 100) < 4 * error


def test_optimism_about_noise_is_beyond_doubt_in_most_searches() -> None:
    found = [optimism(both(noise(8, seed=s))[1], gain=False) for s in range(1, 9)]
    assert sum(o.low > 0 for o in found) >= 5
    assert all(o.low < o.mean < o.high for o in found)


def test_luck_that_all_mixes_share_is_no_optimism_about_gains() -> None:
    front, fresh = both(village(4, 1))
    assert len(front.points) > 3
    alone, gain = optimism(fresh, gain=False), optimism(fresh, gain=True)
    luck = front.problem.evaluate.luck  # type: ignore[attr-defined]
    assert alone.mean == pytest.approx(luck[0, list(AGAIN)].mean() - luck[0, list(SEARCH)].mean())
    assert abs(alone.mean) > 0.1 and alone.low < 0 < alone.high
    assert gain.mean == pytest.approx(0, abs=1e-9) and gain.high - gain.low < 1e-9


def test_replications_of_the_search_are_not_fresh() -> None:
    front = search(noise(2).problem(Budget()), replications=[3, 4, 5], evaluations=9, seed=0)
    with pytest.raises(ValueError, match=r"replications \[4, 5\] were used by the search"):
        reevaluate(front, [4, 5, 6])
    with pytest.raises(ValueError, match="confidence level"):
        reevaluate(front, [7, 8], level=1.0)


def test_a_front_without_noise_stays_as_it_was() -> None:
    front, fresh = both(village(4, 1, 2), Budget(1_000_000))
    assert [p.mix for p in fresh.points] == [p.mix for p in front.points]
    assert fresh.fallen == 0 and fresh.share(Verdict.STAYS) == 1


def test_points_that_were_luck_fall() -> None:
    fallen = [both(noise(8, seed=s))[1] for s in range(1, 6)]
    assert np.mean([f.fallen for f in fallen]) > 0.4
    for fresh in fallen:
        kept = {p.mix for p in fresh.points}
        assert {c.before.mix for c in fresh.checked if c.beaten_by is None} == kept
        # Costs differ and nothing else: no point surely stays but those that are cheapest.
        assert all(c.before.spending["yuan"] <= 1 for c in fresh.checked if c.verdict is Verdict.STAYS)


def test_verdicts_say_what_is_sure() -> None:
    rng = np.random.default_rng(1)
    luck = rng.normal(0, 10, 50)
    small = rng.normal(0, 1, (4, 50))
    samples = (np.array([0.0, -5.0, -5.0, 4.0])[:, None] + luck + small)[:, None, :]
    costs = np.array([[0.0], [1.0], [2.0], [3.0]])
    assert verdicts(costs, samples) == [Verdict.STAYS, Verdict.STAYS, Verdict.OPEN, Verdict.FALLS]


def test_what_costs_more_and_changes_nothing_surely_falls_and_equals_stay() -> None:
    samples = np.tile(np.random.default_rng(1).normal(0, 10, 30), (3, 1))[:, None, :]
    assert verdicts(np.array([[0.0], [1.0], [0.0]]), samples) == [Verdict.STAYS, Verdict.FALLS, Verdict.STAYS]


@pytest.mark.slow
def test_verdicts_are_seldom_wrong() -> None:
    """Of two mixes that differ by noise only, at a cost, or not at all: at most 5 % are wrongly sure."""
    rng = np.random.default_rng(5)
    runs, stays, falls = 4_000, 0, 0
    for _ in range(runs):
        # The second costs more and its two objectives are equal in truth: that it stays is never true.
        stays += verdicts(np.array([[0.0], [1.0]]), rng.normal(0, 1, (2, 2, 15)))[1] is Verdict.STAYS
        # The second costs less, and is equal to three others in truth, but for being better by a hair: it never falls.
        falls += verdicts(np.zeros((4, 1)), rng.normal(0, 1, (4, 1, 15)))[1] is Verdict.FALLS
    margin = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert margin < 0.011
    assert 0.02 < stays / runs < 0.05 + margin
    assert 0.01 < falls / runs < 0.05 + margin


KNAPSACK = Village(
    [
        Variable("screening", 0, 1, {"yuan": 150_000.0, "staff_hours": 100.0}),
        Variable("lawyers", 0, 1, {"yuan": 250_000.0}),
        Variable("mediators", -1, 2, {"yuan": 100_000.0}),
    ],
    [[[0.0, -10.0], [0.0, -40.0], [6.0, 0.0, -5.0, -6.0]]],
    own=0.5,
)


def test_steps_say_what_the_next_hundred_thousand_yuan_buy() -> None:
    front, fresh = both(KNAPSACK, Budget(430_000))
    steps = marginal_values(front, fresh)
    assert [(s.before, s.budget, s.mix) for s in steps] == [
        (None, 100_000, (0, 0, 1)),
        (100_000, 200_000, (0, 1, -1)),  # a mediator less pays for part of the lawyers
        (200_000, 300_000, (1, 1, -1)),
        (300_000, 400_000, (1, 1, 0)),
    ]
    truth = KNAPSACK.truth
    before = front.problem.nothing
    for step in steps:
        expected = float(truth(before)[0] - truth(step.mix)[0])
        assert step.low < expected < step.high
        assert step.high - step.low < 1.5
        assert step.value.means[1] == fresh.samples.estimate(step.mix).means[1]
        before = step.mix


def test_savings_may_pay_for_something_at_a_budget_of_zero() -> None:
    place = Village(
        [Variable("clerks", -2, 0, {"yuan": 100_000.0}), Variable("screening", 0, 1, {"yuan": 180_000.0})],
        [[[2.0, 1.0, 0.0], [0.0, -10.0]]],
    )
    front, fresh = both(place, Budget(0))
    (step,) = marginal_values(front, fresh)
    assert (step.before, step.budget, step.mix) == (None, 0, (-2, 1))
    assert step.gain == pytest.approx(8)
    (finer,) = marginal_values(front, fresh, step=10_000)  # of which it saves two
    assert finer == step


def test_the_last_step_ends_at_the_budget() -> None:
    front, fresh = both(KNAPSACK, Budget(430_000))
    assert max(s.budget for s in marginal_values(front, fresh, step=300_000)) == 430_000


def test_steps_need_a_cost_that_is_an_objective() -> None:
    front, fresh = both(noise(2))
    with pytest.raises(ValueError, match="'staff_hours' is not among the objectives"):
        marginal_values(front, fresh, resource="staff_hours")
    with pytest.raises(ValueError, match="must be positive"):
        marginal_values(front, fresh, step=0)
