"""Arrays over replications hold what the long table holds, however it comes, and need little memory."""

from __future__ import annotations

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
from sim.outcomes import COLUMNS
from sim.runs.job import DIGEST_LAYER, trace_digests
from sim.runs.numbers import Numbers, numbers_of
from sim.runs.rows import RowsDiffer, joined
from sim.runs.store import ChunkStore
from sim.scenario.metrics import LABELS, Column
from sim.studies.results import read_result
from tests.show.figures.frames import small_frame, small_place


def long_table(replication: int, metrics: int = 20, points: int = 10) -> pa.Table:
    """Rows as a place gives them; some metrics are missing in some replications, some values are not defined."""
    luck = np.random.default_rng([5, replication])
    kept = [m for m in range(metrics) if m == 0 or (replication + m) % 7]
    rows = [
        (f"metric {m}", "true", "", "", "village" if m % 3 else "", float(luck.normal()), np.nan)
        for m in kept
    ]
    rows[0] = (*rows[0][:5], np.nan, rows[0][6])
    if replication % 5:
        rows += [
            ("open_disputes", "series", "", "tier", "village", float(luck.normal()), 7.0 * x)
            for x in range(points)
        ]
    rows.append((f"{replication:064x}", DIGEST_LAYER, "", "", "", 0.0, np.nan))
    table = pa.table(dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))
    return table.add_column(0, "replication", pa.array([replication] * len(rows), pa.int64()))


def test_they_are_what_pandas_reads_off_the_frame() -> None:
    frame = small_frame()
    numbers = numbers_of(frame)
    values = frame[frame["layer"].isin(["true", "recorded"])]
    groups = {Column(*map(str, key)): rows for key, rows in values.groupby([*LABELS], sort=False)}
    assert list(numbers.values) == list(groups)
    for key, rows in groups.items():
        expected = rows.set_index("replication")["value"].reindex(range(4)).to_numpy()
        np.testing.assert_array_equal(numbers.values[key], expected)
    curves = frame[frame["layer"] == "series"]
    rows = 0
    for key, series in numbers.series.items():
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
    whole, pieces = Numbers(np.arange(12)), Numbers(np.arange(12))
    whole.add(table)
    edges = [0, *sorted(min(cut, table.num_rows) for cut in cuts), table.num_rows]
    for start, end in pairwise(edges):
        pieces.add(table.slice(start, end - start))
    assert list(pieces.values) == list(whole.values)
    for key, values in whole.values.items():
        np.testing.assert_array_equal(pieces.values[key], values)
    for key, series in whole.series.items():
        np.testing.assert_array_equal(pieces.series[key].present, series.present)
        assert list(pieces.series[key].points) == list(series.points)
        for x, values in series.points.items():
            np.testing.assert_array_equal(pieces.series[key].points[x], values)


def test_rows_that_do_not_belong_are_refused() -> None:
    table = long_table(1)
    with pytest.raises(RowsDiffer, match="several rows"):
        Numbers(np.arange(2)).add(pa.concat_tables([table, table]))
    for expected in ([0, 2], [0], []):
        with pytest.raises(RowsDiffer, match="not asked for"):
            Numbers(np.array(expected, dtype=np.int64)).add(table)


def filled(folder: Path, count: int, size: int) -> ChunkStore:
    store = ChunkStore(folder, "k")
    for start in range(0, count, size):
        part = range(start, min(count, start + size))
        store.put(part, joined(long_table(r) for r in part))
    return store


def test_tables_have_the_same_bytes_whatever_the_chunks(tmp_path: Path) -> None:
    found = set()
    for size in (1, 7, 64, 65, 150):
        folder = tmp_path / str(size)
        numbers, digest = module._write_tables(folder, filled(folder, 150, size), 150)
        assert len(numbers) == 150
        found.add((digest, *((folder / name).read_bytes() for name in module.TABLES)))
    assert len(found) == 1


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    store = filled(tmp_path, 150, 8)
    written, digest = module._write_tables(tmp_path, store, 150)
    table = store.load(range(150))
    assert trace_digests(table).decode() == "".join(f"{r:064x}" for r in range(150))
    manifest = {"key": "k", "seed": 1, "replications": 150, "format": module.FORMAT, "trace_digest": digest}
    place = small_place().model_dump(mode="json")
    (tmp_path / "summary.csv").write_text("reading,by,group,unit,exactness,role\n")
    module.finish(tmp_path, manifest | {"scenario": place})
    result = read_result(tmp_path)
    assert result.numbers.values.keys() == written.values.keys()
    for key, values in written.values.items():
        np.testing.assert_array_equal(result.numbers.values[key], values)
    (series,) = result.numbers.series.values()
    (expected,) = written.series.values()
    np.testing.assert_array_equal(series.present, expected.present)
    for x, values in expected.points.items():
        np.testing.assert_array_equal(series.points[x], values)
    frame = table.to_pandas()
    frame = frame[frame["layer"] != DIGEST_LAYER]
    order = ["layer", "replication", "metric", "x"]
    pd.testing.assert_frame_equal(
        result.frame.sort_values(order, ignore_index=True)[list(frame.columns)],
        frame.sort_values(order, ignore_index=True),
    )


MEMORY = """
import re, sys
from pathlib import Path
import sim.studies.results as results
from sim.runs.store import ChunkStore
folder = Path(sys.argv[1])
results._write_tables(folder, ChunkStore(folder, "k"), int(sys.argv[2]))
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak of memory in /proc")
@pytest.mark.slow
def test_memory_hardly_grows_with_replications(tmp_path: Path) -> None:
    """Some 8 bytes a row; as one table the rows took 120,000 bytes a replication, copies and objects included.

    Both numbers are large enough for the allocators to have settled: 13,000 a replication from 200 to 1,200, 4,500 from
    1,200 to 4,200.
    """
    template, store, peaks = long_table(1, metrics=150, points=350), ChunkStore(tmp_path, "k"), []
    luck = np.random.default_rng(1)
    for start in range(0, 2600, 40):
        block = pa.concat_tables([template] * 40)
        numbers = np.repeat(np.arange(start, start + 40), template.num_rows)
        block = block.set_column(0, "replication", pa.array(numbers))
        store.put(
            range(start, start + 40), block.set_column(4, "value", pa.array(luck.normal(size=len(numbers))))
        )
    for count in (1000, 2600):
        search = os.pathsep.join(path for path in sys.path if path)
        finished = subprocess.run(
            [sys.executable, "-c", MEMORY, str(tmp_path), str(count)],
            check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": search},
        )  # fmt: skip
        peaks.append(1024 * int(finished.stdout))
    assert template.num_rows > 450
    assert peaks[1] - peaks[0] < 1600 * 9000
