"""Records for the compiled engine: one numpy structure per dispute, job, pool, village and round.

Few arrays of records, not many arrays of numbers: each call then passes a handful of pointers, which compiles several
times faster, and what an event needs lies together in memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.codes import CLOCKS, JOBS, NONE, NORMAL, TIERS
from sim.model.tables import Tables

_INTS = (
    *("slot", "village", "kind", "departments", "language", "arise", "state", "tier", "visit", "session"),
    *("sessions", "used", "last", "priority", "known", "opening", "follows", "exit_code", "exit_tier"),
    *("eruption_left", "petitions", "confirmed", "end"),
)
DISPUTE = np.dtype(
    [
        *((name, np.int64) for name in _INTS),
        ("severity", np.float64),
        ("frailty", np.float64),
        ("visits", np.int64, (TIERS,)),
        ("clocks", np.int64, (CLOCKS,)),
    ]
)
ITEM = np.dtype([(name, np.int64) for name in ("key", "child", "sibling", "back", "pool", "started")])
POOL = np.dtype([(name, np.int64) for name in ("base", "opens", "servers", "busy", "root")])
VILLAGE = np.dtype(
    [
        ("language", np.float64),
        ("grid_rate", np.float64),
        ("caught", np.float64),
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
# Tables whose length depends on the place; all others have a fixed length and live in one record.
_VARIABLE = {
    *("cal_worked", "cal_opens", "pool_calendar", "pool_servers"),
    *("capacity_minute", "capacity_pool", "capacity_servers", "station", "desk", "arise_cum", "language"),
    *("grid_rate", "round_key", "round_period", "round_jitter", "round_detects", "round_channel", "round_tier"),
    "eruption_caught",
}


def numbers(m: Tables) -> Any:
    """All tables of fixed length as one record."""
    fields: list[Any] = []
    values = {}
    for name, value in m._asdict().items():
        if name in _VARIABLE:
            continue
        array = np.asarray(value)
        kind = np.float64 if array.dtype.kind == "f" else np.int64
        fields.append((name, kind, array.shape) if array.ndim else (name, kind))
        values[name] = array
    record = np.zeros(1, dtype=np.dtype(fields))
    for name, array in values.items():
        record[name][0] = array
    return record[0]


def disputes(slots: NDArray[np.integer]) -> NDArray[Any]:
    """Disputes before anything has happened."""
    d = np.zeros(len(slots), dtype=DISPUTE)
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
    out["language"], out["grid_rate"], out["caught"] = m.language, m.grid_rate, m.eruption_caught
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
