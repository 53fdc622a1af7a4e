"""Replications give the same table however they are run, and an interruption loses little."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.runs.batch as module
from sim.runs.batch import CHUNK, Batch, Interrupted, chunks, pairs, run
from sim.runs.case import Case, Measured, _models
from sim.runs.executors.local import Executor, ProcessExecutor, SerialExecutor, TaskFailed
from sim.runs.outcomes import Outcomes, Pair, rows_of
from sim.runs.place_run import PlaceRun
from sim.runs.precision import Precision, until_precise
from sim.runs.store import ChunkStore
from sim.scenario.load import load_place
from sim.scenario.metrics import Column
from sim.statistics.intervals import interval

from .jobs import Dice, same, thrown


def ran(
    case: Dice, wanted: list[Pair], folder: Path | None = None, executor: Executor | None = None, **more: Any
) -> Outcomes:
    return run([case], wanted, folder=folder, executor=executor or SerialExecutor(), **more)


def test_workers_and_chunks_never_change_a_byte(tmp_path: Path) -> None:
    expected = ran(Dice(), thrown(30))
    assert same(ran(Dice(), thrown(30), tmp_path, ProcessExecutor(3)), expected)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    wanted=st.lists(st.integers(0, 40), max_size=25),
    earlier=st.lists(st.tuples(st.lists(st.integers(0, 40), max_size=10), st.integers(1, 9)), max_size=3),
    chunk=st.none() | st.integers(1, 12),
)
def test_chunking_and_what_was_kept_before_never_change_the_result(
    wanted: list[int], earlier: list[tuple[list[int], int]], chunk: int | None
) -> None:
    asked = [(r % 3, r) for r in dict.fromkeys(wanted)]  # in any order
    expected = ran(Dice(), asked, chunk=1)
    with tempfile.TemporaryDirectory() as folder:
        for before, size in earlier:
            ran(Dice(), [(r % 3, r) for r in dict.fromkeys(before)], Path(folder), chunk=size)
        assert same(ran(Dice(), asked, Path(folder), chunk=chunk), expected)


@settings(deadline=None, derandomize=True)
@given(
    counts=st.lists(st.integers(0, 200), min_size=1, max_size=4),
    workers=st.integers(1, 64),
    chunk=st.none() | st.integers(1, 50),
)
def test_chunks_cover_what_is_missing_once(counts: list[int], workers: int, chunk: int | None) -> None:
    missing = [thrown(count, draw) for draw, count in enumerate(counts)]
    cut = chunks(missing, workers, chunk)
    for case, own in enumerate(missing):  # no chunk has replications of two cases
        assert [pair for part in cut if part.case == case for pair in part.pairs] == own
    assert all(1 <= len(part.pairs) <= (chunk or CHUNK) for part in cut)
    if chunk is None and sum(counts):
        assert len(cut) >= min(sum(counts), 4 * workers)
        assert len(cut[-1].pairs) == 1  # nobody waits long for the last


def test_cases_of_one_key_run_once_and_each_gets_what_it_wanted(tmp_path: Path) -> None:
    one, again, other = Dice(tmp_path), Dice(tmp_path, policy="again"), Dice(policy="other", key="o")
    batch = Batch([one, again, other], [thrown(4), [(0, 3), (0, 6)], thrown(2)], None)
    found = batch.complete(executor=SerialExecutor()).outcomes()
    assert one.runs() == [0, 1, 2, 3, 6]
    assert found.cases == ("dice", "again", "other")
    assert same(found.of("again"), ran(Dice(policy="again"), [(0, 3), (0, 6)]))
    assert same(found.of(0), ran(Dice(), thrown(4)))


def test_progress_counts_what_is_kept_and_what_is_new(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    ran(Dice(), thrown(4), tmp_path)
    ran(Dice(), thrown(10), tmp_path, chunk=3, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(4, 10), (7, 10), (10, 10)]


def test_a_damaged_chunk_is_computed_again(tmp_path: Path) -> None:
    case = Dice(tmp_path / "marks")
    first = ran(case, thrown(8), tmp_path, chunk=4)
    path = min(ChunkStore(tmp_path, "k").folder.iterdir())
    path.write_bytes(path.read_bytes()[:50])
    lost = set(thrown(8)) - ChunkStore(tmp_path, "k").done()
    assert lost
    assert same(ran(case, thrown(8), tmp_path, chunk=4), first)
    assert case.runs() == sorted([*range(8), *(r for _, r in lost)])


def test_nothing_is_left_in_this_process() -> None:
    place = Case(load_place("daliu"), None, 1, "place")
    ran(Dice(), thrown(3))
    run([place], pairs(1, 1), executor=SerialExecutor(), keep_models=True)
    assert _models and not module._cases
    run([place], pairs(1, 1), executor=SerialExecutor())
    assert not _models


@pytest.mark.parametrize("executor", [SerialExecutor(), ProcessExecutor(2)], ids=["serial", "processes"])
def test_a_failing_replication_is_named_and_all_others_are_kept(tmp_path: Path, executor: Executor) -> None:
    with pytest.raises(TaskFailed, match=r"^a task failed: dice, draw 0, replication 5: ValueError: five$"):
        ran(Dice(picky=5), thrown(12), tmp_path, executor, chunk=4)
    assert ChunkStore(tmp_path, "k").done() == set(thrown(12)) - {(0, 5)}


def test_a_replication_that_kills_its_worker_takes_nothing_else_along(tmp_path: Path) -> None:
    case = Dice(tmp_path / "marks", poison=5)
    with pytest.raises(TaskFailed, match=r"^a task failed: dice, draw 0, replication 5: its worker died"):
        ran(case, thrown(12), tmp_path, ProcessExecutor(2), chunk=4)
    assert ChunkStore(tmp_path, "k").done() == set(thrown(12)) - {(0, 5)}
    runs = case.runs()
    assert all(runs.count(r) == 1 for r in (0, 1, 2, 3, 8, 9, 10, 11)), "what was finished is not run again"


def test_what_is_impossible_is_a_row_with_a_reason(tmp_path: Path) -> None:
    for _ in range(2):  # simulated, and from the store
        found = ran(Dice(impossible=5), thrown(8), tmp_path)
        assert found.possible.tolist() == [r != 5 for r in range(8)]
        assert found.reasons[5] == "nobody can throw this" and found.digests.tolist()[4:7] == [
            "0:4",
            "",
            "0:6",
        ]
        assert all(np.isnan(found[c][5]) for c in found.columns)


def test_draws_and_replications_are_numbered_from_0() -> None:
    with pytest.raises(ValueError, match="from 0"):
        ran(Dice(), [(0, -1)])


SCRIPT = """
import sys
from pathlib import Path
from {package} import Dice, thrown
from sim.runs.batch import Interrupted, run
from sim.runs.executors.choose import executor_by_name

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    case = Dice(folder / "marks", pause=float(sys.argv[3]))
    try:
        run([case], thrown(40), executor=executor_by_name(sys.argv[2], 2), folder=folder, chunk=2,
            progress=lambda done, total: print(done, flush=True))
    except Interrupted as stop:
        print("kept", stop.kept, stop.total, flush=True)
        sys.exit(130)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("name", "group"),
    [
        pytest.param("serial", False, id="serial"),  # one process is the whole group
        pytest.param("processes", False, id="processes-process"),
        pytest.param("processes", True, id="processes-terminal"),
    ],
)
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
    store, case = ChunkStore(tmp_path, "k"), Dice(tmp_path / "marks")
    kept = store.done()
    # A chunk that is being put away in that very moment is kept and may not be counted yet.
    assert any(f"kept {len(kept) - late} 40" in out for late in (0, 2)) and 6 <= len(kept) < 40
    assert not list(store.folder.glob(".*"))
    for path in (tmp_path / "marks").iterdir():
        path.unlink()
    found = ran(case, thrown(40), tmp_path)
    assert case.runs() == sorted({r for _, r in thrown(40)} - {r for _, r in kept})
    assert same(found, ran(Dice(), thrown(40)))


