"""Staff that mechanisms use: hours taken from those who are there, persons who come or go, on their dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY
from sim.language import Message
from sim.model.plan import StaffUse
from sim.model.pools import UNLIMITED, Pools
from sim.model.villages import Villages
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.terms import Term


def with_persons(pools: Pools, uses: Sequence[StaffUse], villages: Villages) -> Pools:
    """Pools with more or fewer persons. Fractions per unit are spread over units by cumulative rounding."""
    if not uses:
        return pools
    servers = pools.servers.copy()
    steps: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))  # day -> pool -> persons more
    for use in uses:
        for pool, number in _persons_by_pool(pools, use, villages).items():
            steps[use.first_day][pool] += number
            steps[use.last_day][pool] -= number
    days = len(pools.worked) // len(pools.opens) - 1
    now, changes = servers.copy(), []
    for day in sorted(steps):
        if day >= days:
            continue
        for pool in sorted(steps[day]):
            if servers[pool] >= UNLIMITED or steps[day][pool] == 0:
                continue
            now[pool] += steps[day][pool]
            if now[pool] < min(1, int(pools.servers[pool])):  # who came for a time may leave again
                _refuse_nobody_left(pools, pool, uses)
            if day == 0:
                servers[pool] = now[pool]
            else:
                changes.append((day * MINUTES_PER_DAY, pool, int(now[pool])))
    return replace(pools, servers=servers, changes=tuple(changes))


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
        # Whole minutes a day that add up to what is left, not a day's rounded minutes many times over.
        total = np.cumsum(np.where(open_days, minutes - less, 0.0))
        worked = np.floor(np.concatenate([[0.0], total]) + 0.5).astype(np.int64)
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
