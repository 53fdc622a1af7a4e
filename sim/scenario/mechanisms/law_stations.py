"""Law stations: a monthly meeting in every village, at which disputes are looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Edit, Hours, Search, Use
from sim.scenario.mechanisms.searching import searching
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class LawStations(Mechanism):
    """Baojing: 172 stations in villages and communities, each meeting monthly."""

    name = "law_stations"
    zh = "法治工作站"
    acts_at = "village"
    about = "village law stations that meet monthly"
    pays = "village mediators: hours of meetings"

    every: Quantity = number(
        30.4, "days", 28, 31, "monthly", source="baojing_article", status="reported", least=0.01
    )
    irregularity: Quantity = number(
        0.1, "share", 0, 0.3, "a few days early or late, as the fixed monthly round", most=1
    )
    detects: Quantity = number(
        0.05, "probability", 0.01, 0.2, "chance that one meeting hears of a given latent dispute", most=1
    )
    meeting_hours: Quantity = number(24, "hours", 12, 60, "per village and year: 12 meetings of 2 hours")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Search(
            "law_station",
            searching(
                "screening",
                every=float(self.every),
                irregularity=float(self.irregularity),
                detects=float(self.detects),
                enters="village",
            ),
        )

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("village_mediators", float(self.meeting_hours), "village", "meetings")
