"""Everything that outcomes are made of, counted in one go: by dispute, by pool, and for the place as a whole.

There are two ways to count, with equal numbers: `by_numpy` is meant to be read, sim/outcomes/one_pass.py is compiled
and takes the rows once. Which one is used depends on whether this process runs machine code already.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.model.tables import JOBS
from sim.native import is_loaded
from sim.outcomes import minutes, spans
from sim.outcomes.cases import MEDIATORS, Cases, closed_cases
from sim.outcomes.reading import COUNTS, Flags, Ints, Reading, read, table_of
from sim.traces import DISPUTE_COLUMNS, ROW_COLUMNS, Trace
from sim.vocabulary import End, Eruption, EventKind, Tier

LOW = (Tier.HAMLET, Tier.VILLAGE)
HIGH = (Tier.COUNTY, Tier.DECISION, Tier.COURT_MEDIATION, Tier.TRIAL)
STAY_TIERS = [t for t in Tier if t != Tier.PETITION]
WEEK = 7 * 1440


@dataclass(frozen=True)
class Tally:
    """What happened in a replication, counted. Minutes are those of the trace, -1 where something did not happen."""

    counts: Ints  # [event, tier, detail] rows in the window, see Reading.counts
    # of each dispute
    known_at: Ints
    first_end: Ints  # minute of the first end, the horizon if there is none
    how: Ints  # code of the first End, OPEN if there is none
    open_at: Ints  # tier where it is at the horizon, -1 if it is not known or has ended
    latent_minutes: Ints  # in the window
    stay_minutes: Ints  # in the window, from becoming known to an end, and after returns
    closings: Ints  # ends at a tier, in the window
    went_up: Flags  # was it ever at a petition desk, or at the county or above
    filings: Ints  # in the window, as are petitions and eruptions
    petitions: Ints
    eruptions: Ints
    crime: Flags  # in the window, and not stopped
    raised_at: Ints  # last time in the window that it was passed up to the departments
    joint_settled_at: Ints  # last time in the window that it was settled there
    # of the place
    on_the_spot: int  # settled at the first visit in a village or hamlet, in the window
    joint_resolved: int  # settlements at the county of matters of several departments, in the window
    returns: int  # reopened in the window and taken up again
    gone: int  # reopened in the window in a village or hamlet, and given up at once
    visited: Ints  # [tier] stays, since the start
    open_disputes: Ints  # [tier, week] open at weekly marks of the window
    cases: Cases  # closed in the window, returns included
    stays_closed: Cases  # the same with each stay at a mediators' tier as a case
    capacity: Ints  # [change, (minute, pool, servers)]
    # of each pool, in the window
    busy: NDArray[np.float64]  # working minutes of its servers
    queued: NDArray[np.float64]  # minutes of those who wait
    waits: Ints  # waits that began and ended in the window
    waited: Ints  # their minutes

    def closed(self, *, basis: str = "dispute", counts_returns: bool = False) -> Cases:
        """See `closed_cases`."""
        cases = self.cases if basis == "dispute" else self.stays_closed
        return cases if counts_returns else cases.pick(cases.opening == 0)

    def of_each(self, kind: EventKind) -> Ints:
        """Suits, petitions or eruptions of each dispute in the window."""
        found = {
            EventKind.FILED: self.filings,
            EventKind.PETITION: self.petitions,
            EventKind.ERUPTION: self.eruptions,
        }
        return found[kind]

    def joint_matters(self, since: int = 0) -> tuple[int, int]:
        """Matters passed up to the departments from a minute of the window on, and those of them settled there."""
        raised = self.raised_at >= max(since, 0)
        return int(raised.sum()), int((raised & (self.joint_settled_at >= max(since, 0))).sum())


def tally_of(trace: Trace | Reading, model: Model) -> Tally:
    """The tally of a trace; that of a reading is made once. `model` is the one that the trace was simulated with."""
    reading = read(trace)
    if reading.tally is None:
        if is_loaded():
            reading.tally = by_machine_code(reading.trace, model)
        else:
            reading.tally = by_numpy(reading, model)
    found: Tally = reading.tally
    return found


def marks(trace: Trace) -> Ints:
    """Minutes of the window at which open disputes are counted, once a week."""
    return np.arange(trace.warm_up, trace.horizon, WEEK)


def by_numpy(trace: Trace | Reading, model: Model) -> Tally:
    """Count by the rows of each kind of event."""
    reading = read(trace)
    n, warm_up, horizon = len(reading.trace.disputes), reading.trace.warm_up, reading.trace.horizon
    known, climbs, ends = (reading.rows(k) for k in (EventKind.KNOWN, EventKind.CLIMB, EventKind.END))
    latent, stays = spans.latent(reading), spans.stays(reading)

    def of_each(start: int, dispute: Ints, value: Ints) -> Ints:
        """The last value of each dispute, or where it has none, the start."""
        out = np.full(n, start, dtype=np.int64)
        out[dispute] = value
        return out

    def happened(kind: EventKind) -> Ints:
        return np.bincount(reading.recent(kind)["dispute"], minlength=n)

    went_up = np.zeros(n, dtype=bool)
    went_up[known["dispute"][table_of(HIGH)[known["tier"]]]] = True
    went_up[climbs["dispute"][table_of(HIGH)[climbs["detail"]]]] = True
    went_up[reading.rows(EventKind.PETITION)["dispute"]] = True
    crime = np.zeros(n, dtype=bool)
    erupted = reading.recent(EventKind.ERUPTION)
    crime[erupted["dispute"][erupted["detail"] == Eruption.CRIME]] = True

    closing = reading.recent(EventKind.END)
    closing = closing.pick(closing["tier"] >= 0)
    settled = closing.pick(closing["detail"] == End.SETTLED)
    joint = settled.pick_at([Tier.COUNTY])
    departments = reading.trace.dispute_column("departments")[joint["dispute"]]
    raised = reading.recent(EventKind.CLIMB)
    raised = raised.pick(raised["detail"] == Tier.COUNTY)
    still = stays.pick(~stays.closed)
    waits = spans.recent_waits(reading)
    over, pools = waits.pick(waits.closed), len(model.pools)
    changes, gone = reading.rows(EventKind.CAPACITY), _given_up(reading)
    backwards = slice(None, None, -1)  # so that the first end stays
    return Tally(
        counts=reading.counts,
        known_at=of_each(-1, known["dispute"], known["minute"]),
        first_end=of_each(horizon, ends["dispute"][backwards], ends["minute"][backwards]),
        how=of_each(End.OPEN, ends["dispute"][backwards], ends["detail"][backwards]),
        open_at=of_each(-1, still.dispute, still.what),
        latent_minutes=_minutes(latent, n, warm_up, horizon),
        stay_minutes=_minutes(stays, n, warm_up, horizon),
        closings=np.bincount(closing["dispute"], minlength=n),
        went_up=went_up,
        filings=happened(EventKind.FILED),
        petitions=happened(EventKind.PETITION),
        eruptions=happened(EventKind.ERUPTION),
        crime=crime,
        raised_at=of_each(-1, raised["dispute"], raised["minute"]),
        joint_settled_at=of_each(-1, joint["dispute"], joint["minute"]),
        on_the_spot=int((table_of(LOW)[settled["tier"]] & (settled["visit"] == 1)).sum()),
        joint_resolved=int((departments == 1).sum()),
        returns=int((~gone).sum()),
        gone=int((gone & table_of(LOW)[reading.recent(EventKind.REOPEN)["tier"]]).sum()),
        visited=np.bincount(stays.what, minlength=len(STAY_TIERS)),
        open_disputes=_open_disputes(reading.trace, stays),
        cases=closed_cases(reading, counts_returns=True),
        stays_closed=closed_cases(reading, basis="committee", counts_returns=True),
        capacity=np.stack([changes[c] for c in ("minute", "pool", "detail")], axis=1),
        busy=minutes.busy_minutes(reading, model),
        queued=minutes.queued_minutes(reading, model),
        waits=np.bincount(over.what, minlength=pools),
        waited=np.bincount(over.what, weights=over.end - over.start, minlength=pools).astype(np.int64),
    )


def _minutes(pieces: spans.Spans, n: int, low: int, high: int) -> Ints:
    """Minutes of each dispute in a window; weights are whole numbers far below 2^53."""
    return np.bincount(pieces.dispute, weights=pieces.within(low, high), minlength=n).astype(np.int64)


def _given_up(reading: Reading) -> Flags:
    """Of disputes reopened in the window, those that nobody takes up again: their end follows at once."""
    trace, reopened = reading.trace, reading.recent(EventKind.REOPEN)
    following = np.minimum(reopened.index + 1, len(trace.rows) - 1)
    ends = trace.column("event")[following] == EventKind.END
    given_up: Flags = ends & (trace.column("dispute")[following] == reopened["dispute"])
    return given_up


def _open_disputes(trace: Trace, stays: spans.Spans) -> Ints:
    """Open disputes at each tier, once a week through the window."""
    weeks = len(marks(trace))

    def by_tier(minute: Ints) -> Ints:
        """Number of stays whose minute is not after each mark, as an array [tier, mark]."""
        week = np.clip(-((trace.warm_up - minute) // WEEK), 0, weeks)
        cells = np.bincount(stays.what * (weeks + 1) + week, minlength=len(STAY_TIERS) * (weeks + 1))
        found: Ints = cells.reshape(len(STAY_TIERS), weeks + 1)[:, :-1].cumsum(axis=1)
        return found

    return by_tier(stays.start) - by_tier(stays.end)


def by_machine_code(trace: Trace, model: Model) -> Tally:
    """Count in one pass over the rows."""
    from sim.outcomes import one_pass as code

    m, n, length = model.tables, len(trace.disputes), len(trace.rows)
    run = np.zeros(1, dtype=code.RUN)
    run["horizon"], run["warm_up"], run["days"] = trace.horizon, trace.warm_up, m.days
    run["week"], run["weeks"] = WEEK, len(marks(trace))
    pools = np.zeros(len(model.pools), dtype=code.POOLS)
    pools["base"], pools["opens"] = m.pool_calendar * (m.days + 1), m.cal_opens[m.pool_calendar]
    tiers = np.stack([table_of(group) for group in (LOW, HIGH, MEDIATORS)])
    disputes = np.zeros(n, dtype=code.DISPUTE)
    waits = np.empty(n * JOBS, dtype=code.WAIT)
    counts = np.zeros(COUNTS, dtype=np.int64)
    load = np.zeros((2, len(STAY_TIERS), len(marks(trace)) + 1), dtype=np.int64)
    cases = np.empty((2, length), dtype=code.CASE)
    changes = np.empty(length if len(m.capacity_minute) else 0, dtype=np.int64)
    calendars = np.ascontiguousarray(m.cal_worked)
    s: Any = run[0]
    code.count_rows(
        trace.rows, trace.disputes, s, calendars, tiers, pools, disputes, waits, counts, load, cases, changes
    )
    by_dispute, by_stay = (
        Cases(x["dispute"], x["opening"], x["tier"], x["success"] == 1)
        for x in (found[:number] for found, number in zip(cases, s["cases"].tolist(), strict=True))
    )
    return Tally(
        counts=counts,
        known_at=disputes["known"],
        first_end=disputes["first_end"],
        how=disputes["how"],
        open_at=disputes["tier"],
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
        on_the_spot=int(s["on_the_spot"]),
        joint_resolved=int(s["joint_resolved"]),
        returns=int(s["returns"]),
        gone=int(s["gone"]),
        visited=load[code.COME].sum(axis=1),
        open_disputes=(load[code.COME] - load[code.GONE])[:, :-1].cumsum(axis=1),
        cases=by_dispute,
        stays_closed=by_stay,
        capacity=trace.rows[changes[: int(s["changes"])]][:, [code.MINUTE, code.POOL, code.DETAIL]],
        busy=pools["busy"].astype(np.float64),
        queued=pools["queued"].astype(np.float64),
        waits=pools["waits"],
        waited=pools["waited"],
    )


def make_machine_code(model: Model) -> None:
    """Compile, or load what was compiled, without counting anything."""
    m = model.tables
    nothing = np.zeros((0, len(ROW_COLUMNS)), np.int32), np.zeros((0, len(DISPUTE_COLUMNS)), np.int64)
    by_machine_code(Trace(*nothing, m.horizon, m.warm_up), model)


def first_difference(a: Tally, b: Tally) -> str | None:
    """The first number in which two tallies differ, in words; None if they are equal."""
    for field in fields(Tally):
        one, other = getattr(a, field.name), getattr(b, field.name)
        pairs = [(field.name, one, other)]
        if isinstance(one, Cases):
            pairs = [
                (f"{field.name}.{f.name}", getattr(one, f.name), getattr(other, f.name))
                for f in fields(Cases)
            ]
        for name, x, y in pairs:
            if np.shape(x) != np.shape(y):
                return f"{name}: shape {np.shape(x)} against {np.shape(y)}"
            wrong = np.argwhere(np.asarray(x) != np.asarray(y))
            if len(wrong):
                where = tuple(wrong[0].tolist())
                return f"{name}{list(where)}: {np.asarray(x)[where]} against {np.asarray(y)[where]}"
    return None
