"""Stationed officers: judges, prosecutors, police and lawyers who visit villages and townships."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class StationedOfficers(Mechanism):
    """Liucheng since 2022: 35 judges, 16 prosecutors, 61 police, 15 legal workers; 1,797 village and 161 township
    visits.
    """

    name = "stationed_officers"
    zh = "三官一律"
    acts_at = "village, township"
    about = "judges, prosecutors, police, lawyers on visits"
    pays = "judges and police: their own hours; prosecutors and lawyers have no pool in the model"

    village_visits: Quantity = number(
        22.3,
        "per year",
        20.1,
        26.1,
        "1,797 visits in 181 to 235 days to 139 villages",
        source="liucheng_article",
        status="derived",
    )
    township_visits: Quantity = number(
        23.1,
        "per year",
        20.8,
        27.1,
        "161 visits in the same days to 12 townships",
        source="liucheng_article",
        status="derived",
    )
    judges_share: Quantity = number(
        0.276,
        "share",
        0.276,
        0.276,
        "35 of 127; that each visits equally often is assumed",
        source="liucheng_article",
        status="derived",
        most=1,
    )
    police_share: Quantity = number(
        0.48, "share", 0.48, 0.48, "61 of 127, as above", source="liucheng_article", status="derived", most=1
    )
    hours_per_visit: Quantity = number(2, "hours", 0.5, 4, "with the way there and back")
    success: Quantity = evidenced("stationed_officers", "success", least=-20, most=20)
    joint: Quantity = number(
        0.5,
        "log-odds",
        0.0,
        1.5,
        "matters of several departments that somebody can sort out",
        least=-20,
        most=20,
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        for tier in ("village", "township"):
            yield Add(f"tiers.{tier}.success", float(self.success))
            yield Add(f"tiers.{tier}.joint", float(self.joint))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        hours = float(self.hours_per_visit)
        for staff, share in (("judges", self.judges_share), ("police", self.police_share)):
            yield Hours(
                staff, float(self.village_visits) * hours * float(share), "village", "visits to villages"
            )
            yield Hours(
                staff, float(self.township_visits) * hours * float(share), "township", "visits to townships"
            )
