"""The tally of a trace in one compiled pass over its rows: field by field the numbers of `tally.by_numpy`."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.clock import MINUTES_PER_DAY, worked_until
from sim.model import Model
from sim.model.tables import JOBS
from sim.native.jit import entry, register_jitable, small
from sim.outcomes.cases import MEDIATORS, Cases
from sim.outcomes.reading import MOST_DETAIL, table_of
from sim.outcomes.tally import HIGH, LOW, STAY_TIERS, WEEK, Tally, marks
from sim.trace import DISPUTE_COLUMNS, ROW_COLUMNS, Trace
from sim.vocabulary import End, Eruption, EventKind, Tier

register_jitable(worked_until)

MINUTE, EVENT, WHO, JOB, TIER, POOL, VISIT, _, DETAIL = range(len(ROW_COLUMNS))
DEPARTMENTS = DISPUTE_COLUMNS.index("departments")
ARISE, KNOWN, ENTER, START, SESSION = (int(k) for k in list(EventKind)[:5])
ABORT, LEAVE = int(EventKind.ABORT), int(EventKind.LEAVE)
FAILED, CLIMB, FILED = int(EventKind.FAILED), int(EventKind.CLIMB), int(EventKind.FILED)
PETITION, ERUPTION = int(EventKind.PETITION), int(EventKind.ERUPTION)
REOPEN, END, CAPACITY = int(EventKind.REOPEN), int(EventKind.END), int(EventKind.CAPACITY)
SETTLED, CRIME, COUNTY = int(End.SETTLED), int(Eruption.CRIME), int(Tier.COUNTY)
EVENTS, TIERS, DETAILS = len(EventKind), len(Tier) + 1, MOST_DETAIL + 2  # of the table of counts
MEDIATES, IS_HIGH, IS_LOW = (table_of(tiers) for tiers in (MEDIATORS, HIGH, LOW))
WAITING, SERVING = (ENTER, START, LEAVE), (START, SESSION, ABORT)
NONE = -1

DISPUTE = np.dtype(
    [
        *((name, np.int32) for name in ("arisen", "known", "unseen", "first_end", "stay_since")),
        *((name, np.int32) for name in ("stay_minutes", "latent_minutes", "raised", "joint_settled")),
        *((name, np.int16) for name in ("tried", "opening", "closings", "filings", "petitions", "eruptions")),
        *((name, np.int8) for name in ("how", "stay", "up", "closed", "crime")),
        ("spare", np.int8, (11,)),
    ]
)
POOLS = np.dtype(
    [
        *((name, np.int64) for name in ("base", "opens", "busy", "queued", "waits", "waited")),
        *((name, np.int32) for name in ("in_service", "in_queue", "served_before", "queued_before")),
    ]
)
WAIT = np.dtype([("since", np.int32), ("pool", np.int32)])
CASE = np.dtype([("dispute", np.int32), ("opening", np.int32), ("tier", np.int32), ("success", np.int32)])
TOTALS = np.dtype(
    [(name, np.int64) for name in ("on_the_spot", "joint_resolved", "returns", "cases", "stays", "changes")]
)


@small
def week_of(minute, warm_up, weeks):  # type: ignore[no-untyped-def]
    """Number of the first weekly mark that is not before a minute."""
    return min(max(-((warm_up - minute) // WEEK), 0), weeks)


@small
def overlap(start, end, low, high):  # type: ignore[no-untyped-def]
    return max(0, min(end, high) - max(start, low))


@small
def close_stay(d, minute, warm_up, horizon, gone, weeks):  # type: ignore[no-untyped-def]
    """A dispute leaves its tier, if it is at one."""
    if d.stay != NONE:
        d.stay_minutes += overlap(d.stay_since, minute, warm_up, horizon)
        gone[d.stay, week_of(minute, warm_up, weeks)] += 1
        d.stay = NONE


@small
def open_stay(d, tier, minute, warm_up, come, weeks):  # type: ignore[no-untyped-def]
    d.stay = tier
    d.stay_since = minute
    come[tier, week_of(minute, warm_up, weeks)] += 1


@small
def add_case(cases, number, who, opening, tier, success):  # type: ignore[no-untyped-def]
    case = cases[number]
    case.dispute = who
    case.opening = opening
    case.tier = tier
    case.success = success


@small
def worked(pool, minute, calendars, days):  # type: ignore[no-untyped-def]
    """spans.worked for one pool: the horizon belongs to the last day."""
    if minute >= days * MINUTES_PER_DAY:
        return calendars[pool.base + days]
    return worked_until(calendars, pool.base, pool.opens, minute)


@entry
def count_rows(
    rows,
    table,
    horizon,
    warm_up,
    days,
    calendars,
    pools,
    disputes,
    waits,
    counts,
    come,
    gone,
    cases,
    stays,
    changes,
    totals,
):  # type: ignore[no-untyped-def]
    """Fill in everything; arrays are as `count` makes them."""
    total, weeks, last = totals[0], come.shape[1] - 1, rows.shape[0] - 1
    for i in range(disputes.shape[0]):
        d = disputes[i]
        d.arisen = NONE
        d.known = NONE
        d.unseen = NONE
        d.first_end = horizon
        d.raised = NONE
        d.joint_settled = NONE
        d.stay = NONE
    for i in range(waits.shape[0]):
        waits[i].pool = NONE
    for i in range(rows.shape[0]):
        minute, event, who = rows[i, MINUTE], rows[i, EVENT], rows[i, WHO]
        tier, detail = rows[i, TIER], rows[i, DETAIL]
        recent = minute >= warm_up
        if recent:
            counts[event, tier, min(detail, MOST_DETAIL)] += 1
        if event in WAITING:
            pool = pools[rows[i, POOL]]
            step = 1 if event == ENTER else -1
            pool.in_queue += step
            if recent:
                pool.queued -= step * minute
                wait = waits[who * JOBS + rows[i, JOB]]
                if wait.pool != NONE:
                    pools[wait.pool].waits += 1
                    pools[wait.pool].waited += minute - wait.since
                    wait.pool = NONE
                if event == ENTER:
                    wait.pool = rows[i, POOL]
                    wait.since = minute
            else:
                pool.queued_before += step
        if event in SERVING:
            pool = pools[rows[i, POOL]]
            step = 1 if event == START else -1
            pool.in_service += step
            if recent:
                pool.busy -= step * worked(pool, minute, calendars, days)
            else:
                pool.served_before += step
            continue
        if event == CAPACITY:
            changes[total.changes] = i
            total.changes += 1
            continue
        d = disputes[who]
        if event == ARISE:
            d.arisen = minute
        elif event == KNOWN:
            d.known = minute
            if IS_HIGH[tier]:
                d.up = 1
            close_stay(d, minute, warm_up, horizon, gone, weeks)
            open_stay(d, tier, minute, warm_up, come, weeks)
        elif event == FAILED:
            if MEDIATES[tier]:
                d.tried |= 1 << tier
        elif event == CLIMB:
            if IS_HIGH[detail]:
                d.up = 1
            if recent and detail == COUNTY:
                d.raised = minute
            close_stay(d, minute, warm_up, horizon, gone, weeks)
            open_stay(d, detail, minute, warm_up, come, weeks)
            if MEDIATES[tier]:
                if recent and (d.tried >> tier) & 1:
                    add_case(stays, total.stays, who, d.opening, tier, 0)
                    total.stays += 1
                if not MEDIATES[detail] and d.tried and not d.closed:
                    d.closed = 1
                    if recent:
                        add_case(cases, total.cases, who, d.opening, tier, 0)
                        total.cases += 1
        elif event == END:
            close_stay(d, minute, warm_up, horizon, gone, weeks)
            settled = detail == SETTLED
            if d.first_end == horizon:
                d.first_end = minute
                d.how = detail
            if tier < 0:
                d.unseen = minute
            elif recent:
                d.closings += 1
                if settled and IS_LOW[tier] and rows[i, VISIT] == 1:
                    total.on_the_spot += 1
                if settled and tier == COUNTY:
                    d.joint_settled = minute
                    total.joint_resolved += table[who, DEPARTMENTS] == 1
            if MEDIATES[tier]:
                if recent and (settled or (d.tried >> tier) & 1):
                    add_case(stays, total.stays, who, d.opening, tier, settled)
                    total.stays += 1
                if (settled or d.tried) and not d.closed:
                    d.closed = 1
                    if recent:
                        add_case(cases, total.cases, who, d.opening, tier, settled)
                        total.cases += 1
        elif event == REOPEN:
            close_stay(d, minute, warm_up, horizon, gone, weeks)
            open_stay(d, tier, minute, warm_up, come, weeks)
            d.opening += 1
            d.tried = 0
            d.closed = 0
            after = min(i + 1, last)
            if recent and not (rows[after, EVENT] == END and rows[after, WHO] == who):
                total.returns += 1
        elif event == PETITION:
            d.up = 1
            d.petitions += recent
        elif event == FILED:
            d.filings += recent
        elif event == ERUPTION and recent:
            d.eruptions += 1
            if detail == CRIME:
                d.crime = 1
    for i in range(disputes.shape[0]):
        d = disputes[i]
        if d.arisen != NONE:
            end = d.unseen if d.unseen != NONE else d.known if d.known != NONE else horizon
            d.latent_minutes = overlap(d.arisen, end, warm_up, horizon)
        if d.stay != NONE:
            d.stay_minutes += overlap(d.stay_since, horizon, warm_up, horizon)
    for i in range(pools.shape[0]):
        pool = pools[i]
        pool.queued += pool.in_queue * horizon - pool.queued_before * warm_up
        pool.busy += pool.in_service * worked(pool, horizon, calendars, days)
        pool.busy -= pool.served_before * worked(pool, warm_up, calendars, days)


def count(trace: Trace, model: Model) -> Tally:
    """The tally of a trace."""
    m, n, length = model.tables, len(trace.disputes), len(trace.rows)
    pools = np.zeros(len(model.pools), dtype=POOLS)
    pools["base"], pools["opens"] = m.pool_calendar * (m.days + 1), m.cal_opens[m.pool_calendar]
    disputes, waits = np.zeros(n, dtype=DISPUTE), np.empty(n * JOBS, dtype=WAIT)
    counts = np.zeros((EVENTS, TIERS, DETAILS), dtype=np.int64)
    come, gone = np.zeros((2, len(STAY_TIERS), len(marks(trace)) + 1), dtype=np.int64)
    cases, stays = np.empty(length, dtype=CASE), np.empty(length, dtype=CASE)
    changes = np.empty(length if len(m.capacity_minute) else 0, dtype=np.int64)
    totals = np.zeros(1, dtype=TOTALS)
    calendars = np.ascontiguousarray(m.cal_worked)
    count_rows(
        trace.rows,
        trace.disputes,
        trace.horizon,
        trace.warm_up,
        m.days,
        calendars,
        pools,
        disputes,
        waits,
        counts,
        come,
        gone,
        cases,
        stays,
        changes,
        totals,
    )
    total: Any = totals[0]
    return Tally(
        counts=counts,
        known_at=disputes["known"],
        first_end=disputes["first_end"],
        how=disputes["how"],
        open_at=disputes["stay"],
        latent_minutes=disputes["latent_minutes"],
        stay_minutes=disputes["stay_minutes"],
        closings=disputes["closings"],
        went_up=disputes["up"].view(bool),
        filings=disputes["filings"],
        petitions=disputes["petitions"],
        eruptions=disputes["eruptions"],
        crime=disputes["crime"].view(bool),
        raised_at=disputes["raised"],
        joint_settled_at=disputes["joint_settled"],
        on_the_spot=int(total["on_the_spot"]),
        joint_resolved=int(total["joint_resolved"]),
        returns=int(total["returns"]),
        visited=come.sum(axis=1),
        open_disputes=(come - gone)[:, :-1].cumsum(axis=1),
        cases=_cases(cases[: int(total["cases"])]),
        stays_closed=_cases(stays[: int(total["stays"])]),
        capacity=trace.rows[changes[: int(total["changes"])]][:, [MINUTE, POOL, DETAIL]],
        busy=pools["busy"].astype(np.float64),
        queued=pools["queued"].astype(np.float64),
        waits=pools["waits"],
        waited=pools["waited"],
    )


def _cases(found: Any) -> Cases:
    return Cases(found["dispute"], found["opening"], found["tier"], found["success"] == 1)


def make_machine_code(model: Model) -> None:
    """Compile, or load what was compiled, without counting anything."""
    m = model.tables
    nothing = np.zeros((0, len(ROW_COLUMNS)), np.int32), np.zeros((0, len(DISPUTE_COLUMNS)), np.int64)
    count(Trace(*nothing, m.horizon, m.warm_up), model)
