"""The whole answer: greedy path, cross-check and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sim.statistics.pareto import Budget, Mix, Problem, Variable, greedy, search
from sim.studies.optimise import Answer, best_mixes, front_table
from sim.studies.optimise.words import answer_in_words as lines_of
from sim.studies.optimise.words import number
from tests.statistics.optimise_problems import Village, noise, village


def answer_in_words(answer: Answer) -> str:
    return "\n".join(map(str, lines_of(answer)))


KNAPSACK = Village(
    [
        Variable("screening", 0, 1, {"yuan": 150_000.0, "staff_hours": 100.0}),
        Variable("lawyers", 0, 1, {"yuan": 250_000.0}),
        Variable("mediators", -1, 2, {"yuan": 100_000.0, "staff_hours": -1_700.0}),
    ],
    [[[0.0, -40.0], [0.0, -50.0], [6.0, 0.0, -5.0, -9.0]]],
    own=0.5,
)


def test_greedy_buys_by_gain_per_cost_until_the_budget_is_spent() -> None:
    path = greedy(KNAPSACK.problem(Budget(500_000)), "days", replications=range(20))
    # Per 100,000 yuan: screening 27, lawyers 20, the first mediator 5.
    assert [(p.variable, p.change) for p in path.purchases] == [
        ("screening", 1),
        ("lawyers", 1),
        ("mediators", 1),
    ]
    assert path.mixes == ((1, 0, 0), (1, 1, 0), (1, 1, 1))
    assert [p.cost for p in path.purchases] == [150_000, 250_000, 100_000]
    assert all(p.low < true < p.gain + 1 for p, true in zip(path.purchases, (40, 50, 5), strict=True))


def test_greedy_stays_within_the_budget_and_the_bounds() -> None:
    place = village(6, 2, own=0.1)
    path = greedy(place.problem(Budget(600_000, staff_hours=1_000)), "days", replications=range(10))
    assert len(path.purchases) > 2
    for mix, _ in place.calls:
        assert place.problem(Budget(600_000, staff_hours=1_000)).is_feasible(mix)


def test_greedy_buys_nothing_that_is_only_luck() -> None:
    given = (noise(8, seed=s).problem(Budget()) for s in range(1, 101))
    bought = [len(greedy(problem, "days", replications=range(20)).purchases) for problem in given]
    assert (
        sum(n > 0 for n in bought) <= 10
    )  # at most 5 are expected, and some 25 without regard to there being eight


def test_greedy_takes_a_saving_that_does_no_harm_first() -> None:
    place = Village(
        [Variable("lawyers", 0, 1, {"yuan": 100.0}), Variable("clerks", -2, 0, {"yuan": 50.0})],
        [[[0.0, -50.0], [0.0, 0.0, 0.0]]],
    )
    path = greedy(place.problem(Budget(0)), "days", replications=range(5))
    assert path.mixes == ((0, -1), (0, -2), (1, -2))


def pair_only(mix: Mix, replications: Sequence[int]) -> np.ndarray:
    """Two mechanisms that help only together."""
    return np.full((1, len(replications)), 100.0 - 30.0 * (mix == (1, 1))) + np.asarray(replications)


def test_greedy_is_blind_to_what_works_only_together_and_the_front_is_not() -> None:
    variables = tuple(Variable(n, 0, 1, {"yuan": 100_000.0}) for n in ("whistle", "lawyers"))
    problem = Problem(variables, Budget(), ("yuan", "days"), pair_only)
    answer = best_mixes(problem, replications=range(5), fresh=range(10, 15), evaluations=4, seed=0)
    assert answer.greedy[0].path.purchases == ()
    assert [p.mix for p in answer.front.points] == [(0, 0), (1, 1)]
    assert "no single unit surely helps" in answer_in_words(answer)


def test_an_unknown_objective_or_resource_is_refused() -> None:
    problem = KNAPSACK.problem(Budget())
    with pytest.raises(ValueError, match="'yuan' is not among the simulated objectives days"):
        greedy(problem, "yuan", replications=range(3))
    with pytest.raises(ValueError, match="'euro' is not a resource"):
        greedy(problem, "days", replications=range(3), resource="euro")


@pytest.fixture(scope="module")
def answer() -> Answer:
    return best_mixes(
        KNAPSACK.problem(Budget(500_000), ("yuan", "staff_hours", "days")),
        replications=range(20),
        fresh=range(100, 130),
        evaluations=99,
        seed=0,
    )


def test_an_answer_compares_the_greedy_path_with_the_front(answer: Answer) -> None:
    by_yuan = next(c for c in answer.greedy if c.path.resource == "yuan")
    assert by_yuan.on_front == len(by_yuan.path.purchases) == 3
    assert (by_yuan.beaten, by_yuan.better) == (0, 0)


def test_words_say_which_mix_at_which_budget(answer: Answer) -> None:
    text = answer_in_words(answer)
    lines = text.splitlines()
    assert lines[0].startswith(f"All {answer.front.tried} mixes that the budget pays were tried; ")
    assert lines[1].startswith("Doing nothing: days ")
    assert "days by yuan, valued on 30 fresh replications:" in lines
    assert "days by staff hours, valued on 30 fresh replications:" in lines
    assert any(
        line.startswith("  with 500,000 yuan: screening, lawyers, mediators +1 (costs 500,000): ")
        for line in lines
    )
    assert "overestimated its own picks in " in text
    assert "On fresh replications " in text and " % of the " not in lines[0]
    assert "One purchase after another, for days by yuan: screening, then lawyers, then mediators +1" in text
    assert "nan" not in text.lower() and max(map(len, lines)) < 250


def test_words_of_a_search_say_that_better_mixes_may_exist() -> None:
    pytest.importorskip("pymoo")
    place = village(8, 2)
    found = best_mixes(
        place.problem(Budget(1_000_000)), replications=range(4), fresh=range(9, 15), evaluations=60, seed=2
    )
    first = answer_in_words(found).splitlines()[0]
    assert first.startswith(
        "A search (NSGA-II, seed 2) tried 60 mixes of the 25,600 that the bounds allow, so better"
    )


def test_words_work_without_a_cost_and_where_nothing_helps() -> None:
    useless = Village([Variable("poster", 0, 1, {"yuan": 1.0})], [[[0.0, 3.0]]])
    for objectives in (("days",), ("yuan", "days")):
        found = best_mixes(
            useless.problem(Budget(), objectives),
            replications=range(4),
            fresh=range(9, 15),
            evaluations=2,
            seed=0,
        )
        assert [p.mix for p in found.front.points] == [(0,)]
        assert "doing nothing" in answer_in_words(found).lower()
    assert "nothing that the budget pays lowers it" in answer_in_words(found)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"fresh": [2, 3]}, r"replications \[2\] are given for the search and as fresh ones"),
        ({"steps": {"yuan": 0}}, "a step is a positive number of yuan or staff_hours"),
        ({"steps": {"euro": 5.0}}, "a step is a positive number of yuan or staff_hours"),
        ({"level": 0.4}, "between 0.5 and 1"),
    ],
)
def test_what_cannot_be_answered_is_refused_before_anything_runs(given: dict[str, Any], message: str) -> None:
    place = village(2, 0)
    asked = {"replications": [1, 2], "fresh": [3, 4], "evaluations": 9, "seed": 0} | given
    with pytest.raises(ValueError, match=message):
        best_mixes(place.problem(Budget()), **asked)
    assert place.calls == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234567.8, "1,234,568"), (-12.345, "−12.3"), (0.01234, "0.0123"), (100.0, "100")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_the_table_has_a_row_per_point() -> None:
    found = search(village(2, 0).problem(Budget(1_000_000.0)), replications=range(3), evaluations=4, seed=0)
    table = front_table(found)
    assert list(table) == ["mechanism 0", "mechanism 1", "yuan", "staff_hours", "days", "days (se)"]
    assert table["yuan"].is_monotonic_increasing and len(table) == len(found.points)
