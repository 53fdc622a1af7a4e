"""Replications give the same table however they are run, and an interruption loses little."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.runs.replicate as module
from sim.runs.executors.local import Executor, ProcessExecutor, SerialExecutor, TaskFailed, WorkersCannotStart
from sim.runs.precision import long_values, until_precise
from sim.runs.replicate import Interrupted, chunks, run_replications
from sim.runs.store import ChunkStore

from .jobs import Broken, Dice, Wide


def content(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def test_workers_and_chunks_never_change_a_byte(tmp_path: Path) -> None:
    expected = content(run_replications(Dice(), range(30), executor=SerialExecutor()))
    for workers in (1, 2, 4):
        store = ChunkStore(tmp_path / str(workers), "k")
        table = run_replications(Dice(), range(30), executor=ProcessExecutor(workers), store=store)
        assert content(table) == expected


def test_part_of_a_stored_chunk_has_the_types_it_would_have_alone(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k")
    run_replications(Dice(), range(4), executor=SerialExecutor(), store=store, chunk=4)
    for part in ([0], [1], [2], [1, 3], [1, 2]):  # none, integers, floats, integers, both
        expected = run_replications(Dice(), part, executor=SerialExecutor())
        assert content(run_replications(Dice(), part, executor=SerialExecutor(), store=store)) == content(
            expected
        )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    wanted=st.lists(st.integers(0, 40), max_size=25),
    earlier=st.lists(st.tuples(st.lists(st.integers(0, 40), max_size=10), st.integers(1, 9)), max_size=3),
    chunk=st.none() | st.integers(1, 12),
)
def test_chunking_and_what_was_kept_before_never_change_the_result(
    wanted: list[int], earlier: list[tuple[list[int], int]], chunk: int | None
) -> None:
    expected = content(run_replications(Dice(), sorted(set(wanted)), executor=SerialExecutor(), chunk=1))
    with tempfile.TemporaryDirectory() as folder:
        store = ChunkStore(Path(folder), "k")
        for before, size in earlier:
            run_replications(Dice(), before, executor=SerialExecutor(), store=store, chunk=size)
        table = run_replications(Dice(), wanted, executor=SerialExecutor(), store=store, chunk=chunk)
    assert content(table) == expected


@settings(deadline=None, derandomize=True)
@given(count=st.integers(0, 500), workers=st.integers(1, 64), chunk=st.none() | st.integers(1, 50))
def test_chunks_cover_what_is_missing_once(count: int, workers: int, chunk: int | None) -> None:
    cut = chunks(range(count), workers, chunk)
    assert [replication for part in cut for replication in part] == list(range(count))
    assert all(1 <= len(part) <= (chunk or 8) for part in cut)
    if chunk is None:
        assert len(cut) >= min(count, 4 * workers)
        assert not count or len(cut[-1]) == 1  # nobody waits long for the last


def test_progress_counts_what_is_kept_and_what_is_new(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    store = ChunkStore(tmp_path, "k")
    run_replications(Dice(), range(4), executor=SerialExecutor(), store=store)
    run_replications(
        Dice(), range(10), executor=SerialExecutor(), store=store, chunk=3,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen == [(4, 10), (7, 10), (10, 10)]


def test_a_damaged_chunk_is_computed_again(tmp_path: Path) -> None:
    job, store = Dice(tmp_path / "marks"), ChunkStore(tmp_path, "k")
    first = run_replications(job, range(8), executor=SerialExecutor(), store=store, chunk=4)
    path = min(store.folder.iterdir())
    path.write_bytes(path.read_bytes()[:50])
    lost = set(range(8)) - store.done()
    assert lost
    again = run_replications(job, range(8), executor=SerialExecutor(), store=store, chunk=4)
    assert content(again) == content(first)
    assert job.runs() == sorted([*range(8), *lost])


def test_the_model_is_prepared_once_per_worker(tmp_path: Path) -> None:
    job = Dice(tmp_path)
    run_replications(job, range(20), executor=ProcessExecutor(2), chunk=2)
    assert 1 <= len(list(tmp_path.glob("prepare*"))) <= 2
    assert not module._prepared


class Picky(Dice):
    def run(self, prepared: int, replication: int) -> list[dict[str, Any]]:
        if replication == 5:
            raise ValueError("five")
        return super().run(prepared, replication)


@pytest.mark.parametrize("executor", [SerialExecutor(), ProcessExecutor(2)], ids=["serial", "processes"])
def test_a_failing_replication_is_named_and_the_others_are_kept(tmp_path: Path, executor: Executor) -> None:
    store = ChunkStore(tmp_path, "k")
    with pytest.raises(TaskFailed, match=r"replications 4 to 7: ValueError: five\s+in replication 5"):
        run_replications(Picky(), range(12), executor=executor, store=store, chunk=4)
    assert store.done() == {0, 1, 2, 3, 8, 9, 10, 11}


@pytest.mark.parametrize("executor", [SerialExecutor(), ProcessExecutor(2)], ids=["serial", "processes"])
def test_a_job_that_cannot_be_prepared_fails_at_once(executor: Executor) -> None:
    with pytest.raises(WorkersCannotStart, match="no such place"):
        run_replications(Broken(), range(1000), executor=executor)


SCRIPT = """
import sys
from pathlib import Path
from {package} import Dice
from sim.runs.executors.choose import executor_by_name
from sim.runs.replicate import Interrupted, run_replications
from sim.runs.store import ChunkStore

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    job = Dice(folder / "marks", pause=float(sys.argv[3]))
    try:
        run_replications(job, range(40), executor=executor_by_name(sys.argv[2], 2),
                         store=ChunkStore(folder, "k"), chunk=2,
                         progress=lambda done, total: print(done, flush=True))
    except Interrupted as stop:
        print("kept", stop.kept, stop.total, flush=True)
        sys.exit(130)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("group", [False, True], ids=["process", "terminal"])
