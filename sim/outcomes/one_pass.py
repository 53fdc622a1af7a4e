"""Counting a trace in one compiled pass over its rows: field by field the numbers of `tally.by_numpy`, which see.

`d` is the record of a dispute, `s` the record of the run: its window, and what is counted for the place as a whole.
"""

from __future__ import annotations

import numpy as np

from sim.clock import MINUTES_PER_DAY, worked_until
from sim.model.tables import JOBS
from sim.native.jit import entry, register_jitable, small
from sim.traces import DISPUTE_COLUMNS, ROW_COLUMNS
from sim.vocabulary import End, Eruption, EventKind, Tier

register_jitable(worked_until)

MINUTE, EVENT, WHO, JOB, TIER, POOL, VISIT, _, DETAIL = range(len(ROW_COLUMNS))
DEPARTMENTS = DISPUTE_COLUMNS.index("departments")
ARISE, KNOWN, ENTER, START, SESSION, ABORT, LEAVE = (int(k) for k in list(EventKind)[:7])
FAILED, CLIMB, FILED = int(EventKind.FAILED), int(EventKind.CLIMB), int(EventKind.FILED)
PETITION, ERUPTION = int(EventKind.PETITION), int(EventKind.ERUPTION)
REOPEN, END, CAPACITY = int(EventKind.REOPEN), int(EventKind.END), int(EventKind.CAPACITY)
SETTLED, CRIME, COUNTY = int(End.SETTLED), int(Eruption.CRIME), int(Tier.COUNTY)
WAITING, SERVING = (ENTER, START, LEAVE), (START, SESSION, ABORT)
NONE = -1
LOW, HIGH, MEDIATORS = range(3)  # groups of tiers
COME, GONE = range(2)  # of stays
BY_DISPUTE, BY_STAY = range(2)  # of cases

RUN = np.dtype(
    [
        *((name, np.int64) for name in ("horizon", "warm_up", "days", "week", "weeks")),
        *((name, np.int64) for name in ("on_the_spot", "joint_resolved", "returns", "gone", "changes")),
        ("cases", np.int64, (2,)),
    ]
)
DISPUTE = np.dtype(
    [
        *((name, np.int32) for name in ("arisen", "known", "unseen", "first_end", "since")),
        *((name, np.int32) for name in ("stay_minutes", "latent_minutes", "raised", "joint_settled")),
        *((name, np.int16) for name in ("tried", "opening", "closings")),
        *((name, np.int16) for name in ("filings", "petitions")),  # of these two and the next, how many
        ("eruptions", np.int16),
        *((name, np.int8) for name in ("how", "tier", "up", "closed", "crime")),
        ("spare", np.int8, (11,)),
    ]
)
POOLS = np.dtype(
    [
        *((name, np.int64) for name in ("base", "opens", "busy", "queued", "waits", "waited")),
        *((name, np.int32) for name in ("in_service", "in_queue", "served_before", "queued_before")),
    ]
)
WAIT = np.dtype([("since", np.int32), ("pool", np.int32)])  # of each job of each dispute
CASE = np.dtype([(name, np.int32) for name in ("dispute", "opening", "tier", "success")])


