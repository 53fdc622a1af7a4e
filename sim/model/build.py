"""build(place) -> Model: the numbers an analyst wrote become the flat arrays that engines read."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim import clock
from sim.model.pools import Pools, build_pools, read_only
from sim.model.tables import (
    DEADLINE_CLIMB,
    DEADLINE_RAISE,
    DEADLINE_RECORD,
    JOBS,
    KINDS,
    LENGTH_CONSTANT,
    LENGTH_EXPONENTIAL,
    LENGTH_LOGNORMAL,
    QUANTILES,
    ROUND_KEYS,
    TIERS,
    Tables,
)
from sim.model.villages import Villages, build_villages
from sim.scenario.place import DeadlineAction, Forum, KindSpec, Lengths, Place, RoundChannel, TierSpec
from sim.vocabulary import Channel, Job, Kind, Tier

MINUTES_PER_MONTH = 43_200


@dataclass(frozen=True)
class Model:
    """A place, built: `tables` for the engines, the rest for people and for reading outcomes.

    Minute 0 is midnight of `first_day`; the window of the place begins at `tables.warm_up`.
    """

    place: Place
    tables: Tables
    pools: Pools
    villages: Villages
    first_day: date
    superset: float

    @property
    def window_days(self) -> float:
        """Length of the window in days."""
        return (self.tables.horizon - self.tables.warm_up) / clock.MINUTES_PER_DAY


def build(place: Place) -> Model:
    """Build the model of a place. Deterministic: no luck enters here."""
    window = place.window
    warm_up_days = math.ceil(window.warm_up.value)
    first = window.start - timedelta(days=warm_up_days)
    days = warm_up_days + (window.end - window.start).days + 1
    pools = build_pools(place, first, days)
    villages = build_villages(place, days)
    kinds = [place.kinds[k.name.lower()] for k in Kind]
    specs: list[TierSpec | None] = [getattr(place.tiers, t.name.lower()) for t in Tier if t != Tier.PETITION]
    tables = Tables(
        horizon=days * clock.MINUTES_PER_DAY,
        warm_up=warm_up_days * clock.MINUTES_PER_DAY,
        days=days,
        villages=villages.count,
        rounds=len(place.detection.rounds),
        **pools.tables(),
        **_stations(place, specs, pools, villages),
        **_grievances(place, kinds, first, days, villages),
        **_detection(place, kinds, specs, villages),
        **_side_events(place, kinds, villages),
        **_tiers(place, kinds, specs),
        **_routes(place, kinds, specs),
        **_agreements(place),
    )
    return Model(place, tables, pools, villages, first, float(place.incidence.superset.value))


def _per_minute(per_year: float) -> float:
    return per_year / clock.MINUTES_PER_YEAR


def _days(x: Any) -> float:
    return 0.0 if x is None else float(x.value) * clock.MINUTES_PER_DAY


def _logit(p: float) -> float:
    p = min(max(p, 1e-12), 1 - 1e-12)
    return math.log(p / (1 - p))


def _stations(place: Place, specs: list[TierSpec | None], pools: Pools, villages: Villages) -> dict[str, Any]:
    """Which pool serves each tier, and each side job, of each village."""
    station = np.full((villages.count, TIERS), -1, dtype=np.int64)
    for tier, spec in enumerate(specs):
        if spec is not None:
            station[:, tier] = pools.of_villages(spec.staff, villages)
    desk = np.full((villages.count, JOBS), -1, dtype=np.int64)
    trial, police, village = (
        specs[Tier.TRIAL],
        specs[Tier.POLICE],
        specs[Tier.VILLAGE] or specs[Tier.TOWNSHIP],
    )
    jobs = {
        Job.PETITION: place.petition.desk,
        Job.RESPONSE: police.staff if police else None,
        Job.FOLLOW_UP: village.staff if village else None,
        Job.CONFIRMATION: trial.staff if trial else None,
        Job.ENFORCEMENT: trial.staff if trial else None,
    }
    for job, staff in jobs.items():
        if staff is not None:
            desk[:, job] = pools.of_villages(staff, villages)
    return {"station": station.ravel(), "desk": desk.ravel()}


@lru_cache(maxsize=64)
def _severity_quantiles(mean: float, concentration: float) -> NDArray[np.float64]:
    """Quantiles of Beta(mean * c, (1 - mean) * c) on an even grid of probabilities, ends at 0.1 of a step."""
    grid = np.linspace(0.0, 1.0, QUANTILES)
    grid[0], grid[-1] = 0.1 / QUANTILES, 1 - 0.1 / QUANTILES
    mean = min(max(mean, 1e-3), 1 - 1e-3)
    return read_only(stats.beta.ppf(grid, mean * concentration, (1 - mean) * concentration))


def season(place: Place, first: date, days: int) -> NDArray[np.float64]:
    """Relative intensity of grievances on each day, with the Spring Festival and the yearly trend; shape (days,)."""
    spec = place.incidence
    peak, width, trend = (float(q.value) for q in (spec.festival_peak, spec.festival_days, spec.trend))
    return _season(place.window.start, first, days, peak, width, trend)


@lru_cache(maxsize=64)
def _season(
    start: date, first: date, days: int, peak: float, width: float, trend: float
) -> NDArray[np.float64]:
    """The same from plain numbers: places that share a window share it, too."""
    festivals = {y: clock.spring_festival(y) for y in range(first.year - 1, first.year + days // 365 + 3)}
    out = np.empty(days)
    for i in range(days):
        day = first + timedelta(days=i)
        distance = min(abs((day - festivals[y]).days) for y in (day.year - 1, day.year, day.year + 1))
        bump = (peak - 1.0) * math.exp(-0.5 * (distance / width) ** 2)
        out[i] = (1.0 + bump) * (1.0 + trend) ** ((day - start).days / 365.0)
    return read_only(out)


def _grievances(
    place: Place, kinds: list[KindSpec], first: date, days: int, villages: Villages
) -> dict[str, Any]:
    intensity = season(place, first, days)
    shares = np.array([k.share.value for k in kinds], dtype=float)
    concentration = float(place.character.severity_concentration.value)
    means = np.array([k.severity.value for k in kinds], dtype=float)
    kind_cum = np.cumsum(shares / shares.sum())
    kind_cum[-1] = 1.0
    arise_cum = np.concatenate([[0.0], np.cumsum(intensity)]) / intensity.sum()
    arise_cum[-1] = 1.0
    return {
        "arise_cum": arise_cum,
        "keep": np.full(KINDS, 1.0 / float(place.incidence.superset.value)),
        "kind_cum": kind_cum,
        "severity_quantiles": np.concatenate([_severity_quantiles(float(x), concentration) for x in means]),
        "severity_mean": float((shares * means).sum() / shares.sum()),
        "frailty_sd": float(place.character.frailty_sd.value),
        "departments": np.array([k.departments.value for k in kinds], dtype=float),
        "language": np.full(villages.count, float(place.population.minority_language.value)),
    }


def _round_keys(names: list[str]) -> list[int]:
    """Keys of the rounds' luck, from their names alone: a further round leaves the luck of the others as it is."""
    keys: list[int] = []
    for name in names:
        key = zlib.crc32(name.encode()) % ROUND_KEYS
        while key in keys:  # two names with one key: the later one moves on
            key = (key + 1) % ROUND_KEYS
        keys.append(key)
    return keys


