"""The container of outcomes holds what the long table holds, however it comes, and needs little memory."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.studies.results as module
from sim.runs.batch import Batch
from sim.runs.case import Measured
from sim.runs.outcomes import Held, Outcomes, Pair, RowsDiffer, rows_of
from sim.runs.store import ChunkStore, identified, joined
from sim.scenario.metrics import LABELS, Column
from sim.studies.results import read_result
from sim.studies.run.tables import read_tables, write_tables
from tests.runs.jobs import same
from tests.show.figures.frames import small_frame, small_place


def rows(replication: int, metrics: int = 20, points: int = 10) -> pa.Table:
    """Rows as a place gives them; some metrics are missing in some replications, some values are not defined."""
    luck = np.random.default_rng([5, replication])
    kept = [m for m in range(metrics) if m == 0 or (replication + m) % 7]
    columns = [
        Column(f"metric {m}", by="tier" if m % 3 else "", group="village" if m % 3 else "") for m in kept
    ]
    values = [float(luck.normal()) for _ in kept]
    values[0] = np.nan
    if replication % 5:
        columns += [Column("open_disputes", "series", "", "tier", "village", 7.0 * x) for x in range(points)]
        values += [float(luck.normal()) for _ in range(points)]
    return rows_of(columns, values)


def long_table(replication: int) -> pa.Table:
    return identified(rows(replication), replication // 4, replication)


def pairs_of(count: int) -> list[Pair]:
    return [(r // 4, r) for r in range(count)]


def test_they_are_what_pandas_reads_off_the_frame() -> None:
    frame = small_frame()
    numbers = Outcomes.of_frame(frame)
    values = frame[frame["layer"].isin(["true", "recorded"])]
    groups = {Column(*map(str, key)): rows for key, rows in values.groupby([*LABELS], sort=False)}
    assert numbers.columns == list(groups)
    for key, rows in groups.items():
        expected = rows.set_index("replication")["value"].reindex(range(4)).to_numpy()
        np.testing.assert_array_equal(numbers[key], expected)
    curves = frame[frame["layer"] == "series"]
    rows = 0
    for key, series in numbers.curves.items():
        chosen = curves[(curves["metric"] == key.metric) & (curves["group"] == key.group)]
        expected = chosen.pivot_table(index="replication", columns="x", values="value", dropna=False)
        assert set(series.points) == set(expected.columns)
        assert set(np.flatnonzero(series.present)) == set(expected.index)
        for x, point in series.points.items():
            np.testing.assert_array_equal(point[series.present], expected[x].to_numpy())
        rows += len(chosen)
    assert rows == len(curves) > 0


@settings(max_examples=30, deadline=None, derandomize=True)
@given(cuts=st.lists(st.integers(0, 300), max_size=8))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    table = joined(long_table(r) for r in range(12))
    whole, pieces = Outcomes([""], [pairs_of(12)]), Outcomes([""], [pairs_of(12)])
    whole.add(table)
    edges = [0, *sorted(min(cut, table.num_rows) for cut in cuts), table.num_rows]
    for start, end in pairwise(edges):
        pieces.add(table.slice(start, end - start))
    assert same(whole, pieces)


def test_rows_that_do_not_belong_are_refused() -> None:
    table = long_table(1)
    with pytest.raises(RowsDiffer, match="several rows"):
        Outcomes([""], [pairs_of(2)]).add(pa.concat_tables([table, table]))
    for expected in ([(0, 0), (0, 2)], [(1, 1)], []):
        with pytest.raises(RowsDiffer, match="not asked for"):
            Outcomes([""], [expected]).add(table)


def two_policies() -> Outcomes:
    """Two draws of three replications under two policies; the second has a column that the first lacks."""
    every = [(d, r) for d in (1, 2) for r in range(3)]
    found = Outcomes(["a", "b"], [every, every])
    for case in (0, 1):
        for d, r in every:
            columns = [Column("x"), *([Column("y", by="staff", group="judges")] if case else [])]
            held = [Held(d, r, "", "cannot" if case and (d, r) == (2, 1) else "")]
            rows_now = rows_of(columns, [100.0 * case + 10 * d + r, -1.0][: len(columns)])
            found.add(pa.table({}) if held[0].reason else identified(rows_now, d, r), held, case)
    return found


def test_rows_and_columns_are_known_by_their_labels() -> None:
    found = two_policies()
    x, y = Column("x"), Column("y", by="staff", group="judges")
    assert found.columns == [x, y] and found.of("a").columns == [x] and not found.has(y, 0)
    assert found.values(x, 1).tolist()[:3] == [110.0, 111.0, 112.0]
    grid = found.grid([x, y])
    assert grid.shape == (2, 2, 2, 3)  # policies, columns, draws, replications
    assert grid[1, 0, 1, 2] == 122.0 and np.isnan(grid[1, :, 1, 1]).all() and np.isnan(grid[0, 1]).all()
    assert found.reasons.tolist().count("cannot") == 1 and found.possible.sum() == 11
    less = found.kept([1], np.array([True, False]))
    assert np.isnan(less[x][:3]).all() and less[x][3] == 120.0


def test_pandas_and_xarray_have_the_same_labels() -> None:
    found = two_policies()
    wide, long = found.wide(), found.frame()
    assert wide.loc[("b", 2, 2), ("x", "true", "", "", "")] == 122.0
    assert len(long) == 6 + 5 * 2  # what is not there has no row
    row = long[(long["policy"] == "b") & (long["draw"] == 1) & (long["metric"] == "y")].iloc[0]
    assert (row["by"], row["group"], row["value"]) == ("staff", "judges", -1.0)
    pytest.importorskip("xarray")
    array = found.xarray()
    assert array.dims == ("policy", "draw", "replication", "column")
    chosen = array.isel(column=array["metric"].to_numpy().tolist().index("x"))
    assert float(chosen.sel(policy="b", draw=2, replication=2)) == 122.0


def filled(folder: Path, count: int, size: int) -> Batch:
    """A complete batch whose replications were kept in chunks of some size."""
    store = ChunkStore(folder, "k")
    for start in range(0, count, size):
        part = pairs_of(count)[start : start + size]
        store.put([Held(*pair, f"{pair[1]:064x}") for pair in part], joined(long_table(r) for _, r in part))
    return Batch([Kept()], [pairs_of(count)], folder)


class Kept:
    """Stands for a case of which everything is in the store."""

    key, policy = "k", ""

    def measure(self, draw: int, replication: int) -> Measured:
        raise AssertionError

    def label(self, draw: int, replication: int) -> str:
        return ""


def test_tables_have_the_same_bytes_whatever_the_chunks(tmp_path: Path) -> None:
    found = set()
    for size in (1, 7, 64, 65, 150):
        folder = tmp_path / str(size)
        outcomes, digest = write_tables(folder, filled(folder, 150, size))
        assert len(outcomes) == 150
        found.add((digest, *((folder / name).read_bytes() for name in module.TABLES)))
    assert len(found) == 1


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    batch = filled(tmp_path, 150, 8)
    written, digest = write_tables(tmp_path, batch)
    unwritten, same_digest = read_tables(batch)
    assert same(unwritten, written) and same_digest == digest
    traces = "".join(f"{r:064x}" for r in range(150))
    assert digest == hashlib.sha256(traces.encode()).hexdigest()
    manifest = {"key": "k", "seed": 1, "replications": 150, "format": module.FORMAT, "trace_digest": digest}
    place = small_place().model_dump(mode="json")
    (tmp_path / "summary.csv").write_text("reading,by,group,unit,exactness,role\n")
    module.finish(tmp_path, manifest | {"scenario": place})
    result = read_result(tmp_path)
    written.draw[:], written.digests[:] = 0, ""  # a folder without a posterior has no draws
    assert same(result.numbers, written)
    (block,) = batch.blocks(0, None)
    frame = block.rows.to_pandas()[["replication", *LABELS, "value", "x"]]
    order = ["layer", "replication", "metric", "x"]
    pd.testing.assert_frame_equal(
        result.frame.sort_values(order, ignore_index=True)[list(frame.columns)],
        frame.sort_values(order, ignore_index=True),
    )


MEMORY = """
import re, sys
from pathlib import Path
import sim.studies.results as results
from sim.runs.batch import Batch
class Kept:
    key, policy = "k", ""
