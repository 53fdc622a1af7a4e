"""Names of activities in event logs: `what at stage`, the same words in every format and when a ledger is read back.

A stage is a tier, or a desk where a side job is done. What is not bound to a stage has a name without one.
"""

from __future__ import annotations

from sim.vocabulary import Channel, End, EventKind, Job, Tier

AT = " at "
PASSED = "passed to "  # and the stage

STAGES: dict[Tier, str] = {t: t.name.lower().replace("_", " ") for t in Tier if t != Tier.PETITION}
DESKS: dict[Job, str] = {
    Job.PETITION: "petition desk",
    Job.RESPONSE: "police response",
    Job.FOLLOW_UP: "follow-up",
    Job.CONFIRMATION: "confirmation",
    Job.ENFORCEMENT: "enforcement",
}
CHANNELS: dict[Channel, str] = {c: c.name.lower() for c in Channel}

KNOWN, REOPENED = "known", "reopened"
QUEUED, BEGUN, ENDED, BROKEN, LEFT = (
    *("queued", "session begun", "session ended"),
    *("session broken off", "left queue"),
)
PROCEDURE, ADJOURNED, REST = "procedure begun", "adjourned", "rest begun"
REFUSED, BYPASSED, FAILED, RENEGED = "refused", "bypassed", "attempt failed", "patience lost"
SUIT, PETITION = "suit brought", "petition lodged"
ENDS: dict[End, str] = {
    End.SETTLED: "settled",
    End.ADJUDICATED: "adjudicated",
    End.DECIDED: "decided",
    End.SELF_SETTLED: "self-settled",
    End.WITHDRAWN: "withdrawn",
    End.LUMPED: "given up",
}
UNSEEN = " unseen"  # in place of a stage, where a grievance ends that nobody learnt of

AT_STAGE: dict[EventKind, str] = {
    EventKind.KNOWN: KNOWN,
    EventKind.ENTER: QUEUED,
    EventKind.START: BEGUN,
    EventKind.SESSION: ENDED,
    EventKind.ABORT: BROKEN,
    EventKind.LEAVE: LEFT,
    EventKind.REFUSED: REFUSED,
    EventKind.BYPASSED: BYPASSED,
    EventKind.FAILED: FAILED,
    EventKind.DEADLINE: "time limit passed",
    EventKind.RENEGE: RENEGED,
    EventKind.REOPEN: REOPENED,
    EventKind.REVIVED: "revived",
}
ANYWHERE: dict[EventKind, str] = {
    EventKind.ARISE: "arose",
    EventKind.SUIT: SUIT,
    EventKind.FILED: "suit filed",
    EventKind.PETITION: PETITION,
    EventKind.CONFIRMED: "agreement confirmed",
    EventKind.REPAIRED: "agreement repaired",
    EventKind.BREACH: "agreement breached",
    EventKind.ENFORCED: "enforced by the court",
    EventKind.UNRESOLVED: "left unresolved",
    EventKind.RESOLVED: "resolved in time",
    EventKind.APPEAL: "appealed",
    EventKind.CAPACITY: "servers changed",
}
ERUPTIONS = ("fight", "crime", "fight stopped", "crime stopped")
PAUSES = (PROCEDURE, ADJOURNED, REST)

# Standard transitions of the lifecycle extension of XES; everything else is "complete".
LIFECYCLE: dict[EventKind, str] = {
    EventKind.ENTER: "schedule",
    EventKind.START: "start",
    EventKind.ABORT: "ate_abort",
    EventKind.LEAVE: "withdraw",
}

WHATS = (*AT_STAGE.values(), *PAUSES, *ENDS.values())
_STAGE_NAMES = frozenset([*STAGES.values(), *DESKS.values()])
_PLAIN = frozenset([*ANYWHERE.values(), *ERUPTIONS, *(end + UNSEEN for end in ENDS.values())])


def activity(event: EventKind, tier: int, job: int, detail: int) -> str:
    """The name of a row of a trace. `detail` is as in the trace; for AWAY it is an index of `PAUSES`."""
    stage = DESKS[Job(job)] if job else STAGES[Tier(tier)] if tier >= 0 else ""
    if event == EventKind.CLIMB:
        return PASSED + STAGES[Tier(detail)]
    if event == EventKind.ERUPTION:
        return ERUPTIONS[detail]
    if event == EventKind.END:
        return ENDS[End(detail)] + (AT + stage if stage else UNSEEN)
    if event == EventKind.AWAY:
        return PAUSES[detail] + AT + stage
    if event in ANYWHERE:
        return ANYWHERE[event]
    return AT_STAGE[event] + AT + stage


def parts(name: str) -> tuple[str, str] | None:
    """(what, stage) of an activity of ours, the stage empty where it has none; None for any other name."""
    if name.startswith(PASSED) and name.removeprefix(PASSED) in _STAGE_NAMES:
        return PASSED.strip(), name.removeprefix(PASSED)
    what, at, stage = name.rpartition(AT)
    if at and what in WHATS and stage in _STAGE_NAMES:
        return what, stage
    return (name, "") if name in _PLAIN else None
