"""Many policies as one piece of work: the replications of all cells in one queue, each kept under its own key.

What a cell needs is named by its content, so that a policy which ran before, in whatever experiment, is not run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sim.runs.executors.local import Executor
from sim.runs.policy_job import PolicyJob, Prepared
from sim.runs.replicate import Progress, quiet, run_missing
from sim.runs.rows import REPLICATION
from sim.runs.store import ChunkStore
from sim.scenario.metrics import KEY, Key

CELL_SHIFT = 34  # a number of the whole is (cell << 34) | number of the cell
CHUNK = 20
MASK = (1 << CELL_SHIFT) - 1


@dataclass(frozen=True)
class CellsJob:
    """All cells as one job: a worker starts once and builds a model when it first needs it."""

    cells: tuple[PolicyJob, ...]

    def prepare(self) -> dict[int, Any]:
        """Nothing yet, by cell."""
        return {}

    def run(self, prepared: dict[int, Any], replication: int) -> pa.Table:
        """One replication of one cell."""
        number = replication >> CELL_SHIFT
        if number not in prepared:
            while len(prepared) >= 2:  # cells come one after the other
                prepared.pop(next(iter(prepared)))
            prepared[number] = Prepared()
        return self.cells[number].run(prepared[number], replication & MASK)


@dataclass
class CellStores:
    """The stores of all cells below one folder, as if they were one."""

    folder: Path
    cells: Sequence[PolicyJob]
    found: dict[str, set[int]] = field(default_factory=dict)

    def store(self, job: PolicyJob) -> ChunkStore:
        """The store of a cell."""
        return ChunkStore(self.folder, job.key)

    def done(self) -> set[int]:
        """Numbers of the whole that are held."""
        out: set[int] = set()
        for number, job in enumerate(self.cells):
            if job.key not in self.found:
                self.found[job.key] = self.store(job).done()
            out |= {(number << CELL_SHIFT) | r for r in self.found[job.key]}
        return out

    def keep(self, numbers: Sequence[int], table: pa.Table) -> None:
        """Keep finished replications, each in the store of its cell."""
        column = table[REPLICATION].to_numpy()
        for cell in sorted({n >> CELL_SHIFT for n in numbers}):
            own = [n & MASK for n in numbers if n >> CELL_SHIFT == cell]
            part = table.filter(pa.array((column >> CELL_SHIFT) == cell))
            plain = pa.array(part[REPLICATION].to_numpy() & MASK, pa.int64())
            self.store(self.cells[cell]).put(own, part.set_column(0, REPLICATION, plain))
            self.found.setdefault(self.cells[cell].key, set()).update(own)


def complete_cells(
    jobs: Sequence[PolicyJob],
    numbers: Sequence[int],
    folder: Path,
    *,
    executor: Executor,
    progress: Progress = quiet,
) -> CellStores:
    """Run what the stores below `folder` do not hold yet. Cells of equal content are run once.

    Raises what `run_missing` raises; what is finished is kept.
    """
    distinct = list({job.key: job for job in jobs}.values())
    stores = CellStores(folder, distinct)
    wanted = [(c << CELL_SHIFT) | n for c in range(len(distinct)) for n in numbers]
    job = CellsJob(tuple(distinct))
    chunk = max(1, min(CHUNK, len(wanted) // (8 * executor.workers)))
    run_missing(job, wanted, stores.done, stores.keep, executor, chunk, progress)
    return stores


@dataclass(frozen=True)
class Found:
    """Outcomes of one cell: by key, an array over its replications."""

    values: dict[Key, np.ndarray]


def load_cell(stores: CellStores, job: PolicyJob, numbers: Sequence[int]) -> Found:
    """The outcomes of a cell as arrays in the order of `numbers`; NaN where a replication has no such row."""
    table = stores.store(job).load(numbers)
    order = np.sort(np.asarray(numbers))
    place = np.searchsorted(order, table[REPLICATION].to_numpy())
    codes, words = [], []
    for name in KEY:
        encoded = table[name].combine_chunks().dictionary_encode()
        words.append(encoded.dictionary.to_pylist())
        codes.append(encoded.indices.to_numpy().astype(np.int64))
    key = codes[0]
    for part, word in zip(codes[1:], words[1:], strict=True):
        key = key * len(word) + part
    unique, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    values = np.full((len(unique), len(order)), np.nan)
    values[inverse, place] = pc.fill_null(table["value"], float("nan")).to_numpy()
    back = np.searchsorted(order, np.asarray(numbers))
    return Found(
        {
            Key(*(word[code[f]] for word, code in zip(words, codes, strict=True))): row[back]
            for f, row in zip(first.tolist(), values, strict=True)
        }
    )
