"""Case meetings and supervision: a named official, a deadline that counts, shorter gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Multiply, Put, Use
from sim.scenario.place import DeadlineAction, Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class CaseMeetings(Mechanism):
    """Daliu: party committee quarterly, centre monthly.

    Liucheng: case responsibility with a deadline. No figure on what they change. Priority rises once the limit has
    passed; that it does so sooner, as the limit nears, is in the pace.
    """

    name = "case_meetings"
    zh = "包案督办"
    acts_at = "township, county"
    about = "case meetings, a named official, supervision as the limit nears"
    pays = "township mediators and county departments: hours of meetings"

    pace: Quantity = number(
        0.8, "ratio", 0.6, 1.0, "of the usual gaps and rests, once somebody is answerable", least=0.001
    )
    success: Quantity = number(
        0.1, "log-odds", 0.0, 0.4, "decisions taken in a meeting of those concerned", least=-20, most=20
    )
    township_hours: Quantity = number(
        24, "hours", 12, 72, "per township and year: 12 monthly meetings (Daliu) of 2 hours"
    )
    county_hours: Quantity = number(
        48, "hours", 16, 120, "per county and year: 4 quarterly meetings (Daliu) of 12 hours of officers"
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        for tier, spec in (("village", place.tiers.village), ("township", place.tiers.township)):
            if spec and spec.deadline and spec.deadline.action == DeadlineAction.RECORD:  # none is loosened
                yield Put(f"tiers.{tier}.deadline.action", "raise")
        for tier in ("township", "county"):
            yield Multiply(f"tiers.{tier}.gap_days", float(self.pace))
            yield Multiply(f"tiers.{tier}.rest_days", float(self.pace))
        yield Add("tiers.township.success", float(self.success))
        yield Add("tiers.county.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("township_mediators", float(self.township_hours), "township", "case meetings")
        yield Hours("departments", float(self.county_hours), "county", "case meetings")
