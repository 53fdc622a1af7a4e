"""Parameters that the ledger identifies only together with priors, which are held at their central values.

The number of grievances, the mix of kinds, and suits and petitions by kind need the share that becomes known or the
ratios between kinds; the success of an attempt needs what disputes are like. `given` says which.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from sim.export.activities import (
    BYPASSED,
    ENDS,
    FAILED,
    KNOWN,
    PASSED,
    PETITION,
    REFUSED,
    RENEGED,
    STAGES,
    SUIT,
)
from sim.language import Message
from sim.ledger.arrivals import EXACT, Arrivals
from sim.ledger.estimate import Estimate
from sim.ledger.known import Known
from sim.ledger.ledger import KINDS, Ledger
from sim.ledger.parameters import LOW, TRIALS, openings, path_of
from sim.ledger.spans import Stay
from sim.model.build import season
from sim.model.numbers import numbers
from sim.model.observed import observed
from sim.scenario.place import Place
from sim.statistics.rates import poisson_interval, share_interval
from sim.vocabulary import End, Tier

_REASONS = frozenset([FAILED, REFUSED, BYPASSED, RENEGED, SUIT, "time limit passed"])
MOST_REASONS = 0.9  # share of the moves that must have a reason
YEAR = 525_600.0
NODES = 21  # of the integral over frailty
BELOW_COURT = tuple(STAGES[t] for t in Tier if t <= Tier.COUNTY)
DETECTION = Message("detection.*, eruption.rate (share that becomes known)")
CHARACTER = Message("character.*, kinds.*.success, kinds.*.departments (what disputes are like)")


def derived(
    ledger: Ledger, stays: Sequence[Stay], found: Arrivals, place: Place, shares: Known
) -> list[Estimate]:
    """All of them, as far as the ledger goes. `place` has the priors, and the people and villages of this place."""
    place = observed(place)
    return [
        *_grievances(found, place, shares),
        *_kinds(found, shares),
        *_clock(ledger, stays, place, SUIT, "going.suit_rate", "suit"),
        *_clock(ledger, stays, place, PETITION, "petition.rate", "petition"),
        *(_success(ledger, stays, place, shares) if notes_failures(ledger) else ()),
    ]


def moves(ledger: Ledger) -> tuple[int, int]:
    """Of the moves from one stage to the next, how many have a reason that the log notes, and how many there are."""
    told = total = 0
    for case in ledger.cases:
        seen = False
        for event in case.events:
            if event.what in _REASONS:
                seen = True
            elif event.what == PASSED.strip():
                total += 1
                told += seen
                seen = False
    return told, total


def notes_failures(ledger: Ledger) -> bool:
    """Whether a log tells of attempts that failed, so that those that succeeded can be compared with them.

    It does if it has such events, and if nearly all moves to the next stage have a reason. Else a rate of success made
    of it would be that of a world where nobody writes down what failed: 1.
    """
    told, total = moves(ledger)
    any_failed = any(e.what == FAILED for c in ledger.cases for e in c.events)
    return any_failed and told >= MOST_REASONS * total


def _grievances(found: Arrivals, place: Place, shares: Known) -> Iterator[Estimate]:
    if not found.total:
        return
    if found.sized:
        per_head = found.rate
    else:
        per_head_of = len(found.counts) / float(place.population.persons.value)
        per_head = tuple(x * per_head_of for x in found.rate)  # type: ignore[assignment]
    window = _season_of_window(place)
    value, low, high = (1000.0 * x / shares.share / window for x in per_head)
    path, unit = "incidence.latent_rate", "per 1,000 persons per year"
    method = Message("known arrivals / share that becomes known")
    held = [DETECTION, "incidence.festival_*", *([] if found.sized else ["population.persons"])]
    given = Message("{list}", list=held)
    yield Estimate("parameters", path, value, low, high, unit, found.total, method, path, given)
    if len(found.counts) < 5 or found.total < TRIALS:
        return
    spread = 0.0 if found.sized else float(place.villages.size_cv.value) ** 2
    c, below, above = ((1.0 + x) / (1.0 + spread) - 1.0 for x in found.inequality)
    value, low, high = (min(1e4, 1.0 / max(x, 1e-4)) for x in (c, above, below))
    path = "incidence.village_dispersion"
    given = Message("{list}", list=[] if found.sized else ["villages.size_cv"])
    method = Message("negative binomial, profile likelihood")
    yield Estimate("parameters", path, value, low, high, "ratio", len(found.counts), method, path, given)


def _season_of_window(place: Place) -> float:
    """Intensity of grievances in the window over that in the whole run, of which the latent rate is the mean."""
    warm_up = math.ceil(place.window.warm_up.value)
    first = place.window.start - timedelta(days=warm_up)
    intensity = season(place, first, warm_up + (place.window.end - place.window.start).days + 1)
    return float(intensity[warm_up:].mean() / intensity.mean())


def _kinds(found: Arrivals, shares: Known) -> Iterator[Estimate]:
    total = sum(found.by_kind.values())
    if total < TRIALS:
        return
    factor = shares.by_kind
    seen = np.array([found.by_kind[k] for k in KINDS]) / total
    scale = 1.0 / float((seen / factor).sum())
    for kind, part, known in zip(KINDS, seen.tolist(), factor.tolist(), strict=True):
        low, high = share_interval(found.by_kind[kind], total)
        path = f"kinds.{kind}.share"
        value, low, high = (min(1.0, x * scale / known) for x in (part, low, high))
        yield Estimate(
            "parameters", path, value, low, high, "share", total, Message("Jeffreys"), path, DETECTION
        )


def _clock(
    ledger: Ledger, stays: Sequence[Stay], place: Place, what: str, path: str, ratio: str
) -> Iterator[Estimate]:
    """A clock that runs while a dispute is open, at a rate of its kind: events over time at risk, weighted by kind.

    Suits run until the dispute reaches a court or is decided, petitions until the first; one by which it became known
    is not of this clock.
    """
    if not any(e.what == what for c in ledger.cases for e in c.events):
        return
    ratios = {k: float(getattr(place.kinds[k], ratio).value) for k in KINDS}
    weights = {k: float(place.kinds[k].share.value) for k in KINDS}
    average = sum(ratios[k] * weights[k] for k in KINDS) / sum(weights.values())
    at_risk, events = 0.0, 0
    lodged: set[str] = set()
    for line in openings(stays):
        case = line[0].case
        begin, end = line[0].start, line[-1].end
        if what == SUIT:
            low = [s for s in line if s.stage in BELOW_COURT]
            if not low or low[0] is not line[0]:
                continue
            end = low[-1].end
        elif case.name in lodged:
            continue
        first = next((e for s in line for e in s.events if e.what == what and begin <= e.minute <= end), None)
        if first is not None:
            lodged.add(case.name)
            if what == PETITION and line[0].arrival == KNOWN and first.minute == begin:
                continue
            events += 1
            end = first.minute
        at_risk += (end - begin) * ratios.get(case.kind, average)
    if at_risk <= 0 or events < 1:
        return
    years = at_risk / YEAR
    low_n, high_n = poisson_interval(events)
    given = Message("kinds.*.{ratio} (ratios between kinds)", ratio=ratio)
    yield Estimate(
        *("parameters", path, events / years, low_n / years, high_n / years, "per year", events),
        *(EXACT, path, given),
    )


def _success(ledger: Ledger, stays: Sequence[Stay], place: Place, shares: Known) -> Iterator[Estimate]:
    """The first attempt on disputes that enter at a stage: those from elsewhere are harder than others."""
    settled = ENDS[End.SETTLED]
    for stage in (*LOW, STAGES[Tier.TOWNSHIP]):
        tier = next(t for t, name in STAGES.items() if name == stage)
        ages: dict[str, list[float]] = {}
        hits = Counter[str]()
        for stay in stays:
            if stay.stage != stage or stay.arrival != KNOWN:
                continue
            first = next((e for e in stay.events if e.what == FAILED), None)
            if first is None and stay.to != settled:
                continue  # not tried to the end
            ages.setdefault(stay.case.kind, []).append(
                math.log1p(((first.minute if first else stay.end) - stay.start) / 43_200.0)
            )
            hits[stay.case.kind] += first is None
        n = sum(map(len, ages.values()))
        spec = getattr(place.tiers, tier.name.lower())
        if n < TRIALS or spec is None:
            continue
        mean = _MeanSuccess(place, shares, tier, {k: (len(a), float(np.mean(a))) for k, a in ages.items()})
        x = hits.total()
        low, high = share_interval(x, n)
        values = [mean.solve(p) for p in (x / n, low, high)]
        path = path_of(stage, "success")
        note = Message("{x} of {n} first attempts succeeded", x=x, n=n)
        yield Estimate(
            *(
                "parameters",
                path,
                values[0],
                values[1],
                values[2],
                "share",
                n,
                Message("Jeffreys, integrated"),
            ),
            *(path, CHARACTER, note),
        )


class _MeanSuccess:
    """The expected share of first attempts that succeed, as a function of the success of the average dispute."""

    def __init__(self, place: Place, shares: Known, tier: Tier, cases: dict[str, tuple[int, float]]) -> None:
        m = numbers(place)
        spread, nodes = float(m["frailty_sd"]), np.polynomial.hermite_e.hermegauss(NODES)
        language = float(place.population.minority_language.value)
        parts: list[NDArray[np.float64]] = []
        weights: list[NDArray[np.float64]] = []
        total = sum(n for n, _ in cases.values())
        mix = shares.shares * shares.entry[tier].mean(axis=1)
        for kind, (n, age) in cases.items():
            of = [KINDS.index(kind)] if kind else range(len(KINDS))
            for k in of:
                entering = shares.entry[tier][k]
                share_of_kind = 1.0 if kind else float(mix[k] / mix.sum())
                base = float(place.kinds[KINDS[k]].success.value) + m["delay_on_success"] * age
                base = base + m["severity_on_success"] * (shares.severity[k] - m["severity_mean"])
                for several, p in ((0.0, 1 - m["departments"][k]), (1.0, m["departments"][k])):
                    for other, q in ((0.0, 1 - language), (1.0, language)):
                        shift = several * m["departments_on_success"][tier]
                        shift = shift + other * m["language_on_success"][tier]
                        weight = entering / entering.sum() * p * q * share_of_kind * n / total
                        parts.append((base + shift)[:, None] + spread * nodes[0][None, :])
                        weights.append(weight[:, None] * (nodes[1] / nodes[1].sum())[None, :])
        self._logits, self._weights = np.concatenate(parts), np.concatenate(weights)

    def at(self, logit: float) -> float:
        return float((special.expit(self._logits + logit) * self._weights).sum())

    def solve(self, target: float) -> float:
        """The success of the average dispute at which a share of `target` is expected."""
        if target <= self.at(-20.0):
            return 0.0
        if target >= self.at(20.0):
            return 1.0
        return float(special.expit(optimize.brentq(lambda x: self.at(x) - target, -20.0, 20.0)))
