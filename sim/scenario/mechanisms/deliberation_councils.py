"""Deliberation councils: common matters of a village are settled before they become disputes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Edit, Hours, Multiply, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity

COMMON = ("land", "housing", "neighbour")  # the kinds that concern a village together


@dataclass(frozen=True)
class DeliberationCouncils(Mechanism):
    """Daliu: 8 bodies with 82 members and 22 topics in at most 306 days, among 14,091 people."""

    name = "deliberation_councils"
    zh = "议事机构"
    acts_at = "village"
    about = "common matters settled before they are disputes"
    pays = "village mediators: hours of meetings"

    topics: Quantity = number(
        1.86,
        "per 1,000 persons per year",
        1.86,
        2.2,
        "22 topics, 14,091 people, 306 days",
        source="daliu_article",
        status="derived",
    )
    would_be_disputes: Quantity = number(
        0.3, "share", 0.05, 0.9, "of the topics, without the council", most=1
    )
    meeting_hours: Quantity = number(12, "hours", 6, 36, "per village and year: some six meetings of 2 hours")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        common = sum(float(place.kinds[kind].share) * float(place.kinds[kind].arises) for kind in COMMON)
        prevented = float(self.topics) * float(self.would_be_disputes)
        left = max(0.05, 1.0 - prevented / (float(place.incidence.latent_rate) * common))
        for kind in COMMON:
            yield Multiply(f"kinds.{kind}.arises", left)

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("village_mediators", float(self.meeting_hours), "village", "council meetings")
