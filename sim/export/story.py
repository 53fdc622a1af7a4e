"""The story of one dispute, in sentences."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from sim.model import Model
from sim.trace import Trace
from sim.vocabulary import Channel, End, EventKind, Job, Kind, Tier

CHANNELS = {
    Channel.PARTY_VILLAGE: "a party brings it to the village committee",
    Channel.PARTY_TOWNSHIP: "a party brings it to the township centre",
    Channel.PARTY_POLICE: "a party calls the police",
    Channel.PARTY_COURT: "a party goes straight to court",
    Channel.PARTY_PETITION: "a party petitions",
    Channel.GRID: "the grid worker or street head notices it",
    Channel.SCREENING: "a screening round finds it",
    Channel.HOUSEHOLD_VISIT: "a household visit finds it",
    Channel.POLICE_VISIT: "a police visit finds it",
    Channel.ERUPTION: "it erupts and so becomes known",
}
TIERS = {
    Tier.HAMLET: "the hamlet",
    Tier.VILLAGE: "the village committee",
    Tier.POLICE: "the police station",
    Tier.TOWNSHIP: "the township centre",
    Tier.COUNTY: "the county departments",
    Tier.DECISION: "government decision or arbitration",
    Tier.COURT_MEDIATION: "court mediation",
    Tier.TRIAL: "trial",
}
ENDS = {
    End.SETTLED: "It is settled at {tier}.",
    End.ADJUDICATED: "The court decides it.",
    End.DECIDED: "It is decided by government or arbitration, and the parties accept that.",
    End.SELF_SETTLED: "The parties settle it between themselves.",
    End.WITHDRAWN: "It is withdrawn.",
    End.LUMPED: "The parties give it up and bear it.",
}
JOBS = {
    Job.PETITION: "the petition desk",
    Job.RESPONSE: "the police response",
    Job.FOLLOW_UP: "the follow-up visit",
    Job.CONFIRMATION: "judicial confirmation",
    Job.ENFORCEMENT: "enforcement",
}
ERUPTIONS = {
    0: "It erupts: a fight.",
    1: "It erupts: a crime.",
    2: "A fight breaks out and is stopped.",
    3: "A crime is about to happen and is stopped.",
}


class NoSuchDispute(LookupError):
    """The replication has no dispute of that number."""


def story(trace: Trace, model: Model, dispute: int) -> list[str]:
    """One sentence per event of a dispute, with dates. Raises NoSuchDispute."""
    total = len(trace.disputes)
    if not 0 <= dispute < total:
        raise NoSuchDispute(f"there is no dispute {dispute}; this replication has 0 to {total - 1}")
    _, exists, village, kind, severity, departments, language, _ = (int(x) for x in trace.disputes[dispute])
    if not exists:
        near = np.flatnonzero(trace.dispute_column("exists"))
        nearest = int(near[np.argmin(np.abs(near - dispute))]) if len(near) else -1
        raise NoSuchDispute(f"dispute {dispute} does not arise in this replication; try --dispute {nearest}")
    what = f"Dispute {dispute}: {_name(Kind(kind))}, severity {severity / 1e6:.2f} of 1"
    what += ", concerns several departments" if departments else ""
    what += ", in a minority language" if language else ""
    lines = [f"{what}; village {village + 1} of {model.villages.count}."]
    midnight = datetime(model.first_day.year, model.first_day.month, model.first_day.day)
    rows = trace.rows[trace.column("dispute") == dispute]
    for row in rows:
        when = midnight + timedelta(minutes=int(row[0]))
        mark = " (warm-up)" if int(row[0]) < trace.warm_up else ""
        lines.append(f"{when:%Y-%m-%d %H:%M}{mark}  {_sentence(row)}")
    if not any(int(r[1]) == EventKind.END for r in rows):
        lines.append("When the run ends it is still open.")
    return lines


def _name(member: Kind) -> str:
    return f"{member.name.lower()} dispute" if member != Kind.OTHER else "other dispute"


def _duration(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 1440:
        return f"{minutes / 60:.1f} h"
    return f"{minutes / 1440:.1f} days"


def _sentence(row: np.ndarray) -> str:
    _, code, _, job, tier, _, visit, session, detail = (int(x) for x in row)
    event = EventKind(code)
    place = JOBS[Job(job)] if job else TIERS.get(Tier(tier), "") if tier >= 0 else ""
    number = f" (visit {visit}, session {session})" if not job and visit > 0 else ""
    if event == EventKind.END:
        return ENDS[End(detail)].format(tier=place)
    if event == EventKind.KNOWN:
        return f"It becomes known: {CHANNELS[Channel(detail)]}; it enters at {place}."
    if event == EventKind.CLIMB:
        return f"It goes from {place} to {TIERS[Tier(detail)]}."
    if event == EventKind.ERUPTION:
        return ERUPTIONS[detail]
    urgent = {0: "urgent", 1: "raised"}.get(detail, "normal")
    sentences = {
        EventKind.ARISE: "A grievance arises.",
        EventKind.ENTER: f"It joins the queue of {place}{number}, {urgent} priority.",
        EventKind.START: f"{_upper(place)} begins{number}: {_duration(detail)} of working time.",
        EventKind.SESSION: f"The session at {place} ends after {_duration(detail)} of working time.",
        EventKind.ABORT: f"The session at {place} is broken off after {_duration(detail)} of working time.",
        EventKind.LEAVE: f"It leaves the queue of {place}.",
        EventKind.AWAY: f"Nothing happens for {_duration(detail)}: procedure, a gap or a rest.",
        EventKind.REFUSED: f"A party refuses {place}.",
        EventKind.BYPASSED: f"The parties skip {place}.",
        EventKind.FAILED: f"Attempt {detail} at {place} fails.",
        EventKind.SUIT: "A party sues; the mediation ends.",
        EventKind.FILED: "The suit is filed.",
        EventKind.PETITION: f"Petition number {detail} is lodged.",
        EventKind.DEADLINE: f"The time limit at {place} of {_duration(detail)} is passed.",
        EventKind.RENEGE: "The parties lose patience.",
        EventKind.CONFIRMED: "The court confirms the agreement.",
        EventKind.REPAIRED: "A follow-up visit finds that the agreement is not kept, and repairs it.",
        EventKind.BREACH: "The agreement is not kept.",
        EventKind.ENFORCED: "The confirmed agreement is enforced.",
        EventKind.REOPEN: "It is open again.",
    }
    return sentences.get(event, event.name)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
