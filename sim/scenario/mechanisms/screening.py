"""Screening: a search for disputes at irregular times every week, beside the fixed monthly one that is a general
duty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Edit, Hours, Search, Use
from sim.scenario.mechanisms.searching import searching
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class Screening(Mechanism):
    """Daliu. The fixed monthly round is in the national priors, since it is a duty everywhere."""

    name = "screening"
    zh = "排查"
    acts_at = "village"
    about = "periodic searches for disputes: irregular every week, fixed every month"
    pays = "village mediators: hours of searching"

    every: Quantity = number(
        7,
        "days",
        7,
        7,
        "every week, not on a fixed day",
        source="daliu_article",
        status="reported",
        least=0.01,
    )
    irregularity: Quantity = number(
        1,
        "share",
        0.5,
        1,
        "not on a fixed day: up to half a period early or late",
        source="daliu_article",
        status="derived",
        most=1,
    )
    detects: Quantity = number(
        0.045, "probability", 0.01, 0.2, "half of what the fixed monthly round finds; geometric mean", most=1
    )
    round_hours: Quantity = number(52, "hours", 26, 104, "per village and year: an hour a week")

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Search(
            "weekly_screening",
            searching(
                "screening",
                every=float(self.every),
                irregularity=float(self.irregularity),
                detects=float(self.detects),
                enters="village",
            ),
        )

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        yield Hours("village_mediators", float(self.round_hours), "village", "screening rounds")
