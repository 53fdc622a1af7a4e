"""The one loop: replications of cases, cut into chunks, run anywhere, kept as they finish.

What comes out depends only on the cases and on which replications are wanted, not on workers, chunk sizes, or how often
the work was interrupted: each replication is computed on its own.
"""

from __future__ import annotations

import contextlib
import functools
import secrets
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa

from sim.runs.case import Measured, forget_models
from sim.runs.executors.local import Executor, Failure, Failures, TaskFailed
from sim.runs.executors.workers import Outcome, raised
from sim.runs.outcomes import Held, Outcomes, Pair
from sim.runs.store import Block, Store, Stores, identified, joined
from sim.scenario.metrics import Column

CHUNK = 16
CHUNKS_PER_WORKER = 4
BLOCK = 64  # replications whose rows are in memory at a time

Progress = Callable[[int, int], None]


class Work(Protocol):
    """What is replicated: a `Case`. It must survive pickling and be small."""

    @property
    def key(self) -> str: ...

    @property
    def policy(self) -> str: ...

    def measure(self, draw: int, replication: int) -> Measured: ...

    def label(self, draw: int, replication: int) -> str: ...


class Interrupted(Exception):
    """The user stopped the work; `kept` of `total` replications are in the store."""

    def __init__(self, kept: int, total: int) -> None:
        super().__init__(kept, total)
        self.kept, self.total = kept, total

    def __str__(self) -> str:
        if self.kept == 0:
            return f"interrupted: none of {self.total} replications are kept"
        return (
            f"interrupted: {self.kept} of {self.total} replications are kept; the next run goes on from there"
        )


def quiet(done: int, total: int) -> None:
    """Report no progress."""


def pairs(draws: int, replications: int) -> list[Pair]:
    """So many parameter draws with as many replications each. One draw is that of the central values."""
    first = 0 if draws == 1 else 1
    return [(d, r) for d in range(first, first + draws) for r in range(replications)]


def through(draws: Iterable[int]) -> list[Pair]:
    """The draw of each replication in turn, where replications are numbered through."""
    return [(int(draw), replication) for replication, draw in enumerate(draws)]


class Chunk(NamedTuple):
    """Some replications of one case, which run in one process one after the other. `case` is its number."""

    token: str
    case: int
    pairs: tuple[Pair, ...]


class _Done(NamedTuple):
    """What a chunk gave: its replications, their rows, and those that raised, with what they raised."""

    held: list[Held]
    rows: pa.Table
    failed: list[tuple[Pair, Outcome]]


# What a worker works on, by the token of the run, so that two runs in one process do not meet, even of two programs
# that share the workers of a cluster.
_cases: dict[str, Sequence[Work]] = {}


def _prepare(token: str, cases: Sequence[Work]) -> Callable[[], object]:
    """Take up the cases in this process; returns what forgets them."""
    _cases[token] = cases
    return functools.partial(_cases.pop, token, None)


def _run_chunk(chunk: Chunk) -> _Done:
    """The rows of one chunk. A replication that raises takes nothing along but itself."""
    case = _cases[chunk.token][chunk.case]
    held: list[Held] = []
    tables: list[pa.Table] = []
    failed: list[tuple[Pair, Outcome]] = []
    for draw, replication in chunk.pairs:
        try:
            found = case.measure(draw, replication)
        except Exception as error:  # reported with the name of the replication
            failed.append(((draw, replication), raised(error)))
            continue
        held.append(Held(draw, replication, found.digest, found.reason))
        tables.append(identified(found.rows, draw, replication))
    return _Done(held, joined(tables), failed)


@dataclass(frozen=True)
class _Label:
    """Names a chunk: its only replication, or its first and how many there are."""

    cases: Sequence[Work]

    def __call__(self, chunk: Chunk) -> str:
        first = self.cases[chunk.case].label(*chunk.pairs[0])
        return first if len(chunk.pairs) == 1 else f"{first}, and the {len(chunk.pairs) - 1} after it"


