"""Which share of grievances becomes known, and where, as the priors of a place have it: no ledger can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.numbers import numbers
from sim.model.observed import observed
from sim.model.rounds import rounds_of
from sim.model.tables import KINDS, PARTY_CHANNELS, QUANTILES, TIERS
from sim.scenario.errors import ScenarioError
from sim.scenario.place import Place
from sim.scenario.prior import drawn_place
from sim.statistics.quantiles import CENTRAL_95, quantiles
from sim.vocabulary import Channel

Floats = NDArray[np.float64]
POINTS = 24  # severities, at the middles of so many equal shares
DRAWS = 64
_DAY = 1440.0


@dataclass(frozen=True)
class Known:
    """Shares of the grievances of a kind and severity: `entry[stage, kind, severity]` become known and enter there.

    `severity` has shape (kinds, severities), all equally probable within a kind; `shares` are those of the kinds.
    """

    entry: Floats
    severity: Floats
    shares: Floats

    @property
    def by_kind(self) -> Floats:
        """Share of each kind's grievances that become known."""
        out: Floats = self.entry.sum(axis=0).mean(axis=1)
        return out

    @property
    def share(self) -> float:
        """Share of all grievances that become known."""
        return float((self.shares * self.by_kind).sum() / self.shares.sum())


def known(place: Place) -> Known:
    """The shares in the long run, without mechanisms. Rounds count as periodic, at a random phase.

    Clocks of constant rate and the rounds compete until one rings (docs/model.md, Becoming known); the integral over
    time is a sum over intervals within which the chance of not having been found by rounds hardly changes.
    """
    place = observed(place)
    m = numbers(place)
    rounds = rounds_of([place]).tables(place)
    middle = (np.arange(POINTS) + 0.5) / POINTS * (QUANTILES - 1)
    tables = m["severity_quantiles"].reshape(KINDS, QUANTILES)
    severity = np.array([np.interp(middle, np.arange(QUANTILES), t) for t in tables])
    above = severity - m["severity_mean"]
    party = m["party_rate"][:, None] * np.exp(m["party_severity"] * above)
    erupts = m["eruption_rate"][:, None] * np.exp(m["eruption_severity"] * above)
    total = party + erupts + m["grid_rate"] + m["settle_rate"] + m["lump_rate"]
    # Time in days, fine at first; `unfound` is the chance that no round has found the dispute by then.
    edges = np.concatenate([np.arange(0, 200, 0.25), np.geomspace(200, 20_000, 400)]) * _DAY
    centre = (edges[1:] + edges[:-1]) / 2
    specs = [place.detection.rounds[n] for n in sorted(place.detection.rounds)]  # the order of the tables
    misses = [
        1.0 - float(spec.coverage.value) * (1.0 - _missed(edges, z, q))
        for spec, (q, z) in zip(specs, _pairs(rounds), strict=True)
    ]
    unfound = np.prod(misses, axis=0) if misses else np.ones_like(edges)
    alive = np.exp(-total[:, :, None] * edges) * unfound
    # Probability that one of the constant clocks rings within each interval, and the rest: found by a round.
    steady = np.exp(-total[:, :, None] * edges[:-1]) - np.exp(-total[:, :, None] * edges[1:])
    steady = steady * np.interp(centre, edges, unfound)
    by_clock = steady.sum(axis=2)
    by_round = np.maximum(alive[:, :, 0] - alive[:, :, -1] - by_clock, 0.0)
    entry = np.zeros((TIERS, KINDS, POINTS))
    choice = np.diff(m["party_cum"].reshape(KINDS, PARTY_CHANNELS), prepend=0.0, axis=1)
    for channel in list(Channel)[:PARTY_CHANNELS]:
        share = choice[:, channel, None]
        entry[m["entry_tier"][channel]] += share * party / total * by_clock
    entry[m["entry_tier"][Channel.GRID]] += m["grid_rate"] / total * by_clock
    entry[m["entry_tier"][Channel.ERUPTION]] += erupts / total * by_clock
    _later(m, entry, m["lump_rate"] / total * by_clock, erupts, choice, centre, np.diff(edges))
    hazards = np.array([-np.log1p(-min(q, 0.999)) / z for q, z in _pairs(rounds)])
    for hazard, tier in zip(hazards, rounds["round_tier"], strict=True):
        entry[tier] += by_round * hazard / hazards.sum()
    shares = np.array([float(k.share.value) * float(k.arises.value) for k in place.kinds.values()])
    return Known(entry, severity, shares)


def _later(
    m: dict[str, Any],
    entry: Floats,
    put_down: Floats,
    erupts: Floats,
    choice: Floats,
    time: Floats,
    step: Floats,
) -> None:
    """Add to `entry` what was put down before anybody knew of it, and comes up after all (docs/model.md, 14).

    Hazards fade together, and it may be no matter any more before.
    """
    fights, quarrels = m["residual_eruption"] * erupts, m["revival_rate"]
    petitions = m["residual_petition"] * m["petition_rate"][:, None]
    hazard = fights + quarrels + petitions
    faded = m["fade_mean"] * -np.expm1(-time / m["fade_mean"])
    left = np.exp(-time / m["fade_mean"] - m["resolution_rate"] * time)
    again = put_down * (left * np.exp(-hazard[:, :, None] * faded) * step).sum(axis=2)
    entry[m["entry_tier"][Channel.ERUPTION]] += fights * again
    entry[m["entry_tier"][Channel.PARTY_PETITION]] += petitions * again
    for channel in list(Channel)[:PARTY_CHANNELS]:
        entry[m["entry_tier"][channel]] += choice[:, channel, None] * quarrels * again


def _pairs(rounds: dict[str, Any]) -> list[tuple[float, float]]:
    return [
        (float(q), float(z)) for q, z in zip(rounds["round_detects"], rounds["round_period"], strict=True)
    ]


def _missed(time: Floats, period: float, detects: float) -> Floats:
    """Chance that none of the rounds within `time` has found a dispute: one comes at a random moment of each period."""
    whole = np.floor(time / period)
    out: Floats = (1 - detects) ** whole * (1 - detects * (time / period - whole))
    return out


def known_range(place: Place, draws: int = DRAWS) -> tuple[float, float]:
    """2.5 % and 97.5 % quantiles of the known share when all priors are drawn from their ranges."""
    shares = []
    for draw in range(1, draws + 1):
        try:
            shares.append(known(drawn_place(place, 1, draw)).share)
        except ScenarioError:  # a draw whose parts do not fit together
            continue
    if not shares:
        share = known(place).share
        return share, share
    low, high = quantiles(np.array(shares), CENTRAL_95)
    return low, high
