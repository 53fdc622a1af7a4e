"""Records for the compiled engine: one numpy structure per dispute, job, pool, village and round.

Few arrays of records, not many arrays of numbers: each call then passes a handful of pointers, which compiles several
times faster, and what an event needs lies together in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.compiled.codes import CLOCKS, JOBS, NONE, TIERS
from sim.model.tables import Tables
from sim.traces import DISPUTE_COLUMNS, ROW_COLUMNS

# A dispute takes two lines of the processor's cache: what it is, and its clocks with the rest. 128 bytes.
DISPUTE = np.dtype(
    [
        *((name, np.float64) for name in ("severity", "frailty")),
        ("slot", np.uint32),
        *((name, np.int32) for name in ("index", "village", "arise", "known", "side")),
        *((name, np.int32) for name in ("eruption_left", "eruption_since")),
        ("visits", np.int8, (TIERS,)),
        *(
            (name, np.int8)
            for name in ("kind", "departments", "language", "exit_code", "exit_tier", "opening")
        ),
        ("used", np.int8),
        ("clocks", np.int32, (CLOCKS,)),
        *((name, np.int8) for name in ("state", "tier", "visit", "session", "sessions", "last", "priority")),
        *((name, np.int8) for name in ("follows", "eruptions", "petitions", "breaches", "confirmed", "end")),
    ]
)
# The case of dispute i is item i; the other jobs of a dispute get a block of items when the first of them comes up.
ITEM = np.dtype(
    [
        ("key", np.int64),
        *((name, np.int32) for name in ("child", "sibling", "back", "pool", "started", "minutes")),
    ]
)
ROW = np.dtype([(name, np.int32) for name in ROW_COLUMNS])  # of the trace
LINE = 128  # bytes: arrays of records begin at a multiple
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
    *(
        "disputes",
        "items",
        "pools",
        "villages",
        "rounds",
        "changes",
        "detects",
        "worked",
        "arise_cum",
        "guide",
    ),
    *("fixed", "heap", "ends", "chunks", "rows", "slots", "table"),
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


_SPARE: dict[str, NDArray[Any]] = {}
STEPS = 4  # binary digits of a size that are kept
MOST_SPARE, LITTLE = 1 << 26, 1 << 22  # bytes of one array that are kept, and that are kept for less, too


def room(name: str, count: int, dtype: Any) -> NDArray[Any]:
    """An array with room for `count` records, as it comes; what an earlier run has left is used again."""
    kind = np.dtype(dtype)
    spare = left(name, count * kind.itemsize)
    if spare is not None:
        return spare
    size = ample(count * kind.itemsize) // kind.itemsize * kind.itemsize
    raw = np.empty(size + LINE, dtype=np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size].view(kind)


def left(name: str, need: int) -> NDArray[Any] | None:
    """What an earlier run has left, if it is large enough and not much too large: then it goes back to the system."""
    spare = _SPARE.pop(name, None)
    if spare is None or not need <= spare.nbytes <= max(2 * need, LITTLE):
        return None
    return spare


def ample(size: int) -> int:
    """A size rounded up by an eighth at most: the next run, which is a little larger, may then have the memory."""
    step = 1 << max(0, size.bit_length() - STEPS)
    return -(-size // step) * step


class Lent:
    """Memory of a table that leaves with the trace. When nobody has the table any more, the next run may have it.

    Getting memory from the system, page by page, and filling it with zeros took a sixth of a run.
    """

    def __init__(self, name: str, raw: NDArray[np.uint8]) -> None:
        self.name, self.raw = name, raw
        self.__array_interface__ = raw.__array_interface__

    def __del__(self, spare: dict[str, NDArray[Any]] = _SPARE, most: int = MOST_SPARE) -> None:
        if self.raw.nbytes <= most:
            spare[self.name] = self.raw


def lend(name: str, rows: int, columns: int, dtype: Any) -> NDArray[Any]:
    """A table with room for at least `rows` rows, as it comes: an array [row, column]."""
    width = columns * np.dtype(dtype).itemsize
    need = max(rows, 1) * width
    raw = left(name, need)
    if raw is None:
        raw = np.empty(ample(need), dtype=np.uint8)
    room = raw.nbytes // width
    lent: NDArray[Any] = np.asarray(Lent(name, raw))[: room * width].view(dtype)
    return lent.reshape(room, columns)


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


def guide(arise_cum: NDArray[np.float64]) -> NDArray[np.int64]:
    """For an even grid of uniforms the day that `rules.arise_minute` finds: its search can begin there.

    The grid has a power of two of cells, so that a uniform times their number is exact.
    """
    days = len(arise_cum) - 1
    grid = np.linspace(0.0, 1.0, (1 << days.bit_length()) + 1)
    return np.clip(np.searchsorted(arise_cum, grid, side="right") - 1, 0, days - 1).astype(np.int64)


COUNTERS = (
    *("n_disputes", "n_changes", "n_fixed", "taken", "in_rows", "in_heap", "in_freed", "in_entered"),
    *(
        "in_sides",
        "shift",
        "stretch",
        "last_stretch",
        "in_chunks",
        "most_chunks",
        "unused",
        "cells",
        "variants",
    ),
)
WORLD = np.dtype(
    [
        ("key", np.uint64, (2,)),
        ("luck", np.float64, (64,)),  # by decision point, see machine.draw_sixteen
        *((name, np.int64) for name in COUNTERS),
        ("freed", np.int64, (8,)),  # pools to dispatch after an event: those left, and those entered
        ("entered", np.int64, (8,)),
        *((name, np.int64) for name in ADDRESSES),
    ]
)
REUSED = ("disputes", "items", "fixed", "heap", "chunks")
STRETCHES = 65_536  # at most


class World:
    """Everything an event can read or change, beside the tables. `record` holds counters and the arrays' addresses.

    One record, and not the arrays themselves: a call passes one pointer, where fourteen arrays are a hundred words.
    Arrays are given out as they come: `births` fills in what it makes.
    """

    def __init__(
        self, variants: Sequence[Tables], key: tuple[int, int], slots: NDArray[np.integer], margin: int
    ) -> None:
        n, m = len(slots), variants[0]
        self.slots = np.ascontiguousarray(slots, dtype=np.int64)
        self.disputes = room("disputes", n, DISPUTE)
        self.items = room("items", n * JOBS, ITEM)
        self.table = lend("table", n, len(DISPUTE_COLUMNS), np.int64)
        self.pools = pools(m)
        self.villages = villages(m)
        self.rounds = rounds(m)
        self.changes = changes(m)
        self.detects = np.concatenate([np.asarray(v.round_detects, dtype=np.float64) for v in variants])
        self.worked = np.ascontiguousarray(m.cal_worked)
        self.arise_cum = np.ascontiguousarray(m.arise_cum)
        self.guide = guide(self.arise_cum)
        self.fixed = room("fixed", 2 * n + len(self.changes) + LINE, np.int64)
        stretches = min(STRETCHES, n // 32 + 1)
        shift = max(0, (m.horizon // stretches).bit_length())
        self.ends = np.zeros((m.horizon >> shift) + 2, dtype=np.int64)
        self.heap = room("heap", 2 * margin + 4096, np.int64)
        self.chunks = room("chunks", 16 * (len(self.ends) + n // 8 + 2 * margin), np.int64)
        self.rows = lend("rows", 16 * n + margin + 1024, len(ROW_COLUMNS), np.int32)
        self._world = np.zeros(1, dtype=WORLD)
        self.record: Any = self._world[0]
        self.record["key"] = key
        self.record["n_disputes"], self.record["n_changes"] = n, len(self.changes)
        self.record["shift"], self.record["last_stretch"] = shift, len(self.ends) - 2
        self.record["unused"], self.record["variants"] = NONE, len(variants)
        self.record["cells"] = len(self.guide) - 1
        self.note_addresses(margin)

    def note_addresses(self, margin: int) -> None:
        """Write down where the arrays are; to be called whenever one was replaced."""
        for name in ADDRESSES:
            self.record[name] = getattr(self, name).ctypes.data
        self.record["most_chunks"] = len(self.chunks) // 16 - margin

    def make_room(self, margin: int) -> None:
        """Double a buffer that is nearly full."""
        if self.record["in_heap"] >= len(self.heap) - margin:
            self.heap = np.concatenate([self.heap, np.empty_like(self.heap)])
        if self.record["in_rows"] >= len(self.rows) - margin:
            self.rows = np.concatenate([self.rows, np.empty_like(self.rows)])
        if self.record["in_chunks"] >= self.record["most_chunks"]:
            self.chunks = np.concatenate([self.chunks, np.empty_like(self.chunks)])
        self.note_addresses(margin)

    def tables(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The two tables of the trace."""
        return self.rows[: int(self.record["in_rows"])], self.table[: int(self.record["n_disputes"])]

    def leave(self) -> None:
        """The run is over; the next one of this process may use the arrays, unless they are big."""
        for name in REUSED:
            array = getattr(self, name)
            if array.nbytes <= MOST_SPARE:
                _SPARE[name] = array