def _detection(
    place: Place, kinds: list[KindSpec], specs: list[TierSpec | None], villages: Villages
) -> dict[str, Any]:
    detection = place.detection
    # By name: the number of a round keys its luck, and must not depend on the order in which files were merged.
    names = sorted(detection.rounds)
    rounds = [detection.rounds[name] for name in names]
    channels = {
        RoundChannel.SCREENING: Channel.SCREENING,
        RoundChannel.HOUSEHOLD_VISIT: Channel.HOUSEHOLD_VISIT,
        RoundChannel.POLICE_VISIT: Channel.POLICE_VISIT,
    }
    detects = np.zeros((villages.count, len(rounds)))
    for r, spec in enumerate(rounds):
        detects[villages.covered(float(spec.coverage.value)), r] = float(spec.detects.value)
    choice = detection.party_choice
    shares = [choice.village, choice.township, choice.police, choice.court, choice.petition]
    cumulative = np.cumsum([float(s.value) for s in shares])
    cumulative[-1] = 1.0
    wanted = {
        Channel.PARTY_VILLAGE: Tier.VILLAGE,
        Channel.PARTY_TOWNSHIP: Tier.TOWNSHIP,
        Channel.PARTY_POLICE: Tier.POLICE,
        Channel.PARTY_COURT: Tier.COURT_MEDIATION,
        Channel.PARTY_PETITION: Tier.TOWNSHIP,
        Channel.GRID: Tier.HAMLET,
        Channel.SCREENING: Tier.VILLAGE,
        Channel.HOUSEHOLD_VISIT: Tier.VILLAGE,
        Channel.POLICE_VISIT: Tier.VILLAGE,
        Channel.ERUPTION: Tier.POLICE,
    }
    grid = 0.0 if detection.grid_days is None else 1.0 / _days(detection.grid_days)
    return {
        "party_rate": np.array([float(k.comes_forward.value) / _days(detection.party_days) for k in kinds]),
        "party_severity": float(place.character.severity_on_coming_forward.value),
        "party_cum": cumulative,
        "grid_rate": np.full(villages.count, grid),
        "round_key": np.array(_round_keys(names), dtype=np.int64),
        "round_period": np.array([max(1, round(_days(r.every))) for r in rounds], dtype=np.int64),
        "round_jitter": np.array([float(r.irregularity.value) for r in rounds]),
        "round_detects": detects.ravel(),
        "round_channel": np.array([channels[r.channel] for r in rounds], dtype=np.int64),
        "round_tier": np.array([_present(specs, Tier[r.enters.upper()]) for r in rounds], dtype=np.int64),
        "settle_rate": 1.0 / _days(detection.self_settlement_days),
        "lump_rate": 1.0 / _days(detection.lumping_days),
        "entry_tier": np.array([_present(specs, wanted[c]) for c in Channel], dtype=np.int64),
    }


