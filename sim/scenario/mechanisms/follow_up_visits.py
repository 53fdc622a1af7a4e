"""Follow-up visits after an agreement: a breach that is coming is found and repaired."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Edit, Put
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class FollowUpVisits(Mechanism):
    """Daliu makes them a rule; how many are made is not reported. Where more are made already, that many are kept."""

    name = "follow_up_visits"
    zh = "回访"
    acts_at = "village"
    about = "visits after an agreement"
    pays = "village mediators: each visit is a job in the simulation"

    share: Quantity = number(
        0.8,
        "probability",
        0.5,
        1.0,
        "of agreements that are visited: visits are the rule",
        source="daliu_article",
        status="derived",
        most=1,
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Put("agreement.follow_up", max(float(self.share), float(place.agreement.follow_up)))
