"""The flat arrays that rules and engines read.

Indices: `tk` = tier * KINDS + kind, `vt` = village * TIERS + tier, `vj` = village * JOBS + job, `r` = round. Times
are minutes, rates are per minute. As lists (`as_lists`) the reference engine reads them; as arrays the compiled one.
Symbols are explained in docs/model.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.vocabulary import Kind, Tier

TIERS = 8  # tiers where a dispute can stay; the petition desk is a side job
KINDS = 8
JOBS = 6
PARTY_CHANNELS = 5  # where a party may turn by itself
ROUND_KEYS = 1 << 15  # the key of a round and the number of one of its dates share 32 bits
QUANTILES = 257  # points of a quantile table, evenly spaced in u
TIER_NAMES = tuple(Tier(t).name.lower() for t in range(TIERS))  # as the scenario calls them
KIND_NAMES = tuple(k.name.lower() for k in Kind)
LENGTH_EXPONENTIAL, LENGTH_LOGNORMAL, LENGTH_CONSTANT = 0, 1, 2
FOREVER = 1 << 40  # later than any minute, and than any clock that never rings
DEADLINE_RECORD, DEADLINE_RAISE, DEADLINE_CLIMB = 0, 1, 2

T = TypeVar("T", bound=np.generic)


def read_only(array: NDArray[T]) -> NDArray[T]:
    """The array itself, closed to changes: models share it."""
    array.flags.writeable = False
    return array


class Tables(NamedTuple):
    """All numbers of a model. Field types are arrays (or lists, see `as_lists`) unless they are plain numbers."""

    horizon: int
    warm_up: int
    days: int
    villages: int
    rounds: int
    # which of a model's tables these are, and until when they hold
    number: int
    until: int  # minute from which the next ones hold; FOREVER for the last of an area
    area: Any  # [village] number of the first tables that hold there
    # calendars and pools
    cal_worked: Any  # [calendar * (days + 1) + day]
    cal_opens: Any  # [calendar] minute of the day
    pool_calendar: Any
    pool_servers: Any
    capacity_minute: Any  # changes of servers, sorted by (minute, pool)
    capacity_pool: Any
    capacity_servers: Any
    station: Any  # [vt] pool, -1 where the tier is absent
    desk: Any  # [vj] pool of a side job, -1 where there is none
    # grievances
    arise_cum: Any  # [day] share of the horizon's grievances that arise before the day
    keep: Any  # [kind] probability that a dispute of the superset exists
    kind_cum: Any
    severity_quantiles: Any  # [kind * QUANTILES + i]
    severity_mean: float
    frailty_sd: float
    departments: Any  # [kind]
    language: Any  # [village]
    # becoming known
    party_rate: Any  # [kind]
    party_severity: float
    party_cum: Any  # [kind * PARTY_CHANNELS + channel] cumulative shares of the party channels
    grid_rate: float
    round_period: Any
    round_jitter: Any
    round_detects: Any  # [r] 0 where there is no such round
    round_key: Any  # [r] keys of the rounds' luck
    round_channel: Any
    round_tier: Any
    settle_rate: float
    lump_rate: float
    entry_tier: Any  # [channel]
    # eruption, suit, petition, withdrawal
    eruption_rate: Any  # [kind]
    eruption_severity: float
    eruption_care: float
    eruption_crime: float
    eruption_caught: float
    suit_rate: Any  # [kind]
    petition_rate: Any  # [kind]
    petition_repeats: float
    petition_repeat_mean: float
    withdrawal_mean: float
    withdrawal_settles: float
    # tiers
    attempts: Any
    success_logit: Any  # [tk]
    severity_on_success: float
    delay_on_success: float
    departments_on_success: Any  # [tier]
    language_on_success: Any  # [tier]
    refuses: Any
    bypasses: Any
    dropout: Any
    dropout_lumps: float
    length_kind: Any
    length_mean: Any
    length_mu: Any
    length_sigma: Any
    severity_on_length: float
    language_on_length: float
    session_more: Any  # [tier] probability of one more session
    gap_mean: Any
    rest_mean: Any
    delay_mean: Any  # [tk]
    departments_delay_mean: Any  # [tier]
    patience_mean: Any  # 0: endless
    patience_climbs: Any
    deadline: Any  # 0: none
    deadline_action: Any
    climbs_to: Any  # [tier] -1: mediation is exhausted
    county_takes_all: int
    suit_tier: Any  # [kind] where a suit leads, -1: nowhere
    exhaustion_goes: Any  # [kind] probability of going on when mediation is exhausted
    trial_settles: float
    trial_withdraws: float
    # after judgments and decisions
    appealed: float
    appeal_mean: float
    enforced: float
    judged_against_will: float
    decided_against_will: float
    # what nobody settled
    revival_rate: float
    residual_eruption: float  # ratio to the rate of a latent dispute
    residual_petition: float  # ratio to the rate of an open dispute
    fade_mean: float  # minutes in which residual rates fall by a factor e
    resolution_rate: float
    # agreements
    confirmed: float
    breach: float
    breach_mean: float
    confirmed_breach: float
    returns: float
    return_limit: int
    follow_up: float
    follow_up_after: int
    follow_up_repairs: float
    job_mean: Any  # [job] mean working minutes of a side job

    def as_lists(self) -> Tables:
        """The same with lists in place of arrays: many times faster to index from Python."""
        lists: list[Any] = [x.tolist() if isinstance(x, np.ndarray) else x for x in self]
        return Tables(*lists)