# Where a dispute goes whose tier does not exist: the next one in this order, else backwards.
_ORDER = (
    Tier.HAMLET,
    Tier.VILLAGE,
    Tier.POLICE,
    Tier.TOWNSHIP,
    Tier.COUNTY,
    Tier.COURT_MEDIATION,
    Tier.TRIAL,
    Tier.DECISION,
)


def _present(specs: list[TierSpec | None], tier: Tier) -> int:
    """The tier itself, or the nearest one above that the place has, or failing that the nearest below."""
    i = _ORDER.index(tier)
    for candidate in (*_ORDER[i:], *reversed(_ORDER[:i])):
        if specs[candidate] is not None:
            return int(candidate)
    raise ValueError("a place needs at least one tier")


def _side_events(place: Place, kinds: list[KindSpec], villages: Villages) -> dict[str, Any]:
    def by_kind(rate: float, field: str) -> NDArray[np.float64]:
        return np.array([_per_minute(rate) * float(getattr(k, field).value) for k in kinds])

    going, petition, eruption = place.going, place.petition, place.eruption
    return {
        "eruption_rate": by_kind(float(eruption.rate.value), "eruption"),
        "eruption_severity": float(place.character.severity_on_eruption.value),
        "eruption_care": float(eruption.care.value),
        "eruption_crime": float(eruption.crime.value),
        "eruption_caught": np.full(villages.count, float(eruption.interception.value)),
        "suit_rate": by_kind(float(going.suit_rate.value), "suit"),
        "petition_rate": by_kind(float(petition.rate.value), "petition"),
        "petition_repeats": float(petition.repeats.value),
        "petition_repeat_mean": _days(petition.repeat_days),
        "withdrawal_mean": _days(going.withdrawal_days),
        "withdrawal_settles": float(going.withdrawal_settles.value),
    }


