"""Staff pools: who works where, how many, and on which calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import clock
from sim.model.tables import read_only
from sim.model.villages import Villages
from sim.scenario.place import Place

VILLAGE, TOWNSHIP, COUNTY = 0, 1, 2
STAFF_LEVEL = {
    "grid_heads": VILLAGE,
    "village_mediators": VILLAGE,
    "police": TOWNSHIP,
    "township_mediators": TOWNSHIP,
    "petition_officers": COUNTY,
    "departments": COUNTY,
    "decision_officers": COUNTY,
    "court_mediators": COUNTY,
    "judges": COUNTY,
}
UNLIMITED = (
    1 << 26
)  # servers of a pool that belongs to another place: more than there can be disputes in a run


@dataclass(frozen=True)
class Pools:
    """One pool per staff group and unit (village, township, county), in the order of `STAFF_LEVEL`.

    Arrays have one entry per pool. `group` indexes `groups`, `unit` is the number of the village or township.
    """

    groups: tuple[str, ...]
    group: NDArray[np.int64]
    unit: NDArray[np.int64]
    servers: NDArray[np.int64]
    calendar: NDArray[np.int64]
    first: dict[str, int]
    worked: NDArray[np.int64]  # [calendar * (days + 1) + day]
    opens: NDArray[np.int64]
    changes: tuple[tuple[int, int, int], ...] = ()  # of servers: minute, pool, servers from then on

    def __len__(self) -> int:
        return len(self.group)

    def of_villages(self, staff: str, villages: Villages) -> NDArray[np.int64]:
        """The pool of a staff group that serves each village."""
        level, first = STAFF_LEVEL[staff], self.first[staff]
        if level == COUNTY:
            return np.full(villages.count, first, dtype=np.int64)
        out: NDArray[np.int64] = first + (
            np.arange(villages.count) if level == VILLAGE else villages.township
        )
        return out

    def unlimited(self, pool: int) -> bool:
        """Whether a pool has no capacity limit of its own."""
        return int(self.servers[pool]) >= UNLIMITED

    def tables(self) -> dict[str, Any]:
        """The part of `Tables` that concerns pools."""
        changes = np.array(self.changes, dtype=np.int64).reshape(-1, 3)
        return {
            "cal_worked": self.worked,
            "cal_opens": self.opens,
            "pool_calendar": self.calendar,
            "pool_servers": self.servers,
            "capacity_minute": np.ascontiguousarray(changes[:, 0]),
            "capacity_pool": np.ascontiguousarray(changes[:, 1]),
            "capacity_servers": np.ascontiguousarray(changes[:, 2]),
        }


def spread(mean: float, units: int) -> NDArray[np.int64]:
    """Whole persons per unit whose total is the rounded total, as even as can be (cumulative rounding)."""
    edges = np.floor(np.arange(units + 1) * mean + 0.5 + 1e-9).astype(np.int64)
    out: NDArray[np.int64] = np.diff(edges)
    return out


def build_pools(place: Place, first_day: date, days: int) -> Pools:
    """One pool per staff group and unit; each staff group has a calendar of its own hours."""
    staff = {
        "grid_heads": place.villages.grid_heads,
        "village_mediators": place.villages.mediators,
        "police": place.townships.police,
        "township_mediators": place.townships.mediators,
        "petition_officers": place.county.petition_officers,
        "departments": place.county.departments,
        "decision_officers": place.county.decision_officers,
        "court_mediators": place.county.court_mediators,
        "judges": place.county.judges,
    }
    units = {
        VILLAGE: int(place.villages.count.value),
        TOWNSHIP: int(place.townships.count.value),
        COUNTY: 1,
    }
    servers, worked, opens = [], [], []
    for name, level in STAFF_LEVEL.items():
        n = units[level]
        outside = place.county.outside and level == COUNTY
        servers.append(np.full(n, UNLIMITED) if outside else spread(float(staff[name].value), n))
        cumulative, start = _hours(place, name, first_day, days)
        worked.append(cumulative)
        opens.append(start)
    group, unit, first = _layout(units[VILLAGE], units[TOWNSHIP])
    return Pools(
        groups=tuple(STAFF_LEVEL),
        group=group,
        unit=unit,
        servers=np.concatenate(servers).astype(np.int64),
        calendar=group.copy(),
        first=first,
        worked=np.concatenate(worked),
        opens=np.array(opens, dtype=np.int64),
    )


@lru_cache(maxsize=256)
def _layout(villages: int, townships: int) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[str, int]]:
    """Staff group and unit of each pool, and the first pool of each staff group."""
    sizes = [{VILLAGE: villages, TOWNSHIP: townships, COUNTY: 1}[level] for level in STAFF_LEVEL.values()]
    group = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    begun = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    unit = np.concatenate([np.arange(n, dtype=np.int64) for n in sizes])
    return read_only(group), read_only(unit), dict(zip(STAFF_LEVEL, begun, strict=False))


def _hours(place: Place, staff: str, first_day: date, days: int) -> tuple[NDArray[np.int64], int]:
    """Cumulative working minutes and the opening minute of a staff group."""
    working = place.working.get(staff)
    if working is None:  # nobody works there; `checks.py` has made sure that nothing needs it
        return np.zeros(days + 1, dtype=np.int64), 0
    calendar = place.calendars[working.calendar]
    minutes = max(1, round(working.daily_hours * 60))
    opens = min(round(float(calendar.opens.value) * 60), clock.MINUTES_PER_DAY - minutes)
    return _worked(first_day, days, calendar.weekends, calendar.holidays, minutes), opens


@lru_cache(maxsize=256)
def _open_before(first_day: date, days: int, weekends: bool, holidays: bool) -> NDArray[np.int64]:
    """Open days before each day: calendars are slow to look up, and the same for all places with one window."""
    opened = clock.open_days(first_day, days, weekends=weekends, holidays=holidays)
    return read_only(clock.cumulative_minutes(opened, 1))


@lru_cache(maxsize=256)
def _worked(first_day: date, days: int, weekends: bool, holidays: bool, minutes: int) -> NDArray[np.int64]:
    return read_only(_open_before(first_day, days, weekends, holidays) * minutes)
