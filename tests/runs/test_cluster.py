"""A Dask cluster gives what one process gives, whatever happens to its workers. With real schedulers and workers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed")


import sim.runs.executors.cluster as module
from sim.runs.executors.choose import executor_by_name
from sim.runs.executors.cluster import PER_WORKER, ClusterLost, ClusterUnavailable, DaskExecutor
from sim.runs.executors.cluster_worker import KEPT
from sim.runs.executors.local import TaskFailed, WorkersCannotStart
from sim.runs.outcomes import Outcomes
from sim.runs.store import ChunkStore
from tests.cli.terminal import PAIR, ROOT, digests, done, environment, run_cli
from tests.runs import jobs  # under the name that workers find it by
from tests.runs import tasks as small
from tests.runs.jobs import same, thrown
from tests.runs.test_batch import SCRIPT, ran

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
ALLOWED = 1  # deaths that Dask forgives a task, on the clusters of these tests


class Processes:
    """Schedulers and workers as one starts them by hand, each with a process group of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str, **changes: str) -> subprocess.Popen[bytes]:
        """A program of Dask, `scheduler` or `worker`, with its options."""
        settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(ALLOWED), **changes}
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", "--no-dashboard", *words[1:]],
            env=environment(**settings), cwd=self.folder, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.all.append(process)
        return process

    def scheduler(self) -> str:
        """The address of a new scheduler."""
        file = self.folder / f"scheduler-{len(self.all)}.json"
        process = self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            try:
                return str(json.loads(file.read_text("utf-8"))["address"])
            except (OSError, ValueError):
                time.sleep(0.05)
        raise AssertionError("the scheduler did not start")

    def workers(self, address: str, count: int, **changes: str) -> subprocess.Popen[bytes]:
        """Workers of one thread each, which are started again when they die."""
        return self.start("worker", address, "--nworkers", str(count), "--nthreads", "1", **changes)

    def end(self) -> None:
        for process in self.all:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    started = Processes(tmp_path_factory.mktemp("dask"))
    yield started
    started.end()


@pytest.fixture(scope="module")
def address(processes: Processes) -> str:
    """The address of a cluster of two workers."""
    found = processes.scheduler()
    processes.workers(found, 2)
    return found


def ready(executor: DaskExecutor, count: int = 2) -> DaskExecutor:
    """The executor, once so many workers are there; on a busy computer they take a while to start."""
    until, found = time.monotonic() + 120, ""
    while time.monotonic() < until:
        try:
            if executor.workers == count and executor._client.nthreads():
                return executor
        except ClusterUnavailable as error:  # also if a source file was changed since the workers started
            found = str(error)
        time.sleep(0.05)
    raise AssertionError(f"the workers did not start; {found}")


@pytest.fixture
def executor(address: str) -> Iterator[DaskExecutor]:
    with DaskExecutor(address) as made:
        yield ready(made)


def test_a_killed_worker_loses_nothing_and_repeats_only_what_was_in_flight(
    executor: DaskExecutor, tmp_path: Path
) -> None:
    expected = ran(jobs.Dice(), thrown(80))
    job, chunk = jobs.Dice(tmp_path / "marks", pause=0.02), 2
    victim = next(iter(executor._client.run(os.getpid).values()))
    kept: set[int] = set()

    def kill(finished: int, total: int) -> None:
        if finished >= 20 and not kept:
            kept.update(r for _, r in ChunkStore(tmp_path, "k").done())
            os.kill(victim, signal.SIGKILL)

    found = ran(job, thrown(80), tmp_path, executor, chunk=chunk, progress=kill)
    assert len(kept) >= 20
    assert victim not in executor._client.run(os.getpid).values()
    assert same(found, expected)
    assert ChunkStore(tmp_path, "k").done() == set(thrown(80))
    runs = job.runs()
    assert set(runs) == set(range(80))
    repeated = [replication for replication in set(runs) if runs.count(replication) > 1]
    assert not kept.intersection(repeated)
    # Usually there are two chunks on a worker, but all that are under way may be.
    assert len(runs) - 80 <= 2 * PER_WORKER * chunk


