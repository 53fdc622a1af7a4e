"""The store of results: one file per finished chunk of replications, written whole or not at all.

There is no lock. A chunk is written under a temporary name and then renamed, which the file system does at once; two
processes that compute the same chunk write the same rows, and the later file replaces the earlier one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.language import Message
from sim.runs.atomic_files import can_be_written, read_parquet, sweep, write_atomically
from sim.runs.outcomes import Held, Pair, RowsDiffer, numeric, whole_numbers
from sim.scenario.errors import UserError

log = logging.getLogger(__name__)

KEY, REPLICATIONS = b"configuration", b"replications"
IDENTITY = ("draw", "replication")


class ReplicationsMissing(LookupError):
    """Results were asked for that the store does not hold, or no longer holds intact."""


class Block(NamedTuple):
    """Some replications and all their rows, in the order in which they were asked for."""

    held: list[Held]
    rows: pa.Table


class Store(Protocol):
    """Where replications of one case are kept; `lasting` is what outlives the program."""

    @property
    def lasting(self) -> bool: ...

    def done(self) -> set[Pair]: ...

    def make_ready(self) -> None: ...

    def put(self, held: Sequence[Held], rows: pa.Table) -> object: ...

    def blocks(self, pairs: Sequence[Pair], size: int | None = None) -> Iterator[Block]: ...


def identified(rows: pa.Table, draw: int, replication: int) -> pa.Table:
    """The rows of a replication with columns that say whose they are."""
    n = rows.num_rows
    for name, value in zip(reversed(IDENTITY), (replication, draw), strict=True):
        rows = rows.add_column(0, name, numeric(np.full(n, value, dtype=np.int64)))
    return rows


def joined(tables: Iterable[pa.Table]) -> pa.Table:
    """Tables one below the other; those without rows may lack columns. Raises `RowsDiffer` if the others differ."""
    parts = [table for table in tables if table.num_rows]
    if not parts:
        return pa.table({name: numeric(np.zeros(0, dtype=np.int64)) for name in IDENTITY})
    if any(not part.schema.equals(parts[0].schema) for part in parts):
        raise RowsDiffer("replications returned different columns, or columns of different types")
    return pa.concat_tables(parts).combine_chunks()


def _pairs(rows: pa.Table) -> tuple[list[Pair], list[int]]:
    """Whose the rows are, and where those of each begin; the rows of one replication lie together."""
    if not rows.num_rows:
        return [], []
    draw, replication = (whole_numbers(rows[name]) for name in IDENTITY)
    starts = [0, *(np.flatnonzero((np.diff(draw) != 0) | (np.diff(replication) != 0)) + 1).tolist()]
    return [(int(draw[s]), int(replication[s])) for s in starts], starts


def picked(pieces: Iterable[tuple[Sequence[Held], pa.Table]], pairs: Sequence[Pair]) -> Block:
    """Of tables with their replications those of `pairs`, which must be there, each taken once, in their order."""
    rank = {pair: i for i, pair in enumerate(pairs)}
    held: dict[Pair, Held] = {}
    parts: list[tuple[int, pa.Table]] = []
    for replications, rows in pieces:
        new = {(h.draw, h.replication): h for h in replications}
        new = {pair: h for pair, h in new.items() if pair in rank and pair not in held}
        held |= new
        who, starts = _pairs(rows)
        ends = [*starts[1:], rows.num_rows] if starts else []
        at = [
            (rank[pair], start, end)
            for pair, start, end in zip(who, starts, ends, strict=True)
            if pair in new
        ]
        for first, start, end in _runs(at):
            parts.append((first, rows.slice(start, end - start)))
    parts.sort(key=lambda part: part[0])
    return Block([held[pair] for pair in pairs], joined(table for _, table in parts))


def _runs(at: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Pieces (rank, start, end) of a table with those that follow each other in rank and place made one."""
    run: list[int] = []
    last = -1
    for rank, start, end in at:
        if run and rank == last + 1 and start == run[2]:
            run[2] = end
        else:
            if run:
                yield run[0], run[1], run[2]
            run = [rank, start, end]
        last = rank
    if run:
        yield run[0], run[1], run[2]


class MemoryStore:
    """Replications that are kept for as long as the program runs."""

    lasting = False

    def __init__(self) -> None:
        self._pieces: list[tuple[list[Held], pa.Table]] = []

    def done(self) -> set[Pair]:
        """The replications held."""
        return {(h.draw, h.replication) for held, _ in self._pieces for h in held}

    def make_ready(self) -> None:
        """Memory is ready."""

    def put(self, held: Sequence[Held], rows: pa.Table) -> None:
        """Keep the rows of these replications."""
        self._pieces.append((list(held), rows))

    def blocks(self, pairs: Sequence[Pair], size: int | None = None) -> Iterator[Block]:
        """The rows of these replications, `size` of them at a time."""
        for start in range(0, len(pairs), size or len(pairs) or 1):
            yield picked(self._pieces, pairs[start : start + (size or len(pairs))])


