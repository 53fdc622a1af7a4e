"""Periodic rounds: the search for disputes, by name over all areas and epochs, and where what they find goes."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.clock import MINUTES_PER_DAY
from sim.language import Message
from sim.model.tables import ROUND_KEYS, TIER_NAMES
from sim.scenario.copies import copied
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.place import Place, Round, RoundChannel, TierSpec
from sim.vocabulary import Channel, Tier

CHANNELS = {
    RoundChannel.SCREENING: Channel.SCREENING,
    RoundChannel.HOUSEHOLD_VISIT: Channel.HOUSEHOLD_VISIT,
    RoundChannel.POLICE_VISIT: Channel.POLICE_VISIT,
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


def present_tier(specs: list[TierSpec | None], tier: Tier) -> int:
    """The tier itself, or the nearest one above that the place has, or failing that the nearest below."""
    i = _ORDER.index(tier)
    for candidate in (*_ORDER[i:], *reversed(_ORDER[:i])):
        if specs[candidate] is not None:
            return int(candidate)
    raise ValueError("a place needs at least one tier")


def with_rounds(place: Place, names: Collection[str]) -> Place:
    """The place with only those of its own rounds."""
    if len(names) == len(place.detection.rounds):
        return place
    rounds = {n: r for n, r in place.detection.rounds.items() if n in names}
    return copied(place, {"detection": copied(place.detection, {"rounds": rounds})})


@dataclass(frozen=True)
class Rounds:
    """All rounds that are held anywhere at any time, by name."""

    names: tuple[str, ...]
    specs: tuple[Round, ...]

    def tables(self, place: Place) -> dict[str, Any]:
        """The part of `Tables` that concerns rounds; `round_detects` is 0 where a version of the place lacks one."""
        here = place.detection.rounds
        specs: list[TierSpec | None] = [getattr(place.tiers, name) for name in TIER_NAMES]
        return {
            "rounds": len(self.names),
            "round_key": np.array(_keys(self.names), dtype=np.int64),
            "round_period": np.array([_period(r) for r in self.specs], dtype=np.int64),
            "round_jitter": np.array([float(r.irregularity.value) for r in self.specs], dtype=float),
            "round_detects": np.array(
                [float(here[n].detects.value) if n in here else 0.0 for n in self.names], dtype=float
            ),
            "round_channel": np.array([CHANNELS[r.channel] for r in self.specs], dtype=np.int64),
            "round_tier": np.array(
                [present_tier(specs, Tier[r.enters.upper()]) for r in self.specs], dtype=np.int64
            ),
        }


def rounds_of(versions: Sequence[Place]) -> Rounds:
    """The rounds of all versions of a place. Raises ScenarioError if one changes its rhythm between them."""
    found: dict[str, Round] = {}
    for version in versions:
        for name, spec in version.detection.rounds.items():
            first = found.setdefault(name, spec)
            if _rhythm(first) != _rhythm(spec):
                problem = Message("has another rhythm in some villages or from some date on")
                remedy = Message("Give the round with the other rhythm a name of its own.")
                raise ScenarioError([Fault("policy", 0, f"detection.rounds.{name}", problem, remedy)])
    # By name: the luck of a round must not depend on the order in which files were merged.
    names = sorted(found)
    return Rounds(tuple(names), tuple(found[n] for n in names))


def _period(spec: Round) -> int:
    return max(1, round(float(spec.every.value) * MINUTES_PER_DAY))


def _rhythm(spec: Round) -> tuple[Any, ...]:
    return _period(spec), float(spec.irregularity.value), spec.channel, spec.enters


def _keys(names: Sequence[str]) -> list[int]:
    """Keys of the rounds' luck, from their names alone: a further round leaves the luck of the others as it is."""
    keys: list[int] = []
    for name in names:
        key = zlib.crc32(name.encode()) % ROUND_KEYS
        while key in keys:  # two names with one key: the later one moves on
            key = (key + 1) % ROUND_KEYS
        keys.append(key)
    return keys
