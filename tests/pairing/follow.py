"""What stays the same from run to run, by the slot of a dispute: its number in a run may shift, its slot never does."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from sim.traces import ROW_COLUMNS, Trace
from sim.vocabulary import EventKind, Job

DISPUTE = ROW_COLUMNS.index("dispute")
Rows = list[tuple[int, ...]]


def lives(trace: Trace) -> dict[int, Rows]:
    """The rows of each dispute that exists, by slot; the dispute's number in the run is left out."""
    slots = trace.dispute_column("slot").tolist()
    exists = trace.dispute_column("exists") == 1
    out: dict[int, Rows] = {slots[i]: [] for i in np.flatnonzero(exists)}
    for row in trace.rows.tolist():
        if row[DISPUTE] >= 0:
            out[slots[row[DISPUTE]]].append((*row[:DISPUTE], *row[DISPUTE + 1 :]))
    return out


def natures(trace: Trace) -> dict[int, tuple[int, ...]]:
    """What each dispute of the superset is, by slot, except whether it exists and when it arises."""
    return {row[0]: tuple(row[2:7]) for row in trace.disputes.tolist() if row[1]}


def luck(trace: Trace) -> dict[tuple[int, ...], int]:
    """Lengths that are drawn, whatever else is going on: by slot, event and moment of its life.

    Sessions by tier, visit and session (severity and language are the dispute's own), pauses likewise; side jobs by
    how often the dispute had returned, the work of a petition by the number of the latest petition.
    """
    slots, out = trace.dispute_column("slot").tolist(), dict[tuple[int, ...], int]()
    openings: dict[int, int] = defaultdict(int)
    petitions: dict[int, int] = defaultdict(int)
    for _, event, dispute, job, tier, _, visit, session, detail in trace.rows.tolist():
        openings[dispute] += event == EventKind.REOPEN
        petitions[dispute] += event == EventKind.PETITION
        if event not in (EventKind.START, EventKind.AWAY):
            continue
        if job == Job.CASE:
            moment = (tier, visit, session)
        else:
            number = {Job.PETITION: petitions[dispute], Job.RESPONSE: 0}.get(Job(job), openings[dispute])
            moment = (-job, number)
        out.setdefault((slots[dispute], event, *moment), detail)
    return out


def becoming_known(trace: Trace) -> dict[int, tuple[int, ...]]:
    """When and how each dispute leaves latency: minute, event, detail. No staff are needed for it."""
    slots, out = trace.dispute_column("slot").tolist(), {}
    for row in trace.rows.tolist():
        if row[1] in (EventKind.KNOWN, EventKind.END):
            out.setdefault(slots[row[DISPUTE]], (row[0], row[1], row[8]))
    return out
