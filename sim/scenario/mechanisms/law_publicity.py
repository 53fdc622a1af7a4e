"""Publicity for the law: night schools, loudspeakers, leaflets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Edit, Hours, Multiply, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class LawPublicity(Mechanism):
    """All five places.

    What it changes is not reported; more people may claim, and more may settle among themselves.
    """

    name = "law_publicity"
    zh = "普法"
    acts_at = "village"
    about = "night schools, loudspeakers, leaflets"
    pays = "township mediators: hours of events"

    coming_forward: Quantity = evidenced("law_publicity", "coming_forward", least=0.001)
    settling: Quantity = number(
        0.98, "ratio", 0.9, 1.05, "of the usual time in which parties settle by themselves", least=0.001
    )
    claiming: Quantity = number(
        1.03, "ratio", 0.95, 1.2, "of the usual rate of suits during mediation", least=0.001
    )
    event_hours: Quantity = number(
        180, "hours", 60, 400, "per county and year: 60 events of 3 hours; Liucheng reports 99 in 20 months"
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Multiply("detection.party_days", float(self.coming_forward))
        yield Multiply("detection.self_settlement_days", float(self.settling))
        yield Multiply("going.suit_rate", float(self.claiming))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("township_mediators", float(self.event_hours), "county", "events")
