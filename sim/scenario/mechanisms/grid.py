"""The grid: small areas, each with a worker or a street head who hears of disputes and tries first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Edit, Ensure, Hasten, Persons, Use
from sim.scenario.mechanisms.hamlet import hamlet
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity

PERSONS_PER_HOUSEHOLD = 3.86  # Daliu: 14,091 people in 3,647 households (daliu_article)
USUAL_HOUSEHOLDS = (
    25.0  # to which one head attends where `notices_days` holds: the middle of Jiang's 20 to 30
)


@dataclass(frozen=True)
class Grid(Mechanism):
    """Liucheng and Jiang five levels, Daliu three; Jiang has a head for 20 to 30 households.

    Heads whom it brings notice sooner, the fewer households each of them has. Where a place reports heads of its own
    the time is the same for all places: no article says what more of them would notice.
    """

    name = "grid"
    zh = "网格"
    acts_at = "hamlet"
    about = "small areas with a worker or street head of their own"
    pays = "grid workers and street heads: handling at the doorstep takes their hours"

    notices_days: Quantity = number(
        180,
        "days",
        60,
        540,
        "mean time until the grid notices a dispute; no source for any grid, geometric mean",
        least=0.001,
    )
    households_per_head: Quantity = number(
        25,
        "count",
        20,
        30,
        "where a place has no heads yet",
        source="jiang_article",
        status="reported",
        least=1,
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Ensure("tiers.hamlet", hamlet())
        yield Ensure("detection.grid_days", self._notices(place))
        if place.detection.grid_days is None:
            yield Hasten("detection.grid_days")

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        if _lacks_heads(place):
            per_village = (
                float(place.population.persons) / float(place.villages.count) / PERSONS_PER_HOUSEHOLD
            )
            heads = max(1.0, round(per_village / float(self.households_per_head)))
            yield Persons("grid_heads", heads, "village", "street heads")

    def _notices(self, place: Place) -> Quantity:
        """The mean time until the grid notices a dispute, by the households of a head whom it brings."""
        if not _lacks_heads(place):
            return self.notices_days
        scale = float(self.households_per_head) / USUAL_HOUSEHOLDS
        days = {name: float(getattr(self.notices_days, name)) * scale for name in ("value", "low", "high")}
        return self.notices_days.model_copy(update=days)


def _lacks_heads(place: Place) -> bool:
    return float(place.villages.grid_heads) < 1.0
