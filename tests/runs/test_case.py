"""Replications of a place: the same table whatever engine, executor, workers or chunks."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sim.draws import Draws
from sim.engines import reference
from sim.model import build
from sim.runs.batch import pairs, run
from sim.runs.case import Case, stream
from sim.runs.executors.local import ProcessExecutor, SerialExecutor
from sim.runs.outcomes import Outcomes, numeric, text
from sim.runs.place_run import PlaceRun
from sim.scenario.policy import Measure
from tests.places import rich_place
from tests.runs.jobs import same

RUNS = pairs(1, 6)


def content(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def case(engine: str = "reference", seed: int = 3, **sections: object) -> Case:
    size = {"population": {"persons": 8000}, "villages": {"count": 6}, "townships": {"count": 2}}
    return Case(rich_place(**(size | sections)), None, seed, "place", engine=engine)


@pytest.fixture(scope="module")
def expected() -> Outcomes:
    return run([case()], RUNS, executor=SerialExecutor())


@pytest.mark.parametrize(
    "workers", [pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(4, marks=pytest.mark.slow)]
)
def test_any_number_of_workers_gives_the_same_numbers(
    tmp_path: Path, workers: int, expected: Outcomes
) -> None:
    assert same(run([case()], RUNS, executor=ProcessExecutor(workers), folder=tmp_path), expected)


def test_both_engines_give_the_same_numbers_under_the_same_key(expected: Outcomes) -> None:
    assert same(run([case("compiled")], RUNS, executor=SerialExecutor(), chunk=1), expected)
    assert case("compiled").key == case().key


def test_there_is_a_digest_for_each_trace(expected: Outcomes) -> None:
    model = build(case().place)
    assert expected.digests.tolist() == [reference.simulate(model, Draws(3, r)).digest() for _, r in RUNS]


def test_what_decides_the_numbers_is_in_the_key() -> None:
    cases = [case(), case(seed=4), case(population={"persons": 8001}), case(agreement={"breach": 0.21})]
    cases += [replace(case(), readout="policy"), replace(case(), options=(("groups", False),))]
    cases += [
        replace(case(), parts=2),
        replace(case(), numbering="through"),
        replace(case(), measures=(Measure(mechanism="grid"),)),
    ]
    assert len({each.key for each in cases}) == len(cases)
    assert replace(case(), policy="any").key == case().key


def test_random_streams_have_the_numbers_that_they_always_had() -> None:
    """They make every trace: another number is another result."""
    assert stream("through", 7, 5) == 5
    assert stream("per draw", 3, 5) == 3 * 2**20 + 5
    assert stream("per county", 3, 5) == 5 * 2**16 + 3
    assert stream("through", 7, 5, copy=2) == 5 + 2 * 2**24
    assert case().luck(0, 4).key == Draws(3, 4).key


def test_replications_of_a_run_go_round_the_draws() -> None:
    class Three:
        count, key = 3, "three"

    run_of = PlaceRun(case().place, 1, posterior=Three(), per_draw=2)  # type: ignore[arg-type]
    assert [d for d, _ in run_of.pairs(8)] == [1, 1, 2, 2, 3, 3, 1, 1]
    assert [r for _, r in run_of.pairs(8)] == list(range(8))
    assert [d for d, _ in replace(run_of, left_out=(2,)).pairs(6)] == [1, 1, 3, 3, 1, 1]
    assert PlaceRun(case().place, 1).pairs(3) == [(0, 0), (0, 1), (0, 2)]
    assert len({run_of.key, replace(run_of, per_draw=1).key, replace(run_of, left_out=(2,)).key}) == 3


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
    ours = text(values) if kind == pa.string() else numeric(values)  # type: ignore[arg-type]
    theirs = pa.array(values, kind, from_pandas=False)  # type: ignore[arg-type]
    ours.validate(full=True)
    assert content(pa.table({"x": ours})) == content(pa.table({"x": theirs}))


def test_a_worker_does_not_load_pandas() -> None:
    code = (
        "import sys; from sim.runs.executors.local import SerialExecutor; from sim.runs.case import Case;"
        "from sim.runs.batch import Batch, pairs; from sim.scenario.load import load_place;"
        "b = Batch([Case(load_place('daliu'), None, 1, 'place')], [pairs(1, 2)]);"
        "b.complete(executor=SerialExecutor()); print(next(b.blocks()).rows.num_rows > 0, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
