"""Executors: run a function over tasks, here or in worker processes, and stream results as they finish."""

from __future__ import annotations

import os
import pickle
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sim.runs.executors.workers import Crew, Outcome, WorkersCannotStart, packed, raised

__all__ = ["Executor", "Failure", "Failures", "ProcessExecutor", "SerialExecutor", "TaskFailed", "WorkersCannotStart",
           "cores"]  # fmt: skip

T = TypeVar("T")
R = TypeVar("R")
ALONE = 3


@dataclass(frozen=True)
class Failure:
    """One task that could not be done: its label, the reason in a line, the traceback if there is one, its number."""

    label: str
    reason: str
    trace: str = ""
    task: int = -1


class TaskFailed(RuntimeError):
    """Raised after all other tasks have finished and their results were handed over."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(list(failures))  # the argument itself, so that the exception can be pickled
        self.failures = list(failures)

    def __str__(self) -> str:
        first = "; ".join(f"{failure.label}: {failure.reason}" for failure in self.failures[:3])
        rest = f"; and {len(self.failures) - 3} more" if len(self.failures) > 3 else ""
        many = "a task" if len(self.failures) == 1 else f"{len(self.failures)} tasks"
        return f"{many} failed: {first}{rest}"


@dataclass(frozen=True)
class Job(Generic[T, R]):
    """What one map does: a function over tasks, what a task is called, and how a worker prepares itself."""

    fn: Callable[[T], R]
    tasks: Sequence[T]
    label: Callable[[T], str] = str
    initializer: Callable[..., object] | None = None
    initargs: tuple[Any, ...] = ()

    @property
    def payload(self) -> bytes:
        """The function and the preparation as they travel; raises what `packed` raises."""
        return packed(self.fn, self.initializer, self.initargs)


class Executor(ABC):
    """Where tasks run. A subclass has `workers` and `run`."""

    if TYPE_CHECKING:  # a subclass has it as a field or as a property

        @property
        def workers(self) -> int:
            """How many may run at once."""
            ...

    def map(
        self,
        fn: Callable[[T], R],
        tasks: Sequence[T],
        *,
        label: Callable[[T], str] = str,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> Generator[tuple[int, R], None, None]:
        """Yield (index of the task, result) as tasks finish; raise `TaskFailed` at the end if any failed.

        `initializer(*initargs)` runs once in every worker, before its first task. If it returns a function, a
        worker that outlives the work calls that one day, to forget it. Closing the generator, or an exception
        that passes through it, stops the work.
        """
        return self.run(Job(fn, tasks, label, initializer, initargs))

    @abstractmethod
    def run(self, job: Job[T, R]) -> Generator[tuple[int, R], None, None]:
        """What `map` describes. Nothing begins before the first result is asked for."""

    def close(self) -> None:  # noqa: B027 (most have nothing to end)
        """End what outlives a map, such as connections."""


@dataclass
class Failures:
    """Failures collected until the other tasks are through."""

    found: list[Failure] = field(default_factory=list)
    cause: BaseException | None = None

    def add(self, label: str, outcome: Outcome, task: int = -1) -> None:
        self.found.append(Failure(label, outcome.reason, outcome.trace, task))
        if self.cause is None and isinstance(outcome.value, BaseException):
            self.cause = outcome.value

    def settle(self) -> None:
        if self.found:
            raise TaskFailed(self.found) from self.cause


@dataclass(frozen=True)
class SerialExecutor(Executor):
    """One task after the other, in this process: for debugging, for small work, and as a yardstick."""

    workers: int = field(default=1, init=False)

    def run(self, job: Job[T, R]) -> Generator[tuple[int, R], None, None]:
        """See `Executor.map`."""
        failures = Failures()
        if job.initializer is not None and job.tasks:
            try:
                job.initializer(*job.initargs)
            except Exception as error:
                raise WorkersCannotStart(f"the work could not be prepared: {raised(error).reason}") from error
        for index, task in enumerate(job.tasks):
            try:
                result = job.fn(task)
            except Exception as error:  # whatever it is, the other tasks come first
                failures.add(job.label(task), raised(error), index)
                continue
            yield index, result
        failures.settle()


@dataclass(frozen=True)
class ProcessExecutor(Executor):
    """A map over worker processes that survives their death.

    A task whose worker was killed is a suspect. Suspects run again when everything else is through, alone on
    the machine, since a lack of memory is the likeliest killer. One whose worker dies three times more,
    alone, fails, and is named.
    """

    workers: int

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ValueError(f"at least one worker is needed, got {self.workers}")

    def run(self, job: Job[T, R]) -> Generator[tuple[int, R], None, None]:
        """See `Executor.map`."""
        crew = Crew(job.payload, job.tasks)
        try:
            yield from _through(crew, job, self.workers)
        finally:
            crew.dismiss()


@dataclass
class WarmExecutor(Executor):
    """As `ProcessExecutor`, but its workers live until `close`: for many small maps one after the other."""

    workers: int
    _crew: Crew | None = None

    def run(self, job: Job[T, R]) -> Generator[tuple[int, R], None, None]:
        """See `Executor.map`."""
        payload, token = job.payload, secrets.token_hex(8)
        if self._crew is None:
            self._crew = Crew(packed(_call, None, ()), keep=True)
        crew, whole = self._crew, False
        crew.take_up([(token, payload, task) for task in job.tasks])
        try:
            yield from _through(crew, job, self.workers)
            whole = True
        finally:
            if not whole:  # some are still at work on what nobody wants any more
                self.close()

    def close(self) -> None:
        """End the workers."""
        if self._crew is not None:
            self._crew.dismiss()
            self._crew = None


def warm(executor: Executor) -> Executor:
    """The same kind of executor for many small maps."""
    return WarmExecutor(executor.workers) if isinstance(executor, ProcessExecutor) else executor


# In a worker of a `WarmExecutor`: the function of the map that it works for, and what forgets its preparation.
_current: dict[str, tuple[Callable[[Any], Any], Any]] = {}


def _call(task: tuple[str, bytes, Any]) -> Any:
    """A task of whatever map; its function is unpacked and prepared once."""
    token, payload, inner = task
    if token not in _current:
        for _, forget in _current.values():
            if callable(forget):
                forget()
        _current.clear()
        fn, initializer, initargs = pickle.loads(payload)
        _current[token] = fn, initializer(*initargs) if initializer is not None else None
    return _current[token][0](inner)


def _through(crew: Crew, job: Job[T, R], workers: int) -> Generator[tuple[int, Any], None, None]:
    """Results of a crew's tasks; those whose worker died run again alone. Raises TaskFailed at the end."""
    tasks, label = job.tasks, job.label
    failures, suspects = Failures(), []
    for index, outcome in crew.run(range(len(tasks)), workers):
        if outcome.kind == "done":
            yield index, outcome.value
        elif outcome.kind == "raised":
            failures.add(label(tasks[index]), outcome, index)
        else:
            suspects.append(index)
    for index in suspects:
        outcome = _alone(crew, index)
        if outcome.kind == "done":
            yield index, outcome.value
        else:
            failures.add(label(tasks[index]), outcome, index)
    failures.settle()


def _alone(crew: Crew, index: int) -> Outcome:
    """Run one task with nothing beside it, up to three times while its worker dies of it."""
    for _ in range(ALONE):
        ((_, outcome),) = crew.run([index], 1)
        if outcome.kind != "died":
            return outcome
    return Outcome("died", reason=f"its worker died every time, {ALONE} times alone ({outcome.reason})")


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
