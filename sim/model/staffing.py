"""Staff that mechanisms use: hours taken from those who are there, persons who come or go, on their dates."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY
from sim.language import Message
from sim.model.plan import StaffUse
from sim.model.pools import UNLIMITED, Pools, whole_days
from sim.model.villages import Villages
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.terms import Term

LONGEST = (
    1.5  # of an ordinary day: what those who come add to a server's hours before there is another server
)


def with_persons(pools: Pools, uses: Sequence[StaffUse], villages: Villages) -> Pools:
    """Pools with more or fewer persons. Fractions per unit are spread over units by cumulative rounding.

    Those who come or go change the hours of a pool's servers, and their number by whole days of work, so that nobody's
    disputes take longer because somebody came (see sim/model/pools.py).
    """
    if not uses:
        return pools
    steps: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))  # pool -> day -> persons more
    for use in uses:
        for pool, number in _persons_by_pool(pools, use, villages).items():
            steps[pool][use.first_day] += number
            steps[pool][use.last_day] -= number
    days = len(pools.worked) // len(pools.opens) - 1
    servers, persons, calendar = pools.servers.copy(), pools.persons.copy(), pools.calendar.copy()
    base = pools.worked.reshape(-1, days + 1)
    rows, opens = [*base], [*pools.opens.tolist()]
    changes: list[tuple[int, int, int]] = []
    known: dict[Hashable, int] = {}
    for pool in sorted(steps):
        begun = int(pools.persons[pool])
        if begun >= UNLIMITED or not any(steps[pool].values()):
            continue
        spells = _spells(begun, steps[pool], days)
        if min(n for _, n in spells) < min(1, begun):  # who came for a time may leave again
            _refuse_nobody_left(pools, pool, uses)
        group, own = int(pools.group[pool]), int(pools.calendar[pool])
        shapes = [_shape(pools, group, begun, n) for _, n in spells]
        servers[pool], persons[pool] = shapes[0][0], spells[0][1]
        before = shapes[0][0]
        for (day, _), (now, _) in zip(spells[1:], shapes[1:], strict=True):
            if now != before:
                changes.append((day * MINUTES_PER_DAY, pool, now))
            before = now
        begins = [day for day, _ in spells]
        key = (own, tuple(begins), tuple(minutes for _, minutes in shapes))
        if key not in known:
            known[key] = len(rows)
            open_days = np.diff(base[own]) > 0
            here = np.repeat([minutes for _, minutes in shapes], np.diff([*begins, days]))
            rows.append(_whole_minutes(np.where(open_days, here, 0.0)))
            opens.append(min(int(opens[own]), MINUTES_PER_DAY - round(max(m for _, m in shapes))))
        calendar[pool] = known[key]
    return replace(
        pools,
        persons=persons,
        servers=servers,
        calendar=calendar,
        worked=np.concatenate(rows).astype(np.int64),
        opens=np.array(opens, dtype=np.int64),
        changes=tuple(sorted(changes)),
    )


def _spells(begun: int, steps: Mapping[int, int], days: int) -> list[tuple[int, int]]:
    """First day and number of persons of each spell between changes."""
    out, now = [(0, begun)], begun
    for day in sorted(steps):
        now += steps[day]
        if day >= days:
            break
        if day == 0:
            out[0] = (0, now)
        elif steps[day]:
            out.append((day, now))
    return out


def _shape(pools: Pools, group: int, begun: int, persons: int) -> tuple[int, float]:
    """Servers, and minutes a day of each, of a pool that began with other numbers of persons."""
    part, day = pools.part[group], pools.day[group]
    servers, _ = whole_days(begun, part, day)
    if persons <= 0:
        return 0, day * part
    full = persons * part
    more = (persons - begun) * part
    whole = math.floor(abs(more) + 1e-9)
    servers = max(1, servers + (whole if more > 0 else -whole))
    if full / servers > LONGEST:
        servers += 1
    return servers, day * full / servers


def _whole_minutes(minutes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole minutes that add up to what is worked, not a day's rounded minutes many times over."""
    out: NDArray[np.int64] = np.floor(np.concatenate([[0.0], np.cumsum(minutes)]) + 0.5).astype(np.int64)
    return out


