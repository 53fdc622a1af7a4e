"""What may be bought: bounds, costs, budgets and repairs."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.pareto import Budget, Problem, Variable
from tests.statistics.optimise_problems import spent, village

SWITCH = Variable("screening", 0, 1, {"yuan": 100.0})
STAFF = Variable("mediators", -3, 10, {"yuan": 60.0, "staff_hours": -1_700.0})


def problem(budget: Budget | None = None, **given: object) -> Problem:
    parts: dict[str, object] = {"variables": (SWITCH, STAFF), "objectives": ("yuan", "days")} | given
    return Problem(budget=budget or Budget(), evaluate=lambda mix, r: np.zeros((1, len(r))), **parts)  # type: ignore[arg-type]


def test_costs_are_linear_and_a_cost_function_adds_to_them() -> None:
    assert problem().spending((1, 2)) == {"yuan": 220.0, "staff_hours": -3_400.0}
    assert problem().spending((0, -3)) == {"yuan": -180.0, "staff_hours": 5_100.0}
    training = problem(cost=lambda mix: {"yuan": 7.0 if mix[1] > 0 else 0.0})
    assert training.spending((1, 2))["yuan"] == 227.0
    assert training.spending((1, 0))["yuan"] == 100.0


def test_a_budget_is_kept_in_both_resources() -> None:
    both = problem(Budget(yuan=220, staff_hours=1_700))
    assert both.is_feasible((1, 2)) and not both.is_feasible((1, 3))
    assert both.is_feasible((0, -1)) and not both.is_feasible((0, -2))
    assert not both.is_feasible((2, 0)) and not both.is_feasible((0, -4))


def test_a_sum_that_binary_fractions_miss_is_within_the_budget() -> None:
    tenths = Problem(
        (Variable("a", 0, 9, {"yuan": 0.1}),),
        Budget(0.3),
        ("yuan", "days"),
        lambda mix, r: np.zeros((1, len(r))),
    )
    assert 0.1 * 3 > 0.3
    assert tenths.is_feasible((3,)) and not tenths.is_feasible((4,))


def test_mixes_are_described_in_words() -> None:
    assert problem().describe((1, -2)) == "screening, mediators −2"
    assert problem().describe((0, 3)) == "mediators +3"
    assert problem().describe((0, 0)) == "doing nothing"


@pytest.mark.parametrize("yuan", [0.0, 300_000.0, 2_000_000.0])
def test_a_repaired_mix_is_within_the_budget_and_nearer_to_zero(yuan: float) -> None:
    place = village(6, 2)
    given = place.problem(Budget(yuan, 3_000))
    rng = np.random.default_rng(3)
    changed = 0
    for _ in range(300):
        mix = tuple(int(rng.integers(v.low, v.high + 1)) for v in place.variables)
        mended = given.repaired(mix, rng)
        assert spent(place.variables, mended, "yuan") <= yuan
        assert spent(place.variables, mended, "staff_hours") <= 3_000
        assert all(abs(n) <= abs(m) and n * m >= 0 for n, m in zip(mended, mix, strict=True))
        if given.is_feasible(mix):
            assert mended == mix
        changed += mended != mix
    assert changed > 100


def test_where_no_single_step_helps_the_repair_is_doing_nothing() -> None:
    flat = problem(Budget(yuan=10), cost=lambda mix: {"yuan": 1e6 - 60.0 * mix[1] if any(mix) else 0.0})
    assert flat.repaired((0, 5), np.random.default_rng(1)) == (0, 0)


@pytest.mark.parametrize(
    ("low", "high", "cost", "message"),
    [
        (1, 3, {}, "zero, which is today's amount"),
        (0, 0, {}, "must differ"),
        (0, 1, {"euro": 1.0}, "yuan or staff_hours, not in 'euro'"),
        (0, 1, {"yuan": float("nan")}, "finite number"),
    ],
)
def test_a_variable_that_makes_no_sense_is_refused(
    low: int, high: int, cost: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Variable("screening", low, high, cost)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"variables": ()}, "nothing to choose"),
        ({"variables": (SWITCH, SWITCH)}, "two variables of one name: screening"),
        ({"objectives": ("days", "days")}, "two objectives of one name: days"),
        ({"objectives": ("yuan",)}, "no objective is simulated"),
        ({"cost": lambda mix: {"yuan": 11.0}, "budget": Budget(10)}, "doing nothing is over the budget"),
        ({"cost": lambda mix: {"yuan": float("inf")}}, "cost function, for doing nothing"),
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        problem(**given)  # type: ignore[arg-type]


def test_a_negative_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        Budget(yuan=-1)
