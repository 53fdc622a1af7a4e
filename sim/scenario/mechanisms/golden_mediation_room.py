"""A mediation room in the township with experienced mediators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class GoldenMediationRoom(Mechanism):
    """Fengcheng. No figure."""

    name = "golden_mediation_room"
    zh = "金牌调解室"
    acts_at = "township"
    about = "a mediation room with experienced mediators"
    pays = "village mediators: the experienced ones help in the township"

    success: Quantity = number(
        0.2, "log-odds", 0.0, 0.6, "experienced mediators settle more", least=-20, most=20
    )
    village_hours: Quantity = number(
        3, "hours", 1, 10, "per village and year, of mediators who help out in the township"
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Add("tiers.township.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("village_mediators", float(self.village_hours), "village", "helping in the township")