folder = Path(sys.argv[1])
results._write_tables(folder, Batch([Kept()], [[(0, r) for r in range(int(sys.argv[2]))]], folder))
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak of memory in /proc")
@pytest.mark.slow
def test_memory_hardly_grows_with_replications(tmp_path: Path) -> None:
    """Some 8 bytes a row; as one table the rows took 120,000 bytes a replication, copies and objects included.

    Both numbers are large enough for the allocators to have settled: 13,000 a replication from 200 to 1,200, 4,500 from
    1,200 to 4,200.
    """
    store, peaks, luck = ChunkStore(tmp_path, "k"), [], np.random.default_rng(1)
    template = rows(1, metrics=150, points=350)
    n = template.num_rows
    for start in range(0, 2600, 40):
        some = range(start, start + 40)
        block = pa.concat_tables([identified(template, 0, r) for r in some])
        values = block.column_names.index("value")
        block = block.set_column(values, "value", pa.array(luck.normal(size=40 * n)))
        store.put([Held(0, r, f"{r:064x}") for r in some], block.combine_chunks())
    for count in (1000, 2600):
        search = os.pathsep.join(path for path in sys.path if path)
        finished = subprocess.run(
            [sys.executable, "-c", MEMORY, str(tmp_path), str(count)],
            check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": search},
        )  # fmt: skip
        peaks.append(1024 * int(finished.stdout))
    assert n > 450
    assert peaks[1] - peaks[0] < 1600 * 9000
