"""Replications of a place: the same table whatever engine, executor, workers or chunks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sim.draws import Draws
from sim.engines import reference
from sim.model import build
from sim.outcomes import COLUMNS
from sim.runs.executors.local import ProcessExecutor, SerialExecutor
from sim.runs.job import DIGEST_LAYER, PlaceJob, trace_digests
from sim.runs.replicate import run_replications
from sim.runs.rows import column
from sim.runs.store import ChunkStore
from tests.places import rich_place

RUNS = range(6)


def content(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def job(engine: str = "reference", seed: int = 3, **sections: object) -> PlaceJob:
    size = {"population": {"persons": 8000}, "villages": {"count": 6}, "townships": {"count": 2}}
    return PlaceJob(rich_place(**(size | sections)), seed, engine)


@pytest.fixture(scope="module")
def expected() -> pa.Table:
    return run_replications(job(), RUNS, executor=SerialExecutor())


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow), 4])
def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path, workers: int, expected: pa.Table) -> None:
    store = ChunkStore(tmp_path, job().key)
    table = run_replications(job(), RUNS, executor=ProcessExecutor(workers), store=store)
    assert content(table) == content(expected)


def test_both_engines_give_the_same_bytes_under_the_same_key(expected: pa.Table) -> None:
    table = run_replications(job("compiled"), RUNS, executor=SerialExecutor(), chunk=1)
    assert content(table) == content(expected)
    assert job("compiled").key == job().key


def test_the_table_has_the_columns_of_outcomes_and_a_digest_for_each_trace(expected: pa.Table) -> None:
    assert tuple(expected.column_names) == ("replication", *COLUMNS)
    layer = np.asarray(expected["layer"].to_pylist())
    digests = [
        d for d, is_one in zip(expected["metric"].to_pylist(), layer == DIGEST_LAYER, strict=True) if is_one
    ]
    model = build(job().place)
    assert digests == [reference.simulate(model, Draws(3, r)).digest() for r in RUNS]
    assert trace_digests(expected) == "".join(digests).encode()


def test_what_decides_the_numbers_is_in_the_key() -> None:
    jobs = [job(), job(seed=4), job(population={"persons": 8001}), job(agreement={"breach": 0.21})]
    assert len({each.key for each in jobs}) == len(jobs)
    assert job().key == job().key


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["诉讼", "", "a"], pa.string()),
        ([1.5, float("inf"), float("nan")], pa.float64()),
        ([1, 2], pa.float64()),
        (np.arange(4), pa.int64()),
        (np.arange(8)[::2], pa.int64()),
        (np.arange(2.0), pa.float64()),
        ([], pa.float64()),
    ],
)
def test_columns_of_bare_buffers_are_those_that_arrow_builds(values: object, kind: pa.DataType) -> None:
    ours, theirs = column(values), pa.array(values, kind, from_pandas=False)  # type: ignore[arg-type]
    ours.validate(full=True)
    assert content(pa.table({"x": ours})) == content(pa.table({"x": theirs}))


def test_a_worker_does_not_load_pandas() -> None:
    code = (
        "import sys; from sim.runs.executors.local import SerialExecutor; from sim.runs.job import PlaceJob;"
        "from sim.runs.replicate import run_replications; from sim.scenario.load import load_place;"
        "t = run_replications(PlaceJob(load_place('daliu'), 1), range(2), executor=SerialExecutor());"
        "print(t.num_rows > 0, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
