"""The four-source station: township, court and justice bureau under one roof, and one queue for all that comes in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Multiply, Persons, Put, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class FourSourceStation(Mechanism):
    """Baojing: 12 stations, 1143+N. Petitions are received by the township mediators."""

    name = "four_source_station"
    zh = "四源治理工作站"
    acts_at = "township"
    about = "township, court, justice bureau under one roof; risks, suits, police matters and petitions in one queue"
    pays = "court mediators and departments: hours at the station"

    joint: Quantity = number(
        1.5,
        "log-odds",
        0.0,
        3.0,
        "what several departments would have to be asked for is in the house",
        least=-20,
        most=20,
    )
    success: Quantity = evidenced("four_source_station", "success", least=-20, most=20)
    procedure: Quantity = number(
        0.5, "ratio", 0.2, 1.0, "of the usual days before a matter is taken up", least=0.001
    )
    session: Quantity = number(0.9, "ratio", 0.7, 1.0, "of the usual length of a session", least=0.001)
    more_hands: Quantity = number(0.5, "persons", 0.0, 2.0, "at each station from court and justice bureau")
    court_hours: Quantity = number(
        80, "hours", 20, 200, "per township and year that court mediators spend there"
    )
    department_hours: Quantity = number(
        80, "hours", 20, 200, "per township and year that departments spend there"
    )
    learning: Quantity = evidenced("four_source_station", "learning", least=0.01)

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Put("petition.desk", "township_mediators")
        yield Add("tiers.township.joint", float(self.joint))
        yield Add("tiers.township.success", float(self.success))
        yield Multiply("tiers.township.delay_days", float(self.procedure))
        yield Multiply("tiers.township.session_hours", float(self.session))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Persons(
            "township_mediators", float(self.more_hands), "township", "officers of court and justice bureau"
        )
        yield Hours("court_mediators", float(self.court_hours), "township", "at the station")
        yield Hours("departments", float(self.department_hours), "township", "at the station")