def test_a_task_that_always_kills_its_worker_fails_alone_and_is_named(executor: DaskExecutor) -> None:
    tasks: list[Any] = [0, 1, small.Kill(2), 3, ValueError("bad luck"), *range(5, 12)]
    got: dict[int, int] = {}
    with pytest.raises(TaskFailed) as caught:
        got.update(executor.map(small.work, tasks, label=repr))
    assert got == {i: 2 * i for i in range(12) if i not in (2, 4)}
    reasons = {failure.label: failure.reason for failure in caught.value.failures}
    assert reasons.keys() == {repr(tasks[2]), repr(tasks[4])}
    assert f"died every time, {ALLOWED + 1} times in a row" in reasons[repr(tasks[2])]
    assert reasons[repr(tasks[4])] == "ValueError: bad luck"


@pytest.mark.slow
def test_a_preparation_that_kills_or_fails_is_not_blamed_on_the_tasks(executor: DaskExecutor) -> None:
    with pytest.raises(WorkersCannotStart, match=r"prepare.*died every time"):
        list(executor.map(small.work, range(100), initializer=small.exits))


def test_exceptions_and_results_that_cannot_travel_are_still_reported(executor: DaskExecutor) -> None:
    for fn, word in ((small.awkward, "Awkward: 7 and 7"), (small.unsendable, "pickle")):
        with pytest.raises(TaskFailed, match=word):
            list(executor.map(fn, [7]))
    with pytest.raises(TypeError, match="top level"):
        list(executor.map(lambda task: task, [1]))
    assert list(executor.map(small.work, [])) == []


@pytest.mark.slow
def test_runs_that_share_the_workers_do_not_meet(executor: DaskExecutor) -> None:
    inner: list[Outcomes] = []

    def another(finished: int, total: int) -> None:
        with DaskExecutor(executor.scheduler) as second:
            inner.append(ran(jobs.Dice(key="w"), thrown(20, 3), None, second))

    outer = ran(jobs.Dice(), thrown(40), None, executor, chunk=10, progress=another)
    assert same(outer, ran(jobs.Dice(), thrown(40)))
    expected = ran(jobs.Dice(), thrown(20, 3))
    assert inner and all(same(one, expected) for one in inner)


def test_a_worker_forgets_old_preparations(executor: DaskExecutor) -> None:
    for _ in range(KEPT + 2):
        ran(jobs.Dice(), thrown(4), None, executor, chunk=1)
    count = executor._client.run(lambda: len(import_module("sim.runs.batch")._cases))
    assert max(count.values()) == KEPT


@pytest.mark.slow
def test_the_command_writes_the_same_bytes_as_in_one_process(executor: DaskExecutor, tmp_path: Path) -> None:
    words = ("run", PAIR, "--replications", 6, "--no-figures", "--out")
    done(tmp_path, *words, "serial", "--executor", "serial")
    done(tmp_path, *words, "dask", "--executor", "dask", "--scheduler", executor.scheduler)
    assert digests(tmp_path / "dask") == digests(tmp_path / "serial")


@pytest.mark.slow
def test_where_no_scheduler_answers_it_is_said_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.CONNECT <= 8
    monkeypatch.setattr(module, "CONNECT", 2.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # takes the connection and says nothing
        place = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        before = time.monotonic()
        with pytest.raises(ClusterUnavailable, match=rf"no Dask scheduler at {place}.*`dask scheduler`"):
            DaskExecutor(place)._connect()
        assert time.monotonic() - before < 10  # on a busy computer
    words = ("run", PAIR, "--out", "out", "--executor")
    finished = run_cli(tmp_path, *words, "dask", "--scheduler", "nowhere")
    assert finished.returncode == 2
    assert "no Dask scheduler at nowhere" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "out").exists()
    finished = run_cli(tmp_path, *words, "serial", "--scheduler", "tcp://127.0.0.1:1")
    assert finished.returncode == 2
    assert "goes with the executor 'dask'" in finished.stderr


