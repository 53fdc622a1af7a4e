"""The whistle: a township calls county departments to a matter of several of them; they come within hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Multiply, Put, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class Whistle(Mechanism):
    """Fengcheng since June 2019: 20 raised, 12 resolved, 8 open; departments that do not come are put on a list."""

    name = "whistle"
    zh = "吹哨报到"
    acts_at = "township, county"
    about = "the township calls, departments come within hours; a negative list for those who do not"
    pays = "county departments: the hours of coming at once"

    arrival_days: Quantity = number(
        2 / 24,
        "days",
        0.01,
        2 / 24,
        "two hours, the limit for arrival",
        source="fengcheng_article",
        status="reported",
    )
    success: Quantity = number(
        0.3,
        "log-odds",
        0.0,
        1.0,
        "departments that must come, and are listed if they do not, settle more",
        least=-20,
        most=20,
    )
    procedure: Quantity = number(
        0.5, "ratio", 0.2, 1.0, "of the usual days before the county takes a matter up", least=0.001
    )
    hours_per_year: Quantity = number(
        40, "hours", 10, 120, "per township: some 3 calls a year for which several officers drop other work"
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """Quick arrival where several departments are concerned, and better odds at the county."""
        arrival = float(self.arrival_days)
        for tier, spec in (("township", place.tiers.township), ("county", place.tiers.county)):
            if spec is not None and float(spec.departments_delay_days) > arrival:  # nobody comes later for it
                yield Put(f"tiers.{tier}.departments_delay_days", arrival)
        yield Multiply("tiers.county.delay_days", float(self.procedure))
        yield Add("tiers.county.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """Officers of the departments on the road."""
        yield Hours("departments", float(self.hours_per_year), "township", "answering whistles")
