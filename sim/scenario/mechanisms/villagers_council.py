"""Villagers' council: respected villagers who look after common matters, and whom parties listen to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.deliberation_councils import COMMON
from sim.scenario.mechanisms.effects import Edit, Hours, Multiply, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class VillagersCouncil(Mechanism):
    """Fengcheng: one of five platforms in the centre of each village (the 115 programme). No figure."""

    name = "villagers_council"
    zh = "村民理事会"
    acts_at = "village"
    about = "a council of villagers on common matters of the village"
    pays = "village mediators: hours of meetings"

    arises: Quantity = number(
        0.97,
        "ratio",
        0.85,
        1.1,
        "of the usual disputes on land, housing and between neighbours; what is talked about may also be contested",
        least=0.001,
    )
    settling: Quantity = number(
        0.97, "ratio", 0.85, 1.05, "of the usual time in which parties settle by themselves", least=0.001
    )
    meeting_hours: Quantity = number(12, "hours", 6, 36, "per village and year: some six meetings of 2 hours")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        for kind in COMMON:
            yield Multiply(f"kinds.{kind}.arises", float(self.arises))
        yield Multiply("detection.self_settlement_days", float(self.settling))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("village_mediators", float(self.meeting_hours), "village", "council meetings")
