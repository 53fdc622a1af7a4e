"""Cells: many policies as one piece of work, kept by content, the same whoever runs them and however often."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.runs.batch import pairs, run
from sim.runs.case import Case
from sim.runs.executors.local import Executor, ProcessExecutor, SerialExecutor, WarmExecutor
from sim.runs.outcomes import Outcomes, Pair
from sim.scenario.metrics import RECORDED, Column
from sim.scenario.policy import Measure
from tests.places import rich_place

PLACE = rich_place(population={"persons": 4000}, villages={"count": 4}, townships={"count": 1})
WHISTLE = Measure(mechanism="whistle")
FILINGS = Column("filings")


def case(*measures: Measure, groups: bool = True, **fields: object) -> Case:
    asked = {"seed": 3, "options": (("groups", groups),), **fields}
    return Case(PLACE, measures, **asked)  # type: ignore[arg-type]


def ran(
    cases: list[Case],
    wanted: list[Pair],
    folder: Path | None,
    executor: Executor | None = None,
    **more: object,
) -> Outcomes:
    return run(cases, wanted, folder=folder, executor=executor or SerialExecutor(), **more)  # type: ignore[arg-type]


def same(a: Outcomes, b: Outcomes) -> bool:
    """Whether two cases have the same columns with the same numbers."""
    return a.columns == b.columns and all(np.array_equal(a[c], b[c], equal_nan=True) for c in a.columns)


def test_a_policy_that_does_nothing_equals_the_baseline_to_the_bit(tmp_path: Path) -> None:
    cases = [case(), case(WHISTLE.model_copy(update={"strength": 0.0})), case(WHISTLE)]
    found = ran(cases, pairs(1, 6), tmp_path)
    base, off, on = (found.of(i) for i in range(3))
    assert same(base, off)
    assert base.columns == on.columns and not same(base, on)


def test_what_ran_before_does_not_run_again(tmp_path: Path) -> None:
    cases, wanted = [case(), case(WHISTLE)], pairs(1, 5)
    seen: list[tuple[int, int]] = []
    ran(cases, wanted[:3], tmp_path)
    found = ran([*cases, case()], wanted, tmp_path, progress=lambda d, t: seen.append((d, t)))
    assert seen[0] == (6, 10) and seen[-1] == (10, 10)  # equal cells are one
    whole = ran(cases, wanted, tmp_path / "anew")
    assert all(same(found.of(i), whole.of(i)) for i in range(2)) and same(found.of(2), found.of(0))


def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    cases, wanted = [case(), case(WHISTLE)], pairs(2, 4)
    one = ran(cases, wanted, tmp_path / "one")
    two = ran(cases, wanted, tmp_path / "two", ProcessExecutor(2))
    assert all(len(one.of(i).columns) and same(one.of(i), two.of(i)) for i in range(2))


def test_warm_workers_find_the_same_under_the_same_keys(tmp_path: Path) -> None:
    wanted = pairs(1, 4)
    expected = ran([case(WHISTLE)], wanted, tmp_path)[FILINGS]
    ran_now: list[int] = []

    def count(done: int, total: int) -> None:
        ran_now.append(total - done)

    executor = WarmExecutor(2)
    try:
        for size, new in ((4, 0), (6, 2), (9, 3)):
            ran_now.clear()
            found = ran([case(WHISTLE)], pairs(1, size), tmp_path, executor, progress=count)
            assert ran_now[0] == new and np.array_equal(found[FILINGS][:4], expected)
        assert np.isnan(found[Column("no_such")]).all() and Column("no_such") not in found
    finally:
        executor.close()


def test_the_key_is_the_content(tmp_path: Path) -> None:
    other = Measure(mechanism="whistle", strength=0.5)
    keys = [
        case().key,
        case(WHISTLE).key,
        case(other).key,
        case(WHISTLE, seed=4).key,
        case(WHISTLE, groups=False).key,
    ]
    assert len(set(keys)) == 5
    assert case(WHISTLE, engine="reference").key == case(WHISTLE).key
    noted = WHISTLE.model_copy(update={"note": "a remark"})
    assert case(noted).key == case(WHISTLE).key


def test_both_readings_and_groups_are_there(tmp_path: Path) -> None:
    found = ran([case()], pairs(1, 2), tmp_path)
    for reading in ("proportional", "target_driven"):
        assert Column("success_rate", RECORDED, reading) in found
    days = {c: found[c] for c in found.columns if c.metric == "days_in_conflict"}
    for grouping in ("kind", "township", "language", "village_size"):
        total = sum(v for c, v in days.items() if c.by == grouping)
        years = PLACE.window.end.toordinal() - PLACE.window.start.toordinal() + 1
        per_1000 = total / 4000 * 1000 * 365 / years
        assert per_1000 == pytest.approx(found[Column("days_in_conflict_per_1000")], rel=1e-3)
