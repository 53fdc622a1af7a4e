"""More or fewer staff in any group. All numbers are the analyst's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Per, Persons, Use, Yuan
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity

GROUPS: dict[str, Per] = {
    "grid_heads": "village",
    "village_mediators": "village",
    "police": "township",
    "township_mediators": "township",
    "petition_officers": "county",
    "departments": "county",
    "decision_officers": "county",
    "court_mediators": "county",
    "judges": "county",
}


@dataclass(frozen=True)
class MoreStaff(Mechanism):
    """Persons per village, township or county as the group works there; negative for fewer."""

    name = "more_staff"
    zh = "增减人员"
    acts_at = "any tier"
    about = "more or fewer staff"
    exchanged = False
    pays = "whoever pays them: yuan only if the analyst says what a person costs"

    grid_heads: Quantity = number(
        0, "persons", 0, 0, "more persons in each village", least=-100000.0, most=100000.0
    )
    village_mediators: Quantity = number(
        0, "persons", 0, 0, "more persons in each village", least=-100000.0, most=100000.0
    )
    police: Quantity = number(
        0, "persons", 0, 0, "more persons in each township", least=-100000.0, most=100000.0
    )
    township_mediators: Quantity = number(
        0, "persons", 0, 0, "more persons in each township", least=-100000.0, most=100000.0
    )
    petition_officers: Quantity = number(
        0, "persons", 0, 0, "more persons in each county", least=-100000.0, most=100000.0
    )
    departments: Quantity = number(
        0, "persons", 0, 0, "more persons in each county", least=-100000.0, most=100000.0
    )
    decision_officers: Quantity = number(
        0, "persons", 0, 0, "more persons in each county", least=-100000.0, most=100000.0
    )
    court_mediators: Quantity = number(
        0, "persons", 0, 0, "more persons in each county", least=-100000.0, most=100000.0
    )
    judges: Quantity = number(
        0, "persons", 0, 0, "more persons in each county", least=-100000.0, most=100000.0
    )
    yuan_per_person: Quantity = number(
        0, "yuan per year", 0, 0, "wage of each further person, if it is to be counted in yuan"
    )

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        wage = float(self.yuan_per_person)
        for staff, per in GROUPS.items():
            more = float(getattr(self, staff))
            if more:
                yield Persons(staff, more, per, "more staff")
                if wage:
                    yield Yuan(more * wage, per, "wages")
