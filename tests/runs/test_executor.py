"""Executors keep what is finished, whatever happens to a worker or a task."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sim.runs.executors.choose import executor_by_name
from sim.runs.executors.local import (
    ALONE,
    Executor,
    Failure,
    ProcessExecutor,
    SerialExecutor,
    TaskFailed,
    WarmExecutor,
    WorkersCannotStart,
)
from tests.cli.terminal import environment
from tests.cli.test_killed_choosing import alive

from . import tasks as small

BOTH = [SerialExecutor(), ProcessExecutor(2), WarmExecutor(2)]


@pytest.mark.parametrize("executor", BOTH, ids=["serial", "processes", "warm"])
def test_every_result_comes_once(executor: Executor) -> None:
    assert sorted(executor.map(small.work, range(20))) == [(i, 2 * i) for i in range(20)]
    assert list(executor.map(small.work, [])) == []


@pytest.mark.parametrize("executor", BOTH, ids=["serial", "processes", "warm"])
def test_an_exception_is_raised_after_the_others_finished(executor: Executor) -> None:
    tasks: list[Any] = [0, ValueError("bad luck"), 2, KeyError("x"), 4]
    got: dict[int, int] = {}  # `update` keeps what comes before an exception
    with pytest.raises(TaskFailed) as caught:
        got.update(executor.map(small.work, tasks, label=lambda task: f"<{type(task).__name__}>"))
    assert got == {0: 0, 2: 4, 4: 8}
    assert sorted(failure.label for failure in caught.value.failures) == ["<KeyError>", "<ValueError>"]
    assert "<ValueError>: ValueError: bad luck" in str(caught.value)
    assert isinstance(caught.value.__cause__, (ValueError, KeyError))
    assert all("in work" in failure.trace for failure in caught.value.failures)


def test_exceptions_and_results_that_cannot_travel_are_still_reported() -> None:
    for fn, word in ((small.awkward, "Awkward: 7 and 7"), (small.unsendable, "pickle")):
        with pytest.raises(TaskFailed, match=word):
            list(ProcessExecutor(1).map(fn, [7]))


def test_a_killed_worker_costs_its_own_task_one_more_run_and_nothing_else(tmp_path: Path) -> None:
    tasks = [(tmp_path, number) for number in range(30)]
    results = sorted(ProcessExecutor(2).map(small.traced, tasks))
    assert results == [(number, number) for number in range(30)]
    runs = [int(path.name.split(".")[0]) for path in tmp_path.iterdir()]
    assert sorted(runs) == sorted([*range(30), 5])


def test_a_task_that_always_kills_its_worker_fails_alone_and_is_named(tmp_path: Path) -> None:
    tasks: list[Any] = [0, 1, small.Kill(2), 3, small.Kill(4, once=tmp_path / "mark"), *range(5, 12)]
    got: dict[int, int] = {}
    with pytest.raises(TaskFailed) as caught:
        got.update(ProcessExecutor(2).map(small.work, tasks, label=repr))
    assert got == {i: 2 * i for i in range(12) if i != 2}
    (failure,) = caught.value.failures
    assert failure.label == repr(tasks[2])
    assert "killed by SIGKILL" in failure.reason and f"{ALONE} times alone" in failure.reason


def test_the_initializer_runs_once_in_every_worker() -> None:
    found = [value for _, value in ProcessExecutor(2).map(
        small.shared, range(12), initializer=small.share, initargs=(9,))]  # fmt: skip
    assert {tuple(shared) for _, shared in found} == {(9,)}
    assert len({process for process, _ in found}) <= 2
    assert os.getpid() not in {process for process, _ in found}


def test_threads_of_blas_are_limited_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert list(ProcessExecutor(1).map(small.threads, [0])) == [(0, "1")]
    assert "OMP_NUM_THREADS" not in os.environ
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert list(ProcessExecutor(1).map(small.threads, [0])) == [(0, "3")]


def test_workers_that_cannot_start_are_not_tried_for_ever() -> None:
    with pytest.raises(WorkersCannotStart, match=r"exit code 3.*__main__"):
        list(ProcessExecutor(2).map(small.work, range(100), initializer=small.exits))


def test_what_cannot_be_sent_is_said_before_any_worker_starts() -> None:
    with pytest.raises(TypeError, match="top level"):
        list(ProcessExecutor(2).map(lambda task: task, [1]))


def test_closing_the_results_ends_the_workers_promptly() -> None:
    results = ProcessExecutor(2).map(time.sleep, [0.0, 60.0, 60.0])
    assert next(results) == (0, None)
    before = time.monotonic()
    results.close()
    assert time.monotonic() - before < 5


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_worker_in_a_long_task_ends_with_a_program_that_is_killed(tmp_path: Path) -> None:
    began = tmp_path / "began"
    script = (
        "from pathlib import Path\nfrom sim.runs.executors.local import ProcessExecutor\n"
        "from tests.runs.tasks import long\n"
        f"if __name__ == '__main__':\n    list(ProcessExecutor(2).map(long, [Path({str(began)!r})] * 2))\n"
    )
    (tmp_path / "main.py").write_text(script)
    with subprocess.Popen([sys.executable, tmp_path / "main.py"], env=environment()) as program:
        until = time.monotonic() + 120
        while not began.exists() and time.monotonic() < until:
            time.sleep(0.05)
        worker = int(began.read_text())
        program.kill()
    until = time.monotonic() + 10
    while alive([worker]) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive([worker])


def test_executors_by_name() -> None:
    assert executor_by_name("serial") == SerialExecutor()
    assert executor_by_name("processes", 3) == ProcessExecutor(3)
    assert executor_by_name("processes").workers >= 1
    with pytest.raises(ValueError, match=r"'quantum'.*serial, processes, dask"):
        executor_by_name("quantum")
    with pytest.raises(ValueError, match="at least one worker"):
        ProcessExecutor(0)


def test_a_failed_task_can_itself_be_pickled() -> None:
    error = TaskFailed([Failure("a", "b"), Failure("c", "d")])
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == "2 tasks failed: a: b; c: d"
