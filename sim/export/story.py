"""The story of one dispute, in sentences."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from sim.language import Message, marked, tr
from sim.model import Model
from sim.scenario import terms
from sim.traces import Trace
from sim.vocabulary import Channel, End, Eruption, EventKind, Job, Kind, Tier

CHANNELS = {
    Channel.PARTY_VILLAGE: marked("a party brings it to the village committee"),
    Channel.PARTY_TOWNSHIP: marked("a party brings it to the township centre"),
    Channel.PARTY_POLICE: marked("a party calls the police"),
    Channel.PARTY_COURT: marked("a party goes straight to court"),
    Channel.PARTY_PETITION: marked("a party petitions"),
    Channel.GRID: marked("the grid worker or street head notices it"),
    Channel.SCREENING: marked("a screening round finds it"),
    Channel.HOUSEHOLD_VISIT: marked("a household visit finds it"),
    Channel.POLICE_VISIT: marked("a police visit finds it"),
    Channel.ERUPTION: marked("it erupts and so becomes known"),
}
TIERS = {
    Tier.HAMLET: marked("the hamlet"),
    Tier.VILLAGE: marked("the village committee"),
    Tier.POLICE: marked("the police station"),
    Tier.TOWNSHIP: marked("the township centre"),
    Tier.COUNTY: marked("the county departments"),
    Tier.DECISION: marked("government decision or arbitration"),
    Tier.COURT_MEDIATION: marked("court mediation"),
    Tier.TRIAL: marked("trial"),
}
ENDS = {
    End.SETTLED: marked("It is settled at {tier}."),
    End.ADJUDICATED: marked("The court decides it."),
    End.DECIDED: marked("It is decided by government or arbitration, and the parties accept that."),
    End.SELF_SETTLED: marked("The parties settle it between themselves."),
    End.WITHDRAWN: marked("It is withdrawn."),
    End.LUMPED: marked("The parties give it up and bear it."),
}
JOBS = {
    Job.PETITION: marked("the petition desk"),
    Job.RESPONSE: marked("the police response"),
    Job.FOLLOW_UP: marked("the follow-up visit"),
    Job.CONFIRMATION: marked("judicial confirmation"),
    Job.ENFORCEMENT: marked("enforcement"),
}
ERUPTIONS: dict[int, str] = {
    Eruption.FIGHT: marked("It erupts: a fight."),
    Eruption.CRIME: marked("It erupts: a crime."),
    Eruption.FIGHT_STOPPED: marked("A fight breaks out and is stopped."),
    Eruption.CRIME_STOPPED: marked("A crime is about to happen and is stopped."),
}


SENTENCES = {  # `n` and `time` are the detail of an event
    EventKind.ARISE: marked("A grievance arises."),
    EventKind.START: marked("{place} begins{number}: {time} of working time."),
    EventKind.SESSION: marked("The session at {place} ends after {time} of working time."),
    EventKind.ABORT: marked("The session at {place} is broken off after {time} of working time."),
    EventKind.LEAVE: marked("It leaves the queue of {place}."),
    EventKind.AWAY: marked("Nothing happens for {time}: procedure, a gap or a rest."),
    EventKind.REFUSED: marked("A party refuses {place}."),
    EventKind.BYPASSED: marked("The parties skip {place}."),
    EventKind.FAILED: marked("Attempt {n} at {place} fails."),
    EventKind.SUIT: marked("A party sues; the mediation ends."),
    EventKind.FILED: marked("The suit is filed."),
    EventKind.PETITION: marked("Petition number {n} is lodged."),
    EventKind.DEADLINE: marked("The time limit at {place} of {time} is passed."),
    EventKind.RENEGE: marked("The parties lose patience."),
    EventKind.CONFIRMED: marked("The court confirms the agreement."),
    EventKind.REPAIRED: marked("A follow-up visit finds that the agreement is not kept, and repairs it."),
    EventKind.BREACH: marked("The agreement is not kept."),
    EventKind.ENFORCED: marked("The court enforces the judgment, the decision or the confirmed agreement."),
    EventKind.UNRESOLVED: marked("Nobody has settled it: it smoulders."),
    EventKind.RESOLVED: marked("With time it is no matter any more."),
    EventKind.APPEAL: marked("A party appeals; the court of second instance decides outside the county."),
    EventKind.REOPEN: marked("It is open again."),
}


class NoSuchDispute(LookupError):
    """The replication has no dispute of that number."""


def story(trace: Trace, model: Model, dispute: int) -> list[str]:
    """One sentence per event of a dispute, with dates. Raises NoSuchDispute."""
    total = len(trace.disputes)
    if not 0 <= dispute < total:
        raise NoSuchDispute(
            Message(
                "there is no dispute {dispute}; this replication has 0 to {total}",
                dispute=dispute,
                total=total - 1,
            )
        )
    _, exists, village, kind, severity, departments, language, _ = (int(x) for x in trace.disputes[dispute])
    if not exists:
        near = np.flatnonzero(trace.dispute_column("exists"))
        nearest = int(near[np.argmin(np.abs(near - dispute))]) if len(near) else -1
        raise NoSuchDispute(
            Message(
                "dispute {dispute} does not arise in this replication; try --dispute {nearest}",
                dispute=dispute,
                nearest=nearest,
            )
        )
    about = {"n": dispute, "kind": _name(Kind(kind)), "severity": severity / 1e6}
    what = tr("Dispute {n}: {kind}, severity {severity:.2f} of 1", **about)
    what += tr(", concerns several departments") if departments else ""
    what += tr(", in a minority language") if language else ""
    count = model.villages.count
    lines = [tr("{dispute}; village {n} of {m}.", dispute=what, n=village + 1, m=count)]
    midnight = datetime(model.first_day.year, model.first_day.month, model.first_day.day)
    rows = trace.rows[trace.column("dispute") == dispute]
    for row in rows:
        when = midnight + timedelta(minutes=int(row[0]))
        mark = tr(" (warm-up)") if int(row[0]) < trace.warm_up else ""
        lines.append(f"{when:%Y-%m-%d %H:%M}{mark}  {_sentence(row)}")
    if not any(int(r[1]) == EventKind.END for r in rows):
        lines.append(tr("When the run ends it is still open."))
    return lines


def _name(member: Kind) -> str:
    return tr("{kind} dispute", kind=terms.words(member.name.lower()))


def _duration(minutes: int) -> str:
    if minutes < 60:
        return tr("{n} min", n=minutes)
    if minutes < 1440:
        return tr("{n:.1f} h", n=minutes / 60)
    return tr("{n:.1f} days", n=minutes / 1440)


def _sentence(row: np.ndarray) -> str:
    _, code, _, job, tier, _, visit, session, detail = (int(x) for x in row)
    event = EventKind(code)
    place = tr(JOBS[Job(job)] if job else TIERS.get(Tier(tier), "") if tier >= 0 else "")
    said = marked(" (visit {visit}, session {session})")
    number = tr(said, visit=visit, session=session) if not job and visit > 0 else ""
    if event == EventKind.END:
        return tr(ENDS[End(detail)], tier=place)
    if event == EventKind.KNOWN:
        how = tr(CHANNELS[Channel(detail)])
        return tr("It becomes known: {how}; it enters at {place}.", how=how, place=place)
    if event == EventKind.REVIVED:
        return tr(
            "It comes up again: {how}; it enters at {place}.", how=tr(CHANNELS[Channel(detail)]), place=place
        )
    if event == EventKind.CLIMB:
        return tr("It goes from {place} to {other}.", place=place, other=tr(TIERS[Tier(detail)]))
    if event == EventKind.ERUPTION:
        return tr(ERUPTIONS[detail])
    if event == EventKind.ENTER:
        how = {0: tr("urgent"), 1: tr("raised")}.get(detail, tr("normal"))
        said = marked("It joins the queue of {place}{number}, {priority} priority.")
        return tr(said, place=place, number=number, priority=how)
    if event not in SENTENCES:
        return event.name
    named = _upper(place) if event == EventKind.START else place
    values = {"place": named, "number": number, "n": detail, "time": _duration(detail)}
    text = tr(SENTENCES[event])
    return text.format(**values)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
