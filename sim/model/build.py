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

from sim import clock
from sim.language import Message
from sim.model.numbers import numbers
from sim.model.observed import observed
from sim.model.plan import Plan, make_plan
from sim.model.pools import Pools, build_pools
from sim.model.rounds import rounds_of, with_rounds
from sim.model.staffing import with_hours, with_persons
from sim.model.tables import (
    FOREVER,
    JOBS,
    KIND_NAMES,
    TIER_NAMES,
    TIERS,
    Tables,
    read_only,
)
from sim.model.villages import Villages, build_villages
from sim.scenario.copies import copied
from sim.scenario.edited import edited, edits_of
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.mechanisms.effects import Edits
from sim.scenario.place import Place, Recording, TierSpec
from sim.scenario.policy import Measure, practice
from sim.vocabulary import Job, Tier

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
    registered: float = 1.0  # share of petitions that is counted

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

    What is observed of the place is solved for without measures (sim/model/observed.py).

    Raises ScenarioError where measures clash, or use more of the staff than there is.
    """
    window = place.window
    warm_up_days = math.ceil(window.warm_up.value)
    first = window.start - timedelta(days=warm_up_days)
    days = warm_up_days + (window.end - window.start).days + 1
    villages = build_villages(place, days)
    plan = make_plan(place, practice(place) if measures is None else measures, villages, first, days)
    given, place = place, observed(place)
    pools = with_persons(build_pools(place, first, days), plan.persons, villages)
    taken = [use for use in plan.hours if not use.sent and given.working[use.staff].busy is None]
    pools = with_hours(pools, taken, villages)
    edits = edits_of(place, [h.measure for h in plan.measures])
    places, area, untils = _versions(place, plan, days, edits)
    common = {
        "horizon": days * clock.MINUTES_PER_DAY,
        "warm_up": warm_up_days * clock.MINUTES_PER_DAY,
        "days": days,
        "villages": villages.count,
        "area": area,
        **pools.tables(),
        **_stations(place, places, area, untils, pools, villages),
        **_seasons(place, first, days, villages),
    }
    rounds = rounds_of(places)
    variants = tuple(
        Tables(number=n, until=until, **common, **rounds.tables(version), **numbers(version))
        for n, (version, until) in enumerate(zip(places, untils, strict=True))
    )
    recording = recording_of(place, plan, edits)
    superset = float(place.incidence.superset.value)
    counted = place.petition.registered
    return Model(
        given,
        variants[0],
        pools,
        villages,
        first,
        superset,
        plan,
        recording,
        variants[1:],
        1.0 if counted is None else float(counted.value),
    )


def _versions(
    place: Place, plan: Plan, days: int, edits: Sequence[Edits]
) -> tuple[list[Place], NDArray[np.int64], list[int]]:
    """The place as it is in each area and epoch; the number of the first version in each village; their ends.

    Versions that follow each other and are equal are one, and areas with equal versions share them: what changes
    nothing leaves no trace in the model.
    """
    versions: list[Place] = []
    untils: list[int] = []
    known: list[tuple[list[tuple[Place, int]], int]] = []
    start = np.zeros(len(plan.epochs), dtype=np.int64)
    measures = [h.measure for h in plan.measures]
    places = {frozenset(place.detection.rounds): (place, edits)}  # by the rounds of its own that are held
    for a, epochs in enumerate(plan.epochs):
        line: list[tuple[Place, int]] = []
        held = plan.covered_rounds[a]
        if held not in places:
            fewer = with_rounds(place, held)
            places[held] = fewer, edits_of(fewer, measures)
        here, own = places[held]
        for i, epoch in enumerate(epochs):
            until = epochs[i + 1].first_day * clock.MINUTES_PER_DAY if i + 1 < len(epochs) else FOREVER
            active = [_as_learnt(measures[j], x) for j, x in zip(epoch.active, epoch.learnt, strict=True)]
            version = edited(here, active, edits=[own[j] for j in epoch.active])
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


def _as_learnt(measure: Measure, share: float) -> Measure:
    """The measure with a share of its effect."""
    return measure if share == 1.0 else copied(measure, {"effect": measure.effect * share})


def recording_of(place: Place, plan: Plan, edits: Sequence[Edits]) -> Recording:
    """How the place keeps its records: measures that distort them count by the share of villages and days."""
    window = (place.window.end - place.window.start).days + 1
    days = max((h.last_day for h in plan.measures), default=0)
    weights = []
    for h in plan.measures:
        inside = max(0, h.last_day - max(h.first_day, days - window)) / window
        weights.append(float(h.villages.mean()) * inside)
    return edited(place, [h.measure for h in plan.measures], weights, edits, "recording").recording


def _stations(
    place: Place,
    versions: list[Place],
    area: NDArray[np.int64],
    untils: list[int],
    pools: Pools,
    villages: Villages,
) -> dict[str, Any]:
    """Which pool serves each tier, and each side job, of each village.

    A village has the tiers that any version of it has; where its petitions are received is decided by the first, so
    that no desk moves on a date.
    """
    station = np.full((villages.count, TIERS), -1, dtype=np.int64)
    desk = np.full((villages.count, JOBS), -1, dtype=np.int64)
    serving = {staff: pools.of_villages(staff, villages) for staff in pools.groups}
    for first in np.unique(area).tolist():
        here = area == first
        line = versions[first : 1 + next(n for n in range(first, len(untils)) if untils[n] == FOREVER)]
        specs = [next((s for v in line if (s := _tier(v, t)) is not None), None) for t in range(TIERS)]
        for tier, spec in enumerate(specs):
            if spec is not None:
                station[here, tier] = serving[spec.staff][here]
        for job, staff in _desks(specs, line[0]).items():
            if staff is not None:
                desk[here, job] = serving[staff][here]
    _refuse_nobody(place, station, pools)
    return {"station": station.ravel(), "desk": desk.ravel()}


def _tier(place: Place, tier: int) -> TierSpec | None:
    found: TierSpec | None = getattr(place.tiers, TIER_NAMES[tier])
    return found


def _desks(specs: Sequence[TierSpec | None], place: Place) -> dict[Job, str | None]:
    """The staff group of each side job."""
    trial, police, village = (
        specs[Tier.TRIAL],
        specs[Tier.POLICE],
        specs[Tier.VILLAGE] or specs[Tier.TOWNSHIP],
    )
    return {
        Job.PETITION: place.petition.desk,
        Job.RESPONSE: police.staff if police else None,
        Job.FOLLOW_UP: village.staff if village else None,
        Job.CONFIRMATION: trial.staff if trial else None,
        Job.ENFORCEMENT: trial.staff if trial else None,
    }


def _refuse_nobody(place: Place, station: NDArray[np.int64], pools: Pools) -> None:
    """Raise ScenarioError for a tier that a mechanism brings, but nobody who works there, now or later."""
    most = pools.servers.copy()
    for _, pool, servers in pools.changes:
        most[pool] = max(int(most[pool]), servers)
    for tier in range(TIERS):
        if _tier(place, tier) is not None:
            continue  # of tiers that the place has itself, the checks of the scenario have made sure
        used = np.unique(station[:, tier])
        used = used[used >= 0]
        if len(used) and int(most[used].min()) < 1:
            name = TIER_NAMES[tier]
            problem = Message("the tier {name} has nobody in some of its units", name=name)
            remedy = Message("Add staff, or a mechanism that brings them.")
            raise ScenarioError([Fault(place.name, 0, f"tiers.{name}", problem, remedy)])


def season(place: Place, first: date, days: int) -> NDArray[np.float64]:
    """Relative intensity of grievances on each day, with the Spring Festival and the yearly trend; shape (days,)."""
    spec = place.incidence
    peak, width, trend = (float(q.value) for q in (spec.festival_peak, spec.festival_days, spec.trend))
    away = _from_festival(first, days)
    # By the days from the festival, of which there are few, and with the exponential of `math`, not of numpy: on some
    # processors they differ in the last bit, and a model must not.
    bump = [(peak - 1.0) * math.exp(-0.5 * (d / width) ** 2) for d in range(int(away.max()) + 1)]
    return (1.0 + np.array(bump))[away] * _growth(place.window.start, first, days, trend)


@lru_cache(maxsize=256)
def _from_festival(first: date, days: int) -> NDArray[np.int64]:
    """Days between each day and the nearest Spring Festival, before or after."""
    every = [
        clock.spring_festival(y).toordinal() for y in range(first.year - 1, first.year + days // 365 + 3)
    ]
    run = first.toordinal() + np.arange(days)
    return read_only(np.abs(run[:, np.newaxis] - np.array(every)).min(axis=1))


@lru_cache(maxsize=256)
def _growth(start: date, first: date, days: int, trend: float) -> NDArray[np.float64]:
    """The yearly trend on each day, 1 at the start of the window."""
    begun = (first - start).days
    return read_only(np.array([(1.0 + trend) ** ((begun + i) / 365.0) for i in range(days)]))


def _seasons(place: Place, first: date, days: int, villages: Villages) -> dict[str, Any]:
    """When grievances arise, and who speaks a minority language: the same whatever is done about disputes."""
    intensity = season(place, first, days)
    arise_cum = np.concatenate([[0.0], np.cumsum(intensity)]) / intensity.sum()
    arise_cum[-1] = 1.0
    kinds = [place.kinds[name] for name in KIND_NAMES]
    shares = np.array([k.share.value for k in kinds], dtype=float)
    kind_cum = np.cumsum(shares / shares.sum())
    kind_cum[-1] = 1.0
    return {
        "arise_cum": arise_cum,
        "kind_cum": kind_cum,
        "language": np.full(villages.count, float(place.population.minority_language.value)),
    }