class ChunkStore:
    """Finished chunks of one case, in a folder of its own named after the key.

    The key is the hash of everything that decides the results. A file lists its own key and replications, so chunks of
    any size may lie side by side, and its name ends with the digest of its content. One that is damaged, or was made
    for another key, is never trusted: it is logged, listed in `rejected`, and its replications count as not done.
    """

    lasting = True

    def __init__(self, folder: Path, key: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
            raise ValueError(f"the key of a store must consist of letters, digits, - and _, got {key!r}")
        self.key = key
        self.folder = Path(folder) / f"replications-{key}"
        self.rejected: dict[str, str] = {}
        self._index: dict[Pair, Path] | None = None  # the file that each replication is taken from

    def done(self) -> set[Pair]:
        """The replications held intact. Reads every chunk, once: a file may be damaged anywhere."""
        return set(self._indexed())

    def make_ready(self) -> None:
        """See, before any work, that chunks can be written, and take halves away that a kill left. Raises UserError."""
        sweep(self.folder)
        try:
            can_be_written(self.folder)
        except OSError as error:
            said = Message(
                "{file} cannot be read or written: {reason}",
                file=str(error.filename or self.folder),
                reason=error.strerror or str(error),
            )
            raise UserError(said) from None

    def _indexed(self) -> dict[Pair, Path]:
        if self._index is None:
            self._index = {}
            for path, held, _ in self._chunks():
                for h in held:
                    self._index.setdefault((h.draw, h.replication), path)  # the first if several hold it
        return self._index

    def put(self, held: Sequence[Held], rows: pa.Table) -> Path:
        """Keep the rows of these replications. One without rows is kept as done, too."""
        if not held or min(min(h.draw, h.replication) for h in held) < 0:
            raise ValueError("a chunk needs at least one replication, and draws and replications from 0 on")
        strangers = set(_pairs(rows)[0]) - {(h.draw, h.replication) for h in held}
        if strangers:
            raise ValueError(f"rows of replications {sorted(strangers)} do not belong to this chunk")
        marked = rows.replace_schema_metadata(
            {KEY: self.key.encode(), REPLICATIONS: json.dumps([list(h) for h in held]).encode()}
        )
        sink = pa.BufferOutputStream()
        pq.write_table(marked, sink)
        content = bytes(sink.getvalue())
        ends = "-".join(f"{h.draw:05d}.{h.replication:06d}" for h in (held[0], held[-1]))
        path = self.folder / f"{ends}-{_digest(content)}.parquet"
        write_atomically(path, content)
        if self._index is not None:
            self._index |= dict.fromkeys(((h.draw, h.replication) for h in held), path)
        return path

    def blocks(self, pairs: Sequence[Pair], size: int | None = None) -> Iterator[Block]:
        """The rows of these replications in the order given, `size` of them at a time (None: all at once).

        However many there are, no more than one block is in memory, and the chunks that reach into the next. Raises
        `ReplicationsMissing`.
        """
        source = self._sources(pairs)
        last = {source[pair]: i for i, pair in enumerate(pairs)}
        begun: dict[Path, tuple[list[Held], pa.Table]] = {}
        size = size or len(pairs) or 1
        for start in range(0, max(1, len(pairs)), size):
            part = pairs[start : start + size]
            pieces = []
            for path in dict.fromkeys(source[pair] for pair in part):
                piece = begun.pop(path) if path in begun else self._read_again(path)
                if last[path] >= start + len(part):
                    begun[path] = piece
                mine = [h for h in piece[0] if source.get((h.draw, h.replication)) == path]
                pieces.append((mine, piece[1]))
            yield picked(pieces, part)
            pieces.clear()
        pa.default_memory_pool().release_unused()

    def _sources(self, pairs: Iterable[Pair]) -> Mapping[Pair, Path]:
        """The file that each replication is taken from."""
        found, wanted = self._indexed(), list(pairs)
        missing = [pair for pair in wanted if pair not in found]
        if missing:
            named = ", ".join(f"{d}.{r}" for d, r in missing[:5])
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            raise ReplicationsMissing(f"there are no results of replications {named}{more} in {self.folder}")
        return {pair: found[pair] for pair in wanted}

    def _read_again(self, path: Path) -> tuple[list[Held], pa.Table]:
        intact = self._read(path)
        if intact is None:
            raise ReplicationsMissing(f"{path} changed while it was read")
        return intact

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("[!.]*.parquet"))

    def _chunks(self) -> Iterator[tuple[Path, list[Held], pa.Table]]:
        """Every intact chunk, in the order of the file names."""
        for path in self._files():
            intact = self._read(path)
            if intact is not None:
                yield path, *intact

    def _read(self, path: Path) -> tuple[list[Held], pa.Table] | None:
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
            held = [
                Held(int(d), int(r), str(digest), str(why))
                for d, r, digest, why in json.loads(found[REPLICATIONS])
            ]
            table = table.replace_schema_metadata(None)
            if not set(_pairs(table)[0]) <= {(h.draw, h.replication) for h in held}:
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


class Stores:
    """Stores of cases below one folder, or in memory where there is none; what one has read of its files it keeps."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._open: dict[str, Store] = {}

    def of(self, key: str) -> Store:
        """The store of a case."""
        if key not in self._open:
            self._open[key] = MemoryStore() if self.folder is None else ChunkStore(self.folder, key)
        return self._open[key]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
