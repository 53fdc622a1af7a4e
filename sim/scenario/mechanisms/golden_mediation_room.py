"""A mediation room in the village with experienced mediators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class GoldenMediationRoom(Mechanism):
    """Fengcheng: one of five platforms in the centre of each village (the 115 programme). No figure."""

    name = "golden_mediation_room"
    zh = "金牌调解室"
    acts_at = "village"
    about = "a mediation room in the village centre with experienced mediators"
    pays = "village mediators: hours at the room beside their sessions"

    success: Quantity = evidenced("golden_mediation_room", "success", least=-20, most=20)
    village_hours: Quantity = number(
        12, "hours", 4, 48, "per village and year at the room beside sessions: an hour a month"
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Add("tiers.village.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("village_mediators", float(self.village_hours), "village", "keeping the room")
