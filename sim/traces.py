"""The trace: the only thing that leaves an engine.

Two flat integer tables. `rows` tells what happened, in the order in which it happened, which is canonical: engines
emit in the total order of events and nothing is sorted afterwards. `disputes` tells what each dispute was. Equal
traces have equal digests.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.vocabulary import Channel, End, EventKind, Job, Kind, Tier

ROW_COLUMNS = ("minute", "event", "dispute", "job", "tier", "pool", "visit", "session", "detail")
# Nobody reads `severity_ppm`. It stays, since the digests of all traces would change without it.
DISPUTE_COLUMNS = ("slot", "exists", "village", "kind", "severity_ppm", "departments", "language", "arise")
PPM = 1e6  # of `severity_ppm`: severity in parts per million, rounded down


@dataclass(frozen=True)
class Trace:
    """`rows`: int32 of shape (n, 9), `disputes`: int64 of shape (m, 8); columns as named above.

    Minutes count from the start of the run. `horizon` is the minute at which the run ends, `warm_up` the minute at
    which the window of the place begins. A column that does not apply holds -1.
    """

    rows: NDArray[np.int32]
    disputes: NDArray[np.int64]
    horizon: int
    warm_up: int
    _columns: dict[str, NDArray[np.int64]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def column(self, name: str) -> NDArray[np.int64]:
        """A column of `rows` by name, in one piece."""
        if name not in self._columns:
            self._columns[name] = self.rows[:, ROW_COLUMNS.index(name)].astype(np.int64)
        return self._columns[name]

    def dispute_column(self, name: str) -> NDArray[np.int64]:
        """A column of `disputes` by name."""
        out: NDArray[np.int64] = self.disputes[:, DISPUTE_COLUMNS.index(name)]
        return out

    def digest(self) -> str:
        """SHA-256 over both tables and the horizon, as hexadecimal text."""
        h = hashlib.sha256(f"trace 2 {self.horizon} {self.warm_up} {self.rows.shape[0]}".encode())
        h.update(np.ascontiguousarray(self.rows, dtype="<i4").tobytes())
        h.update(np.ascontiguousarray(self.disputes, dtype="<i8").tobytes())
        return h.hexdigest()


def describe_row(row: NDArray[np.integer] | tuple[int, ...]) -> str:
    """One row in words."""
    minute, event, dispute, job, tier, pool, visit, session, detail = (int(x) for x in row)
    words = [f"day {minute // 1440} {minute % 1440 // 60:02d}:{minute % 60:02d}", EventKind(event).name]
    if dispute >= 0:
        words.append(f"dispute {dispute}")
    if job > 0:
        words.append(Job(job).name)
    if tier >= 0:
        words.append(f"at {Tier(tier).name}")
    if pool >= 0:
        words.append(f"pool {pool}")
    if visit >= 0:
        words.append(f"visit {visit}")
    if session >= 0:
        words.append(f"session {session}")
    meaning = {EventKind.END: End, EventKind.KNOWN: Channel, EventKind.CLIMB: Tier}.get(EventKind(event))
    words.append(f"detail {meaning(detail).name if meaning and detail >= 0 else detail}")
    return " ".join(words)


def first_difference(a: Trace, b: Trace) -> str | None:
    """The first place where two traces differ, in words; None if they are equal."""
    if a.disputes.shape != b.disputes.shape:
        return f"number of disputes: {len(a.disputes)} against {len(b.disputes)}"
    wrong = np.argwhere(a.disputes != b.disputes)
    if len(wrong):
        i, j = (int(x) for x in wrong[0])
        kinds = Kind(int(a.disputes[i, 3])).name if a.disputes[i, 3] >= 0 else "?"
        return f"dispute {i} ({kinds}), {DISPUTE_COLUMNS[j]}: {a.disputes[i, j]} against {b.disputes[i, j]}"
    n = min(len(a.rows), len(b.rows))
    differ = np.flatnonzero((a.rows[:n] != b.rows[:n]).any(axis=1))
    if len(differ):
        i = int(differ[0])
        return f"row {i}: {describe_row(a.rows[i])} | against | {describe_row(b.rows[i])}"
    if len(a.rows) != len(b.rows):
        longer = a if len(a.rows) > n else b
        return f"row {n} only in one: {describe_row(longer.rows[n])}"
    if (a.horizon, a.warm_up) != (b.horizon, b.warm_up):
        return f"horizon or warm-up: {a.horizon}, {a.warm_up} against {b.horizon}, {b.warm_up}"
    return None
