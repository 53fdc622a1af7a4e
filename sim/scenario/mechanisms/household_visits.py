"""Household visits by officials, by day and in the evening."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Edit, Hours, Search, Use
from sim.scenario.mechanisms.searching import searching
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity

PERSONS_PER_HOUSEHOLD = 3.86  # Daliu: 14,091 people in 3,647 households (daliu_article)


@dataclass(frozen=True)
class HouseholdVisits(Mechanism):
    """Officials of Daliu visit households in the evening; how many is not reported.

    Leads per visit lie between 0.002 (Fengcheng, 260 in 100,000) and 0.12; Shangrao reports 0.10. They are no
    parameter, since they depend on how many disputes are latent: what is assumed is whom a round reaches and who tells.
    In the five places this makes 0.007 to 0.008 leads per visit, inside the range and far below Shangrao.
    """

    name = "household_visits"
    zh = "下访夜访"
    acts_at = "village"
    about = "officials visit households"
    pays = "township mediators: hours of visits"

    every: Quantity = number(
        30.4, "days", 14, 60, "a round of visits in each village every month", least=0.01
    )
    irregularity: Quantity = number(0.3, "share", 0, 1, "visits keep no fixed day", most=1)
    households: Quantity = number(10, "count", 5, 30, "households visited in a round")
    tells: Quantity = number(0.5, "probability", 0.1, 0.9, "chance that a visited party speaks of it", most=1)
    visit_hours: Quantity = number(0.25, "hours", 0.1, 1.0, "of a mediator for each household visited")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        per_village = float(place.population.persons) / float(place.villages.count) / PERSONS_PER_HOUSEHOLD
        reached = min(1.0, 2.0 * float(self.households) / per_village)  # two parties to a dispute
        detects = min(0.999, reached * float(self.tells))
        yield Search(
            "household_visits",
            searching(
                "household_visit",
                every=float(self.every),
                irregularity=float(self.irregularity),
                detects=detects,
                enters="village",
            ),
        )

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        visits = float(self.households) * 365.0 / float(self.every)
        yield Hours("township_mediators", visits * float(self.visit_hours), "village", "household visits")
