"""What becomes of grievances on average: a flow through the tiers, in cells of kind, departments, severity and frailty.

Shapes: tiers t, kinds k (variants of a kind count as kinds, see `Variants`), departments 2 (none, several), and nodes n
of severity and frailty. Queues, nights, breaches, and eruptions of open disputes are left out; tests compare the rest
with simulations. What nobody settles comes up again in the next pass (`come_up_again`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sim.clock import MINUTES_PER_DAY
from sim.model.numbers import party_turns, times_odds
from sim.model.pools import staff_of, whole_days
from sim.model.rounds import rounds_of
from sim.model.tables import DEADLINE_CLIMB, KIND_NAMES, KINDS, QUANTILES, TIER_NAMES, TIERS, read_only
from sim.scenario.place import KindSpec, Place
from sim.vocabulary import Channel, Job, Tier

Floats = NDArray[np.float64]
SEVERITIES, FRAILTIES = 4, 5
MONTH = 43_200.0  # minutes
BELOW_COURT = np.arange(TIERS) <= Tier.COUNTY


@lru_cache(maxsize=4)
def _normal(n: int) -> tuple[Floats, Floats]:
    """Nodes and weights of the normal distribution (Gauss and Hermite)."""
    x, w = np.polynomial.hermite_e.hermegauss(n)
    return read_only(x), read_only(w / w.sum())


class Variants:
    """Kinds, some of which are looked at with several ratios of suing: each of these counts as a kind of its own."""

    def __init__(self, kinds: Sequence[KindSpec], ratios: dict[int, Floats]) -> None:
        self.kind: list[int] = []
        self.ratio: list[float] = []
        self._places: dict[int, slice] = {}
        for k, spec in enumerate(kinds):
            own = [1.0 if spec.suit is None else float(spec.suit.value)] if k not in ratios else ratios[k]
            self._places[k] = slice(len(self.kind), len(self.kind) + len(own))
            self.kind += [k] * len(own)
            self.ratio += [float(r) for r in own]
        self._of = dict(ratios)

    def of(self, kind: int) -> slice:
        """Where the variants of a kind stand."""
        return self._places[kind]

    def weights(self, at: dict[int, float]) -> Floats:
        """How much each variant counts when kinds have these ratios: two neighbours share what lies between them."""
        out = np.ones(len(self.kind))
        for kind, ratio in at.items():
            grid, x = np.log(self._of[kind]), math.log(ratio)
            i = min(max(int(np.searchsorted(grid, x)) - 1, 0), len(grid) - 2)
            share = min(max((x - grid[i]) / (grid[i + 1] - grid[i]), 0.0), 1.0)
            mine = out[self._places[kind]]
            mine[:] = 0.0
            mine[i], mine[i + 1] = 1.0 - share, share
        return out


class ExpectedLife:
    """The flow of a place. Go through `tiers` in their order with `let_through`."""

    def __init__(self, place: Place, m: dict[str, Any], variants: Variants) -> None:
        self.m = m
        self.kind = np.array(variants.kind)
        ratio = np.array(variants.ratio)
        kinds = [place.kinds[name] for name in KIND_NAMES]
        written = np.array([1.0 if k.suit is None else float(k.suit.value) for k in kinds])
        changed = ratio / np.where(written > 0.0, written, 1.0)[self.kind]
        self.suits = m["suit_rate"][self.kind] * changed
        self.goes = np.array(
            [
                times_odds(p, r)
                for p, r in zip(m["exhaustion_goes"][self.kind].tolist(), changed.tolist(), strict=True)
            ]
        )
        turns = party_turns(place, kinds)
        by_turn = (m["party_rate"] / turns.sum(axis=1))[self.kind]
        turns = turns[self.kind]
        turns[:, Channel.PARTY_COURT] *= changed
        self.party = turns * by_turn[:, None]  # rates by channel
        self.decided = (m["suit_tier"] == Tier.DECISION)[self.kind]
        self.court = next((int(t) for t in m["suit_tier"].tolist() if t not in (-1, Tier.DECISION)), -1)
        self.tiers = [t for t in range(TIERS) if getattr(place.tiers, TIER_NAMES[t]) is not None]
        self._cells(place, kinds)
        self._stays(place)
        self._enter(place)

    def _cells(self, place: Place, kinds: Sequence[KindSpec]) -> None:
        """What grievances are like, (k, n), and which part of all they are, (k, 2, n)."""
        m = self.m
        middle = (np.arange(SEVERITIES) + 0.5) / SEVERITIES * (QUANTILES - 1)
        low = middle.astype(int)
        table = m["severity_quantiles"].reshape(KINDS, QUANTILES)
        severity = table[:, low] + (middle - low) * (table[:, low + 1] - table[:, low])
        self.above = np.repeat(severity - m["severity_mean"], FRAILTIES, axis=1)[self.kind]
        x, w = _normal(FRAILTIES)
        shift = m["severity_on_success"] * self.above + m["frailty_sd"] * np.tile(x, SEVERITIES)
        several = m["departments"][self.kind]
        self.parts = np.stack([1.0 - several, several], axis=1)[:, :, None]
        share = np.array([float(k.share.value) * float(k.arises.value) for k in kinds])
        share = share / sum(float(k.share.value) for k in kinds)
        node = np.tile(w, SEVERITIES) / SEVERITIES
        self.weight = share[self.kind][:, None, None] * self.parts * node
        on_departments = np.stack([np.zeros(TIERS), m["departments_on_success"]], axis=1)
        speaks_other = float(place.population.minority_language.value)  # by its mean effect
        base = m["success_logit"].reshape(TIERS, KINDS)[:, self.kind]
        base = base + speaks_other * m["language_on_success"][:, None]
        # (t, k, 2, n): log-odds of an attempt on the day on which a dispute becomes known
        self.odds = base[:, :, None, None] + on_departments[:, None, :, None] + shift[:, None, :]

    def _stays(self, place: Place) -> None:
        """What a visit does apart from succeeding, for all tiers at once, (t, k, 2)."""
        m = self.m
        several = np.array([0.0, 1.0])
        suit = self.suits[None, :, None] * BELOW_COURT[:, None, None]
        withdraw = np.full((TIERS, 1, 1), 1.0 / m["withdrawal_mean"])
        withdraw[Tier.TRIAL] = 0.0
        patience = np.where(m["patience_mean"] > 0.0, 1.0 / np.maximum(m["patience_mean"], 1.0), 0.0)[
            :, None, None
        ]
        rate = suit + withdraw + patience
        delay = m["delay_mean"].reshape(TIERS, KINDS)[:, self.kind][:, :, None]
        delay = delay + m["departments_delay_mean"][:, None, None] * several
        more, gap = m["session_more"][:, None, None], m["gap_mean"][:, None, None]
        session = self.sessions(place)[:, None, None]
        through = 1.0 / (1.0 + rate * session)  # a session, and a gap with the session after it
        kept = (1.0 - more) * through / ((1.0 + rate * delay) * (1.0 - more * through / (1.0 + rate * gap)))
        limit = np.where(m["deadline_action"] == DEADLINE_CLIMB, m["deadline"], 0)[:, None, None]
        late = np.where(limit > 0, _later(limit, delay, gap / (1.0 - more), more), 0.0)
        refuses, bypasses = m["refuses"][:, None, None], m["bypasses"][:, None, None]
        self.come = 1.0 - m["refuses"] - m["bypasses"]
        come = self.come[:, None, None]
        gone = come * (1.0 - kept) / np.maximum(rate, 1e-300)
        # Of those who do not stay, half are taken to leave halfway through the sessions.
        longer = np.exp(m["severity_on_length"] * self.above).mean(axis=1)[None, :, None]
        work = m["length_mean"] / (1.0 - m["session_more"]) * self.come
        self.work = work[:, None, None] * longer * (1.0 + kept) / 2.0
        self.parted = gone * withdraw
        low = BELOW_COURT[:, None, None]
        up = refuses + come * kept * late + gone * m["patience_climbs"][:, None, None] * patience
        self.up = up + np.where(low, 0.0, bypasses)
        self.out = np.where(low, bypasses, 0.0) + gone * suit
        self.heard = come * kept * (1.0 - late)
        rest = (suit + withdraw) * m["rest_mean"][:, None, None]
        self.again = self.heard * (1.0 - m["dropout"][:, None, None]) / (1.0 + rest)
        gaps = (more * gap + session).ravel() / (1.0 - m["session_more"])
        self.minutes = m["delay_mean"].reshape(TIERS, KINDS)[:, 0] + gaps

    def sessions(self, place: Place) -> Floats:
        """Minutes from asking for a session to its end, by tier, if nobody queues: closed hours, and work by days."""
        out, staff = np.zeros(TIERS), staff_of(place)
        for t in self.tiers:
            name = getattr(place.tiers, TIER_NAMES[t]).staff
            working = place.working[name]
            _, worked = whole_days(staff[name], working.part, float(working.hours.value) * 60.0)
            days = 1.0 if place.calendars[working.calendar].weekends else 7.0 / 5.0
            closed = max(0.0, MINUTES_PER_DAY - worked)
            wait = closed**2 / (2.0 * MINUTES_PER_DAY)
            out[t] = (wait + float(self.m["length_mean"][t]) * MINUTES_PER_DAY / worked) * days
        return out

    def _enter(self, place: Place) -> None:
        """Where grievances become known, (k, 2, n) by tier: clocks compete, and rounds count as one more of them."""
        m = self.m
        party = self.party[:, :, None] * np.exp(m["party_severity"] * self.above)[:, None, :]
        erupts = m["eruption_rate"][self.kind][:, None] * np.exp(m["eruption_severity"] * self.above)
        total = party.sum(axis=1) + erupts + (m["grid_rate"] + m["settle_rate"] + m["lump_rate"])
        rates: dict[int, Any] = {}
        tiers = m["entry_tier"].tolist()
        for c in range(party.shape[1]):
            rates[tiers[c]] = rates.get(tiers[c], 0.0) + party[:, c]
        rates[tiers[Channel.ERUPTION]] = rates.get(tiers[Channel.ERUPTION], 0.0) + erupts
        if m["grid_rate"] > 0.0:
            rates[tiers[Channel.GRID]] = rates.get(tiers[Channel.GRID], 0.0) + m["grid_rate"]
        rounds = rounds_of([place]).tables(place)
        specs = [place.detection.rounds[name] for name in sorted(place.detection.rounds)]
        for r, spec in enumerate(specs):
            detects = min(float(rounds["round_detects"][r]), 0.999)
            rate = -float(spec.coverage.value) * math.log1p(-detects) / float(rounds["round_period"][r])
            tier = int(rounds["round_tier"][r])
            rates[tier] = rates.get(tier, 0.0) + rate
            total = total + rate
        self.entering = {t: self.weight * (rate / total)[:, None, :] for t, rate in rates.items()}
        self.erupts = erupts
        self.by_petition = self.weight * (party[:, Channel.PARTY_PETITION] / total)[:, None, :]
        # By tier: minutes of work and minutes for which disputes are known, of each kind; what nobody settles there,
        # in cells. Tier -1 are the disputes that nobody knew.
        self.worked: dict[int, Floats] = {}
        self.known_for: dict[int, Floats] = {}
        self.unsettled: dict[int, Floats] = {-1: self.weight * (m["lump_rate"] / total)[:, None, :]}
        self.settled: dict[int, Floats] = {}
        self.revived: dict[int, Floats] = {}
        self.warm_up = float(place.window.warm_up.value) * MINUTES_PER_DAY
        self.window = ((place.window.end - place.window.start).days + 1) * MINUTES_PER_DAY
        self.into: dict[int, Floats] = {}
        self.age: dict[int, float] = {}
        self._from: dict[int, dict[int, tuple[Floats, float]]] = {}

    def without_success(self, tier: int, kinds: Sequence[float]) -> None:
        """Take the success of an attempt out of a tier, whatever it was; that of kinds stays."""
        written = self.m["success_logit"].reshape(TIERS, KINDS)[tier]
        self.odds[tier] += (np.array(kinds) - written)[self.kind][:, None, None]

    def _arrive(self, tier: int) -> None:
        """Put together who comes to a tier: those who enter there, and those from below."""
        if tier in self.into:
            return
        parts = list(self._from.get(tier, {}).values())
        if tier in self.entering:
            parts.append((self.entering[tier], 0.0))
        if tier in self.revived:
            parts.append((self.revived[tier], 1.0 / self._fading()))
        if not parts:
            self.into[tier], self.age[tier] = 0.0 * self.weight, 0.0
            return
        into, age = parts[0]
        if len(parts) > 1:
            mass = [float(x.sum()) for x, _ in parts]
            into = sum((x for x, _ in parts[1:]), into)
            age = sum(w * a for w, (_, a) in zip(mass, parts, strict=True)) / max(sum(mass), 1e-300)
        self.into[tier], self.age[tier] = into, age

    def _sums(self, tier: int, x: float) -> tuple[Floats, Floats, Floats]:
        """Chance that a stay settles, expected visits, and chance that all attempts fail, with x on the log-odds."""
        x += self.m["delay_on_success"] * math.log1p((self.age[tier] + self.minutes[tier]) / MONTH)
        p = expit(self.odds[tier] + x)
        failed = self.again[tier][:, :, None] * (1.0 - p)
        visits: Any = 1.0
        last: Any = 1.0
        for _ in range(int(self.m["attempts"][tier]) - 1):
            last = last * failed
            visits = visits + last
        return self.heard[tier][:, :, None] * p * visits, visits, last * failed

    def resolved(self, tier: int, weight: Floats) -> Callable[[float], float]:
        """Share of what a tier takes up (a party consents to a first visit) that it settles, with x on the log-odds."""
        self._arrive(tier)
        into = self.into[tier] * weight[:, None, None]
        taken = float(self.come[tier] * into.sum())

        def share(x: float) -> float:
            return float((into * self._sums(tier, x)[0]).sum()) / taken if taken > 0.0 else 0.5

        return share

    def let_through(self, tier: int, x: float) -> None:
        """Send what does not end at a tier to where the rules send it."""
        self._arrive(tier)
        if tier == Tier.TRIAL:
            self._judged(tier)
            return
        settled, visits, failed = self._sums(tier, x)
        into = self.into[tier]
        up = into * (self.up[tier][:, :, None] * visits + failed)
        age = self.age[tier] + float(self.minutes[tier]) * (int(self.m["attempts"][tier]) + 1) / 2
        self.worked[tier] = (into * visits * self.work[tier][:, :, None]).sum(axis=(1, 2))
        self.known_for[tier] = float(self.minutes[tier]) * (into * visits).sum(axis=(1, 2))
        self.settled[tier] = (into * settled).sum(axis=(1, 2))
        left = into * (1.0 - settled - visits * self.m["withdrawal_settles"] * self.parted[tier][:, :, None])
        left = left - self._pass_on(tier, up, visits, age)
        self.unsettled[tier] = np.maximum(left, 0.0)

    def _judged(self, tier: int) -> None:
        """What suits are for the judges, and those after which a quarrel goes on."""
        m, into = self.m, self.into[tier]
        judged = 1.0 - m["trial_settles"] - m["trial_withdraws"]
        enforced = judged * m["enforced"] * float(m["job_mean"][Job.ENFORCEMENT])
        self.worked[tier] = (into * (self.work[tier][:, :, None] + enforced)).sum(axis=(1, 2))
        delay = m["delay_mean"].reshape(TIERS, KINDS)[tier, self.kind]
        suits = into.sum(axis=(1, 2))
        self.known_for[tier] = delay * suits
        goes_on = judged * m["judged_against_will"] + m["trial_withdraws"]
        self.unsettled[tier] = goes_on * into

    def _pass_on(self, tier: int, up: Floats, visits: Any, age: float) -> Floats:
        """Send those who climb and those who sue; how many they are."""
        into, above = self.into[tier], int(self.m["climbs_to"][tier])
        if tier > Tier.COUNTY:
            self._send(tier, above, up, age)
            return up if above >= 0 else 0.0 * up
        out = into * self.out[tier][:, :, None] * visits
        sent: Floats = 0.0 * up
        if above == Tier.COUNTY and not self.m["county_takes_all"]:
            stuck = up[:, 0]
            sent = up * np.array([0.0, 1.0])[:, None]
            self._send(tier, above, sent, age)
            out[:, 0] += stuck * self.goes[:, None]
        elif above >= 0:
            sent = up
            self._send(tier, above, up, age)
        else:
            out += up * self.goes[:, None, None]
        sent = sent + out
        if self.decided.any():
            self._send(tier, Tier.DECISION, out * self.decided[:, None, None], age)
            out = out * ~self.decided[:, None, None]
        self._send(tier, self.court, out, age)
        return sent

    def _send(self, tier: int, to: int, what: Floats, age: float) -> None:
        if to >= 0:
            self._from.setdefault(to, {})[tier] = (what, age)
            self.into.pop(to, None)

    def _fading(self) -> float:
        """Rate at which what nobody settled is no matter any more or fades, per minute."""
        return float(1.0 / self.m["fade_mean"] + self.m["resolution_rate"])

    def _seen(self, rate: Any) -> Any:
        """The part of what comes of old disputes, at this rate per minute, that a run sees: it begins with none."""
        x = rate * self.window
        seen: Any = 1.0 + np.exp(-rate * self.warm_up) * np.expm1(-x) / x
        return seen

    def come_up_again(self) -> None:
        """Let what nobody settled in this pass come up again in the next: by a fight, or by a new quarrel."""
        m = self.m
        erupts = m["residual_eruption"] * self.erupts
        rate = erupts + m["revival_rate"] + self._fading()
        chance = self._seen(rate) / rate
        cells = sum(self.unsettled.values(), 0.0 * self.weight)
        turns = self.party / self.party.sum(axis=1, keepdims=True)
        tiers = m["entry_tier"].tolist()
        self.revived = {tiers[Channel.ERUPTION]: cells * (erupts * chance)[:, None, :]}
        quarrels = cells * (m["revival_rate"] * chance)[:, None, :]
        for c in range(turns.shape[1]):
            more = quarrels * turns[:, c][:, None, None]
            self.revived[tiers[c]] = self.revived.get(tiers[c], 0.0) + more
        self.into.clear()

    def petitioned(self, weight: Floats) -> tuple[float, float]:
        """First petitions about a grievance, expected: where somebody then takes care of it, and where nobody does."""
        m = self.m
        fading = self._fading() + m["revival_rate"]
        seen = float(self._seen(fading)) / fading
        unknown = self.unsettled[-1].sum(axis=(1, 2))
        known = sum((x.sum(axis=(1, 2)) for t, x in self.unsettled.items() if t >= 0), 0.0 * unknown)
        again = self.party[:, Channel.PARTY_PETITION] / self.party.sum(axis=1)
        rate = m["petition_rate"][self.kind]
        put_down = rate * m["residual_petition"] * seen
        turned = self.by_petition.sum(axis=(1, 2)) + put_down * unknown
        came = sum((x.sum(axis=(1, 2)) for x in self.entering.values()), put_down * unknown)
        yet = 1.0 - np.minimum(turned / np.maximum(came, 1e-300), 1.0)  # who has not petitioned before
        quarrels = (unknown + known * yet) * m["revival_rate"] * seen * again
        open_ones = rate * sum(self.known_for.values(), 0.0 * unknown) * yet
        return float((turned + quarrels + open_ones) @ weight), float((put_down * known * yet) @ weight)

    def settles(self, weight: Floats) -> float:
        """Share of what becomes known, or comes up again, that is settled before anybody gives up."""
        came = [*self.entering.values(), *self.revived.values()]
        into = sum((x.sum(axis=(1, 2)) for x in came), np.zeros(len(self.kind)))
        settled = sum(self.settled.values(), np.zeros(len(self.kind)))
        return float(settled @ weight) / max(float(into @ weight), 1e-300)

    def reaching(self, tier: int) -> Floats:
        """Share of all grievances that come to a tier, by (variant of a) kind."""
        self._arrive(tier)
        out: Floats = self.into[tier].sum(axis=(1, 2))
        return out


def _later(limit: Floats, delay: Floats, gaps: Floats, more: Floats) -> Floats:
    """Chance that a procedure and the gaps between sessions, which there are with chance `more`, take longer."""
    delay, gaps = np.maximum(delay, 1.0), np.maximum(gaps, 1.0)
    gaps = np.where(np.abs(delay - gaps) < 1e-6 * gaps, gaps * (1.0 + 1e-5), gaps)
    alone = np.exp(-limit / delay)
    both = (delay * alone - gaps * np.exp(-limit / gaps)) / (delay - gaps)
    out: Floats = (1.0 - more) * alone + more * both
    return out