def _tiers(place: Place, kinds: list[KindSpec], specs: list[TierSpec | None]) -> dict[str, Any]:
    def per_tier(read: Any, default: float = 0.0, dtype: type = float) -> NDArray[Any]:
        return np.array([default if s is None else read(s) for s in specs], dtype=dtype)

    lengths = {
        Lengths.EXPONENTIAL: LENGTH_EXPONENTIAL,
        Lengths.LOGNORMAL: LENGTH_LOGNORMAL,
        Lengths.CONSTANT: LENGTH_CONSTANT,
    }
    actions = {
        DeadlineAction.RECORD: DEADLINE_RECORD,
        DeadlineAction.RAISE: DEADLINE_RAISE,
        DeadlineAction.CLIMB: DEADLINE_CLIMB,
    }
    character = place.character
    success = np.zeros((TIERS, KINDS))
    delay = np.zeros((TIERS, KINDS))
    for t, spec in enumerate(specs):
        if spec is None:
            continue
        for k, kind in enumerate(kinds):
            success[t, k] = _logit(float(spec.success.value)) + float(kind.success.value)
            slower = float(kind.court_delay.value) if t == Tier.TRIAL else 1.0
            delay[t, k] = _days(spec.delay_days) * slower
    mean = per_tier(lambda s: float(s.session_hours.value) * 60.0, 1.0)
    cv = per_tier(lambda s: float(s.session_cv.value))
    sigma = np.sqrt(np.log1p(cv**2))
    return {
        "attempts": per_tier(lambda s: int(s.attempts.value), 1, np.int64),
        "success_logit": success.ravel(),
        "severity_on_success": float(character.severity_on_success.value),
        "delay_on_success": float(character.delay_on_success.value),
        "departments_on_success": per_tier(
            lambda s: float(character.departments_on_success.value) * (1.0 - float(s.joint.value))
        ),
        "language_on_success": per_tier(
            lambda s: (
                float(character.language_on_success.value) * (1.0 - float(s.speaks_minority_language.value))
            )
        ),
        "refuses": per_tier(lambda s: float(s.refuses.value)),
        "bypasses": per_tier(lambda s: float(s.bypasses.value)),
        "dropout": per_tier(lambda s: float(s.dropout.value)),
        "dropout_lumps": float(place.going.dropout_lumps.value),
        "length_kind": per_tier(lambda s: lengths[s.lengths], 0, np.int64),
        "length_mean": mean,
        "length_mu": np.log(mean) - sigma**2 / 2,
        "length_sigma": sigma,
        "severity_on_length": float(character.severity_on_length.value),
        "language_on_length": float(character.language_on_length.value),
        "session_more": per_tier(lambda s: 1.0 - 1.0 / float(s.sessions.value)),
        "gap_mean": per_tier(lambda s: _days(s.gap_days)),
        "rest_mean": per_tier(lambda s: _days(s.rest_days)),
        "delay_mean": delay.ravel(),
        "departments_delay_mean": per_tier(lambda s: _days(s.departments_delay_days)),
        "patience_mean": per_tier(lambda s: _days(s.patience_days)),
        "patience_climbs": per_tier(lambda s: float(s.patience_climbs.value)),
        "deadline": per_tier(lambda s: round(_days(s.deadline.days)) if s.deadline else 0, 0, np.int64),
        "deadline_action": per_tier(lambda s: actions[s.deadline.action] if s.deadline else 0, 0, np.int64),
    }


def _routes(place: Place, kinds: list[KindSpec], specs: list[TierSpec | None]) -> dict[str, Any]:
    def first(*tiers: Tier) -> int:
        return next((int(t) for t in tiers if specs[t] is not None), -1)

    climbs = np.full(TIERS, -1, dtype=np.int64)
    climbs[Tier.HAMLET] = first(Tier.VILLAGE, Tier.TOWNSHIP, Tier.COUNTY)
    climbs[Tier.VILLAGE] = first(Tier.TOWNSHIP, Tier.COUNTY)
    climbs[Tier.POLICE] = first(Tier.TOWNSHIP, Tier.COUNTY)
    climbs[Tier.TOWNSHIP] = first(Tier.COUNTY)
    climbs[Tier.COURT_MEDIATION] = first(Tier.TRIAL)
    court = first(Tier.COURT_MEDIATION, Tier.TRIAL)
    has_decision = specs[Tier.DECISION] is not None
    climbs[Tier.DECISION] = court
    decided = [has_decision and k.forum == Forum.DECISION for k in kinds]
    going = place.going
    return {
        "climbs_to": climbs,
        "county_takes_all": int(going.county_takes_all),
        "suit_tier": np.array([int(Tier.DECISION) if d else court for d in decided], dtype=np.int64),
        "exhaustion_goes": np.array(
            [float(going.applies_for_decision.value) if d else float(going.sues.value) for d in decided]
        ),
        "trial_settles": float(going.trial_settles.value),
        "trial_withdraws": float(going.trial_withdraws.value),
    }


def _agreements(place: Place) -> dict[str, Any]:
    agreement = place.agreement
    hours = {
        Job.PETITION: place.petition.hours,
        Job.RESPONSE: place.eruption.response_hours,
        Job.FOLLOW_UP: agreement.follow_up_hours,
        Job.CONFIRMATION: agreement.confirmation_hours,
        Job.ENFORCEMENT: agreement.enforcement_hours,
    }
    return {
        "confirmed": float(agreement.confirmed.value),
        "breach": float(agreement.breach.value),
        "breach_mean": _days(agreement.breach_days),
        "confirmed_breach": float(agreement.confirmed_breach.value),
        "returns": float(agreement.returns.value),
        "return_limit": int(agreement.return_limit.value),
        "follow_up": float(agreement.follow_up.value),
        "follow_up_after": max(1, round(_days(agreement.follow_up_days))),
        "follow_up_repairs": float(agreement.follow_up_repairs.value),
        "job_mean": np.array([60.0 * float(hours[j].value) if j in hours else 0.0 for j in Job]),
    }
