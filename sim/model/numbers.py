"""The tables that may differ between areas and epochs: what an analyst wrote, per minute and as arrays."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim import clock
from sim.model.rounds import present_tier
from sim.model.tables import (
    DEADLINE_CLIMB,
    DEADLINE_RAISE,
    DEADLINE_RECORD,
    KIND_NAMES,
    KINDS,
    LENGTH_CONSTANT,
    LENGTH_EXPONENTIAL,
    LENGTH_LOGNORMAL,
    QUANTILES,
    TIER_NAMES,
    TIERS,
    read_only,
)
from sim.scenario.place import DeadlineAction, Forum, KindSpec, Lengths, Place, TierSpec
from sim.vocabulary import Channel, Job, Tier


def numbers(place: Place) -> dict[str, Any]:
    """The tables that may differ between areas and epochs."""
    kinds = [place.kinds[name] for name in KIND_NAMES]
    specs: list[TierSpec | None] = [getattr(place.tiers, name) for name in TIER_NAMES]
    return {
        **_grievances(place, kinds),
        **_detection(place, kinds, specs),
        **_side_events(place, kinds),
        **_tiers(place, kinds, specs),
        **_routes(place, kinds, specs),
        **_agreements(place),
        **_afterwards(place),
    }


def _per_minute(per_year: float) -> float:
    return per_year / clock.MINUTES_PER_YEAR


def _days(x: Any) -> float:
    return 0.0 if x is None else float(x.value) * clock.MINUTES_PER_DAY


def logit(p: float) -> float:
    p = min(max(p, 1e-12), 1 - 1e-12)
    return math.log(p / (1 - p))


# Probabilities of a quantile table: evenly spaced, the ends at 0.1 of a step.
_GRID = np.linspace(0.0, 1.0, QUANTILES)
_GRID[0], _GRID[-1] = 0.1 / QUANTILES, 1 - 0.1 / QUANTILES
# Of these, few are solved for; between them the log-odds of a quantile are a cubic of those of its probability.
_NODES = 33
_AT = special.logit(_GRID)
_NODE_AT = np.linspace(_AT[0], _AT[-1], _NODES)
_NODE = special.expit(_NODE_AT)
_STEP = _NODE_AT[1] - _NODE_AT[0]
_LEFT = np.minimum(((_AT - _AT[0]) / _STEP).astype(np.int64), _NODES - 2)
_T = (_AT - _NODE_AT[_LEFT]) / _STEP
# Hermite's basis: weights of the values and of the slopes at both nodes.
_VALUES = np.stack([(1 + 2 * _T) * (1 - _T) ** 2, _T**2 * (3 - 2 * _T)])
_SLOPES = np.stack([_T * (1 - _T) ** 2, _T**2 * (_T - 1)]) * _STEP
_LEAST_SHAPE = 0.3  # of a Beta: below it quantiles come too near to 0 or 1


@lru_cache(maxsize=4096)  # 8 MiB: policies that are simulated one after the other share the draws
def severity_quantiles(mean: float, concentration: float) -> NDArray[np.float64]:
    """Quantiles of Beta(mean * c, (1 - mean) * c), shape (QUANTILES,), to within 1e-5.

    To solve for each of them took a sixth of a calibration.
    """
    mean = min(max(mean, 1e-3), 1 - 1e-3)
    a, b = mean * concentration, (1 - mean) * concentration
    if min(a, b) < _LEAST_SHAPE:
        return read_only(special.betaincinv(a, b, _GRID))
    x = special.betaincinv(a, b, _NODE)
    odds = np.log(x / (1.0 - x))
    # d logit(x) / d logit(u) = u (1 - u) / (x (1 - x) density(x))
    log_density = (a - 1.0) * np.log(x) + (b - 1.0) * np.log1p(-x) - special.betaln(a, b)
    slopes = _NODE * (1.0 - _NODE) / (x * (1.0 - x)) * np.exp(-log_density)
    between = _VALUES[0] * odds[_LEFT] + _VALUES[1] * odds[_LEFT + 1]
    between += _SLOPES[0] * slopes[_LEFT] + _SLOPES[1] * slopes[_LEFT + 1]
    return read_only(special.expit(between))


def _grievances(place: Place, kinds: list[KindSpec]) -> dict[str, Any]:
    shares = np.array([k.share.value for k in kinds], dtype=float)
    concentration = float(place.character.severity_concentration.value)
    means = np.array([k.severity.value for k in kinds], dtype=float)
    superset = float(place.incidence.superset.value)
    return {
        "keep": np.array([float(k.arises.value) for k in kinds]) / superset,
        "severity_quantiles": np.concatenate([severity_quantiles(float(x), concentration) for x in means]),
        "severity_mean": float((shares * means).sum() / shares.sum()),
        "frailty_sd": float(place.character.frailty_sd.value),
        "departments": np.array([k.departments.value for k in kinds], dtype=float),
    }


def _detection(place: Place, kinds: list[KindSpec], specs: list[TierSpec | None]) -> dict[str, Any]:
    detection = place.detection
    turns = party_turns(place, kinds)
    cumulative = np.cumsum(turns / turns.sum(axis=1, keepdims=True), axis=1)
    cumulative[:, -1] = 1.0
    comes = np.array([float(k.comes_forward.value) for k in kinds])
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
        "party_rate": comes * turns.sum(axis=1) / _days(detection.party_days),
        "party_severity": float(place.character.severity_on_coming_forward.value),
        "party_cum": cumulative.ravel(),
        "grid_rate": grid,
        "settle_rate": 1.0 / _days(detection.self_settlement_days),
        "lump_rate": 1.0 / _days(detection.lumping_days),
        "entry_tier": np.array([present_tier(specs, wanted[c]) for c in Channel], dtype=np.int64),
    }


def party_turns(place: Place, kinds: list[KindSpec]) -> NDArray[np.float64]:
    """How often the parties of each kind turn to each of the five channels, shape (kinds, channels).

    Competing hazards: for a kind whose ratios are 1 the shares of `detection.party_choice`, which add up to 1. A kind
    that sues or petitions more often does so by itself too, not only when it is open; it goes nowhere else less often.
    """
    choice = place.detection.party_choice
    shares = [choice.village, choice.township, choice.police, choice.court, choice.petition]
    turns = np.tile([float(s.value) for s in shares], (len(kinds), 1))
    turns[:, int(Channel.PARTY_COURT)] *= [_suit(k) for k in kinds]
    turns[:, int(Channel.PARTY_PETITION)] *= [float(k.petition.value) for k in kinds]
    return turns


def _suit(kind: KindSpec) -> float:
    """How often a kind sues; where the number of its suits is given instead, see sim/model/observed.py."""
    return 1.0 if kind.suit is None else float(kind.suit.value)


def times_odds(p: float, ratio: float) -> float:
    """A probability whose odds are multiplied."""
    return 0.0 if ratio <= 0.0 else p * ratio / (1.0 - p + p * ratio)


def _side_events(place: Place, kinds: list[KindSpec]) -> dict[str, Any]:
    def by_kind(rate: float, field: str) -> NDArray[np.float64]:
        return np.array([_per_minute(rate) * float(getattr(k, field).value) for k in kinds])

    suits = np.array([_suit(k) for k in kinds])

    going, petition, eruption = place.going, place.petition, place.eruption
    return {
        "eruption_rate": by_kind(float(eruption.rate.value), "eruption"),
        "eruption_severity": float(place.character.severity_on_eruption.value),
        "eruption_care": float(eruption.care.value),
        "eruption_crime": float(eruption.crime.value),
        "eruption_caught": float(eruption.interception.value),
        "suit_rate": _per_minute(float(going.suit_rate.value)) * suits,
        "petition_rate": by_kind(float(petition.rate.value), "petition"),
        "petition_repeats": 0.0 if petition.repeats is None else float(petition.repeats.value),
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
    kind_success = np.array([k.success.value for k in kinds], dtype=float)
    court_delay = np.array([k.court_delay.value for k in kinds], dtype=float)
    success = np.zeros((TIERS, KINDS))
    delay = np.zeros((TIERS, KINDS))
    for t, spec in enumerate(specs):
        if spec is None:
            continue
        attempt = 0.0 if spec.success is None else logit(float(spec.success.value))
        success[t] = attempt + kind_success
        delay[t] = _days(spec.delay_days) * (court_delay if t == Tier.TRIAL else 1.0)
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
            [
                times_odds(float((going.applies_for_decision if d else going.sues).value), _suit(k))
                for k, d in zip(kinds, decided, strict=True)
            ]
        ),
        "trial_settles": float(going.trial_settles.value),
        "trial_withdraws": float(going.trial_withdraws.value),
    }


def _afterwards(place: Place) -> dict[str, Any]:
    judgment, unresolved = place.judgment, place.unresolved
    return {
        "appealed": float(judgment.appealed.value),
        "appeal_mean": _days(judgment.appeal_days),
        "enforced": float(judgment.enforced.value),
        "judged_against_will": float(judgment.against_will.value),
        "decided_against_will": float(judgment.decision_against_will.value),
        "revival_rate": _per_minute(float(unresolved.revival.value)),
        "residual_eruption": float(unresolved.eruption.value),
        "residual_petition": float(unresolved.petition.value),
        "fade_mean": _days(unresolved.fades_days),
        "resolution_rate": 1.0 / _days(unresolved.resolves_days),
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
