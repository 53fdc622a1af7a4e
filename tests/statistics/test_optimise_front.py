"""The front of mixes against truth: all mixes where they are few, a search where they are many."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import pytest

from sim.statistics.pareto import (
    Budget,
    Method,
    Mix,
    NotANumber,
    Problem,
    SearchUnavailable,
    Variable,
    non_dominated,
    search,
)
from sim.statistics.pareto.genetic import mutated
from tests.statistics.optimise_problems import (
    Village,
    all_mixes,
    brute_front,
    hypervolume,
    spent,
    true_front,
    village,
)

BUDGET = 1_000_000.0
TWO = ("yuan", "days")
THREE = ("yuan", "days", "filings")


@pytest.fixture
def pymoo() -> None:
    pytest.importorskip("pymoo")


def test_non_dominated_rows_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(2)
    for columns in (1, 2, 3, 4):
        values = rng.integers(0, 6, (120, columns)).astype(float)  # small integers: many ties
        brute = [i for i, x in enumerate(values) if not any((y <= x).all() and (y < x).any() for y in values)]
        assert non_dominated(values).tolist() == brute


@pytest.mark.parametrize("objectives", [TWO, THREE, ("yuan", "staff_hours", "days"), ("days",)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_all_mixes_are_tried_the_front_is_the_true_one(objectives: tuple[str, ...], seed: int) -> None:
    simulated = [o for o in objectives if o not in ("yuan", "staff_hours")]
    place = village(4, 1, len(simulated), seed=seed)
    found = search(place.problem(Budget(BUDGET), objectives), replications=range(4), evaluations=160, seed=0)
    rows = {}
    for mix in all_mixes(place.variables):
        if spent(place.variables, mix, "yuan") <= BUDGET:
            costs = [spent(place.variables, mix, o) for o in objectives if o not in simulated]
            rows[mix] = (*costs, *(round(v, 9) for v in place.truth(mix)))
    assert found.method is Method.ALL
    assert found.tried == len(rows)
    assert {p.mix for p in found.points} == brute_front(rows)
    assert len(found.points) > (1 if len(objectives) > 1 else 0)


def test_the_front_of_a_cost_and_one_objective_is_found_among_the_joint_one() -> None:
    place = village(4, 1, 2)
    joint = search(place.problem(Budget(BUDGET), THREE), replications=range(4), evaluations=160, seed=0)
    assert len(joint.points) > len(joint.pairs["yuan", "days"]) > 2
    for column, objective in enumerate(("days", "filings")):
        rows = {
            m: (spent(place.variables, m, "yuan"), round(place.truth(m)[column], 9))
            for m in all_mixes(place.variables)
            if spent(place.variables, m, "yuan") <= BUDGET
        }
        pair = joint.pairs["yuan", objective]
        assert {p.mix for p in pair} == brute_front(rows)
        assert [p.spending["yuan"] for p in pair] == sorted(p.spending["yuan"] for p in pair)


def test_means_and_standard_errors_are_those_of_the_replications() -> None:
    place = village(3, 0, own=2.0)
    numbers = [5, 9, 2, 31]
    found = search(place.problem(Budget(BUDGET)), replications=numbers, evaluations=8, seed=0)
    for point in found.points:
        values = place(point.mix, numbers)[0]
        assert point.means == pytest.approx((spent(place.variables, point.mix, "yuan"), values.mean()))
        assert point.errors == pytest.approx((0.0, values.std(ddof=1) / 2))


def test_doing_nothing_is_always_tried_even_when_something_beats_it() -> None:
    free = Village([Variable("free", 0, 1, {})], [[[0.0, -5.0]]])
    found = search(free.problem(Budget(0)), replications=[0, 1], evaluations=2, seed=0)
    assert [p.mix for p in found.points] == [(1,)]
    assert found.nothing.mix == (0,)
    assert found.nothing.means[1] == pytest.approx(found.points[0].means[1] + 5)


def test_a_mix_is_simulated_once_and_never_over_the_budget(pymoo: None) -> None:
    place = village(8, 2, 2)
    budget = Budget(yuan=1_500_000, staff_hours=4_000)
    found = search(place.problem(budget, THREE), replications=[3, 1], evaluations=300, seed=4)
    mixes = [mix for mix, _ in place.calls]
    assert found.method is Method.SEARCH
    assert len(mixes) == len(set(mixes)) == found.tried == 300
    assert mixes[0] == (0,) * 10
    assert {r for _, r in place.calls} == {(3, 1)}
    dearest = max(spent(place.variables, m, "yuan") for m in mixes)
    longest = max(spent(place.variables, m, "staff_hours") for m in mixes)
    assert 1_400_000 < dearest <= 1_500_000 and 3_500 < longest <= 4_000  # near the limits, and within


@pytest.mark.parametrize("evaluations", [1, 2, 3, 5, 23, 40])
def test_few_evaluations_are_few_evaluations(pymoo: None, evaluations: int) -> None:
    place = village(8, 2)
    found = search(place.problem(Budget(BUDGET)), replications=[0, 1], evaluations=evaluations, seed=0)
    assert found.tried == len(place.calls) == evaluations


def test_a_search_that_nearly_exhausts_the_space_ends(pymoo: None) -> None:
    place = village(7, 1)
    given = place.problem(Budget(yuan=600_000))
    payable = sum(given.is_feasible(m) for m in given.mixes())
    found = search(given, replications=[0, 1], evaluations=payable - 1, seed=0)
    assert found.method is Method.SEARCH
    assert 0.7 * payable < found.tried < payable


def recovered(place: Village, objectives: tuple[str, ...], evaluations: int, seed: int) -> float:
    """The share of the true front's hypervolume that the mixes found really have, noise taken away."""
    corner = [BUDGET + 1, *([100.0] * len(place.effects))]
    found = search(
        place.problem(Budget(BUDGET), objectives), replications=range(10), evaluations=evaluations, seed=seed
    )
    values = [[p.spending["yuan"], *place.truth(p.mix)] for p in found.points]
    return hypervolume(np.array(values), corner) / hypervolume(true_front(place, BUDGET), corner)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_search_recovers_nine_tenths_of_a_large_space(pymoo: None, seed: int) -> None:
    place = village(10, 3, own=1.0)
    assert place.problem(Budget(BUDGET)).size == 1_024_000
    share = recovered(place, TWO, 1_000, seed)
    assert 0.9 < share <= 1 + 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_search_recovers_nine_tenths_with_two_simulated_objectives(pymoo: None, seed: int) -> None:
    assert 0.9 < recovered(village(8, 2, 2, own=0.5), THREE, 3_000, seed) <= 1 + 1e-12