@small
def week_of(s, minute):  # type: ignore[no-untyped-def]
    """Number of the first weekly mark that is not before a minute."""
    return min(max(-((s.warm_up - minute) // s.week), 0), s.weeks)


@small
def within(s, start, end):  # type: ignore[no-untyped-def]
    """Minutes from start to end that lie in the window."""
    return max(0, min(end, s.horizon) - max(start, s.warm_up))


@small
def move(s, d, minute, tier, load):  # type: ignore[no-untyped-def]
    """A dispute leaves its tier, if it is at one, for another, or for none."""
    week = week_of(s, minute)
    if d.tier != NONE:
        d.stay_minutes += within(s, d.since, minute)
        load[GONE, d.tier, week] += 1
    d.tier = tier
    if tier != NONE:
        d.since = minute
        load[COME, tier, week] += 1


@small
def add_case(s, basis, cases, who, opening, tier, success):  # type: ignore[no-untyped-def]
    case = cases[basis, s.cases[basis]]
    s.cases[basis] += 1
    case.dispute = who
    case.opening = opening
    case.tier = tier
    case.success = success


@small
def leave_mediators(s, d, who, tier, success, done, recent, cases):  # type: ignore[no-untyped-def]
    """A dispute leaves a mediators' tier; `done` if it leaves all of them. See cases.closed_cases."""
    if recent and (success or (d.tried >> tier) & 1):
        add_case(s, BY_STAY, cases, who, d.opening, tier, success)
    if done and (success or d.tried) and not d.closed:  # one closing for each opening: the first
        d.closed = 1
        if recent:
            add_case(s, BY_DISPUTE, cases, who, d.opening, tier, success)


@small
def worked(s, pool, minute, calendars):  # type: ignore[no-untyped-def]
    """spans.worked for one pool: the horizon belongs to the last day."""
    if minute >= s.days * MINUTES_PER_DAY:
        return calendars[pool.base + s.days]
    return worked_until(calendars, pool.base, pool.opens, minute)


@small
def queue(event, minute, recent, number, pools, wait):  # type: ignore[no-untyped-def]
    """A job joins a queue, or leaves it for a server or unserved. Before the window only those who wait are counted."""
    pool, step = pools[number], 1 if event == ENTER else -1
    pool.in_queue += step
    if not recent:
        pool.queued_before += step
        return
    pool.queued -= step * minute
    if wait.pool != NONE:
        pools[wait.pool].waits += 1
        pools[wait.pool].waited += minute - wait.since
        wait.pool = NONE
    if event == ENTER:
        wait.pool = number
        wait.since = minute


@small
def serve(s, event, minute, recent, pool, calendars):  # type: ignore[no-untyped-def]
    """A server begins, or is free."""
    step = 1 if event == START else -1
    pool.in_service += step
    if recent:
        pool.busy -= step * worked(s, pool, minute, calendars)
    else:
        pool.served_before += step


@entry
def count_rows(rows, table, s, calendars, tiers, pools, disputes, waits, counts, load, cases, changes):  # type: ignore[no-untyped-def]
    """Fill in all that comes after `tiers`; the arrays are as `tally.by_machine_code` makes them."""
    most_detail, last = counts.shape[2] - 2, rows.shape[0] - 1
    for i in range(disputes.shape[0]):
        d = disputes[i]
        d.arisen = NONE
        d.known = NONE
        d.unseen = NONE
        d.first_end = s.horizon
        d.raised = NONE
        d.joint_settled = NONE
        d.tier = NONE
    for i in range(waits.shape[0]):
        waits[i].pool = NONE
    for i in range(rows.shape[0]):
        minute, event, who = rows[i, MINUTE], rows[i, EVENT], rows[i, WHO]
        tier, detail = rows[i, TIER], rows[i, DETAIL]
        recent = minute >= s.warm_up
        if recent:
            counts[event, tier, min(detail, most_detail)] += 1
        if event in WAITING:
            queue(event, minute, recent, rows[i, POOL], pools, waits[who * JOBS + rows[i, JOB]])
        if event in SERVING:
            serve(s, event, minute, recent, pools[rows[i, POOL]], calendars)
            continue
        if event == CAPACITY:
            changes[s.changes] = i
            s.changes += 1
            continue
        d = disputes[who]
        if event == ARISE:
            d.arisen = minute
        elif event == KNOWN:
            d.known = minute
            d.up |= tiers[HIGH, tier]
            move(s, d, minute, tier, load)
        elif event == FAILED:
            if tiers[MEDIATORS, tier]:
                d.tried |= 1 << tier
        elif event == CLIMB:
            d.up |= tiers[HIGH, detail]
            if recent and detail == COUNTY:
                d.raised = minute
            move(s, d, minute, detail, load)
            if tiers[MEDIATORS, tier]:
                leave_mediators(s, d, who, tier, False, not tiers[MEDIATORS, detail], recent, cases)
        elif event == END:
            move(s, d, minute, NONE, load)
            settled = detail == SETTLED
            if d.first_end == s.horizon:
                d.first_end = minute
                d.how = detail
            if tier < 0:
                d.unseen = minute
            elif recent:
                d.closings += 1
                s.on_the_spot += settled and tiers[LOW, tier] and rows[i, VISIT] == 1
                if settled and tier == COUNTY:
                    d.joint_settled = minute
                    s.joint_resolved += table[who, DEPARTMENTS] == 1
            if tiers[MEDIATORS, tier]:
                leave_mediators(s, d, who, tier, settled, True, recent, cases)
        elif event == REOPEN:
            move(s, d, minute, tier, load)
            d.opening += 1
            d.tried = 0
            d.closed = 0
            after = min(i + 1, last)
            gone = rows[after, EVENT] == END and rows[after, WHO] == who
            s.returns += recent and not gone
            s.gone += recent and gone and tiers[LOW, tier]
        elif event == PETITION:
            d.up = 1
            d.petitions += recent
        elif event == FILED:
            d.filings += recent
        elif event == ERUPTION and recent:
            d.eruptions += 1
            d.crime |= detail == CRIME
    for i in range(disputes.shape[0]):
        d = disputes[i]
        if d.arisen != NONE:
            end = d.unseen if d.unseen != NONE else d.known if d.known != NONE else s.horizon
            d.latent_minutes = within(s, d.arisen, end)
        if d.tier != NONE:
            d.stay_minutes += within(s, d.since, s.horizon)
    for i in range(pools.shape[0]):  # those who wait or are served when the window begins, and when it ends
        pool = pools[i]
        pool.queued += pool.in_queue * s.horizon - pool.queued_before * s.warm_up
        pool.busy += pool.in_service * worked(s, pool, s.horizon, calendars)
        pool.busy -= pool.served_before * worked(s, pool, s.warm_up, calendars)
