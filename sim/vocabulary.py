"""The words of the model: every enumeration that appears in a model, a trace or an outcome table.

The integer values are part of the trace contract. Append, never renumber.
"""

from __future__ import annotations

from enum import IntEnum


class Tier(IntEnum):
    """Where a dispute is dealt with, from the doorstep to the court."""

    HAMLET = 0  # grid worker, street-lane head
    VILLAGE = 1  # village mediation committee
    POLICE = 2  # police station, mediation by an officer
    TOWNSHIP = 3  # township centre
    COUNTY = 4  # county departments
    DECISION = 5  # government decision or arbitration, where the law puts them before a suit
    COURT_MEDIATION = 6  # mediation at court, before a suit is filed
    TRIAL = 7  # filed suit
    PETITION = 8  # petition desk: a side job, never the place where a dispute stays


class Kind(IntEnum):
    """What the dispute is about (groups of the national mediation statistics)."""

    FAMILY = 0
    NEIGHBOUR = 1
    HOUSING = 2
    DAMAGES = 3
    LAND = 4
    CONTRACT = 5
    LABOUR = 6
    OTHER = 7


class Channel(IntEnum):
    """How a latent dispute becomes known."""

    PARTY_VILLAGE = 0
    PARTY_TOWNSHIP = 1
    PARTY_POLICE = 2
    PARTY_COURT = 3
    PARTY_PETITION = 4
    GRID = 5
    SCREENING = 6
    HOUSEHOLD_VISIT = 7
    POLICE_VISIT = 8
    ERUPTION = 9


class End(IntEnum):
    """How a dispute ends. `OPEN` means censored: not ended when the run ends."""

    OPEN = 0
    SETTLED = 1
    ADJUDICATED = 2
    DECIDED = 3
    SELF_SETTLED = 4
    WITHDRAWN = 5
    LUMPED = 6


class Consent(IntEnum):
    """How the parties answer to a tier before a visit."""

    COME = 0
    REFUSED = 1  # one of them refuses the tier
    BYPASSED = 2  # they skip to court


class Eruption(IntEnum):
    """What a dispute erupts into, and whether it was stopped in time."""

    FIGHT = 0
    CRIME = 1
    FIGHT_STOPPED = 2
    CRIME_STOPPED = 3


class Priority(IntEnum):
    """Order of a queue: a lower number is served first."""

    URGENT = 0
    RAISED = 1
    NORMAL = 2


class State(IntEnum):
    """Where a dispute is at a moment: known to nobody, waiting, being heard, elsewhere, over, or put down unsettled."""

    LATENT = 0
    QUEUED = 1
    SERVED = 2
    AWAY = 3
    ENDED = 4
    UNRESOLVED = 5  # in nobody's hands, and settled by nobody: it may come up again


class Hazard(IntEnum):
    """Clocks of a constant rate that may change on a date."""

    COMES_FORWARD = 0
    GRID_FINDS = 1
    ERUPTS = 2
    SETTLES = 3
    LUMPS = 4
    PETITIONS = 5
    SUES = 6
    WITHDRAWS = 7
    REVIVES = 8  # of what nobody settled
    RESOLVES = 9


class Job(IntEnum):
    """What a server works on: the case itself, or a side job that the case causes."""

    CASE = 0
    PETITION = 1
    RESPONSE = 2
    FOLLOW_UP = 3
    CONFIRMATION = 4
    ENFORCEMENT = 5


class Clock(IntEnum):
    """Scheduled events in rank order: at one minute, a lower rank happens first."""

    CAPACITY = 0
    ARISE = 1
    SESSION_END = 2
    AWAY_END = 3  # a gap between sessions, or a procedural delay, is over
    FOLLOW_UP = 4
    BREACH = 5
    ERUPTION = 6
    SUIT = 7
    PETITION = 8
    DEADLINE = 9
    WITHDRAWAL = 10  # the parties settle by themselves or give up; what is unresolved resolves itself
    PATIENCE = 11
    LATENT_EXIT = (
        12  # a latent grievance becomes known, or ends unseen; a new quarrel revives what is unresolved
    )