@pytest.mark.parametrize("name", ["serial", "processes"])
def test_ctrl_c_keeps_finished_chunks_and_the_next_run_does_the_rest(
    tmp_path: Path, name: str, group: bool
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(package=Dice.__module__))
    search = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path), name, "0.1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": search},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 6:
            pass
        before = time.monotonic()
        # A terminal signals the whole group, `kill` a single process.
        (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert time.monotonic() - before < 10
    assert process.returncode == 130
    assert "Traceback" not in err
    store, job = ChunkStore(tmp_path, "k"), Dice(tmp_path / "marks")
    kept = store.done()
    assert f"kept {len(kept)} 40" in out and 6 <= len(kept) < 40
    assert not list(store.folder.glob(".*"))
    for path in (tmp_path / "marks").iterdir():
        path.unlink()
    table = run_replications(job, range(40), executor=SerialExecutor(), store=store)
    assert job.runs() == sorted(set(range(40)) - kept)
    assert content(table) == content(run_replications(Dice(), range(40), executor=SerialExecutor()))


def test_an_interruption_says_what_is_kept() -> None:
    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="none of 4 replications are kept"):
        run_replications(Dice(), range(4), executor=SerialExecutor(), progress=stop)


def test_it_stops_at_the_first_preset_size_that_is_precise(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k")
    found = until_precise(Wide(), ["days"], 0.05, executor=SerialExecutor(), maximum=1000, store=store)
    assert found.reached and found.intervals["days"].relative <= 0.05
    assert found.looks == tuple(10 * 2**k for k in range(len(found.looks)))
    assert found.replications == found.looks[-1] == found.table.num_rows == len(store.done())
    earlier = run_replications(Wide(), range(found.looks[-2]), executor=SerialExecutor(), store=store)
    assert content(earlier) == content(found.table.slice(0, found.looks[-2]).combine_chunks())


def test_it_stops_at_the_maximum_and_says_so() -> None:
    found = until_precise(Wide(), ["days", "zero", "rare"], 0.001, executor=SerialExecutor(), maximum=70)
    assert not found.reached and found.looks == (10, 20, 40, 70)
    assert "NOT reached: stopped at the maximum" in str(found)
    assert (found.intervals["rare"].n, found.intervals["rare"].dropped) == (2, 68)
    assert found.intervals["zero"].relative == math.inf


def test_a_metric_must_exist_and_have_one_value_per_replication() -> None:
    with pytest.raises(KeyError, match="there are: days, zero, rare"):
        until_precise(Wide(), ["nights"], 0.1, executor=SerialExecutor(), maximum=20)
    with pytest.raises(ValueError, match="several rows"):
        until_precise(Dice(), ["roll"], 0.1, executor=SerialExecutor(), maximum=20)


def test_a_metric_of_a_long_table() -> None:
    table = pa.table({"replication": [0, 0, 1, 1], "metric": ["a", "b"] * 2, "value": [1.0, 2.0, None, 4.0]})
    assert long_values(table, "b") == [2.0, 4.0]
    assert math.isnan(long_values(table, "a")[1])
    with pytest.raises(KeyError, match="there are: a, b"):
        long_values(table, "c")
