"""The law supermarket: one counter in the township for advice, mediation and applications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class LawSupermarket(Mechanism):
    """Fengcheng has one in a village, with a machine and a lawyer online; a counter in the township is our reading.

    What it changes is not reported.
    """

    name = "law_supermarket"
    zh = "法律超市"
    acts_at = "township"
    about = "one counter in the township for every question of law"
    pays = "township mediators: hours at the counter"

    refuses: Quantity = number(
        -0.2, "log-odds", -0.6, 0.0, "parties who refuse mediation in the township", least=-20, most=20
    )
    success: Quantity = number(0.1, "log-odds", 0.0, 0.4, "advice before the talk", least=-20, most=20)
    counter_hours: Quantity = number(100, "hours", 50, 300, "per township and year: two hours a week")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Add("tiers.township.refuses", float(self.refuses))
        yield Add("tiers.township.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("township_mediators", float(self.counter_hours), "township", "at the counter")
