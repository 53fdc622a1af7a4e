"""Small jobs that worker processes can import, some of which misbehave."""

from __future__ import annotations

import os
import signal
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Dice:
    """A few rows per replication, none for some; leaves a file for every preparation and every run."""

    marks: Path | None = None
    pause: float = 0.0

    def prepare(self) -> int:
        self.mark("prepare")
        return 6

    def run(self, prepared: int, replication: int) -> list[dict[str, Any]]:
        time.sleep(self.pause)
        self.mark(f"run-{replication}")
        luck = np.random.default_rng([17, replication])
        rows = range(replication % 4)
        # An integer in some replications and a float in others, as a count and its mean would be.
        return [
            {
                "roll": int(luck.integers(prepared)),
                "odd": replication if replication % 2 else 0.5,
                "name": f"n{i}",
            }
            for i in rows
        ]

    def mark(self, what: str) -> None:
        if self.marks is not None:
            self.marks.mkdir(parents=True, exist_ok=True)
            (self.marks / f"{what}.{uuid.uuid4().hex}").touch()

    def runs(self) -> list[int]:
        """Which replications were run, each as often as it was."""
        assert self.marks is not None
        return sorted(int(path.name.split(".")[0][4:]) for path in self.marks.glob("run-*"))


@dataclass(frozen=True)
class Wide:
    """One row per replication: normal values, a metric that is always zero, one that is mostly undefined."""

    def prepare(self) -> None:
        return None

    def run(self, prepared: None, replication: int) -> list[dict[str, float]]:
        luck = np.random.default_rng([23, replication])
        rare = 1.0 if replication % 50 == 0 else float("nan")
        return [{"days": 100 + 30 * luck.standard_normal(), "zero": 0.0, "rare": rare}]


@dataclass(frozen=True)
class Broken:
    """Fails in the preparation."""

    def prepare(self) -> None:
        raise ValueError("no such place")

    def run(self, prepared: None, replication: int) -> list[dict[str, float]]:
        return []


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
