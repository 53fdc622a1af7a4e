"""An executor on a Dask cluster: an existing one by the address of its scheduler, or one on this computer.

What travels is the function with its preparation (the job, some tens of kilobytes) and the task (seeds, in effect),
never tables of draws. Results come back one by one as they are ready, and only a few tasks per worker are under way at
any time, so that neither scheduler nor workers fill up, and the death of a worker costs little.

A worker may serve several runs, one after the other or of several people. What it has prepared is kept under the token
of its run, the last few of them, and one task runs at a time in a process, however many threads it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import queue
import secrets
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from importlib import import_module
from typing import Any, TypeVar

from sim.language import Message
from sim.runs.executors.cluster_worker import differing, greet, identity, work
from sim.runs.executors.local import Executor, Failures, Job, cores
from sim.runs.executors.workers import STOPPED_BY, Outcome, WorkersCannotStart, birth, raised

__all__ = ["ClusterLost", "ClusterUnavailable", "DaskExecutor"]

T = TypeVar("T")
R = TypeVar("R")
CONNECT = 6.0  # seconds until a scheduler that does not answer is given up
GATHER = 10.0  # seconds until a result that was lost on its way is waited for like any other
WITHOUT_WORKERS = 60.0  # seconds that a cluster may be without workers in the middle of the work
PER_WORKER = 2  # tasks under way: one that runs, one that waits for it to end
PREPARATION = -1  # the index of no task


class ClusterUnavailable(Exception):
    """There is no cluster to work on, before anything was run. The message says what to do."""


class ClusterLost(RuntimeError):
    """Scheduler or workers went away in the middle of the work. What had been handed over is not affected."""


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise ClusterUnavailable(
            Message(
                "the executor 'dask' needs the package distributed; install the extra with `pip install "
                "'village-disputes[cluster]'` ({error})",
                error=error,
            )
        ) from None


def _probe(distributed: Any, address: str) -> None:
    """See that a scheduler answers. A client that fails to connect would hold up the end of the program."""

    async def ask() -> Any:
        security = distributed.Security().get_connection_args("client")
        async with distributed.rpc(address, timeout=CONNECT, connection_args=security) as scheduler:
            return await scheduler.identity()

    async def within_time() -> Any:
        return await asyncio.wait_for(ask(), CONNECT)

    with ThreadPoolExecutor(1) as thread:  # in a thread of its own, for a notebook's has a loop that runs
        found = thread.submit(asyncio.run, within_time()).result()
    if not str(found.get("type", "")).endswith("Scheduler"):
        raise OSError(f"a {found.get('type', 'program')} answers there, not a scheduler")


class DaskExecutor(Executor):
    """A map over the workers of a Dask cluster that survives their death.

    `scheduler` is the address of an existing one, such as tcp://host:8786. Without it a cluster of `workers` processes
    is started on this computer at the first use, and ended by `close`. Dask itself runs a task again whose worker
    died, up to its setting `allowed-failures`. A task given up by it is a suspect, for it may only have stood beside
    the killer; it runs once more at the end, alone, and if it is given up again it fails, and is named.
    """

    def __init__(self, scheduler: str | None = None, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise ValueError(f"at least one worker is needed, got {workers}")
        self.scheduler = scheduler
        self._asked = workers
        self._client: Any = None
        self._cluster: Any = None

    @property
    def workers(self) -> int:
        """Processes at hand now. Connects, and raises `ClusterUnavailable` if that fails."""
        if self._client is None:
            self._connect()
        return max(1, len(self._client.nthreads()))

    def __enter__(self) -> DaskExecutor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the cluster; end it if it is ours. The next use connects anew."""
        client, cluster, self._client, self._cluster = self._client, self._cluster, None, None
        with _quiet(), contextlib.suppress(Exception):  # whatever is gone already need not be closed
            if cluster is not None:
                _end_workers(cluster)
            try:
                if client is not None:
                    client.close(timeout=2)
            finally:
                if cluster is not None:
                    cluster.close(timeout=5)

    def _connect(self) -> None:
        distributed = _distributed()
        with _quiet():
            try:
                if self.scheduler is None:
                    # A worker that is just being started again for the second time would count as lost for good.
                    import_module("dask").config.set({"distributed.deploy.lost-worker-timeout": "1 hour"})
                    with birth(), _held_back():
                        self._cluster = distributed.LocalCluster(
                            n_workers=self._asked or cores(),
                            threads_per_worker=1,
                            processes=True,
                            dashboard_address=None,
                            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # 8787 may be taken
                            memory_limit=0,  # a share each would end a large task that runs alone
                            silence_logs=logging.CRITICAL,
                        )
                    address = self._cluster.scheduler_address
                else:
                    address = self.scheduler
                    _probe(distributed, address)
                with _held_back():
                    self._client = distributed.Client(
                        address, timeout=CONNECT, set_as_default=False, name="village-disputes"
                    )
            except Exception as error:  # of many kinds: no such host, refused, timed out, not a scheduler
                self.close()
                raise ClusterUnavailable(self._unreachable(error)) from None
            try:
                self._check(distributed)
            except BaseException:
                self.close()
                raise

    def _unreachable(self, error: Exception) -> str:
        reason = (str(error).splitlines() or ["no answer"])[0]
        if self.scheduler is None:
            return f"a cluster could not be started on this computer: {reason}; use --executor processes"
        return (
            f"there is no Dask scheduler at {self.scheduler} ({reason}); start one with `dask scheduler`, give the "
            "address that it prints with --scheduler, or leave that out to work on this computer"
        )

    def _check(self, distributed: Any) -> None:
        """There are workers, and they have our program."""
        where = self.scheduler or "this computer"
        nobody = f"the Dask scheduler at {where} has no workers; start some with `dask worker {where} --nthreads 1`"
        try:
            self._client.wait_for_workers(1, timeout=CONNECT)
        except TimeoutError:
            raise ClusterUnavailable(nobody) from None
        try:
            found = self._client.run(greet, on_error="return")
        except Exception as error:  # its program may have no such function, or not be there at all
            found = {where: error}
        if not found:  # the last worker has just gone
            raise ClusterUnavailable(nobody)
        for address, theirs in found.items():
            if isinstance(theirs, dict):
                odd = differing(identity(), theirs)
            else:
                odd = f"it lacks this program, or has another version ({type(theirs).__name__}: {theirs})"
            if odd:
                raise ClusterUnavailable(
                    Message(
                        "the worker at {address} cannot be used: {odd}; install the same version of this program "
                        "and of its libraries on all computers, and start the workers anew",
                        address=address,
                        odd=odd,
                    )
                )

    def run(self, job: Job[T, R]) -> Generator[tuple[int, R], None, None]:
        """See `Executor.map`."""
        tasks, label = job.tasks, job.label
        if not tasks:
            return
        payload = job.payload
        if self._client is None:
            self._connect()
        failures, suspects = Failures(), []
        flight = _Flight(self._client, payload, tasks)
        with _quiet(), _held_back(flight.interrupt):
            try:
                if job.initializer is not None:
                    flight.prepare()
                for index, outcome in flight.run(range(len(tasks))):
                    if outcome.kind == "done":
                        yield index, outcome.value
                    elif outcome.kind == "raised":
                        failures.add(label(tasks[index]), outcome, index)
                    else:
                        suspects.append(index)
                for index in suspects:
                    ((_, outcome),) = flight.run([index])
                    if outcome.kind == "done":
                        yield index, outcome.value
                    else:
                        failures.add(label(tasks[index]), outcome, index)
            except ClusterLost as lost:
                named = ", ".join(label(tasks[index]) for index in suspects)
                raise ClusterLost(f"{lost}; workers had died of {named}" if named else str(lost)) from None
            finally:
                flight.cancel()
        failures.settle()


