"""Replications of one job: cut into chunks, run anywhere, kept as they finish, and joined into one table.

The table depends only on the job and the replication numbers, not on workers, chunk sizes, or how often the
work was interrupted: each replication is computed on its own, and the rows are sorted at the end.
"""

from __future__ import annotations

import contextlib
import functools
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pyarrow as pa

from sim.runs.batch import Interrupted, Progress, quiet
from sim.runs.executors.local import Executor
from sim.runs.rows import Rows, grouped, joined, rows_of
from sim.runs.store import ChunkStore

CHUNK = 8
CHUNKS_PER_WORKER = 4

__all__ = ["Interrupted", "Progress", "chunks", "complete", "quiet", "run_missing", "run_replications"]


class ReplicationJob(Protocol):
    """What is replicated. It must survive pickling and be small; `prepare` builds what is large."""

    def prepare(self) -> Any:
        """Build the model, once per worker."""
        ...

    def run(self, prepared: Any, replication: int) -> Rows | pa.Table:
        """The rows of one replication, by `prepared` and the number alone; always the same columns."""
        ...


# What a worker has prepared, by the token of the run, so that two runs in one process do not meet, even of two programs
# that share the workers of a cluster.
_prepared: dict[str, tuple[ReplicationJob, Any]] = {}


def _prepare(run: str, job: ReplicationJob) -> Callable[[], object]:
    """Prepare the job in this process; returns what forgets it."""
    _prepared[run] = job, job.prepare()
    return functools.partial(_prepared.pop, run, None)


def _run_chunk(task: tuple[str, Sequence[int]]) -> list[tuple[list[int], pa.Table]]:
    """The rows of one chunk, by kind of table. An error names the replication in which it arose."""
    run, replications = task
    job, prepared = _prepared[run]
    tables = []
    for replication in replications:
        try:
            tables.append((replication, rows_of(job.run(prepared, replication), replication)))
        except Exception as error:
            error.add_note(f"in replication {replication}")
            raise
    return grouped(tables)


def _label(task: tuple[str, Sequence[int]]) -> str:
    first, last = task[1][0], task[1][-1]
    return f"replication {first}" if first == last else f"replications {first} to {last}"


def chunks(missing: Sequence[int], workers: int, chunk: int | None = None) -> list[list[int]]:
    """Cut replications into chunks: of the given size, or small enough that a kill loses little.

    By default at most 8 to a chunk, and no more than a fourth of what is left for each worker: the last chunks hold
    one replication, so that no worker waits long for another at the end.
    """
    if chunk is not None and chunk < 1:
        raise ValueError(f"a chunk holds at least one replication, got {chunk}")
    out, start = [], 0
    while start < len(missing):
        left = len(missing) - start
        size = chunk or max(1, min(CHUNK, left // (CHUNKS_PER_WORKER * workers)))
        out.append(list(missing[start : start + size]))
        start += size
    return out


def run_replications(
    job: ReplicationJob,
    replications: Sequence[int],
    *,
    executor: Executor,
    store: ChunkStore | None = None,
    chunk: int | None = None,
    progress: Progress = quiet,
) -> pa.Table:
    """Run the replications that the store does not hold yet; return the rows of all, by replication.

    Without a store nothing outlives an interruption. See `complete`, which needs no memory for the rows.
    """
    wanted = sorted(set(replications))
    if store is not None:
        complete(job, wanted, executor=executor, store=store, chunk=chunk, progress=progress)
        return store.load(wanted)
    parts: list[pa.Table] = []
    run_missing(job, wanted, set, lambda _, table: parts.append(table), executor, chunk, progress)
    return joined(parts)


def complete(
    job: ReplicationJob,
    replications: Sequence[int],
    *,
    executor: Executor,
    store: ChunkStore,
    chunk: int | None = None,
    progress: Progress = quiet,
) -> None:
    """Run the replications that the store does not hold yet, so that it holds them all.

    `progress(done, total)` counts replications, those found in the store included. Raises `Interrupted` on Ctrl-C and
    `TaskFailed` when the rest is done but some chunks failed.
    """
    run_missing(job, replications, store.done, store.put, executor, chunk, progress)


def run_missing(
    job: ReplicationJob,
    replications: Sequence[int],
    held: Callable[[], set[int]],
    keep: Callable[[list[int], pa.Table], object],
    executor: Executor,
    chunk: int | None,
    progress: Progress,
) -> None:
    """Run what `held` does not name yet, and hand tables of finished replications to `keep`."""
    wanted = sorted(set(replications))
    if wanted and wanted[0] < 0:
        raise ValueError(f"replications are numbered from 0, got {wanted[0]}")
    run = secrets.token_hex(8)
    try:
        before = held()
        missing = [replication for replication in wanted if replication not in before]
        done = len(wanted) - len(missing)
        progress(done, len(wanted))
        tasks = [(run, part) for part in chunks(missing, executor.workers, chunk)]
        results = executor.map(_run_chunk, tasks, label=_label, initializer=_prepare, initargs=(run, job))
        # Closed as soon as anything goes wrong here, or the workers would live on with the exception.
        with contextlib.closing(results):
            for index, groups in results:
                for numbers, table in groups:
                    keep(numbers, table)
                done += len(tasks[index][1])
                progress(done, len(wanted))
    except KeyboardInterrupt as stop:
        raise Interrupted(len(held().intersection(wanted)), len(wanted)) from stop
    finally:
        _prepared.pop(run, None)  # the serial executor has prepared it in this very process
