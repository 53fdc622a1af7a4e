"""The circuit court: hearings in the village."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Multiply, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class CircuitCourt(Mechanism):
    """Fengcheng. No figure."""

    name = "circuit_court"
    zh = "巡回法庭"
    acts_at = "court"
    about = "a court that sits in the village"
    pays = "judges: hours of travel"

    procedure: Quantity = number(
        0.85, "ratio", 0.6, 1.0, "of the usual days of procedure before a hearing", least=0.001
    )
    success: Quantity = evidenced("circuit_court", "success", least=-20, most=20)
    travel_hours: Quantity = number(60, "hours", 20, 150, "per township and year")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Multiply("tiers.trial.delay_days", float(self.procedure))
        yield Add("tiers.court_mediation.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("judges", float(self.travel_hours), "township", "travel")
