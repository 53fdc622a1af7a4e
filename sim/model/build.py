"""build(place) -> Model: the numbers an analyst wrote become the flat arrays that engines read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim import clock
from sim.model.plan import Plan, make_plan
from sim.model.pools import Pools, build_pools, read_only
from sim.model.rounds import present_tier, rounds_of, with_rounds
from sim.model.staffing import with_hours, with_persons
from sim.model.tables import (
    DEADLINE_CLIMB,
    DEADLINE_RAISE,
    DEADLINE_RECORD,
    FOREVER,
    JOBS,
    KINDS,
    LENGTH_CONSTANT,
    LENGTH_EXPONENTIAL,
    LENGTH_LOGNORMAL,
    QUANTILES,
    TIERS,
    Tables,
)
from sim.model.villages import Villages, build_villages
from sim.scenario.edited import edited
from sim.scenario.place import DeadlineAction, Forum, KindSpec, Lengths, Place, Recording, TierSpec
from sim.scenario.policy import Measure, practice
from sim.vocabulary import Channel, Job, Kind, Tier

MINUTES_PER_MONTH = 43_200


@dataclass(frozen=True)
class Model:
    """A place with its measures, built: `tables` for the engines, the rest for people and for reading outcomes.

    Minute 0 is midnight of `first_day`; the window of the place begins at `tables.warm_up`. Where numbers differ
    between villages or dates, `later` holds the further tables (see `variants`).
    """

    place: Place
    tables: Tables
    pools: Pools
    villages: Villages
    first_day: date
    superset: float
    plan: Plan
    recording: Recording
    later: tuple[Tables, ...] = ()

    @property
    def variants(self) -> tuple[Tables, ...]:
        """All tables, by their `number`: for each area its epochs one after the other."""
        return (self.tables, *self.later)

    @property
    def window_days(self) -> float:
        """Length of the window in days."""
        return (self.tables.horizon - self.tables.warm_up) / clock.MINUTES_PER_DAY


def build(place: Place, measures: Sequence[Measure] | None = None) -> Model:
    """Build the model of a place under some measures (default: its practice as reported). No luck enters here.

    Raises ScenarioError where measures clash, or use more of the staff than there is.
    """
    window = place.window
    warm_up_days = math.ceil(window.warm_up.value)
    first = window.start - timedelta(days=warm_up_days)
    days = warm_up_days + (window.end - window.start).days + 1
    villages = build_villages(place, days)
    plan = make_plan(place, practice(place) if measures is None else measures, villages, first, days)
    pools = with_persons(build_pools(place, first, days), plan.persons, villages)
    pools = with_hours(pools, plan.hours, villages)
    places, area, untils = _versions(place, plan, days)
    tiers = [t.name.lower() for t in Tier if t != Tier.PETITION]
    specs: list[TierSpec | None] = [
        next((s for v in places if (s := getattr(v.tiers, name)) is not None), None) for name in tiers
    ]
    common = {
        "horizon": days * clock.MINUTES_PER_DAY,
        "warm_up": warm_up_days * clock.MINUTES_PER_DAY,
        "days": days,
        "villages": villages.count,
        "area": area,
        **pools.tables(),
        **_stations(place, specs, pools, villages),
        **_seasons(place, first, days, villages),
    }
    rounds = rounds_of(places)
    variants = tuple(
        Tables(number=n, until=until, **common, **rounds.tables(version), **_numbers(version))
        for n, (version, until) in enumerate(zip(places, untils, strict=True))
    )
    recording = recorded_place(place, plan).recording
    superset = float(place.incidence.superset.value)
    return Model(place, variants[0], pools, villages, first, superset, plan, recording, variants[1:])


def _versions(place: Place, plan: Plan, days: int) -> tuple[list[Place], NDArray[np.int64], list[int]]:
    """The place as it is in each area and epoch; the number of the first version in each village; their ends.

    Versions that follow each other and are equal are one, and areas with equal versions share them: what changes
    nothing leaves no trace in the model.
    """
    versions: list[Place] = []
    untils: list[int] = []
    known: list[tuple[list[tuple[Place, int]], int]] = []
    start = np.zeros(len(plan.epochs), dtype=np.int64)
    measures = [h.measure for h in plan.measures]
    for a, epochs in enumerate(plan.epochs):
        line: list[tuple[Place, int]] = []
        for i, epoch in enumerate(epochs):
            until = epochs[i + 1].first_day * clock.MINUTES_PER_DAY if i + 1 < len(epochs) else FOREVER
            here = with_rounds(place, plan.covered_rounds[a])
            version = edited(here, [measures[j] for j in epoch.active])
            if line and line[-1][0] == version:
                line[-1] = (version, until)
            else:
                line.append((version, until))
        number = next((n for other, n in known if other == line), len(versions))
        if number == len(versions):
            known.append((line, number))
            versions += [version for version, _ in line]
            untils += [until for _, until in line]
        start[a] = number
    return versions, start[plan.area], untils


def recorded_place(place: Place, plan: Plan) -> Place:
    """The place as it keeps its records: measures that distort them count by the share of villages and days."""
    window = (place.window.end - place.window.start).days + 1
    days = max((h.last_day for h in plan.measures), default=0)
    weights = []
    for h in plan.measures:
        inside = max(0, h.last_day - max(h.first_day, days - window)) / window
        weights.append(float(h.villages.mean()) * inside)
    return edited(place, [h.measure for h in plan.measures], weights)


def _numbers(place: Place) -> dict[str, Any]:
    """The tables that may differ between areas and epochs."""
    kinds = [place.kinds[k.name.lower()] for k in Kind]
    specs: list[TierSpec | None] = [getattr(place.tiers, t.name.lower()) for t in Tier if t != Tier.PETITION]
    return {
        **_grievances(place, kinds),
        **_detection(place, kinds, specs),
        **_side_events(place, kinds),
        **_tiers(place, kinds, specs),
        **_routes(place, kinds, specs),
        **_agreements(place),
    }


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


def _seasons(place: Place, first: date, days: int, villages: Villages) -> dict[str, Any]:
    """When grievances arise, and who speaks a minority language: the same whatever is done about disputes."""
    intensity = season(place, first, days)
    arise_cum = np.concatenate([[0.0], np.cumsum(intensity)]) / intensity.sum()
    arise_cum[-1] = 1.0
    kinds = [place.kinds[k.name.lower()] for k in Kind]
    shares = np.array([k.share.value for k in kinds], dtype=float)
    kind_cum = np.cumsum(shares / shares.sum())
    kind_cum[-1] = 1.0
    return {
        "arise_cum": arise_cum,
        "kind_cum": kind_cum,
        "language": np.full(villages.count, float(place.population.minority_language.value)),
    }


def _grievances(place: Place, kinds: list[KindSpec]) -> dict[str, Any]:
    shares = np.array([k.share.value for k in kinds], dtype=float)
    concentration = float(place.character.severity_concentration.value)
    means = np.array([k.severity.value for k in kinds], dtype=float)
    superset = float(place.incidence.superset.value)
    return {
        "keep": np.array([float(k.arises.value) for k in kinds]) / superset,
        "severity_quantiles": np.concatenate([_severity_quantiles(float(x), concentration) for x in means]),
        "severity_mean": float((shares * means).sum() / shares.sum()),
        "frailty_sd": float(place.character.frailty_sd.value),
        "departments": np.array([k.departments.value for k in kinds], dtype=float),
    }


def _detection(place: Place, kinds: list[KindSpec], specs: list[TierSpec | None]) -> dict[str, Any]:
    detection = place.detection
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
        "grid_rate": grid,
        "settle_rate": 1.0 / _days(detection.self_settlement_days),
        "lump_rate": 1.0 / _days(detection.lumping_days),
        "entry_tier": np.array([present_tier(specs, wanted[c]) for c in Channel], dtype=np.int64),
    }


def _side_events(place: Place, kinds: list[KindSpec]) -> dict[str, Any]:
    def by_kind(rate: float, field: str) -> NDArray[np.float64]:
        return np.array([_per_minute(rate) * float(getattr(k, field).value) for k in kinds])

    going, petition, eruption = place.going, place.petition, place.eruption
    return {
        "eruption_rate": by_kind(float(eruption.rate.value), "eruption"),
        "eruption_severity": float(place.character.severity_on_eruption.value),
        "eruption_care": float(eruption.care.value),
        "eruption_crime": float(eruption.crime.value),
        "eruption_caught": float(eruption.interception.value),
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