def _persons_by_pool(pools: Pools, use: StaffUse, villages: Villages) -> dict[int, int]:
    pool = pools.of_villages(use.staff, villages)
    units, where = np.unique(pool, return_inverse=True)
    amount = np.bincount(where, weights=use.by_village)
    edges = np.floor(np.concatenate([[0.0], np.cumsum(amount)]) + 0.5 + 1e-9).astype(np.int64)
    return {int(p): int(n) for p, n in zip(units, np.diff(edges), strict=True) if n}


def _refuse_nobody_left(pools: Pools, pool: int, uses: Sequence[StaffUse]) -> None:
    staff = pools.groups[int(pools.group[pool])]
    who = ", ".join(sorted({u.mechanism for u in uses if u.staff == staff}))
    problem = Message("nobody is left of {staff} in one of the units", staff=Term("staff", staff))
    raise ScenarioError([Fault("policy", 0, who, problem, Message("Take fewer persons away."))])


def with_hours(pools: Pools, uses: Sequence[StaffUse], villages: Villages) -> Pools:
    """Pools whose staff have less time for disputes, because mechanisms use their hours.

    Hours per year are spread evenly over the working days of the run and over the persons of a pool (those it begins
    with). Pools with the same hours share a calendar.
    """
    if not uses:
        return pools
    # [use, pool] hours per year; staff of another place have no limit that one could lower
    hours = np.array([_by_pool(pools, use, villages) for use in uses]) * (pools.servers < UNLIMITED)
    taken = np.flatnonzero(hours.any(axis=0))
    if not len(taken):
        return pools
    days = len(pools.worked) // len(pools.opens) - 1
    base = pools.worked.reshape(-1, days + 1)
    rows, opens, calendar = [*base], [*pools.opens.tolist()], pools.calendar.copy()
    known: dict[tuple[int, bytes], int] = {}
    # Most pools of a staff group are alike in their calendar, persons and hours; each such sort is looked at once.
    alike: dict[bytes, int] = {}
    sorts = np.vstack([pools.calendar[taken], pools.servers[taken], hours[:, taken]]).T
    for p, sort in zip(taken.tolist(), map(bytes, np.ascontiguousarray(sorts)), strict=True):
        if sort in alike:
            calendar[p] = alike[sort]
            continue
        own, servers = int(pools.calendar[p]), int(pools.servers[p])
        minutes = np.diff(base[own])
        open_days = minutes > 0
        per_year = float(open_days.sum()) * 365.0 / days
        less = np.zeros(days)
        for use, per_year_taken in zip(uses, hours[:, p].tolist(), strict=True):
            if per_year_taken:
                less[use.first_day : use.last_day] += per_year_taken * 60.0 / (servers * per_year)
        if (minutes - less)[open_days].min(initial=1.0) < 1.0:
            _refuse_no_time(pools, p, uses, minutes, per_year)
        worked = _whole_minutes(np.where(open_days, minutes - less, 0.0))
        key = own, worked.tobytes()
        if key not in known:
            known[key] = len(rows)
            rows.append(worked)
            opens.append(opens[own])
        calendar[p] = alike[sort] = known[key]
    return replace(
        pools,
        worked=np.concatenate(rows).astype(np.int64),
        opens=np.array(opens, dtype=np.int64),
        calendar=calendar,
    )


def _by_pool(pools: Pools, use: StaffUse, villages: Villages) -> NDArray[np.float64]:
    pool = pools.of_villages(use.staff, villages)
    return np.bincount(pool, weights=use.by_village, minlength=len(pools)).astype(np.float64, copy=False)


def _refuse_no_time(
    pools: Pools, pool: int, uses: Sequence[StaffUse], minutes: np.ndarray, per_year: float
) -> None:
    staff = pools.groups[int(pools.group[pool])]
    who = ", ".join(sorted({u.mechanism for u in uses if u.staff == staff}))
    have = float(minutes.max()) / 60.0 * per_year * int(pools.servers[pool])
    problem = Message(
        "takes more hours of {staff} than a unit has for disputes ({n:.0f} a year)",
        staff=Term("staff", staff),
        n=have,
    )
    remedy = Message("Lower its strength, coverage or hours, or add staff.")
    raise ScenarioError([Fault("policy", 0, who, problem, remedy)])
