"""The campaign: for a month many departments work on what is disordered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Add, Edit, Multiply, Persons, Put, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class Campaign(Mechanism):
    """Fengcheng, June 2019: 19 departments. Its 104 and 668 cases are enforcement, not disputes. Give it dates."""

    name = "campaign"
    zh = "有乱必治"
    acts_at = "county"
    about = "a campaign of many departments against a backlog, for a month"
    lasts_days = 30
    pays = "the departments that send people: they are not in the model"

    officers: Quantity = number(
        19, "persons", 19, 38, "one from each of 19 departments", source="fengcheng_article", status="derived"
    )
    pace: Quantity = number(
        0.5,
        "ratio",
        0.2,
        1.0,
        "of the usual days before the county takes a matter up, and between sessions",
        least=0.001,
    )
    success: Quantity = number(
        0.2, "log-odds", 0.0, 0.6, "matters that nobody can put off", least=-20, most=20
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Put("tiers.county.deadline.action", "raise")
        yield Multiply("tiers.county.delay_days", float(self.pace))
        yield Multiply("tiers.county.gap_days", float(self.pace))
        yield Add("tiers.county.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Persons("departments", float(self.officers), "county", "officers of other departments")
