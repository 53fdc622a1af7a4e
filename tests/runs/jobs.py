"""Small cases that worker processes can run, some of which misbehave."""

from __future__ import annotations

import os
import signal
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from sim.runs.case import Measured
from sim.runs.outcomes import Outcomes, Pair, rows_of
from sim.scenario.metrics import Column


@dataclass(frozen=True)
class Dice:
    """A few numbers per replication, none for some; leaves a file for every run. It misbehaves in chosen replications.

    `poison` ends its worker, `picky` raises, `impossible` has a reason.
    """

    marks: Path | None = None
    pause: float = 0.0
    key: str = "k"
    policy: str = "dice"
    poison: int = -1
    picky: int = -1
    impossible: int = -1

    def measure(self, draw: int, replication: int) -> Measured:
        time.sleep(self.pause)
        self.mark(f"run-{replication}")
        if replication == self.poison:
            os.kill(os.getpid(), signal.SIGKILL)
        if replication == self.picky:
            raise ValueError("five")
        if replication == self.impossible:
            return Measured(pa.table({}), reason="nobody can throw this")
        luck = np.random.default_rng([17, draw, replication])
        rows = range(replication % 4)
        columns = [Column("roll", by="throw", group=str(i)) for i in rows]
        columns += [Column("curve", "series", x=float(i)) for i in rows]
        return Measured(rows_of(columns, luck.integers(6, size=len(columns))), f"{draw}:{replication}")

    def label(self, draw: int, replication: int) -> str:
        return f"{self.policy}, draw {draw}, replication {replication}"

    def mark(self, what: str) -> None:
        if self.marks is not None:
            self.marks.mkdir(parents=True, exist_ok=True)
            (self.marks / f"{what}.{uuid.uuid4().hex}").touch()

    def runs(self) -> list[int]:
        """Which replications were run, each as often as it was."""
        assert self.marks is not None
        return sorted(int(path.name.split(".")[0][4:]) for path in self.marks.glob("run-*"))


def thrown(count: int, draw: int = 0) -> list[Pair]:
    """So many replications of one draw."""
    return [(draw, replication) for replication in range(count)]


def same(a: Outcomes, b: Outcomes) -> bool:
    """Whether two containers hold the same rows and columns in the same order, to the bit."""
    rows = ("case", "draw", "replication", "reasons", "digests")
    return (
        all(np.array_equal(getattr(a, name), getattr(b, name)) for name in rows)
        and a.columns == b.columns
        and all(a[c].tobytes() == b[c].tobytes() for c in a.columns)
        and list(a.curves) == list(b.curves)
        and all(
            np.array_equal(one.present, b.curves[c].present)
            and {x: y.tobytes() for x, y in one.points.items()}
            == {x: y.tobytes() for x, y in b.curves[c].points.items()}
            for c, one in a.curves.items()
        )
    )