def test_chance_alone_would_not_pass_that_test() -> None:
    place = village(10, 3)
    given, rng = place.problem(Budget(BUDGET)), np.random.default_rng(1)
    mixes: set[Mix] = set()
    while len(mixes) < 1_000:
        draw = [int(rng.integers(v.low, v.high + 1)) for v in place.variables]
        mixes.add(given.repaired(tuple(draw), rng))
    corner = [BUDGET + 1, 100.0]
    values = np.array([[given.spending(m)["yuan"], *place.truth(m)] for m in mixes])
    assert hypervolume(values, corner) < 0.8 * hypervolume(true_front(place, BUDGET), corner)


def test_hypervolume_counts_boxes() -> None:
    assert hypervolume(np.array([[1.0, 3.0], [2.0, 1.0], [2.5, 2.5]]), [4.0, 4.0]) == 3 * 1 + 2 * 2
    assert hypervolume(np.array([[0.0, 0.0, 0.0]]), [2.0, 3.0, 4.0]) == 24
    assert hypervolume(np.array([[0.0, 0.0, 2.0], [1.0, 1.0, 0.0]]), [2.0, 2.0, 4.0]) == 4 * 2 + 1 * 2
    assert hypervolume(np.array([[5.0, 0.0]]), [4.0, 4.0]) == 0


