"""The store holds whole chunks of its own configuration and trusts nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.runs.rows import RowsDiffer, joined, rows_of
from sim.runs.store import ChunkStore, ReplicationsMissing, write_atomically


def table(replications: Sequence[int], rows: int = 3) -> pa.Table:
    return joined(rows_of([{"x": 10 * r + i} for i in range(rows)], r) for r in replications)


def test_an_atomic_write_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_atomically(path, b"old")
    write_atomically(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_atomic_write_that_fails_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, error: type[BaseException]
) -> None:
    def writer(file: BinaryIO) -> None:
        file.write(b"half")
        raise error

    path = tmp_path / "file"
    write_atomically(path, b"old")
    with pytest.raises(error):
        write_atomically(path, writer)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_chunks_of_any_size_lie_side_by_side(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    assert store.done() == set()
    store.put([4, 3], table([3, 4]))
    store.put([0, 1, 2, 3], table([0, 1, 2, 3]))
    store.put([9], table([9]))
    assert store.done() == {0, 1, 2, 3, 4, 9}
    assert store.load([9, 3, 1]).equals(table([1, 3, 9]))
    assert store.load([]).num_rows == 0
    with pytest.raises(ReplicationsMissing, match="5, 6"):
        store.load([4, 5, 6])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    held=st.lists(st.lists(st.integers(0, 15), min_size=1, max_size=6), min_size=1, max_size=6),
    size=st.integers(1, 20),
    data=st.data(),
)
def test_blocks_are_what_load_gives_cut_up(held: list[list[int]], size: int, data: st.DataObject) -> None:
    there = sorted({r for part in held for r in part})
    wanted = sorted(data.draw(st.sets(st.sampled_from(there))))
    with tempfile.TemporaryDirectory() as folder:
        store = ChunkStore(Path(folder), "k1")
        for part in held:
            store.put(
                part,
                joined(rows_of([{"x": 10 * r + i} for i in range(1 + r % 3)], r) for r in sorted(set(part))),
            )
        blocks = list(store.blocks(wanted, size))
        assert len(blocks) == -(-len(wanted) // size)
        for start, block in zip(range(0, len(wanted), size), blocks, strict=True):
            assert block.equals(store.load(wanted[start : start + size]))


def test_blocks_say_what_is_missing_or_was_damaged_meanwhile(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    store.put([0, 1], table([0, 1]))
    path = store.put([2, 3], table([2, 3]))
    with pytest.raises(ReplicationsMissing, match="replications 4, 5 in"):
        next(store.blocks(range(6), 2))
    blocks = store.blocks(range(4), 2)
    assert next(blocks).equals(table([0, 1]))
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(ReplicationsMissing, match="changed while it was read"):
        next(blocks)


THREADS = """
import sys
from pathlib import Path
from sim.runs.store import ChunkStore

def threads():
    return len(list(Path("/proc/self/task").iterdir()))

store = ChunkStore(Path(sys.argv[1]), "k1")
before = threads()
assert store.done() == {0, 1, 2, 3} and store.load([1, 3]).num_rows == 6
assert [block.num_rows for block in store.blocks([1, 2, 3], 2)] == [6, 3]
print(threads() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads in /proc")
def test_reading_the_store_starts_no_thread_that_could_outlive_the_run(tmp_path: Path) -> None:
    """Arrow's pools, where they still work at exit, end the process with SIGABRT: about 1 run in 50."""
    store = ChunkStore(tmp_path, "k1")
    store.put([0, 1, 2], table([0, 1, 2]))
    store.put([3], table([3]))
    search = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", THREADS, str(tmp_path)],
        check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": search},
    )  # fmt: skip
    assert done.stdout == "0\n"


def test_a_replication_without_rows_is_done(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    store.put([0], rows_of([], 0))
    store.put([1], table([1]))
    assert store.done() == {0, 1}
    assert store.load([0, 1]).equals(table([1]))


def test_rows_stay_in_their_own_order(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    store.put([1], rows_of([{"x": value} for value in (5, 3, 9, 1)], 1))
    store.put([0], rows_of([{"x": value} for value in (8, 2)], 0))
    assert store.load([0, 1])["x"].to_pylist() == [8, 2, 5, 3, 9, 1]


@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped", "text"])
def test_a_damaged_chunk_is_ignored_and_reported(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = ChunkStore(tmp_path, "k1")
    path = store.put([0, 1], table([0, 1], rows=500))
    store.put([2], table([2]))
    content = bytearray(path.read_bytes())
    content[100] ^= 0xFF
    broken = {"truncated": content[:-20], "empty": b"", "flipped": content, "text": b"0,1\n"}
    path.write_bytes(bytes(broken[damage]))
    assert store.done() == {2}
    assert list(store.rejected) == [path.name]
    assert path.name in caplog.text
    with pytest.raises(ReplicationsMissing):
        store.load([0])
    store.put([0, 1], table([0, 1], rows=500))  # takes the place of the damaged file
    assert store.done() == {0, 1, 2}


def test_no_damaged_byte_goes_unnoticed(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    path = store.put([0, 1], table([0, 1]))
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(bytes(damaged))
        assert store.done() == set()


def test_another_configuration_is_never_mixed_in(tmp_path: Path) -> None:
    one, two = ChunkStore(tmp_path, "k1"), ChunkStore(tmp_path, "k2")
    path = one.put([0], table([0]))
    assert two.done() == set()
    assert "k1" in path.parent.name
    two.folder.mkdir()
    shutil.copy(path, two.folder)
    assert two.done() == set()
    assert "another configuration" in two.rejected[path.name]


def test_the_store_refuses_what_it_could_not_give_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="key"):
        ChunkStore(tmp_path, "../k1")
    store = ChunkStore(tmp_path, "k1")
    with pytest.raises(ValueError, match=r"\[1\]"):
        store.put([0], table([0, 1]))
    with pytest.raises(ValueError, match="at least one"):
        store.put([], table([0]))


def test_rows_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(RowsDiffer, match="different columns: y"):
        rows_of([{"x": 1}, {"x": 1, "y": 2}], 0)
    with pytest.raises(RowsDiffer, match="different columns: x, y"):
        joined([rows_of([{"x": 1}], 0), rows_of([{"y": 1}], 1)])
    with pytest.raises(RowsDiffer, match="different types"):
        joined([rows_of([{"x": 1}], 0), rows_of([{"x": "one"}], 1)])
    with pytest.raises(RowsDiffer, match="another"):
        rows_of([{"replication": 4, "x": 1}], 0)
