"""Records for the compiled engine: one numpy structure per dispute, job, pool, village and round.

Few arrays of records, not many arrays of numbers: each call then passes a handful of pointers, which compiles several
times faster, and what an event needs lies together in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.codes import CLOCKS, JOBS, NONE, NORMAL, TIERS
from sim.model.tables import Tables

_INTS = (
    *(
        "index",
        "slot",
        "village",
        "kind",
        "departments",
        "language",
        "arise",
        "state",
        "tier",
        "visit",
        "session",
    ),
    *("sessions", "used", "last", "priority", "known", "opening", "follows", "exit_code", "exit_tier"),
    *("eruption_left", "eruption_since", "petitions", "confirmed", "end"),
)
DISPUTE = np.dtype(
    [
        *((name, np.int64) for name in _INTS),
        ("severity", np.float64),
        ("frailty", np.float64),
        ("visits", np.int8, (TIERS,)),
        ("clocks", np.int32, (CLOCKS,)),
    ]
)
ITEM = np.dtype([(name, np.int64) for name in ("key", "child", "sibling", "back", "pool", "started")])
POOL = np.dtype([(name, np.int64) for name in ("base", "opens", "servers", "busy", "root")])
VILLAGE = np.dtype(
    [
        ("language", np.float64),
        ("area", np.int64),
        ("station", np.int64, (TIERS,)),
        ("desk", np.int64, (JOBS,)),
    ]
)
ROUND = np.dtype(
    [
        *(("key", np.int64), ("period", np.int64), ("jitter", np.float64)),
        *(("channel", np.int64), ("tier", np.int64)),
    ]
)
CHANGE = np.dtype([("minute", np.int64), ("pool", np.int64), ("servers", np.int64)])
ADDRESSES = (
    *("disputes", "items", "pools", "villages", "rounds", "changes", "detects", "worked", "arise_cum"),
    *("arrivals", "heap", "rows"),
)
# Tables whose length depends on the place; all others have a fixed length and live in one record.
_VARIABLE = {
    *("cal_worked", "cal_opens", "pool_calendar", "pool_servers"),
    *("capacity_minute", "capacity_pool", "capacity_servers", "station", "desk", "arise_cum", "language"),
    *(
        "area",
        "round_key",
        "round_period",
        "round_jitter",
        "round_detects",
        "round_channel",
        "round_tier",
    ),
}


def numbers(variants: Sequence[Tables]) -> NDArray[Any]:
    """All tables of fixed length, one record for each variant of a model, in their order."""
    fields: list[Any] = []
    for name, value in variants[0]._asdict().items():
        if name in _VARIABLE:
            continue
        array = np.asarray(value)
        kind = np.float64 if array.dtype.kind == "f" else np.int64
        fields.append((name, kind, array.shape) if array.ndim else (name, kind))
    records = np.zeros(len(variants), dtype=np.dtype(fields))
    for record, tables in zip(records, variants, strict=True):
        for name in records.dtype.names or ():
            record[name] = getattr(tables, name)
    return records


def disputes(slots: NDArray[np.integer]) -> NDArray[Any]:
    """Disputes before anything has happened."""
    d = np.zeros(len(slots), dtype=DISPUTE)
    d["index"] = np.arange(len(slots))
    d["slot"] = slots
    for name in ("kind", "departments", "language", "arise", "tier", "clocks"):
        d[name] = NONE
    d["priority"] = NORMAL
    return d


def items(n: int) -> NDArray[Any]:
    """Jobs of n disputes, none of them anywhere."""
    out = np.zeros(n * JOBS, dtype=ITEM)
    for name in ("child", "sibling", "back", "pool"):
        out[name] = NONE
    return out


def pools(m: Tables) -> NDArray[Any]:
    """Pools, idle."""
    out = np.zeros(len(m.pool_servers), dtype=POOL)
    out["base"] = m.pool_calendar * (m.days + 1)
    out["opens"] = m.cal_opens[m.pool_calendar]
    out["servers"] = m.pool_servers
    out["root"] = NONE
    return out


def villages(m: Tables) -> NDArray[Any]:
    """What belongs to a village."""
    out = np.zeros(m.villages, dtype=VILLAGE)
    out["language"], out["area"] = m.language, m.area
    out["station"] = m.station.reshape(-1, TIERS)
    out["desk"] = m.desk.reshape(-1, JOBS)
    return out


def rounds(m: Tables) -> NDArray[Any]:
    """Periodic rounds."""
    out = np.zeros(m.rounds, dtype=ROUND)
    out["key"] = m.round_key
    out["period"], out["jitter"] = m.round_period, m.round_jitter
    out["channel"], out["tier"] = m.round_channel, m.round_tier
    return out


def changes(m: Tables) -> NDArray[Any]:
    """Changes of capacity."""
    out = np.zeros(len(m.capacity_minute), dtype=CHANGE)
    out["minute"], out["pool"], out["servers"] = m.capacity_minute, m.capacity_pool, m.capacity_servers
    return out


WORLD = np.dtype(
    [
        ("key", np.uint64, (2,)),
        *(
            (name, np.int64)
            for name in ("n_disputes", "n_changes", "n_arrivals", "arrived", "in_rows", "in_heap")
        ),
        *((name, np.int64) for name in ("in_freed", "in_entered")),
        ("freed", np.int64, (8,)),  # pools to dispatch after an event: those left, and those entered
        ("entered", np.int64, (8,)),
        *((name, np.int64) for name in ADDRESSES),
    ]
)


class World:
    """Everything an event can read or change, beside the tables. `record` holds counters and the arrays' addresses.

    One record, and not the arrays themselves: a call passes one pointer, where fourteen arrays are a hundred words.
    """

    def __init__(
        self, variants: Sequence[Tables], key: tuple[int, int], slots: NDArray[np.integer], margin: int
    ) -> None:
        n, m = len(slots), variants[0]
        self.disputes = disputes(slots)
        self.items = items(n)
        self.pools = pools(m)
        self.villages = villages(m)
        self.rounds = rounds(m)
        self.changes = changes(m)
        self.detects = np.concatenate([np.asarray(v.round_detects, dtype=np.float64) for v in variants])
        self.worked = np.ascontiguousarray(m.cal_worked)
        self.arise_cum = np.ascontiguousarray(m.arise_cum)
        self.arrivals = np.empty(n + 1, dtype=np.int64)
        self.heap = np.empty(4 * n + len(self.changes) + 2 * margin + 1024, dtype=np.int64)
        self.rows = np.empty((8 * n + margin + 1024, 9), dtype=np.int32)
        self._world = np.zeros(1, dtype=WORLD)
        self.record: Any = self._world[0]
        self.record["key"] = key
        self.record["n_disputes"], self.record["n_changes"] = n, len(self.changes)
        self.note_addresses()

    def note_addresses(self) -> None:
        """Write down where the arrays are; to be called whenever one was replaced."""
        for name in ADDRESSES:
            self.record[name] = getattr(self, name).ctypes.data

    def make_room(self, margin: int) -> None:
        """Double a buffer that is nearly full."""
        if self.record["in_heap"] >= len(self.heap) - margin:
            self.heap = np.concatenate([self.heap, np.empty_like(self.heap)])
        if self.record["in_rows"] >= len(self.rows) - margin:
            self.rows = np.concatenate([self.rows, np.empty_like(self.rows)])
        self.note_addresses()
