"""Law-aware villagers: residents trained to explain the law to their neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Multiply, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class LawAwareVillagers(Mechanism):
    """All five places; Liucheng has 2,966 of them. No figure on what they change."""

    name = "law_aware_villagers"
    zh = "法律明白人"
    acts_at = "village"
    about = "trained residents who explain the law"
    pays = "township mediators: hours of training"

    settling: Quantity = number(
        0.95, "ratio", 0.8, 1.0, "of the usual time in which parties settle by themselves", least=0.001
    )
    coming_forward: Quantity = evidenced("law_aware_villagers", "coming_forward", least=0.001)
    arises: Quantity = evidenced("law_aware_villagers", "arises", least=0.001)
    refuses: Quantity = number(
        -0.1, "log-odds", -0.4, 0.0, "parties who refuse mediation in the village", least=-20, most=20
    )
    training_hours: Quantity = number(
        100, "hours", 30, 300, "per county and year: 12 courses of 8 hours; 7 in seven months are reported"
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Multiply("detection.self_settlement_days", float(self.settling))
        yield Multiply("detection.party_days", float(self.coming_forward))
        yield Add("tiers.village.refuses", float(self.refuses))
        for kind in place.kinds:
            yield Multiply(f"kinds.{kind}.arises", float(self.arises))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("township_mediators", float(self.training_hours), "county", "training")
