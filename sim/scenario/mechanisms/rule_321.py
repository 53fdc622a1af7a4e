"""The 321 rule: how often each tier tries before a dispute climbs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Edit, Put
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class Rule321(Mechanism):
    """Named by Liucheng; the numbers are those published for its prefecture.

    The reported rate does not identify it.
    """

    name = "rule_321"
    zh = "三二一"
    acts_at = "all tiers"
    about = "3 attempts in the village, 2 in the township, 1 in the county"
    pays = "whoever mediates: the hours of further attempts"

    village_attempts: Quantity = number(
        3, "count", 3, 3, "village", source="rule_321", status="external", least=1, most=15
    )
    township_attempts: Quantity = number(
        2, "count", 2, 2, "township", source="rule_321", status="external", least=1, most=15
    )
    county_attempts: Quantity = number(
        1, "count", 1, 1, "county", source="rule_321", status="external", least=1, most=15
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Put("tiers.village.attempts", int(self.village_attempts))
        yield Put("tiers.township.attempts", int(self.township_attempts))
        yield Put("tiers.county.attempts", int(self.county_attempts))
        yield Put("going.county_takes_all", True)  # the county is a step for every dispute