def test_an_interruption_says_what_is_kept() -> None:
    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="none of 4 replications are kept"):
        ran(Dice(), thrown(4), progress=stop)


class Wide(PlaceRun):
    """Normal values, a metric that is always zero, one that is mostly undefined, one that nothing has."""

    @property
    def case(self) -> Case:  # type: ignore[override]
        return WIDE  # type: ignore[return-value]


@dataclass(frozen=True)
class _Wide:
    key: str = "w"
    policy: str = "wide"

    def measure(self, draw: int, replication: int) -> Measured:
        luck = np.random.default_rng([23, replication])
        rare = 1.0 if replication % 50 == 0 else float("nan")
        columns = [Column(name) for name in ("days", "zero", "rare")]
        return Measured(rows_of(columns, [100 + 30 * luck.standard_normal(), 0.0, rare]))

    def label(self, draw: int, replication: int) -> str:
        return f"wide, {replication}"


WIDE = _Wide()
COLUMNS = {name: Column(name) for name in ("days", "zero", "rare", "nights")}


def precise(names: list[str], target: float, maximum: int, folder: Path | None = None) -> Precision:
    chosen = {name: COLUMNS[name] for name in names}
    wide = Wide(load_place("daliu"), 1)
    return until_precise(wide, chosen, target, executor=SerialExecutor(), maximum=maximum, folder=folder)


def test_it_stops_at_the_first_preset_size_that_is_precise(tmp_path: Path) -> None:
    found = precise(["days"], 0.05, 1000, tmp_path)
    assert found.reached and found.intervals["days"].relative <= 0.05
    assert found.looks == tuple(10 * 2**k for k in range(len(found.looks)))
    assert found.replications == found.looks[-1] == len(ChunkStore(tmp_path, "w").done())
    values = run([WIDE], thrown(found.looks[-1]), executor=SerialExecutor())[Column("days")]
    assert found.intervals["days"] == interval(values)
    assert interval(values[: found.looks[-2]]).relative > 0.05


def test_it_stops_at_the_maximum_and_says_so() -> None:
    found = precise(["days", "zero", "rare"], 0.001, 70)
    assert not found.reached and found.looks == (10, 20, 40, 70)
    assert "NOT reached: stopped at the maximum" in str(found)
    assert (found.intervals["rare"].n, found.intervals["rare"].dropped) == (2, 68)
    assert found.intervals["zero"].relative == math.inf


def test_a_metric_must_exist() -> None:
    with pytest.raises(KeyError, match="there are: days, rare, zero"):
        precise(["nights"], 0.1, 20)
