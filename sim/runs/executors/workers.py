"""Worker processes that may be killed at any moment, one pipe each, so that a death names its task.

A pool of the standard library breaks as a whole when one worker dies and cannot say which task did it. Here
every worker has its own pipe and there are no shared queues or locks, so a death costs one task and never the
others.

Workers are spawned, not forked. Forking copies locks held by other threads (numba's and BLAS's among them:
GNU OpenMP aborts, others hang), and a fork server keeps the environment of the moment it was first used.
Spawning costs the imports anew, once per worker, and behaves alike on Linux, macOS and Windows.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.process import BaseProcess
from typing import Any, Literal

SPAWN = multiprocessing.get_context("spawn")
FALSE_STARTS = 3
# What asks a program to end: Ctrl-C, a system that shuts down, a terminal that is closed.
STOPPED_BY = frozenset(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class WorkersCannotStart(RuntimeError):
    """Workers die, or fail to prepare, before they get to any task."""


@dataclass(frozen=True)
class Outcome:
    """What became of one task: its value, the exception it raised, or the death of its worker."""

    kind: Literal["done", "raised", "died"]
    value: Any = None
    reason: str = ""
    trace: str = ""


def raised(error: BaseException) -> Outcome:
    """An exception as an outcome. The exception itself goes along only if it survives pickling."""
    reason = "".join(traceback.format_exception_only(error)).strip()
    trace = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # pickling runs the exception's own code
        return Outcome("raised", None, reason, trace)
    return Outcome("raised", error, reason, trace)


def packed(
    fn: Callable[[Any], Any], initializer: Callable[..., object] | None, initargs: tuple[Any, ...]
) -> bytes:
    """A function and its preparation, to be sent to workers. TypeError, in words, if they cannot be."""
    try:
        return pickle.dumps((fn, initializer, initargs), protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise TypeError(
            "the work cannot be sent to worker processes; functions and classes must be defined at the "
            f"top level of an importable module, and hold no open files or locks: {error}"
        ) from error


def _end_with(parent: BaseProcess) -> None:
    """End this worker with the program, at once: a task, or the making of machine code, may go on for minutes."""
    parent.join()
    os._exit(1)


def _serve(pipe: Connection, payload: bytes) -> None:
    """The life of a worker: prepare once, then answer tasks until the pipe closes."""
    # Ctrl-C reaches the whole process group; only the parent answers it, by killing the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPED_BY)
    if (parent := parent_process()) is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with contextlib.suppress(EOFError, OSError):  # the parent is gone, or wants no more
        try:
            fn, initializer, initargs = pickle.loads(payload)
            if initializer is not None:
                initializer(*initargs)
        except Exception as error:  # raised again by the parent
            pipe.send(raised(error))
            return
        pipe.send(None)
        while True:
            task = pipe.recv()
            try:
                answer = pickle.dumps(Outcome("done", fn(task)), protocol=pickle.HIGHEST_PROTOCOL)
            except Exception as error:  # reported by the parent with the task's name
                answer = pickle.dumps(raised(error))
            pipe.send_bytes(answer)


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    ready: bool = False
    task: int | None = None


@contextlib.contextmanager
def birth() -> Iterator[None]:
    """While a worker starts: hold Ctrl-C and its like back, lest it catch either side half-way; one thread for BLAS."""
    masked = hasattr(signal, "pthread_sigmask")
    if masked:
        resource_tracker.ensure_running()  # its own start would lift the mask
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPED_BY)
    unset = "OMP_NUM_THREADS" not in os.environ
    if unset:  # OpenBLAS and MKL follow this variable unless their own is set
        os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if unset:
            os.environ.pop("OMP_NUM_THREADS", None)
        if masked:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPED_BY)


class Crew:
    """A changing set of worker processes with the same function and the same preparation."""

    def __init__(self, payload: bytes, tasks: Sequence[Any] = (), *, keep: bool = False) -> None:
        self._payload = payload  # of `packed`, once for all workers: the model may be large
        self._keep = keep  # idle workers stay for the tasks that `take_up` brings
        self._tasks = tasks
        self._workers: list[_Worker] = []
        self._false_starts = 0

    def take_up(self, tasks: Sequence[Any]) -> None:
        """Other tasks for the same workers, when those before are done."""
        self._tasks = tasks

    def run(self, indices: Iterable[int], width: int) -> Iterator[tuple[int, Outcome]]:
        """Run these tasks on at most `width` workers; outcomes come as they are known, each task once."""
        queue = deque(indices)
        while queue or any(worker.task is not None for worker in self._workers):
            busy = sum(worker.task is not None for worker in self._workers)
            wanted = len(queue) + busy
            self._resize(min(width, max(wanted, len(self._workers)) if self._keep else wanted))
            self._hand_out(queue)
            ends: dict[object, _Worker] = {worker.pipe: worker for worker in self._workers}
            for end in wait([worker.pipe for worker in self._workers]):
                index, outcome = self._hear(ends[end])
                if index is not None and outcome is not None:
                    yield index, outcome

    def _resize(self, width: int) -> None:
        """Hire up to the width, or let idle workers go, whose memory a task run alone may need."""
        idle = [worker for worker in self._workers if worker.task is None]
        for worker in idle[: max(0, len(self._workers) - width)]:
            self._bury(worker)
        while len(self._workers) < width:
            with birth():
                mine, theirs = SPAWN.Pipe()
                process = SPAWN.Process(target=_serve, args=(theirs, self._payload), daemon=True)
                process.start()
                theirs.close()  # or the end of the worker would not close the pipe
                self._workers.append(_Worker(process, mine))

    def _hand_out(self, queue: deque[int]) -> None:
        """Give every idle worker a task. One each: what waits in a pipe would be lost with its worker."""
        for worker in self._workers:
            if queue and worker.ready and worker.task is None:
                worker.task = queue.popleft()
                try:
                    worker.pipe.send(self._tasks[worker.task])
                except OSError:
                    # It died while idle, which is not this task's doing. Its pipe will report the death.
                    queue.appendleft(worker.task)
                    worker.task = None

    def _hear(self, worker: _Worker) -> tuple[int | None, Outcome | None]:
        """Read what a worker says, or why it has fallen silent."""
        try:
            message = pickle.loads(worker.pipe.recv_bytes())
        except (EOFError, OSError):
            return worker.task, self._mourn(worker)
        if worker.ready:
            index, worker.task = worker.task, None
            return index, message
        if message is not None:
            cause = message.value if isinstance(message.value, BaseException) else None
            raise WorkersCannotStart(f"a worker could not prepare its work: {message.reason}") from cause
        worker.ready, self._false_starts = True, 0
        return None, None

    def _mourn(self, worker: _Worker) -> Outcome:
        """Remove a dead worker and say how it ended."""
        worker.process.join(timeout=5)
        code = worker.process.exitcode
        self._bury(worker)
        if not worker.ready:
            self._false_starts += 1
            if self._false_starts >= FALSE_STARTS:
                raise WorkersCannotStart(
                    f"{FALSE_STARTS} workers in a row ended ({_ending(code)}) before their first task; "
                    'a script that starts workers must be a file and do so under `if __name__ == "__main__":`'
                )
        return Outcome("died", reason=_ending(code))

    def _bury(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.process.close()
        worker.pipe.close()

    def dismiss(self) -> None:
        """End all workers at once. What is finished is here already; the rest is not worth waiting for."""
        for worker in self._workers:
            worker.process.kill()
        while self._workers:
            self._bury(self._workers[-1])


def _ending(code: int | None) -> str:
    """An exit code in words."""
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
