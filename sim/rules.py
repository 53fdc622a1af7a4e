"""The rules: every decision in the life of a dispute, as pure functions of numbers.

A rule takes the tables of the model (flat sequences, see sim/model/tables.py), the dispute's own numbers and uniforms,
and returns numbers. It draws nothing, stores nothing and knows no engine: the reference engine calls it as it stands,
the compiled engine compiles it from this very source. So only scalars, tuples and flat indexing here. Codes are those
of sim/vocabulary.py, as plain integers of this module: the compiler takes these as constants, and members of an
enumeration not. Equations and sources: docs/model.md.

Where a dispute goes next is one number, in both engines: a tier (>= 0), `ends_as(end)`, or STAYS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.clock import MINUTES_PER_DAY, NEVER
from sim.distributions import count_geometric as count_geometric
from sim.distributions import exponential as exponential
from sim.distributions import normal as normal
from sim.distributions import whole_minutes as whole_minutes
from sim.model.tables import (
    KINDS,
    LENGTH_EXPONENTIAL,
    LENGTH_LOGNORMAL,
    PARTY_CHANNELS,
    QUANTILES,
    Tables,
)
from sim.vocabulary import KEY_ROOM, Channel, Consent, End, Eruption, Hazard, Tier

SETTLED, ADJUDICATED, SELF_SETTLED = int(End.SETTLED), int(End.ADJUDICATED), int(End.SELF_SETTLED)
DECIDED = int(End.DECIDED)
WITHDRAWN, LUMPED = int(End.WITHDRAWN), int(End.LUMPED)
COME, REFUSED, BYPASSED = int(Consent.COME), int(Consent.REFUSED), int(Consent.BYPASSED)
FIGHT, CRIME = int(Eruption.FIGHT), int(Eruption.CRIME)
FIGHT_STOPPED, CRIME_STOPPED = int(Eruption.FIGHT_STOPPED), int(Eruption.CRIME_STOPPED)
COMES_FORWARD, GRID_FINDS = int(Hazard.COMES_FORWARD), int(Hazard.GRID_FINDS)
ERUPTS, SETTLES, LUMPS = int(Hazard.ERUPTS), int(Hazard.SETTLES), int(Hazard.LUMPS)
PETITIONS, SUES = int(Hazard.PETITIONS), int(Hazard.SUES)
WITHDRAWS, REVIVES = int(Hazard.WITHDRAWS), int(Hazard.REVIVES)
COUNTY = int(Tier.COUNTY)
LAST_KIND, LAST_PARTY_CHANNEL = KINDS - 1, int(Channel.PARTY_PETITION)
NOWHERE = -1  # in place of a tier: mediation is exhausted, or the parties bear it
STAYS = -100  # in place of where a dispute goes next
MONTH = 43_200.0  # minutes, the unit of age in the success of an attempt
CERTAIN = 1e9  # a cumulated hazard that nothing survives
MANY = 1_000_000  # rounds, more than any run has

# --- where to ----------------------------------------------------------------------------------------------------


def ends_as(end: int) -> int:
    """Where a dispute goes that ends: beyond all tiers, by its End."""
    return -end


def end_of(where: int) -> int:
    """The End of a dispute that goes to `where`, a number of `ends_as`."""
    return -where


# --- what a grievance is -----------------------------------------------------------------------------------------


def kind_of(m: Tables, u: float) -> int:
    """The kind, by its share."""
    k = 0
    while k < LAST_KIND and u >= m.kind_cum[k]:
        k += 1
    return k


def severity_of(m: Tables, kind: int, u: float) -> float:
    """Severity in [0, 1]: a beta distribution, from its quantile table by linear interpolation."""
    x = u * (QUANTILES - 1)
    i = int(x)
    low: float = m.severity_quantiles[kind * QUANTILES + i]
    high: float = m.severity_quantiles[kind * QUANTILES + i + 1]
    return low + (x - i) * (high - low)


def arise_minute(arise_cum: Sequence[float], days: int, u: float) -> int:
    """When the grievance arises: the inverse of the seasonal cumulative intensity (share before each day)."""
    low = 0
    high = days
    while high - low > 1:
        middle = (low + high) // 2
        if arise_cum[middle] <= u:
            low = middle
        else:
            high = middle
    step = arise_cum[low + 1] - arise_cum[low]
    minute = int(MINUTES_PER_DAY * (u - arise_cum[low]) / step)
    return low * MINUTES_PER_DAY + min(MINUTES_PER_DAY - 1, minute)


# --- becoming known ----------------------------------------------------------------------------------------------


def party_wait(m: Tables, kind: int, severity: float, u: float) -> int:
    """Minutes until a party brings the dispute to somebody."""
    rate = m.party_rate[kind] * math.exp(m.party_severity * (severity - m.severity_mean))
    return whole_minutes(exponential(u, 1.0 / rate))


def party_channel(m: Tables, kind: int, u: float) -> int:
    """Where the party turns: one of the five party channels, by the shares of its kind."""
    c = 0
    while c < LAST_PARTY_CHANNEL and u >= m.party_cum[kind * PARTY_CHANNELS + c]:
        c += 1
    return c


def rate_wait(rate: float, u: float) -> int:
    """Minutes until an event of constant rate; NEVER at rate zero."""
    if rate <= 0.0:
        return NEVER
    return whole_minutes(exponential(u, 1.0 / rate))


def eruption_wait(m: Tables, kind: int, severity: float, u: float) -> int:
    """Minutes until the dispute erupts, if nobody takes care of it."""
    return rate_wait(m.eruption_rate[kind] * math.exp(m.eruption_severity * (severity - m.severity_mean)), u)


def hazard(m: Tables, clock: int, kind: int, severity: float) -> float:
    """Rate per minute of a clock (codes of Hazard) whose rate may change with the date."""
    if clock == COMES_FORWARD:
        return float(m.party_rate[kind] * math.exp(m.party_severity * (severity - m.severity_mean)))
    if clock == GRID_FINDS:
        return float(m.grid_rate)
    if clock == ERUPTS:
        return float(m.eruption_rate[kind] * math.exp(m.eruption_severity * (severity - m.severity_mean)))
    if clock == SETTLES:
        return float(m.settle_rate)
    if clock == LUMPS:
        return float(m.lump_rate)
    if clock == PETITIONS:
        return float(m.petition_rate[kind])
    if clock == SUES:
        return float(m.suit_rate[kind])
    if clock == WITHDRAWS:
        return 1.0 / float(m.withdrawal_mean)
    if clock == REVIVES:
        return float(m.revival_rate)
    return float(m.resolution_rate)


def hazard_left(rate: float, wait: int, u: float) -> float:
    """The cumulated hazard at which a clock rings: what `wait` minutes add up to, or at rate zero, by its draw."""
    if rate <= 0.0:
        return -math.log(1.0 - u)
    return rate * wait


def hazard_wait(left: float, rate: float) -> int:
    """Minutes until the hazard that is left is used up; NEVER at rate zero."""
    if rate <= 0.0:
        return NEVER
    return whole_minutes(left / rate)


def at_new_rate(left: int, old: float, new: float) -> int:
    """Minutes left of a clock whose rate changes from `old` to `new`."""
    if new == old or old <= 0.0:
        return left
    return hazard_wait(left * old, new)


def round_hazard(detects: float) -> float:
    """Cumulated hazard of one round that finds the dispute with probability `detects`."""
    if detects >= 1.0:
        return CERTAIN
    return -math.log(1.0 - detects)


def rounds_left(left: float, detects: float) -> int:
    """How many more rounds it takes when the hazard `left` is to be used up."""
    if detects >= 1.0 or left <= 0.0:
        return 1
    x = left / -math.log(1.0 - detects)
    if not x < MANY:
        return MANY
    return 1 + int(x)


def rounds_needed(detects: float, u: float) -> int:
    """How many rounds of a periodic search it takes to find the dispute (geometric)."""
    if detects >= 1.0:
        return 1
    x = math.log(1.0 - u) / math.log(1.0 - detects)
    if not x < MANY:
        return MANY
    return 1 + int(x)


def round_number(period: int, phase: float, arise: int, needed: int) -> int:
    """Number of the round that finds the dispute: the `needed`-th planned after it arose."""
    planned = int(phase * period)
    if arise < planned:
        return needed - 1
    return (arise - planned) // period + needed


def round_minute(period: int, phase: float, number: int, jitter: float, u: float, arise: int) -> int:
    """When that round takes place: planned time plus an irregularity of at most half a period either way."""
    minute = int(phase * period) + number * period + int(jitter * period * (u - 0.5))
    if minute <= arise:
        minute += period
    return minute


def remaining_eruption(left: int, care: float) -> int:
    """Minutes left until eruption once somebody takes care: the hazard is multiplied by `care`."""
    if care <= 0.0 or left >= NEVER:
        return NEVER
    return whole_minutes(left / care)


def eruption(crime: bool, stopped: bool) -> int:
    """What a dispute erupts into (codes of Eruption)."""
    if stopped:
        return CRIME_STOPPED if crime else FIGHT_STOPPED
    return CRIME if crime else FIGHT


# --- what nobody settled -------------------------------------------------------------------------------------------


def goes_on(end: int) -> bool:
    """Whether an end settles nothing. Of judgments and decisions a share does not either, see `against_will`."""
    return end in (WITHDRAWN, LUMPED)


def may_open(opening: int) -> bool:
    """Whether a dispute that has returned `opening` times may return once more: keys of luck have an end."""
    return opening < KEY_ROOM


def residual_hazard(m: Tables, clock: int, kind: int, severity: float) -> float:
    """Rate per minute of a clock of what nobody settled, at first: from then on it fades."""
    rate = hazard(m, clock, kind, severity)
    if clock == ERUPTS:
        return float(rate * m.residual_eruption)
    if clock == PETITIONS:
        return float(rate * m.residual_petition)
    return float(rate)


def faded(minutes: int, fade: float) -> float:
    """What is left of a fading rate after some minutes, as a ratio."""
    return math.exp(-minutes / fade)


def fading_wait(left: float, rate: float, fade: float) -> int:
    """Minutes until a rate that fades by a factor e every `fade` minutes has used up the hazard `left`, or NEVER."""
    x = left / (rate * fade) if rate > 0.0 else 1.0
    if x >= 1.0:
        return NEVER
    return whole_minutes(-fade * math.log(1.0 - x))


def fading_hazard(rate: float, minutes: int, fade: float) -> float:
    """Cumulated hazard of a fading rate over some minutes."""
    return rate * fade * (1.0 - math.exp(-minutes / fade))


# --- at a tier ---------------------------------------------------------------------------------------------------


def consent(m: Tables, tier: int, u: float) -> int:
    """How the parties answer to a tier before a visit (codes of Consent)."""
    if u < m.refuses[tier]:
        return REFUSED
    if u < m.refuses[tier] + m.bypasses[tier]:
        return BYPASSED
    return COME


def delay(m: Tables, tier: int, kind: int, departments: int, u: float) -> int:
    """Elapsed procedure before the queue is joined; 0 if there is none."""
    mean = m.delay_mean[tier * KINDS + kind]
    if departments:
        mean = mean + m.departments_delay_mean[tier]
    if mean <= 0.0:
        return 0
    return whole_minutes(exponential(u, mean))


def pause_length(mean: float, u: float) -> int:
    """A gap between sessions or a rest between attempts; 0 if the mean is 0."""
    if mean <= 0.0:
        return 0
    return whole_minutes(exponential(u, mean))


def session_length(m: Tables, tier: int, severity: float, language: int, u: float) -> int:
    """Working minutes of one session."""
    kind = m.length_kind[tier]
    if kind == LENGTH_EXPONENTIAL:
        x = exponential(u, m.length_mean[tier])
    elif kind == LENGTH_LOGNORMAL:
        x = math.exp(m.length_mu[tier] + m.length_sigma[tier] * normal(u))
    else:
        x = m.length_mean[tier]
    shift = m.severity_on_length * (severity - m.severity_mean)
    if language:
        shift += m.language_on_length
    return whole_minutes(x * math.exp(shift))


def success_probability(
    m: Tables,
    tier: int,
    kind: int,
    severity: float,
    frailty: float,
    departments: int,
    language: int,
    age: int,
) -> float:
    """Probability that an attempt succeeds, `age` minutes after the dispute became known."""
    x = m.success_logit[tier * KINDS + kind] + frailty
    x += m.severity_on_success * (severity - m.severity_mean)
    x += m.delay_on_success * math.log(1.0 + age / MONTH)
    if departments:
        x += m.departments_on_success[tier]
    if language:
        x += m.language_on_success[tier]
    return 1.0 / (1.0 + math.exp(-x))


def above(m: Tables, tier: int, departments: int) -> int:
    """The tier above, or NOWHERE where mediation is exhausted. The county takes what concerns several departments."""
    nxt = m.climbs_to[tier]
    if nxt == COUNTY and not departments and not m.county_takes_all:
        return NOWHERE
    return int(nxt)


def after_exhaustion(m: Tables, kind: int, u: float) -> int:
    """Where a dispute goes when mediation is exhausted: a tier, or NOWHERE if the parties bear it."""
    if u < m.exhaustion_goes[kind]:
        return int(m.suit_tier[kind])
    return NOWHERE


def trial_end(m: Tables, u: float) -> int:
    """How a suit ends: settled, withdrawn or adjudicated (codes of End)."""
    if u < m.trial_settles:
        return SETTLED
    if u < m.trial_settles + m.trial_withdraws:
        return WITHDRAWN
    return ADJUDICATED


def against_will(m: Tables, end: int) -> float:
    """Share of judgments, or of decisions, that settle nothing between the parties."""
    return float(m.decided_against_will if end == DECIDED else m.judged_against_will)


def drops(m: Tables, u: float) -> int:
    """How a dropped dispute ends: lumped or withdrawn (codes of End)."""
    return LUMPED if u < m.dropout_lumps else WITHDRAWN


def leaves(m: Tables, u: float) -> int:
    """How an open dispute ends that the parties take back: self-settled or withdrawn (codes of End)."""
    return SELF_SETTLED if u < m.withdrawal_settles else WITHDRAWN


def breach_probability(m: Tables, confirmed: bool) -> float:
    """Probability that an agreement is not kept."""
    return m.breach * m.confirmed_breach if confirmed else m.breach
