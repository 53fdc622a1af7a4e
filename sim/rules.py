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


# --- distributions -----------------------------------------------------------------------------------------------


def whole_minutes(x: float) -> int:
    """A duration in whole minutes, at least one; NEVER if it is longer than any run."""
    if not x < 1e9:
        return NEVER
    return max(1, int(x + 0.5))


def exponential(u: float, mean: float) -> float:
    """Exponential by inversion."""
    return -mean * math.log(1.0 - u)


def normal(u: float) -> float:
    """Standard normal quantile, Wichura's algorithm AS 241 (PPND16), relative error about 1e-16."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        num = 2509.0809287301226727 * r + 33430.575583588128105
        num = (num * r + 67265.770927008700853) * r + 45921.953931549871457
        num = ((num * r + 13731.693765509461125) * r + 1971.5909503065514427) * r + 133.14166789178437745
        num = num * r + 3.387132872796366608
        den = 5226.495278852545925 * r + 28729.085735721942674
        den = (den * r + 39307.89580009271061) * r + 21213.794301586595867
        den = ((den * r + 5394.1960214247511077) * r + 687.1870074920579083) * r + 42.313330701600911252
        den = den * r + 1.0
        return q * num / den
    r = u if q < 0.0 else 1.0 - u
    r = math.sqrt(-math.log(r))
    if r <= 5.0:
        r -= 1.6
        num = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
        num = (num * r + 0.24178072517745061177) * r + 1.27045825245236838258
        num = ((num * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r + 4.6303378461565452959
        num = num * r + 1.42343711074968357734
        den = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
        den = (den * r + 0.0151986665636164571966) * r + 0.14810397642748007459
        den = ((den * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r + 2.05319162663775882187
        den = den * r + 1.0
    else:
        r -= 5.0
        num = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
        num = (num * r + 0.0012426609473880784386) * r + 0.026532189526576123093
        num = ((num * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r + 5.4637849111641143699
        num = num * r + 6.6579046435011037772
        den = 2.04426310338993978564e-15 * r + 1.4215117583164458887e-7
        den = (den * r + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4
        den = ((den * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r + 0.59983220655588793769
        den = den * r + 1.0
    z = num / den
    return -z if q < 0.0 else z


def count_geometric(u: float, more: float) -> int:
    """1 + the number of times that one more is added, each with probability `more`; at most KEY_ROOM."""
    if more <= 0.0:
        return 1
    return min(KEY_ROOM, 1 + int(math.log(1.0 - u) / math.log(more)))


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
