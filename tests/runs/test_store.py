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

from sim.runs.atomic_files import write_atomically
from sim.runs.outcomes import Held, Pair, RowsDiffer, rows_of
from sim.runs.store import ChunkStore, ReplicationsMissing, identified, joined
from sim.scenario.metrics import Column


def table(replications: Sequence[int], rows: int = 3) -> pa.Table:
    """Rows of these replications, all of draw 1."""
    return joined(one(r, [10.0 * r + i for i in range(rows)]) for r in replications)


def one(replication: int, values: Sequence[float]) -> pa.Table:
    columns = [Column("x", group=str(i), x=0.0) for i in range(len(values))]  # NaN would equal nothing
    return identified(rows_of(columns, list(values)), 1, replication)


def held(*replications: int) -> list[Held]:
    return [Held(1, r, f"digest {r}") for r in replications]


def pairs(*replications: int) -> list[Pair]:
    return [(1, r) for r in replications]


def load(store: ChunkStore, *replications: int) -> pa.Table:
    (block,) = store.blocks(pairs(*replications))
    assert block.held == held(*replications)
    return block.rows


def done(folder: Path) -> set[int]:
    """What is found intact by who looks anew."""
    return {r for _, r in ChunkStore(folder, "k1").done()}


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
    store.put(held(3, 4), table([3, 4]))
    store.put(held(0, 1, 2, 3), table([0, 1, 2, 3]))
    store.put(held(9), table([9]))
    for looked in (store, ChunkStore(tmp_path, "k1")):
        assert looked.done() == set(pairs(0, 1, 2, 3, 4, 9))
        assert load(looked, 9, 3, 1).equals(table([9, 3, 1])), "in the order asked for"
        assert load(looked).num_rows == 0
        with pytest.raises(ReplicationsMissing, match=r"1\.5, 1\.6"):
            load(looked, 4, 5, 6)


def test_draws_and_replications_are_two_things(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    for draw in (1, 2):
        rows = identified(rows_of([Column("x")], [float(draw)]), draw, 7)
        store.put([Held(draw, 7, "", "why" if draw == 2 else "")], rows)
    (block,) = ChunkStore(tmp_path, "k1").blocks([(2, 7), (1, 7)])
    assert block.rows["value"].to_pylist() == [2.0, 1.0]
    assert [h.reason for h in block.held] == ["why", ""]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    kept=st.lists(st.lists(st.integers(0, 15), min_size=1, max_size=6, unique=True), min_size=1, max_size=6),
    size=st.integers(1, 20),
    data=st.data(),
)
def test_blocks_are_the_whole_cut_up(kept: list[list[int]], size: int, data: st.DataObject) -> None:
    there = sorted({r for part in kept for r in part})
    wanted = data.draw(st.lists(st.sampled_from(there), unique=True))

    def rows(replications: Sequence[int]) -> pa.Table:
        return joined(one(r, [10.0 * r + i for i in range(1 + r % 3)]) for r in replications)

    with tempfile.TemporaryDirectory() as folder:
        store = ChunkStore(Path(folder), "k1")
        for part in kept:
            store.put(held(*part), rows(part))
        blocks = list(store.blocks(pairs(*wanted), size))
        assert len(blocks) == max(1, -(-len(wanted) // size))
        for start, block in zip(range(0, max(1, len(wanted)), size), blocks, strict=True):
            part = wanted[start : start + size]
            assert block.held == held(*part) and block.rows.equals(rows(part))


def test_blocks_say_what_is_missing_or_was_damaged_meanwhile(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    store.put(held(0, 1), table([0, 1]))
    path = store.put(held(2, 3), table([2, 3]))
    with pytest.raises(ReplicationsMissing, match=r"replications 1\.4, 1\.5 in"):
        next(store.blocks(pairs(*range(6)), 2))
    blocks = store.blocks(pairs(*range(4)), 2)
    assert next(blocks).rows.equals(table([0, 1]))
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
assert store.done() == {(1, 0), (1, 1), (1, 2), (1, 3)}
assert [block.rows.num_rows for block in store.blocks([(1, 1), (1, 2), (1, 3)], 2)] == [6, 3]
print(threads() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads in /proc")
def test_reading_the_store_starts_no_thread_that_could_outlive_the_run(tmp_path: Path) -> None:
    """Arrow's pools, where they still work at exit, end the process with SIGABRT: about 1 run in 50."""
    store = ChunkStore(tmp_path, "k1")
    store.put(held(0, 1, 2), table([0, 1, 2]))
    store.put(held(3), table([3]))
    search = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", THREADS, str(tmp_path)],
        check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": search},
    )  # fmt: skip
    assert done.stdout == "0\n"


def test_a_replication_without_rows_is_done(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    store.put(held(0), joined([]))
    store.put(held(1), table([1]))
    assert done(tmp_path) == {0, 1}
    assert load(store, 0, 1).equals(table([1]))


def test_rows_stay_in_their_own_order(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    store.put(held(1), one(1, [5, 3, 9, 1]))
    store.put(held(0), one(0, [8, 2]))
    assert load(store, 0, 1)["value"].to_pylist() == [8, 2, 5, 3, 9, 1]


@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped", "text"])
def test_a_damaged_chunk_is_ignored_and_reported(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = ChunkStore(tmp_path, "k1")
    path = store.put(held(0, 1), table([0, 1], rows=500))
    store.put(held(2), table([2]))
    content = bytearray(path.read_bytes())
    content[100] ^= 0xFF
    broken = {"truncated": content[:-20], "empty": b"", "flipped": content, "text": b"0,1\n"}
    path.write_bytes(bytes(broken[damage]))
    store = ChunkStore(tmp_path, "k1")
    assert store.done() == {(1, 2)}
    assert list(store.rejected) == [path.name]
    assert path.name in caplog.text
    with pytest.raises(ReplicationsMissing):
        load(store, 0)
    store.put(held(0, 1), table([0, 1], rows=500))  # takes the place of the damaged file
    assert done(tmp_path) == {0, 1, 2}


def test_no_damaged_byte_goes_unnoticed(tmp_path: Path) -> None:
    store = ChunkStore(tmp_path, "k1")
    path = store.put(held(0, 1), table([0, 1]))
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(bytes(damaged))
        assert done(tmp_path) == set()


def test_another_configuration_is_never_mixed_in(tmp_path: Path) -> None:
    first, two = ChunkStore(tmp_path, "k1"), ChunkStore(tmp_path, "k2")
    path = first.put(held(0), table([0]))
    assert two.done() == set()
    assert "k1" in path.parent.name
    two.folder.mkdir()
    shutil.copy(path, two.folder)
    two = ChunkStore(tmp_path, "k2")
    assert two.done() == set()
    assert "another configuration" in two.rejected[path.name]


def test_the_store_refuses_what_it_could_not_give_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="key"):
        ChunkStore(tmp_path, "../k1")
    store = ChunkStore(tmp_path, "k1")
    with pytest.raises(ValueError, match=r"\[\(1, 1\)\]"):
        store.put(held(0), table([0, 1]))
    with pytest.raises(ValueError, match="at least one"):
        store.put([], table([0]))


def test_rows_that_do_not_fit_together_are_refused() -> None:
    other = table([1]).append_column("y", pa.array([1.0] * 3))
    text = table([1]).set_column(table([1]).column_names.index("value"), "value", pa.array(["one"] * 3))
    for odd in (other, text):
        with pytest.raises(RowsDiffer, match="different"):
            joined([table([0]), odd])
