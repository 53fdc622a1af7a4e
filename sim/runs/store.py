"""The store of results: one file per finished chunk of replications, written whole or not at all.

There is no lock. A chunk is written under a temporary name and then renamed, which the file system does at
once; two processes that compute the same chunk write the same rows, and the later file replaces the earlier
one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.runs.rows import REPLICATION, joined, plain

log = logging.getLogger(__name__)

KEY, REPLICATIONS = b"configuration", b"replications"


class ReplicationsMissing(LookupError):
    """Results were asked for that the store does not hold, or no longer holds intact."""


def write_atomically(path: Path, content: bytes | Callable[[BinaryIO], object]) -> None:
    """Write a file so that a reader finds the old one or the whole new one, even after a crash.

    `content` is the bytes or a function that writes them to the open file. If that fails, nothing is left
    behind.
    """
    with whole_file(path) as file:
        if callable(content):
            content(file)
        else:
            file.write(content)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes its place when the block ends well; otherwise nothing is left behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, because a rename is only atomic within one file system.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable where the system lets a folder be synchronised."""
    with contextlib.suppress(OSError):  # not possible on Windows and some network file systems
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class ChunkStore:
    """Finished chunks of one configuration, in a folder of its own named after the key.

    The key is the hash of everything that decides the results. A file lists its own key and
    replications, so chunks of any size may lie side by side, and its name ends with the digest of its content.
    One that is damaged, or was made for another key, is never trusted: it is logged, listed in `rejected`, and
    its replications count as not done.
    """

    def __init__(self, folder: Path, key: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
            raise ValueError(f"the key of a store must consist of letters, digits, - and _, got {key!r}")
        self.key = key
        self.folder = Path(folder) / f"replications-{key}"
        self.rejected: dict[str, str] = {}

    def done(self) -> set[int]:
        """The replications held intact. Reads every chunk: a file may be damaged anywhere."""
        return {replication for held, _ in self._chunks() for replication in held}

    def put(self, replications: Iterable[int], table: pa.Table) -> Path:
        """Keep the rows of these replications. A replication without rows is kept as done, too."""
        held = sorted(set(replications))
        if not held or held[0] < 0:
            raise ValueError("a chunk needs at least one replication, numbered from 0")
        strangers = set(table[REPLICATION].unique().to_pylist()) - set(held)
        if strangers:
            raise ValueError(f"rows of replications {sorted(strangers)} do not belong to this chunk")
        marked = plain(table).replace_schema_metadata(
            {KEY: self.key.encode(), REPLICATIONS: json.dumps(held).encode()}
        )
        sink = pa.BufferOutputStream()
        pq.write_table(marked, sink)
        content = bytes(sink.getvalue())
        path = self.folder / f"{held[0]:06d}-{held[-1]:06d}-{_digest(content)}.parquet"
        write_atomically(path, content)
        return path

    def load(self, replications: Iterable[int]) -> pa.Table:
        """The rows of these replications, sorted by replication, each one's rows in their original order."""
        wanted = set(replications)
        parts: list[pa.Table] = []
        for held, table in self._chunks():
            taken = wanted.intersection(held)
            wanted -= taken  # chunks may overlap; each replication is taken from one file only
            if len(taken) == len(held):
                parts.append(table)
            elif taken:
                inside = np.isin(table[REPLICATION].to_numpy(), np.fromiter(taken, dtype=np.int64))
                parts.append(table.filter(pa.array(inside)))
        if wanted:
            raise self._missing(wanted)
        table = joined(parts)
        parts.clear()
        pa.default_memory_pool().release_unused()  # that of the chunks, which is as much again
        return table

    def blocks(self, replications: Iterable[int], size: int) -> Iterator[pa.Table]:
        """The rows of these replications as `load` gives them, `size` replications at a time.

        However many there are, no more than one block is in memory, and the chunks that reach into the next.
        Every chunk is read twice: first to see which replications it holds.
        """
        wanted = sorted(set(replications))
        source = self._sources(wanted)
        last = {path: replication for replication, path in source.items()}  # ascending: the last one stays
        begun: dict[Path, pa.Table] = {}
        for start in range(0, len(wanted), size):
            block = wanted[start : start + size]
            taken: dict[Path, list[int]] = {}
            for replication in block:
                taken.setdefault(source[replication], []).append(replication)
            parts = []
            for path, part in taken.items():
                table = begun.pop(path) if path in begun else self._read_again(path)
                if last[path] > block[-1]:
                    begun[path] = table
                parts.append(table.filter(pa.array(np.isin(table[REPLICATION].to_numpy(), part))))
            yield joined(parts)

    def _sources(self, wanted: Sequence[int]) -> dict[int, Path]:
        """The file that each replication is taken from, ascending; the first if several hold it."""
        found: dict[int, Path] = {}
        for path in self._files():
            intact = self._read(path)
            for replication in intact[0] if intact is not None else ():
                found.setdefault(replication, path)
        missing = set(wanted) - found.keys()
        if missing:
            raise self._missing(missing)
        return {replication: found[replication] for replication in wanted}

    def _read_again(self, path: Path) -> pa.Table:
        """A chunk that was intact before; `ReplicationsMissing` if it was taken away or damaged since."""
        intact = self._read(path)
        if intact is None:
            raise ReplicationsMissing(f"{path} changed while it was read: {self.rejected[path.name]}")
        return intact[1]

    def _missing(self, replications: set[int]) -> ReplicationsMissing:
        return ReplicationsMissing(
            f"no intact result for replications {_brief(replications)} in {self.folder}"
        )

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("[0-9]*.parquet"))

    def _chunks(self) -> Iterator[tuple[list[int], pa.Table]]:
        """Every intact chunk, in the order of the file names."""
        for path in self._files():
            intact = self._read(path)
            if intact is not None:
                yield intact

    def _read(self, path: Path) -> tuple[list[int], pa.Table] | None:
        """The replications that a chunk holds, and their rows; None, and a report, if it is not to be trusted."""
        try:
            # Read at once: a file that another process replaces meanwhile is seen whole, old or new.
            content = path.read_bytes()
            # Parquet's page checksums are not enough: in a file of 1,741 bytes, damage to any one of 277
            # bytes went unnoticed, and two of those gave other rows.
            if not path.stem.endswith(f"-{_digest(content)}"):
                raise ValueError("it is not what was written: its digest differs from the one in its name")
            table = read_parquet(content)
            found = table.schema.metadata or {}
            if found.get(KEY) != self.key.encode():
                raise ValueError("it was made for another configuration")
            held = [int(replication) for replication in json.loads(found[REPLICATIONS])]
            table = plain(table)
            if not set(table[REPLICATION].unique().to_pylist()) <= set(held):
                raise ValueError("it holds rows of replications that it does not list")
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            self._reject(path, error)
            return None
        return held, table

    def _reject(self, path: Path, error: Exception) -> None:
        """Report a file that is not trusted, once."""
        if path.name not in self.rejected:
            log.warning("ignored the result file %s: %s", path, error)
        self.rejected[path.name] = str(error)


def read_parquet(content: bytes) -> pa.Table:
    """The table in a Parquet file, read in this thread alone.

    `pyarrow.parquet.read_table` hands even one small file to Arrow's thread pools, and a process that ends soon after
    may then end with "terminate called without an active exception": 3 in 160 runs did, 0 in 250 without pools.
    """
    with pq.ParquetFile(pa.BufferReader(content), pre_buffer=False) as file:
        return file.read(use_threads=False)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _brief(replications: set[int]) -> str:
    """The first few numbers, and how many there are."""
    first = ", ".join(str(replication) for replication in sorted(replications)[:5])
    return first if len(replications) <= 5 else f"{first} and {len(replications) - 5} more"
