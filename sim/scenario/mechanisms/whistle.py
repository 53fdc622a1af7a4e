"""The whistle: a township calls one or several county departments to a matter; a village calls township stations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Multiply, Put, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class Whistle(Mechanism):
    """Fengcheng since June 2019: 20 raised, 12 resolved, 8 open; departments that do not come are put on a list.

    A matter may concern one department or several. Villages whistle for the stations of their township in the same way;
    for these no time is stated.
    """

    name = "whistle"
    zh = "吹哨报到"
    acts_at = "village, township, county"
    about = "townships call departments, villages call stations, and they come at once; a list of those who do not"
    pays = "county departments and township mediators: the hours of coming at once"

    arrival_days: Quantity = number(
        2 / 24,
        "days",
        0.01,
        2 / 24,
        "two hours, the limit for arrival",
        source="fengcheng_article",
        status="reported",
    )
    village_arrival_days: Quantity = number(
        1, "days", 2 / 24, 3, "until a station comes to the village: no limit is stated for these"
    )
    village_joint: Quantity = number(
        0.5,
        "log-odds",
        -0.2,
        1.5,
        "matters beyond the village that a station can sort out on the spot",
        least=-20,
        most=20,
    )
    success: Quantity = evidenced("whistle", "success", least=-20, most=20)
    procedure: Quantity = number(
        0.5, "ratio", 0.2, 1.0, "of the usual days before the county takes a matter up", least=0.001
    )
    hours_per_year: Quantity = number(
        40, "hours", 10, 120, "per township: some 3 calls a year for which several officers drop other work"
    )

    village_hours_per_year: Quantity = number(
        4, "hours", 1, 12, "per village: some 2 calls a year of two hours, of township mediators"
    )
    learning: Quantity = evidenced("whistle", "learning", least=0.01)

    def edits(self, place: Place) -> Iterator[Edit]:
        """Quick arrival where departments are concerned, from the village up, and better odds at the county."""
        arrival = float(self.arrival_days)
        for tier, spec in (("township", place.tiers.township), ("county", place.tiers.county)):
            if spec is not None and float(spec.departments_delay_days) > arrival:  # nobody comes later for it
                yield Put(f"tiers.{tier}.departments_delay_days", arrival)
        village, near = place.tiers.village, float(self.village_arrival_days)
        if village is not None and float(village.departments_delay_days) > near:
            yield Put("tiers.village.departments_delay_days", near)
        yield Add("tiers.village.joint", float(self.village_joint))
        yield Multiply("tiers.county.delay_days", float(self.procedure))
        yield Add("tiers.county.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """Officers of departments and stations on the road."""
        yield Hours("departments", float(self.hours_per_year), "township", "answering whistles")
        yield Hours("township_mediators", float(self.village_hours_per_year), "village", "answering whistles")
