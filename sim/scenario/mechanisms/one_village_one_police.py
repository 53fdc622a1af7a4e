"""One village, one police officer: weekly visits that find disputes, and a quota that also makes records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Multiply, Search, Use
from sim.scenario.mechanisms.searching import searching
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class OneVillageOnePolice(Mechanism):
    """Fengcheng: 83 police in 39 villages.

    Jiang: a day a week, 5 households a visit, a lead or dispute a week. The fall of 68 % is held out. The days in the
    village come from other duties of the officers who are sent there: they cost, but no mediation at the station is
    given up for them.
    """

    name = "one_village_one_police"
    zh = "一村一警"
    acts_at = "village"
    about = "a police officer for each village, with weekly visits and a quota"
    pays = "police: officers sent to the villages, for a day a week each"

    every: Quantity = number(
        7,
        "days",
        1,
        14,
        "presence in the village at least weekly",
        source="jiang_article",
        status="reported",
        least=0.01,
    )
    detects: Quantity = number(
        0.02,
        "probability",
        0.005,
        0.1,
        "5 of some 245 households a visit; two parties each, half of them tell",
        source="jiang_article",
        status="derived",
        most=1,
    )
    eruption: Quantity = evidenced("one_village_one_police", "eruption", least=0.001)
    interception: Quantity = evidenced("one_village_one_police", "interception", least=-20, most=20)
    invented: Quantity = number(
        0.1,
        "ratio",
        0.0,
        0.5,
        "more invented files per recorded success, where a lead a week is demanded (target-driven reading)",
    )
    visit_hours: Quantity = number(
        8,
        "hours",
        4,
        8,
        "of an officer for each visit: at least a day a week is the quota",
        source="jiang_article",
        status="derived",
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Search(
            "village_police",
            searching(
                "police_visit",
                every=float(self.every),
                irregularity=0.5,
                detects=float(self.detects),
                enters="village",
            ),
        )
        yield Multiply("eruption.rate", float(self.eruption))
        yield Add("eruption.interception", float(self.interception))
        yield Add("recording.target_driven.invented", float(self.invented), effect=False)

    def uses(self, place: Place) -> Iterator[Use]:
        """Hours in the village, of officers who are sent there."""
        hours = 365.0 / float(self.every) * float(self.visit_hours)
        yield Hours("police", hours, "village", "days in villages", sent=True)
