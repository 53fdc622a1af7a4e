"""From what is observed to what happens at an attempt: rates that a place gives as shares of what comes out.

Sources say which share of the disputes that the police or a court's mediators take up they resolve, and how many suits
of a kind there are. Both come out of the whole life of a dispute: severity, frailty, delay, refusals, dropout, suits
and withdrawals on the way. Here the log-odds of an attempt, and how often a kind sues, are solved for such that the
expected life (sim/model/expected_life.py) gives what is observed. So are the hours that courts and petition offices
have for villagers, where it is said how busy they are; how often a petition is repeated; and which share of petitions
is registered. It is solved for the place without mechanisms, so that a mechanism still changes it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sim.model.expected_life import ExpectedLife, Variants
from sim.model.numbers import logit, numbers
from sim.model.pools import COUNTY, STAFF_LEVEL, TOWNSHIP, VILLAGE, staff_of
from sim.model.tables import KIND_NAMES, TIER_NAMES
from sim.scenario.copies import copied, grafted, shape
from sim.scenario.place import KindSpec, Place, TierSpec
from sim.scenario.quantity import Quantity, Status
from sim.vocabulary import Tier

Floats = NDArray[np.float64]
PERSONS = 10_000.0  # of `kinds.<kind>.filed`
RATIOS = np.geomspace(0.05, 2000.0, 7)  # between kinds, at which the number of suits is looked at
LIMIT = 9.0  # of log-odds that are solved for
TURNS = 3  # passes: in each what was not settled in the one before comes up again
MOST_REPEATS = 0.95
OFFICE_DAYS = 250.0  # a year
LEAST_PART = 0.004  # of a day: two minutes


def observed(place: Place) -> Place:
    """The place with what happens in place of what is observed; the same place where nothing is."""
    specs: list[TierSpec | None] = [getattr(place.tiers, name) for name in TIER_NAMES]
    resolves = {
        t: float(s.resolves.value)
        for t, s in enumerate(specs)
        if s is not None and s.success is None and s.resolves is not None
    }
    kinds = [place.kinds[name] for name in KIND_NAMES]
    filed = {k: float(s.filed.value) for k, s in enumerate(kinds) if s.suit is None and s.filed is not None}
    busy = {name: w.busy for name, w in place.working.items() if w.busy is not None}
    petition = place.petition
    if not (resolves or filed or busy or petition.repeats is None or petition.per_1000 is not None):
        return place
    found = _Solved(place, kinds, resolves, filed)
    changes: dict[tuple[str, ...], Quantity | None] = {}
    for tier, x in found.odds.items():
        here = "tiers", TIER_NAMES[tier]
        observation = getattr(place.tiers, TIER_NAMES[tier]).resolves
        changes[*here, "success"] = _exactly(observation, "probability", float(expit(x)))
        changes[*here, "resolves"] = None
    for kind, ratio in found.ratios.items():
        here = "kinds", KIND_NAMES[kind]
        changes[*here, "suit"] = _exactly(place.kinds[KIND_NAMES[kind]].filed, "ratio", ratio)
        changes[*here, "filed"] = None
    lodged, repeats = found.petitions()
    if petition.repeats is None:
        changes["petition", "repeats"] = _exactly(petition.repeat_share, "probability", repeats)
        changes["petition", "repeat_share"] = None
    if petition.per_1000 is not None:
        share = min(1.0, float(petition.per_1000.value) / max(lodged, 1e-9))
        changes["petition", "registered"] = _exactly(petition.per_1000, "share", share)
        changes["petition", "per_1000"] = None
    for name, q in busy.items():
        working = place.working[name]
        part = found.part(name, float(q.value), lodged)
        here = "working", name
        if working.share is None:
            changes[*here, "share"] = _exactly(q, "share", part)
        else:
            changes[*here, "villagers"] = _exactly(q, "share", min(1.0, part / float(working.share.value)))
        changes[*here, "busy"] = None
    out: Place = grafted(place, shape(list(changes)), list(changes.values()))
    return out


def _exactly(q: Quantity | None, unit: str, x: float) -> Quantity:
    """What was solved for from a number, as one that is known exactly."""
    assert q is not None
    return copied(q, {"value": x, "low": x, "high": x, "unit": unit, "status": Status.DERIVED})


class _Solved:
    """Log-odds of an attempt by tier, the ratio by kind, and what the expected life says then."""

    def __init__(
        self, place: Place, kinds: list[KindSpec], resolves: dict[int, float], filed: dict[int, float]
    ) -> None:
        self.place = place
        self.variants = Variants(kinds, dict.fromkeys(filed, RATIOS))
        self.life = life = ExpectedLife(place, numbers(place), self.variants)
        for tier in resolves:
            life.without_success(tier, [float(k.success.value) for k in kinds])
        self.yearly = float(place.incidence.latent_rate.value)  # grievances per 1,000 persons
        self.odds = {tier: logit(share) for tier, share in resolves.items()}
        self.ratios = dict.fromkeys(filed, float(RATIOS[len(RATIOS) // 2]))
        for turn in range(TURNS):
            if turn:
                life.come_up_again()
            weight = self.variants.weights(self.ratios)
            for tier in life.tiers:
                if tier in resolves:
                    self.odds[tier] = _root(life, tier, weight, resolves[tier], self.odds[tier])
                life.let_through(tier, self.odds.get(tier, 0.0))
            for kind, wanted in filed.items():
                suits = self.yearly * PERSONS / 1000.0 * life.reaching(Tier.TRIAL)[self.variants.of(kind)]
                self.ratios[kind] = _ratio(suits, wanted)
        self.weight = self.variants.weights(self.ratios)

    def petitions(self) -> tuple[float, float]:
        """Petitions per 1,000 persons and year, and the chance that one is repeated.

        After a first one that somebody takes care of, there is another one if the matter is not settled there; after
        any other, if it has not resolved itself by then. With chances a and b of a second and of each further one,
        repeats are a / (1 - b + a) of all petitions.
        """
        place, life = self.place, self.life
        petition = place.petition
        gap = float(petition.repeat_days.value)
        settled = life.settles(self.weight)
        cared, alone = life.petitioned(self.weight)
        later = 1.0 / (1.0 + gap / float(place.unresolved.resolves_days.value))
        second = (cared * (1.0 - settled) + alone) / max(cared + alone, 1e-300) * later
        if petition.repeats is None:
            assert petition.repeat_share is not None
            share = float(petition.repeat_share.value)
            repeats = min(MOST_REPEATS, share / (second * (1.0 - share) + later * share))
        else:
            repeats = float(petition.repeats.value)
        first = self.yearly * (cared + alone)
        return first * (1.0 + repeats * second / max(1.0 - repeats * later, 0.05)), repeats

    def part(self, staff: str, busy: float, petitions: float) -> float:
        """The share of a staff group's hours that keeps it busy with what is expected to come; at most 1.

        `petitions` per 1,000 persons and year.
        """
        place, thousands = self.place, float(self.place.population.persons.value) / 1000.0
        mine = [t for t in self.life.tiers if getattr(place.tiers, TIER_NAMES[t]).staff == staff]
        minutes = self.yearly * sum(float(self.life.worked[t] @ self.weight) for t in mine)
        if place.petition.desk == staff:
            minutes += petitions * 60.0 * float(place.petition.hours.value)
        working = place.working[staff]
        calendar = place.calendars[working.calendar]
        days = 365.0 if calendar.weekends else OFFICE_DAYS
        units = {
            VILLAGE: float(place.villages.count.value),
            TOWNSHIP: float(place.townships.count.value),
            COUNTY: 1.0,
        }
        persons = staff_of(place)[staff] * units[STAFF_LEVEL[staff]]
        have = busy * float(working.hours.value) * 60.0 * days * persons
        return min(1.0, max(minutes * thousands / max(have, 1e-9), LEAST_PART))


def _ratio(found: Floats, wanted: float) -> float:
    """The ratio at which so many suits are filed, from what is found at RATIOS.

    As the hazard of suing grows, the share that sues grows towards a limit, c r / (1 + c r) of it: its log-odds are
    nearly linear in log r. The last ratio where nobody could file so many.
    """
    most = found[-1] * (1.0 + 1.0 / RATIOS[-1])
    if wanted >= found[-1] or most <= 0.0:
        return float(RATIOS[-1])
    odds = [logit(x / most) for x in np.maximum.accumulate(found)]
    return math.exp(np.interp(logit(wanted / most), odds, np.log(RATIOS)))


def _root(life: ExpectedLife, tier: int, weight: Floats, share: float, start: float) -> float:
    """The log-odds of attempts at which this share of what a tier takes up is settled there (secant method).

    At most `LIMIT`, where nobody could resolve so many.
    """
    wanted, found = logit(share), life.resolved(tier, weight)

    def at(x: float) -> float:
        return logit(found(x)) - wanted

    a, b = start, min(start + 0.5, LIMIT)
    fa, fb = at(a), at(b)
    for _ in range(6):
        if abs(fb) < 1e-4 or abs(fb - fa) < 1e-9:
            break
        a, b, fa = b, min(max(b - fb * (b - a) / (fb - fa), -LIMIT), LIMIT), fb
        fb = at(b)
    return b
