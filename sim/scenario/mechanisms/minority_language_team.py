"""A team that speaks the minority language. Baojing has one of prosecutors, for criminal cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class MinorityLanguageTeam(Mechanism):
    """That it helps in villages is an extrapolation of the analyst: the article reports it for prosecutors only."""

    name = "minority_language_team"
    zh = "少数民族语言专班"
    acts_at = "village, township"
    about = "mediation in the language of the parties"
    pays = "township mediators: hours of interpreting"

    speaks: Quantity = number(
        1.0,
        "log-odds",
        0.0,
        2.0,
        "parties who are understood in their language: extrapolated to villages",
        least=-20,
        most=20,
    )
    interpreting_hours: Quantity = number(20, "hours", 5, 60, "per township and year")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        for tier in ("village", "police", "township", "county"):
            yield Add(f"tiers.{tier}.speaks_minority_language", float(self.speaks))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("township_mediators", float(self.interpreting_hours), "township", "interpreting")