def front_at(seed: int) -> str:
    found = search(
        village(8, 2, 2, own=1.0).problem(Budget(BUDGET), THREE),
        replications=[0, 1],
        evaluations=250,
        seed=seed,
    )
    return repr(found.points)


def test_the_same_seed_gives_the_same_front_whatever_the_global_state(pymoo: None) -> None:
    np.random.seed(1)  # noqa: NPY002  what is tested is that it has no influence
    first = front_at(7)
    np.random.seed(2)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert front_at(7) == first
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert front_at(8) != first


def test_a_mutation_changes_one_variable_on_average_within_the_bounds() -> None:
    low, high = np.array([0, -3, -3, 0, 0]), np.array([1, 10, 10, 1, 1])
    rows = np.tile([0, 10, 2, 1, 0], (20_000, 1))
    after = mutated(rows, low, high, np.random.default_rng(1))
    assert (low <= after).all() and (after <= high).all()
    # Half of the draws are a unit step and half any value; the bounds and the old value itself undo some.
    expected = np.array([0.5, 0.5 * 0.5 + 0.5 * 13 / 14, 0.5 + 0.5 * 13 / 14, 0.5, 0.5]) / 5
    assert (after != rows).mean(axis=0) == pytest.approx(expected, abs=0.01)
    assert set(after[:, 2]) == set(range(-3, 11))


def broken(value: float) -> Problem:
    def evaluate(mix: Mix, replications: Sequence[int]) -> np.ndarray:
        values = np.ones((2, len(replications)))
        if mix == (1, 2):
            values[1, 2] = value
        return values

    variables = (Variable("screening", 0, 1, {"yuan": 1.0}), Variable("staff", 0, 3, {"yuan": 1.0}))
    return Problem(variables, Budget(), THREE, evaluate)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_names_the_mix(value: float) -> None:
    message = rf"filings of screening, staff \+2 \(mix \(1, 2\)\) is {value} in replication 13"
    with pytest.raises(NotANumber, match=message):
        search(broken(value), replications=[11, 12, 13], evaluations=99, seed=0)


def test_values_of_another_shape_are_refused() -> None:
    odd = Problem(
        (Variable("a", 0, 1, {}),),
        Budget(),
        ("yuan", "days"),
        lambda mix, replications: np.zeros(len(replications)),
    )
    with pytest.raises(ValueError, match=r"= \(1, 3\), got \(3,\) for doing nothing"):
        search(odd, replications=range(3), evaluations=9, seed=0)


@pytest.mark.parametrize(
    ("replications", "evaluations", "message"),
    [
        ([1, 1], 9, "given twice"),
        ([1], 9, "at least two replications"),
        ([1, 2], 0, "at least one evaluation"),
    ],
)
def test_searches_that_cannot_work_are_refused(
    replications: list[int], evaluations: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        search(village(2, 0).problem(Budget()), replications=replications, evaluations=evaluations, seed=0)


def test_without_the_library_few_mixes_are_tried_and_many_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [m for m in sys.modules if m.split(".")[0] == "pymoo"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pymoo", None)
    few, many = village(3, 0), village(8, 2)
    assert search(few.problem(Budget()), replications=[0, 1], evaluations=8, seed=0).tried == 8
    with pytest.raises(SearchUnavailable, match=r"pip install 'village-disputes\[optimise\]'"):
        search(many.problem(Budget()), replications=[0, 1], evaluations=100, seed=0)
    assert many.calls == []


def test_few_mixes_that_can_be_paid_are_all_tried_though_the_bounds_allow_many() -> None:
    place = village(12, 0)
    poor = Budget(yuan=200_000)
    payable = [m for m in all_mixes(place.variables) if spent(place.variables, m, "yuan") <= 200_000]
    assert 1 < len(payable) < 50 < 2**12
    found = search(place.problem(poor), replications=[0, 1], evaluations=50, seed=0)
    assert (found.method, found.tried) == (Method.ALL, len(payable))
