"""Joint mediation in the township: centre, justice station, police and village committee together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Put, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class TownshipJointMediation(Mechanism):
    """Daliu. That joint sessions settle more is assumed."""

    name = "township_joint_mediation"
    zh = "联合调处"
    acts_at = "township"
    about = "centre, justice station, police and village committee on one matter"
    pays = "police and village mediators: hours of joint sessions"

    joint: Quantity = number(
        0.8,
        "share",
        0.5,
        1.0,
        "of what several departments would have to be asked for",
        source="daliu_article",
        status="derived",
        most=1,
    )
    success: Quantity = evidenced("township_joint_mediation", "success", least=-20, most=20)
    police_hours: Quantity = number(40, "hours", 10, 100, "per township and year in joint sessions")
    village_hours: Quantity = number(4, "hours", 1, 12, "per village and year in joint sessions")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Put("tiers.township.joint", float(self.joint))
        yield Add("tiers.township.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("police", float(self.police_hours), "township", "joint sessions")
        yield Hours("village_mediators", float(self.village_hours), "village", "joint sessions")
