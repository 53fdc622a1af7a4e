"""Rapid response: posts and merged stations from which the police arrive within minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class RapidResponse(Mechanism):
    """Baojing: within 10 minutes on average. Fengcheng: 1, 3 and 5 minutes in the built-up area."""

    name = "rapid_response"
    zh = "快警"
    acts_at = "township"
    about = "police who arrive within minutes"
    pays = "police: hours on call"

    interception: Quantity = number(
        0.3,
        "log-odds",
        0.0,
        1.0,
        "fights stopped before harm is done; the minutes are reported, their effect is not",
        least=-20,
        most=20,
    )
    crime: Quantity = number(-0.2, "log-odds", -0.6, 0.0, "eruptions that become a crime", least=-20, most=20)
    on_call_hours: Quantity = number(60, "hours", 20, 200, "per township and year")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Add("eruption.interception", float(self.interception))
        yield Add("eruption.crime", float(self.crime))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("police", float(self.on_call_hours), "township", "on call")
