"""Security committee, mediation committee and patrol in each village."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Search, Use, Yuan
from sim.scenario.mechanisms.searching import searching
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class TwoCommitteesOnePatrol(Mechanism):
    """Jiang: 636 security, 625 mediation, 1,306 patrol; at least a tenth of a fund of 105,000 yuan.

    70 fights stopped are held out.
    """

    name = "two_committees_one_patrol"
    zh = "两会一队"
    acts_at = "village"
    about = "security and mediation committees, patrols"
    pays = "village mediators: hours on patrol; the village: at least a tenth of its fund"

    every: Quantity = number(
        7, "days", 1, 14, "a round of the patrol that may hear of a given dispute", least=0.01
    )
    detects: Quantity = number(
        0.02, "probability", 0.005, 0.1, "chance that one round finds a given latent dispute", most=1
    )
    interception: Quantity = evidenced("two_committees_one_patrol", "interception", least=-20, most=20)
    patrol_hours: Quantity = number(
        52, "hours", 26, 150, "per village and year that mediators spend on patrol"
    )
    fund: Quantity = number(
        105000,
        "yuan per year",
        105000,
        105000,
        "running fund of a village",
        source="jiang_article",
        status="reported",
    )
    fund_share: Quantity = number(
        0.1,
        "share",
        0.1,
        0.2,
        "of the fund for committees and patrol: at least",
        source="jiang_article",
        status="reported",
        most=1,
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Search(
            "patrol",
            searching(
                "screening",
                every=float(self.every),
                irregularity=0.5,
                detects=float(self.detects),
                enters="village",
            ),
        )
        yield Add("eruption.interception", float(self.interception))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("village_mediators", float(self.patrol_hours), "village", "patrols")
        yield Yuan(float(self.fund) * float(self.fund_share), "village", "share of the village fund")