def sizes(missing: int, workers: int, chunk: int | None = None) -> Iterator[int]:
    """Sizes of chunks: the given one, or small enough that a kill loses little.

    By default at most 16 replications, and no more than a fourth of what is left for each worker: the last chunks hold
    one, so that no worker waits long for another at the end.
    """
    if chunk is not None and chunk < 1:
        raise ValueError(f"a chunk holds at least one replication, got {chunk}")
    while missing > 0:
        size = min(missing, chunk or max(1, min(CHUNK, missing // (CHUNKS_PER_WORKER * workers))))
        yield size
        missing -= size


def chunks(
    missing: Sequence[Sequence[Pair]], workers: int, chunk: int | None = None, token: str = ""
) -> list[Chunk]:
    """Cut what each case lacks into chunks, none of which has replications of two."""
    out: list[Chunk] = []
    left = sum(map(len, missing))
    for case, own in enumerate(missing):
        start = 0
        while start < len(own):
            size = next(sizes(left, workers, chunk))
            part = tuple(own[start : start + size])
            out.append(Chunk(token, case, part))
            start, left = start + len(part), left - len(part)
    return out


class Batch:
    """Cases with the replications that are wanted of each, and where they are kept.

    Cases of one key are one piece of work. Without a `folder` nothing outlives the program.
    """

    def __init__(
        self, cases: Sequence[Work], wanted: Sequence[Sequence[Pair]], folder: Path | Stores | None = None
    ) -> None:
        """`wanted` has one list for each case, in the order in which outcomes come."""
        self.cases, self.wanted = list(cases), [list(each) for each in wanted]
        if any(min(pair) < 0 for each in self.wanted for pair in each):
            raise ValueError("draws and replications are numbered from 0")
        distinct: dict[str, dict[Pair, None]] = {}
        self._work: dict[str, Work] = {}
        for case, own in zip(self.cases, self.wanted, strict=True):
            self._work.setdefault(case.key, case)
            distinct.setdefault(case.key, {}).update(dict.fromkeys(own))
        self._distinct = {key: list(own) for key, own in distinct.items()}
        stores = folder if isinstance(folder, Stores) else Stores(folder)
        self._stores: dict[str, Store] = {key: stores.of(key) for key in distinct}

    def complete(
        self,
        *,
        executor: Executor,
        chunk: int | None = None,
        progress: Progress = quiet,
        keep_models: bool = False,
    ) -> Batch:
        """Run what the stores do not hold yet, so that they hold all that is wanted.

        `progress(done, total)` counts replications, those found in the stores included. `keep_models` leaves models in
        this process for what is asked next. Raises `Interrupted` on Ctrl-C and `TaskFailed`, which names every
        replication that failed, when the rest is done and kept.
        """
        token, keys = secrets.token_hex(8), list(self._distinct)
        work = [self._work[key] for key in keys]
        total = sum(map(len, self._distinct.values()))
        try:
            held = [self._stores[key].done() for key in keys]
            missing = [
                [pair for pair in self._distinct[key] if pair not in there]
                for key, there in zip(keys, held, strict=True)
            ]
            for key in keys:
                self._stores[key].make_ready()
            done = total - sum(map(len, missing))
            progress(done, total)
            failures, again = Failures(), chunks(missing, executor.workers, chunk, token)
            while again:
                tasks, again = again, []
                # Closed as soon as anything goes wrong here, or the workers would live on with the exception.
                with contextlib.closing(
                    executor.map(
                        _run_chunk, tasks, label=_Label(work), initializer=_prepare, initargs=(token, work)
                    )
                ) as results:
                    try:
                        for index, found in results:
                            number = tasks[index].case
                            if found.held:
                                self._stores[keys[number]].put(found.held, found.rows)
                            for pair, outcome in found.failed:
                                failures.add(work[number].label(*pair), outcome)
                            done += len(found.held)
                            progress(done, total)
                    except TaskFailed as stop:
                        again = _one_by_one(tasks, stop.failures, failures)
            failures.settle()
        except KeyboardInterrupt as stop:
            lasting = {key: store for key, store in self._stores.items() if store.lasting}
            kept = sum(len(store.done().intersection(self._distinct[key])) for key, store in lasting.items())
            raise Interrupted(kept, total) from stop
        finally:
            _cases.pop(token, None)  # the serial executor has taken them up in this very process
            if not keep_models:
                forget_models()
        return self

    def blocks(self, case: int = 0, size: int | None = BLOCK) -> Iterator[Block]:
        """The replications of a case with their rows, so many at a time, in the order wanted."""
        return self._stores[self.cases[case].key].blocks(self.wanted[case], size)

    def outcomes(self, columns: Container[Column] | None = None) -> Outcomes:
        """What is wanted, as numbers, of some columns if given. Rows must be those of `outcomes.rows_of`."""
        out = Outcomes([case.policy for case in self.cases], self.wanted)
        for number in range(len(self.cases)):
            for block in self.blocks(number):
                out.add(block.rows, block.held, number, columns)
        return out


def _one_by_one(tasks: Sequence[Chunk], failed: Iterable[Failure], failures: Failures) -> list[Chunk]:
    """The replications of chunks whose workers died, each by itself; what failed alone is a failure."""
    again = []
    for failure in failed:
        chunk = tasks[failure.task]
        if len(chunk.pairs) > 1:
            again += [chunk._replace(pairs=(pair,)) for pair in chunk.pairs]
        else:
            failures.found.append(failure)
    return again


def run(
    cases: Sequence[Work],
    wanted: Sequence[Pair],
    *,
    executor: Executor,
    folder: Path | Stores | None = None,
    chunk: int | None = None,
    progress: Progress = quiet,
    keep_models: bool = False,
    columns: Container[Column] | None = None,
) -> Outcomes:
    """Outcomes of replications: of the cases' stores below `folder` what is there, and the rest simulated and kept.

    `wanted` are pairs (draw, replication), the same of every case; `columns`, if given, are all that is loaded.
    See `Batch.complete` for what is raised.
    """
    batch = Batch(cases, [wanted] * len(cases), folder)
    batch.complete(executor=executor, chunk=chunk, progress=progress, keep_models=keep_models)
    return batch.outcomes(columns)
