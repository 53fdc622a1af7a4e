"""The enumerations as integers that the compiler takes as constants. Same names, with a prefix.

They are numpy integers, not Python's: numba would compile a function anew for every literal that it is called with,
which made the machine code three times slower to build.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from sim import clock, rules
from sim.model import tables
from sim.vocabulary import (
    KEY_ROOM,
    Channel,
    Clock,
    Consent,
    DecisionPoint,
    End,
    EventKind,
    Hazard,
    Job,
    Priority,
    State,
    Tier,
)


def _fixed(numbers: Iterable[int]) -> Iterator[Any]:
    return (np.int64(n) for n in numbers)


ZERO, ONE, NONE = _fixed((0, 1, -1))
STAYS: Any = np.int64(rules.STAYS)
URGENT, RAISED, NORMAL = _fixed(Priority)
LATENT, QUEUED, SERVED, AWAY, ENDED, UNRESOLVED = _fixed(State)
NEVER: Any = np.int64(clock.NEVER)
FOREVER: Any = np.int64(tables.FOREVER)
W_COMES_FORWARD, W_GRID_FINDS, W_ERUPTS, W_SETTLES = _fixed(list(Hazard)[:4])
W_LUMPS, W_PETITIONS, W_SUES, W_WITHDRAWS = _fixed(list(Hazard)[4:8])
W_REVIVES, W_RESOLVES = _fixed(list(Hazard)[8:])
CLOCKS, JOBS, TIERS = len(Clock), tables.JOBS, tables.TIERS
KINDS: Any = np.int64(tables.KINDS)
MOST_IN_KEY: Any = np.int64(KEY_ROOM)  # visits, petitions and eruptions
SIDE_JOBS = JOBS - 1  # all but the case

C_CAPACITY, C_ARISE, C_SESSION_END = _fixed((Clock.CAPACITY, Clock.ARISE, Clock.SESSION_END))
C_AWAY_END, C_FOLLOW_UP, C_BREACH = _fixed((Clock.AWAY_END, Clock.FOLLOW_UP, Clock.BREACH))
C_ERUPTION, C_SUIT, C_PETITION = _fixed((Clock.ERUPTION, Clock.SUIT, Clock.PETITION))
C_DEADLINE, C_WITHDRAWAL = _fixed((Clock.DEADLINE, Clock.WITHDRAWAL))
C_PATIENCE, C_LATENT_EXIT = _fixed((Clock.PATIENCE, Clock.LATENT_EXIT))

E_ARISE, E_KNOWN, E_ENTER, E_START = _fixed(list(EventKind)[:4])
E_SESSION, E_ABORT, E_LEAVE, E_AWAY = _fixed(list(EventKind)[4:8])
E_REFUSED, E_BYPASSED, E_FAILED, E_CLIMB = _fixed(list(EventKind)[8:12])
E_SUIT, E_FILED, E_PETITION, E_ERUPTION = _fixed(list(EventKind)[12:16])
E_DEADLINE, E_RENEGE, E_CONFIRMED, E_REPAIRED = _fixed(list(EventKind)[16:20])
E_BREACH, E_ENFORCED, E_REOPEN, E_END = _fixed(list(EventKind)[20:24])
E_CAPACITY, E_UNRESOLVED, E_REVIVED, E_RESOLVED, E_APPEAL = _fixed(list(EventKind)[24:])

J_CASE, J_PETITION, J_RESPONSE = _fixed((Job.CASE, Job.PETITION, Job.RESPONSE))
J_FOLLOW_UP, J_CONFIRMATION, J_ENFORCEMENT = _fixed((Job.FOLLOW_UP, Job.CONFIRMATION, Job.ENFORCEMENT))

T_COUNTY, T_DECISION, T_TRIAL = _fixed((Tier.COUNTY, Tier.DECISION, Tier.TRIAL))
N_SETTLED, N_DECIDED = _fixed((End.SETTLED, End.DECIDED))
N_ADJUDICATED, N_SELF_SETTLED, N_LUMPED = _fixed((End.ADJUDICATED, End.SELF_SETTLED, End.LUMPED))
REFUSED, BYPASSED = _fixed((Consent.REFUSED, Consent.BYPASSED))
LATE_RAISE, LATE_CLIMB = _fixed((tables.DEADLINE_RAISE, tables.DEADLINE_CLIMB))
H_GRID, H_ERUPTION, H_PARTY_PETITION = _fixed((Channel.GRID, Channel.ERUPTION, Channel.PARTY_PETITION))

_P: dict[str, Any] = {p.name: np.int64(p) for p in DecisionPoint}
P_THINNING, P_ARISE_TIME, P_KIND = _P["THINNING"], _P["ARISE_TIME"], _P["KIND"]
P_SEVERITY, P_FRAILTY = _P["SEVERITY"], _P["FRAILTY"]
P_DEPARTMENTS, P_LANGUAGE = _P["DEPARTMENTS"], _P["LANGUAGE"]
P_PARTY_TIME, P_PARTY_CHANNEL, P_GRID_TIME = _P["PARTY_TIME"], _P["PARTY_CHANNEL"], _P["GRID_TIME"]
P_ROUND, P_ROUND_PHASE, P_ROUND_JITTER = _P["ROUND"], _P["ROUND_PHASE"], _P["ROUND_JITTER"]
P_LATENT_SETTLE, P_LATENT_LUMP = _P["LATENT_SETTLE"], _P["LATENT_LUMP"]
P_ERUPTION_TIME, P_ERUPTION_CRIME = _P["ERUPTION_TIME"], _P["ERUPTION_CRIME"]
P_ERUPTION_CAUGHT, P_RESPONSE_TIME = _P["ERUPTION_CAUGHT"], _P["RESPONSE_TIME"]
P_SUIT_TIME, P_PETITION_TIME = _P["SUIT_TIME"], _P["PETITION_TIME"]
P_WITHDRAWAL_TIME, P_WITHDRAWAL_END = _P["WITHDRAWAL_TIME"], _P["WITHDRAWAL_END"]
P_PETITION_REPEAT, P_PETITION_GAP = _P["PETITION_REPEAT"], _P["PETITION_GAP"]
P_PETITION_WORK = _P["PETITION_WORK"]
P_CONSENT, P_DELAY, P_SESSIONS, P_PATIENCE = _P["CONSENT"], _P["DELAY"], _P["SESSIONS"], _P["PATIENCE"]
P_SUCCESS, P_DROPOUT, P_DROPOUT_END = _P["SUCCESS"], _P["DROPOUT"], _P["DROPOUT_END"]
P_RENEGE, P_REST, P_EXHAUSTION = _P["RENEGE"], _P["REST"], _P["EXHAUSTION"]
P_TRIAL_END, P_SESSION_LENGTH, P_GAP = _P["TRIAL_END"], _P["SESSION_LENGTH"], _P["GAP"]
P_CONFIRMATION, P_CONFIRMATION_WORK = _P["CONFIRMATION"], _P["CONFIRMATION_WORK"]
P_BREACH, P_BREACH_TIME, P_RETURN = _P["BREACH"], _P["BREACH_TIME"], _P["RETURN"]
P_FOLLOW_UP, P_FOLLOW_UP_WORK = _P["FOLLOW_UP"], _P["FOLLOW_UP_WORK"]
P_ERUPTION_AGAIN, P_APPEAL, P_APPEAL_TIME = _P["ERUPTION_AGAIN"], _P["APPEAL"], _P["APPEAL_TIME"]
P_ENFORCED, P_AGAINST_WILL, P_RESOLUTION_TIME = _P["ENFORCED"], _P["AGAINST_WILL"], _P["RESOLUTION_TIME"]
P_REVIVAL_TIME, P_REVIVAL_CHANNEL = _P["REVIVAL_TIME"], _P["REVIVAL_CHANNEL"]
P_RESIDUAL_ERUPTION, P_RESIDUAL_PETITION = _P["RESIDUAL_ERUPTION"], _P["RESIDUAL_PETITION"]
P_FOLLOW_UP_CATCH, P_ENFORCEMENT_WORK = _P["FOLLOW_UP_CATCH"], _P["ENFORCEMENT_WORK"]
