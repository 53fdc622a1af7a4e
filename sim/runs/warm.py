"""Policies asked for one after the other, as a search or a race does: workers stay warm, and what ran is kept.

Unlike `cells.py`, nobody knows beforehand what will be asked. Results are those of the same jobs, under the same keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sim.runs.executors.workers import WorkersCannotStart
from sim.runs.policy_job import PolicyJob, Prepared
from sim.runs.rows import REPLICATION, joined, rows_of
from sim.runs.store import ChunkStore
from sim.scenario.metrics import LABELS, Column

KEPT = 4
T = TypeVar("T")

_prepared: dict[str, Prepared] = {}  # in a worker: models of the jobs that it was asked for last


def _run(job: PolicyJob, numbers: Sequence[int]) -> pa.Table:
    """Some replications of a job, in this process."""
    if job.key not in _prepared:
        while len(_prepared) >= KEPT:
            _prepared.pop(next(iter(_prepared)))
        _prepared[job.key] = Prepared()
    prepared = _prepared[job.key]
    return joined([rows_of(job.run(prepared, n), n) for n in numbers])


def _impossible(job: PolicyJob, draws: Sequence[int]) -> list[int]:
    return [d for d in draws if job.possible(d) is None]


class Warm:
    """Outcomes of jobs on demand. A context: its workers end with it. One worker means this process."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder, self.workers = folder, workers
        self._pool: ProcessPoolExecutor | None = None
        self._held: dict[str, dict[int, dict[Column, float]]] = {}
        self.simulated = 0  # replications that were not in the store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def values(self, job: PolicyJob, keys: Sequence[Column], numbers: Sequence[int]) -> NDArray[np.float64]:
        """Outcomes `keys` of these replications, shape (keys, replications); NaN where there is no such row."""
        held = self._of(job)
        missing = [n for n in numbers if n not in held]
        if missing:
            self._simulate(job, missing)
            held = self._of(job)
        nothing = float("nan")
        return np.array([[held[n].get(key, nothing) for n in numbers] for key in keys])

    def impossible(self, job: PolicyJob, draws: Sequence[int]) -> list[int]:
        """Those of the parameter draws under which staff lack the hours that the measures take."""
        parts = max(1, min(self.workers, len(draws)))
        cuts = [list(draws[i::parts]) for i in range(parts)]
        found = self._all(_impossible, [job] * parts, cuts)
        return sorted(d for part in found for d in part)

    def _all(self, fn: Callable[..., T], *columns: Sequence[object]) -> list[T]:
        """A function of each row, in as many processes as there are rows."""
        if len(columns[0]) == 1:
            return [fn(*(column[0] for column in columns))]
        try:
            return list(self._started().map(fn, *columns))
        except BrokenProcessPool as error:
            raise WorkersCannotStart(
                "a worker was killed, probably for lack of memory; try --workers 1"
            ) from error

    def _of(self, job: PolicyJob) -> dict[int, dict[Column, float]]:
        if job.key not in self._held:
            store = ChunkStore(self.folder, job.key)
            done = sorted(store.done()) if store.folder.exists() else []
            self._held[job.key] = _as_values(store.load(done)) if done else {}
        return self._held[job.key]

    def _simulate(self, job: PolicyJob, numbers: Sequence[int]) -> None:
        parts = min(self.workers, len(numbers))
        cuts = [list(numbers[i::parts]) for i in range(parts)]
        tables = self._all(_run, [job] * parts, cuts)
        store = ChunkStore(self.folder, job.key)
        for cut, table in zip(cuts, tables, strict=True):
            store.put(cut, table)
            self._held[job.key].update(_as_values(table))
        self.simulated += len(numbers)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"))
        return self._pool


def _as_values(table: pa.Table) -> dict[int, dict[Column, float]]:
    out: dict[int, dict[Column, float]] = {}
    columns: Iterable[Sequence[object]] = (
        table[REPLICATION].to_pylist(),
        *(table[name].to_pylist() for name in LABELS),
        pc.fill_null(table["value"], float("nan")).to_pylist(),
    )
    for number, metric, layer, reading, by, group, value in zip(*columns, strict=True):
        out.setdefault(int(str(number)), {})[
            Column(str(metric), str(layer), str(reading), str(by), str(group))
        ] = float(str(value))
    return out
