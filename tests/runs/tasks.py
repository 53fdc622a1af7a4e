"""Small tasks that worker processes can import at once, some of which misbehave. Nothing of the model is loaded."""

from __future__ import annotations

import os
import signal
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Awkward(Exception):
    """Pickles, but does not unpickle."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


@dataclass(frozen=True)
class Kill:
    """Ends its own worker: always, or only the first time, as told by a file."""

    number: int
    once: Path | None = None


def work(task: int | Kill | Exception) -> int:
    """Double a number, or do what the task says."""
    if isinstance(task, Exception):
        raise task
    if isinstance(task, Kill):
        if task.once is None or not task.once.exists():
            if task.once is not None:
                task.once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return task.number * 2
    return task * 2


def traced(task: tuple[Path, int]) -> int:
    """Leave a file for every run of a task."""
    folder, number = task
    (folder / f"{number}.{uuid.uuid4().hex}").touch()
    time.sleep(0.01)
    if number == 5 and len(list(folder.glob("5.*"))) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def awkward(task: int) -> int:
    raise Awkward(task, task)


def unsendable(task: int) -> Any:
    return lambda: task


_shared: list[int] = []


def share(number: int) -> None:
    _shared.append(number)


def shared(task: int) -> tuple[int, list[int]]:
    return os.getpid(), list(_shared)


def threads(task: int) -> str | None:
    return os.environ.get("OMP_NUM_THREADS")


def exits() -> None:
    os._exit(3)


def long(began: Path) -> None:
    """Says who works on it, and takes a minute."""
    written = began.with_suffix(f".{os.getpid()}")
    written.write_text(str(os.getpid()))
    written.replace(began)
    time.sleep(60)
