"""Cells: many policies as one piece of work, kept by content, the same whoever runs them and however often."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.runs.cells import complete_cells, load_cell
from sim.runs.executors.local import ProcessExecutor, SerialExecutor
from sim.runs.policy_job import PolicyJob, numbers
from sim.runs.warm import Warm
from sim.scenario.metrics import Key
from sim.scenario.policy import Measure
from tests.places import rich_place

PLACE = rich_place(population={"persons": 4000}, villages={"count": 4}, townships={"count": 1})
WHISTLE = Measure(mechanism="whistle")
FILINGS = Key("filings")


def job(*measures: Measure, **fields: object) -> PolicyJob:
    return PolicyJob(PLACE, measures, **{"seed": 3, "engine": "compiled", **fields})  # type: ignore[arg-type]


def test_a_policy_that_does_nothing_equals_the_baseline_to_the_bit(tmp_path: Path) -> None:
    jobs = [job(), job(WHISTLE.model_copy(update={"strength": 0.0})), job(WHISTLE)]
    wanted = numbers(1, 6)
    stores = complete_cells(jobs, wanted, tmp_path, executor=SerialExecutor())
    base, off, on = (load_cell(stores, j, wanted).values for j in jobs)
    assert base.keys() == off.keys() == on.keys()
    assert all(np.array_equal(base[k], off[k], equal_nan=True) for k in base)
    assert any(not np.array_equal(base[k], on[k], equal_nan=True) for k in base)


def test_what_ran_before_does_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs, wanted = [job(), job(WHISTLE)], numbers(1, 5)
    seen: list[tuple[int, int]] = []
    complete_cells(jobs, wanted[:3], tmp_path, executor=SerialExecutor())
    stores = complete_cells(
        [*jobs, job()], wanted, tmp_path, executor=SerialExecutor(), progress=lambda d, t: seen.append((d, t))
    )
    assert seen[0] == (6, 10) and seen[-1] == (10, 10)  # equal cells are one
    whole = complete_cells(jobs, wanted, tmp_path / "anew", executor=SerialExecutor())
    for j in jobs:
        a, b = load_cell(stores, j, wanted).values, load_cell(whole, j, wanted).values
        assert a.keys() == b.keys() and all(np.array_equal(a[k], b[k], equal_nan=True) for k in a)


def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    jobs, wanted = [job(), job(WHISTLE)], numbers(2, 4)
    one = complete_cells(jobs, wanted, tmp_path / "one", executor=SerialExecutor())
    two = complete_cells(jobs, wanted, tmp_path / "two", executor=ProcessExecutor(2))
    for j in jobs:
        a, b = load_cell(one, j, wanted).values, load_cell(two, j, wanted).values
        assert list(a) and all(np.array_equal(a[k], b[k], equal_nan=True) for k in a)


def test_warm_workers_find_the_same_under_the_same_keys(tmp_path: Path) -> None:
    wanted = numbers(1, 4)
    stores = complete_cells([job(WHISTLE)], wanted, tmp_path, executor=SerialExecutor())
    expected = load_cell(stores, job(WHISTLE), wanted).values[FILINGS]
    with Warm(tmp_path, 1) as warm:
        assert np.array_equal(warm.values(job(WHISTLE), [FILINGS], wanted)[0], expected)
        assert warm.simulated == 0
        more = warm.values(job(WHISTLE), [FILINGS, Key("no_such")], range(6))
        assert warm.simulated == 2 and np.array_equal(more[0, :4], expected) and np.isnan(more[1]).all()
    with Warm(tmp_path, 2) as warm:
        assert np.array_equal(warm.values(job(WHISTLE), [FILINGS], range(9))[0, :6], more[0])
        assert warm.simulated == 3


def test_the_key_is_the_content(tmp_path: Path) -> None:
    other = Measure(mechanism="whistle", strength=0.5)
    keys = [
        job().key,
        job(WHISTLE).key,
        job(other).key,
        job(WHISTLE, seed=4).key,
        job(WHISTLE, groups=False).key,
    ]
    assert len(set(keys)) == 5
    assert job(WHISTLE, engine="reference").key == job(WHISTLE).key
    noted = WHISTLE.model_copy(update={"note": "a remark"})
    assert job(noted).key == job(WHISTLE).key


def test_both_readings_and_groups_are_there(tmp_path: Path) -> None:
    stores = complete_cells([job()], numbers(1, 2), tmp_path, executor=SerialExecutor())
    found = load_cell(stores, job(), numbers(1, 2)).values
    for reading in ("proportional", "target_driven"):
        assert Key("success_rate", "recorded", reading) in found
    days = {k: v for k, v in found.items() if k.metric == "days_in_conflict"}
    for grouping in ("kind", "township", "language", "village_size"):
        total = sum(v for k, v in days.items() if k.by == grouping)
        years = PLACE.window.end.toordinal() - PLACE.window.start.toordinal() + 1
        per_1000 = total / 4000 * 1000 * 365 / years
        assert per_1000 == pytest.approx(found[Key("days_in_conflict_per_1000")], rel=1e-3)
