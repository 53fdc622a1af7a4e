"""The path of every dispute: how it ends, how long it was a conflict, and whether another path is the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.outcomes.groups import burdens
from sim.outcomes.reading import read
from sim.runs.outcomes import numeric
from sim.runs.readouts.seen import Seen
from sim.traces import Trace
from sim.vocabulary import End, EventKind, Tier

_SETTLED = {
    Tier.HAMLET: 4,
    Tier.VILLAGE: 4,
    Tier.POLICE: 5,
    Tier.TOWNSHIP: 6,
    Tier.COUNTY: 7,
    Tier.DECISION: 12,
    Tier.COURT_MEDIATION: 13,
    Tier.TRIAL: 13,
}
_ENDED = {End.SELF_SETTLED: 8, End.WITHDRAWN: 9, End.LUMPED: 10, End.DECIDED: 12, End.ADJUDICATED: 14}


def fates(trace: Trace) -> NDArray[np.int64]:
    """The fate of every dispute of the superset at the horizon, as a number; shape (disputes,).

    What the numbers are called is said by `FATES` of `sim.studies.changed`.
    """
    reading = read(trace)
    out = np.full(len(trace.disputes), 3, dtype=np.int64)
    out[trace.dispute_column("exists") == 0] = 0
    out[reading.rows(EventKind.KNOWN)["dispute"]] = 11
    ends = reading.rows(EventKind.END)  # in the order of time: the last end of a dispute stays
    how, tier, who = ends["detail"], ends["tier"], ends["dispute"]
    fate = np.zeros(len(who), dtype=np.int64)
    for t, f in _SETTLED.items():
        fate[(how == End.SETTLED) & (tier == t)] = f
    for e, f in _ENDED.items():
        fate[how == e] = f
    unseen = tier < 0
    fate[unseen & (how == End.SELF_SETTLED)] = 1
    fate[unseen & (how == End.LUMPED)] = 2
    out[who] = fate
    # A settlement that was breached and not taken up again is no settlement: its REOPEN has no later END, or one.
    again = reading.rows(EventKind.REOPEN)
    last_end = np.full(len(out), -1, dtype=np.int64)
    last_end[who] = ends.index
    late = again["dispute"][again.index > last_end[again["dispute"]]]
    out[late] = 11
    return out


def paths(seen: Seen) -> pa.Table:
    """A row for each dispute of the superset: slot, fate, days in conflict in the window, fingerprint of its rows."""
    trace = seen.reading.trace
    return pa.table(
        {
            "slot": numeric(trace.dispute_column("slot").astype(np.int64)),
            "fate": numeric(fates(trace)),
            "days_in_conflict": numeric(burdens(seen.reading, seen.model)["days_in_conflict"]),
            "fingerprint": numeric(_prints(trace).view(np.int64)),
        }
    )


def _prints(trace: Trace) -> NDArray[np.uint64]:
    """A fingerprint of each dispute's own rows, without the numbers of pools and servers' queues."""
    rows = trace.rows.astype(np.uint64)
    dispute = trace.column("dispute").astype(np.int64)
    weights = np.array([1000003, 8191, 0, 524287, 131071, 0, 6700417, 2147483647, 65537], dtype=np.uint64)
    with np.errstate(over="ignore"):
        code = (rows * weights).sum(axis=1, dtype=np.uint64)
        code = (code ^ (code >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        out = np.zeros(len(trace.disputes), dtype=np.uint64)
        own = dispute >= 0  # rows of capacity belong to nobody
        np.add.at(out, dispute[own], code[own])
    return out