class _Flight:
    """Tasks under way on a cluster."""

    def __init__(self, client: Any, payload: bytes, tasks: Sequence[Any]) -> None:
        self._client, self._payload, self._tasks = client, payload, tasks
        self._token = secrets.token_hex(8)
        self._sent = 0
        self._interrupted = False
        self._flying: dict[str, tuple[int, Any]] = {}
        self._landed: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._counted = self._seen = time.monotonic()
        self._room = PER_WORKER

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt from `run`, as soon as nothing is left half-done."""
        self._interrupted = True
        self._landed.put("")  # which may be done within a signal

    def prepare(self) -> None:
        """Let one worker prepare the work, so that a preparation that kills is not blamed on the tasks."""
        ((_, outcome),) = self.run([PREPARATION])
        if outcome.kind != "done":
            raise WorkersCannotStart(f"workers cannot prepare the work: {outcome.reason}")

    def run(self, indices: Iterable[int]) -> Iterator[tuple[int, Outcome]]:
        """Run these tasks; outcomes come as they are known, each task once."""
        waiting = deque(indices)
        self._counted = 0.0
        self._seen = time.monotonic()
        while waiting or self._flying:
            self._count()
            while waiting and len(self._flying) < self._room:
                self._send(waiting.popleft())
            try:
                key = self._landed.get(timeout=1.0)  # by the second, to see whether there still is anybody
            except queue.Empty:
                continue
            if self._interrupted:
                raise KeyboardInterrupt
            index, future = self._flying[key]
            outcome = self._outcome(future)
            if outcome is None:
                self._follow(future)
                continue
            del self._flying[key], future
            yield index, outcome

    def _count(self) -> None:
        """How many tasks may be under way, with the workers that there are now."""
        now = time.monotonic()
        if now - self._counted < 1.0:
            return
        try:
            workers = len(self._client.nthreads()) if self._client.status == "running" else 0
        except Exception:  # the connection is being lost; the tasks under way will say so
            workers = 0
        self._counted = time.monotonic()
        self._room = PER_WORKER * max(1, workers)
        if workers:
            self._seen = self._counted
        elif self._counted - self._seen > WITHOUT_WORKERS:
            raise ClusterLost(f"the cluster has been without workers for {WITHOUT_WORKERS:.0f} seconds")

    def _send(self, index: int) -> None:
        # A new key each time: the same one would give the earlier failure again.
        self._sent += 1
        task = None if index == PREPARATION else pickle.dumps(self._tasks[index], pickle.HIGHEST_PROTOCOL)
        future = self._client.submit(
            work,
            self._token,
            self._payload,
            task,
            identity(),
            key=f"chunk-{self._token}-{self._sent}",
            pure=False,
        )
        self._flying[future.key] = index, future
        self._follow(future)

    def _follow(self, future: Any) -> None:
        key, landed = future.key, self._landed  # not the future itself, whose end frees the worker's memory
        future.add_done_callback(lambda _: landed.put(key))

    def _outcome(self, future: Any) -> Outcome | None:
        """What became of a task; None if its result was lost on the way and is being made again."""
        try:
            prepared, outcome = pickle.loads(future.result(timeout=GATHER))
        except TimeoutError:
            return None
        except (CancelledError, asyncio.CancelledError):
            raise ClusterLost("the connection with the scheduler was lost") from None
        except Exception as error:
            if type(error).__name__ == "KilledWorker":
                times = getattr(error, "allowed_failures", 0) + 1
                return Outcome("died", reason=f"its worker died every time, {times} times in a row")
            return raised(error)
        if not prepared:
            cause = outcome.value if isinstance(outcome.value, BaseException) else None
            raise WorkersCannotStart(f"a worker could not prepare its work: {outcome.reason}") from cause
        assert isinstance(outcome, Outcome)
        return outcome

    def cancel(self) -> None:
        """Take back what has not been handed over; what runs at this moment ends unheard."""
        futures = [future for _, future in self._flying.values()]
        self._flying.clear()
        if futures and self._client.status == "running":
            with contextlib.suppress(Exception):
                self._client.cancel(futures, force=True)


def _end_workers(cluster: Any) -> None:
    """End the processes of our own cluster at once, as those of any other executor; waiting gains nothing."""
    for nanny in list(cluster.workers.values()):
        with contextlib.suppress(Exception):
            nanny.auto_restart = False
            os.kill(nanny.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


@contextlib.contextmanager
def _held_back(note: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Inside, Ctrl-C and its like only call `note`, and are answered at the end: half a future is beyond repair."""
    before = {number: signal.getsignal(number) for number in STOPPED_BY}
    if threading.current_thread() is not threading.main_thread() or not callable(before[signal.SIGINT]):
        yield
        return
    pressed: list[int] = []

    def press(number: int, _: object) -> None:
        pressed.append(number)
        note()

    held = {number: answer for number, answer in before.items() if callable(answer)}
    for number in held:
        signal.signal(number, press)
    try:
        yield
    finally:
        for number, answer in held.items():
            signal.signal(number, answer)
        if pressed:
            held[signal.Signals(pressed[0])](pressed[0], None)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Dask reports every death at length; ours are reported by name."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado.application")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