@pytest.mark.slow
def test_a_cluster_without_workers_or_with_another_program_is_refused(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = processes.scheduler()
    with monkeypatch.context() as patch:
        patch.setattr(module, "CONNECT", 2.0)
        with pytest.raises(ClusterUnavailable, match=f"has no workers; start some with `dask worker {where}"):
            DaskExecutor(where)._connect()
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    with (tmp_path / "sim" / "rules.py").open("a", encoding="utf-8") as rules:
        rules.write("CHANGED = True\n")
    monkeypatch.setattr(module, "CONNECT", 60.0)
    other = processes.workers(where, 1, PYTHONPATH=str(tmp_path))
    with pytest.raises(ClusterUnavailable, match=r"worker at tcp.*it has program \w{12} instead of \w{12},"):
        DaskExecutor(where)._connect()
    os.killpg(other.pid, signal.SIGKILL)
    (
        tmp_path / "sim" / "runs" / "executors" / "cluster_worker.py"
    ).unlink()  # as in a version without clusters
    processes.workers(where, 1, PYTHONPATH=str(tmp_path))
    with pytest.raises(ClusterUnavailable, match=r"lacks this program, or has another version"):
        DaskExecutor(where)._connect()


@pytest.mark.slow
def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['distributed'] = None; from sim.cli import main; sys.exit(main(sys.argv[1:]))"
    finished = subprocess.run(
        [sys.executable, "-c", code, "run", str(PAIR), "--executor", "dask"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert finished.returncode == 2
    assert "pip install 'village-disputes[cluster]'" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_reported_and_what_is_finished_is_kept(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECT", 3.0)
    where = processes.scheduler()
    scheduler = processes.all[-1]
    processes.workers(where, 1)
    job = jobs.Dice(tmp_path / "marks", pause=0.02)

    def kill(finished: int, total: int) -> None:
        if finished >= 10:
            os.killpg(scheduler.pid, signal.SIGKILL)

    lost = ready(DaskExecutor(where), 1)
    with lost, pytest.raises(ClusterLost, match="connection with the scheduler"):
        ran(job, thrown(400), tmp_path, lost, chunk=2, progress=kill)
    kept = ChunkStore(tmp_path, "k").done()
    assert 10 <= len(kept) < 400
    assert same(ran(jobs.Dice(), thrown(40), tmp_path), ran(jobs.Dice(), thrown(40)))


@pytest.mark.slow
def test_ctrl_c_on_a_cluster_of_its_own_keeps_what_is_finished(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(package=jobs.__name__))
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path), "dask", "0.1"], env=environment(), cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 6:
            pass
        before = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        out, err = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130, err
    assert time.monotonic() - before < 15
    assert "Traceback" not in err
    job = jobs.Dice(tmp_path / "marks")
    kept = {r for _, r in ChunkStore(tmp_path, "k").done()}
    assert f"kept {len(kept)} 40" in out
    assert 6 <= len(kept) < 40
    shutil.rmtree(tmp_path / "marks")
    found = ran(job, thrown(40), tmp_path)
    assert job.runs() == sorted(set(range(40)) - kept)
    assert same(found, ran(jobs.Dice(), thrown(40)))


def test_names() -> None:
    assert isinstance(executor_by_name("dask", 3), DaskExecutor)
    assert executor_by_name("dask", scheduler="tcp://far:1").scheduler == "tcp://far:1"  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="goes with the executor 'dask'"):
        executor_by_name("processes", scheduler="tcp://far:1")
    with pytest.raises(ValueError, match="that of the cluster"):
        executor_by_name("dask", 2, "tcp://far:1")
    with pytest.raises(ValueError, match="at least one worker"):
        executor_by_name("dask", 0)