class EventKind(IntEnum):
    """Rows of a trace. The meaning of `detail` is given for each."""

    ARISE = 0  # a grievance exists; detail: 0
    KNOWN = 1  # detail: Channel
    ENTER = 2  # joins the queue of `pool`; detail: Priority
    START = 3  # a server begins; detail: working minutes of the session
    SESSION = 4  # a session ends as planned; detail: working minutes spent
    ABORT = 5  # a session is broken off; detail: working minutes spent
    LEAVE = 6  # leaves the queue unserved; detail: 0
    AWAY = 7  # a gap or delay begins; detail: minutes
    REFUSED = 8  # a party refuses the tier; detail: 0
    BYPASSED = 9  # the parties skip to court; detail: 0
    FAILED = 10  # an attempt fails; detail: attempts of this stay
    CLIMB = 11  # passed up; detail: the Tier above
    SUIT = 12  # a party goes to court during mediation; detail: 0
    FILED = 13  # the suit is filed; detail: 0
    PETITION = 14  # a petition is lodged; detail: its number in this dispute
    ERUPTION = 15  # detail: Eruption
    DEADLINE = 16  # the limit of the tier is passed; detail: limit in minutes
    RENEGE = 17  # patience is over; detail: 0
    CONFIRMED = 18  # the agreement is confirmed by the court; detail: 0
    REPAIRED = 19  # a follow-up visit catches a breach; detail: 0
    BREACH = 20  # an agreement is not kept; detail: 1 if it can be enforced
    ENFORCED = 21  # a confirmed agreement or a judgment is enforced; detail: 0
    REOPEN = 22  # the dispute returns; detail: its number
    END = 23  # detail: End
    CAPACITY = 24  # servers of `pool` change; detail: servers now
    UNRESOLVED = 25  # follows an end by which nothing was settled; detail: that End
    REVIVED = 26  # what was unresolved comes up again, REOPEN follows; detail: Channel
    RESOLVED = 27  # what was unresolved is no more; detail: 0
    APPEAL = 28  # a judgment goes to the court of second instance; detail: 0


KEY_ROOM = 15  # the n-th visit, session, petition or opening that a key of luck has room for


class DecisionPoint(IntEnum):
    """Where luck enters. Each has its own stream of uniforms, keyed by dispute and visit."""

    # once in a dispute's life
    THINNING = 0
    ARISE_TIME = 1
    KIND = 2
    SEVERITY = 3
    FRAILTY = 4
    DEPARTMENTS = 5
    LANGUAGE = 6
    PARTY_TIME = 7
    PARTY_CHANNEL = 8
    GRID_TIME = 9
    ROUND = 10  # visit key: stream
    LATENT_SETTLE = 11
    LATENT_LUMP = 12
    ERUPTION_TIME = 13
    ERUPTION_CRIME = 14
    ERUPTION_CAUGHT = 15
    RESPONSE_TIME = 16
    # once each time the dispute opens (visit key: openings so far)
    SUIT_TIME = 17
    PETITION_TIME = 18
    WITHDRAWAL_TIME = 19
    WITHDRAWAL_END = 20
    # once per petition (visit key: petition number)
    PETITION_REPEAT = 21
    PETITION_GAP = 22
    PETITION_WORK = 23
    # once per visit (visit key: tier, n-th visit)
    CONSENT = 24
    DELAY = 25
    SESSIONS = 26
    PATIENCE = 27
    SUCCESS = 28
    DROPOUT = 29
    DROPOUT_END = 30
    RENEGE = 31
    REST = 32  # pause before the next attempt
    EXHAUSTION = 33
    TRIAL_END = 34
    # once per session (visit key: tier, n-th visit, session)
    SESSION_LENGTH = 35
    GAP = 36
    # once per agreement (visit key: openings so far)
    CONFIRMATION = 37
    CONFIRMATION_WORK = 38
    BREACH = 39
    BREACH_TIME = 40
    FOLLOW_UP = 41
    FOLLOW_UP_WORK = 42
    FOLLOW_UP_CATCH = 43
    RETURN = 44
    ENFORCEMENT_WORK = 45
    # what belongs to a place, not to a dispute
    VILLAGE_RATE = 46  # dispute slot: village
    VILLAGE_COUNT = 47  # dispute slot: village
    ROUND_PHASE = 48  # dispute slot: village; visit key: stream
    ROUND_JITTER = 49  # dispute slot: village; visit key: stream and round
    RECORDING = 50  # whether and how an ended case is recorded
    INVENTED = 51
    # once per eruption after the first clock, while a dispute is open (visit key: openings so far, eruptions so far)
    ERUPTION_AGAIN = 52
    # once each time that nobody has settled it (visit key: 0 if it is unseen, else openings so far + 1)
    RESOLUTION_TIME = 53
    REVIVAL_TIME = 54
    REVIVAL_CHANNEL = 55
    RESIDUAL_ERUPTION = 56
    RESIDUAL_PETITION = 57
    # after a judgment (visit key: tier, n-th visit) or decision (visit key: openings so far)
    APPEAL = 58
    APPEAL_TIME = 59
    ENFORCED = 60
    AGAINST_WILL = 61
