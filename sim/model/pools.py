"""Staff pools: who works where, how many, and on which calendar.

People have other duties: of a day of eight hours an hour may be left for disputes. That limits how much they can do,
not how fast: a session of three hours takes an afternoon, not three days of an hour each. So the hours of a pool are
those of as few servers as can give them in whole days: five mediators with a sixth of their time are one server of
6.7 hours a day. No capacity is won or lost by it.
"""

from __future__ import annotations

import math
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
    `persons` is how many people there are; `servers` how many disputes they can be with at a time (see above).
    """

    groups: tuple[str, ...]
    group: NDArray[np.int64]
    unit: NDArray[np.int64]
    persons: NDArray[np.int64]
    servers: NDArray[np.int64]
    calendar: NDArray[np.int64]
    first: dict[str, int]
    worked: NDArray[np.int64]  # [calendar * (days + 1) + day]
    opens: NDArray[np.int64]
    part: tuple[float, ...]  # by group: the share of their hours that people have for disputes
    day: tuple[float, ...]  # by group: minutes that one person works a day, other duties included
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
    staff = staff_of(place)
    units = {
        VILLAGE: int(place.villages.count.value),
        TOWNSHIP: int(place.townships.count.value),
        COUNTY: 1,
    }
    persons, servers, calendar = [], [], []
    worked: list[NDArray[np.int64]] = []
    opens: list[int] = []
    part, day = [], []
    for name, level in STAFF_LEVEL.items():
        n, working = units[level], place.working.get(name)
        share, full = (0.0, 0.0) if working is None else (working.part, float(working.hours.value) * 60.0)
        part.append(share)
        day.append(full)
        outside = place.county.outside and level == COUNTY
        here = np.full(n, UNLIMITED) if outside else spread(staff[name], n)
        numbers, which = np.unique(here, return_inverse=True)
        shapes = [whole_days(x, share, full) for x in numbers.tolist()]
        persons.append(here)
        servers.append(np.array([m for m, _ in shapes])[which])
        calendar.append(len(worked) + which)
        for _, minutes in shapes:
            cumulative, start = _hours(place, name, first_day, days, minutes)
            worked.append(cumulative)
            opens.append(start)
    group, unit, first = _layout(units[VILLAGE], units[TOWNSHIP])
    return Pools(
        groups=tuple(STAFF_LEVEL),
        group=group,
        unit=unit,
        persons=np.concatenate(persons).astype(np.int64),
        servers=np.concatenate(servers).astype(np.int64),
        calendar=np.concatenate(calendar).astype(np.int64),
        first=first,
        worked=np.concatenate(worked),
        opens=np.array(opens, dtype=np.int64),
        part=tuple(part),
        day=tuple(day),
    )


def staff_of(place: Place) -> dict[str, float]:
    """Persons of each staff group in a unit on average, in the order of `STAFF_LEVEL`."""
    villages, townships, county = place.villages, place.townships, place.county
    found = {
        "grid_heads": villages.grid_heads,
        "village_mediators": villages.mediators,
        "police": townships.police,
        "township_mediators": townships.mediators,
        "petition_officers": county.petition_officers,
        "departments": county.departments,
        "decision_officers": county.decision_officers,
        "court_mediators": county.court_mediators,
        "judges": county.judges,
    }
    return {name: float(q.value) for name, q in found.items()}


def whole_days(persons: float, part: float, day: float) -> tuple[int, float]:
    """Servers, and minutes a day of each, of people who have a part of their day for disputes.

    As few servers as can give these hours, none of them more than a day. Where there is nobody, no server; the minutes
    are then those of one person. Those who belong to another place know no limit.
    """
    if persons >= UNLIMITED:
        return int(persons), day
    full = max(persons, 1) * part
    servers = max(1, math.ceil(full - 1e-9))
    return (servers if persons else 0), day * full / servers


@lru_cache(maxsize=256)
def _layout(villages: int, townships: int) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[str, int]]:
    """Staff group and unit of each pool, and the first pool of each staff group."""
    sizes = [{VILLAGE: villages, TOWNSHIP: townships, COUNTY: 1}[level] for level in STAFF_LEVEL.values()]
    group = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    begun = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    unit = np.concatenate([np.arange(n, dtype=np.int64) for n in sizes])
    return read_only(group), read_only(unit), dict(zip(STAFF_LEVEL, begun, strict=False))


def _hours(
    place: Place, staff: str, first_day: date, days: int, per_day: float
) -> tuple[NDArray[np.int64], int]:
    """Cumulative working minutes and the opening minute of those of a staff group who work so many minutes a day."""
    working = place.working.get(staff)
    if working is None:  # nobody works there; `checks.py` has made sure that nothing needs it
        return np.zeros(days + 1, dtype=np.int64), 0
    calendar = place.calendars[working.calendar]
    minutes = max(1, round(per_day))
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
