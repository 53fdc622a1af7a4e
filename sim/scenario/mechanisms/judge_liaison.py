"""Judge liaison: a team of judges for each township helps to settle before a suit is filed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, evidenced, number
from sim.scenario.mechanisms.effects import Add, Edit, Hours, Multiply, Use
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class JudgeLiaison(Mechanism):
    """Baojing: 12 judges and 4 assistants in 12 teams.

    Filings fell by 20.26 %, which is held out and sets nothing here.
    """

    name = "judge_liaison"
    zh = "法官联络"
    acts_at = "township, village"
    about = "teams of judges for townships, to settle before a suit"
    pays = "judges: hours on the road that the bench lacks"

    days_a_month: Quantity = number(2, "days", 1, 4, "that a judge spends in the township", least=0)
    hours_a_day: Quantity = number(6, "hours", 4, 8, "net of the way")
    suits: Quantity = evidenced("judge_liaison", "suits", least=0.001)
    sues: Quantity = number(
        -0.3, "log-odds", -0.8, 0.0, "going to court when mediation is exhausted", least=-20, most=20
    )
    bypasses: Quantity = number(
        -0.3, "log-odds", -0.8, 0.0, "skipping mediation for the court", least=-20, most=20
    )
    success: Quantity = evidenced("judge_liaison", "success", least=-20, most=20)
    learning: Quantity = evidenced("judge_liaison", "learning", least=0.01)

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Multiply("going.suit_rate", float(self.suits))
        yield Add("going.sues", float(self.sues))
        for tier in ("village", "township"):
            yield Add(f"tiers.{tier}.bypasses", float(self.bypasses))
        yield Add("tiers.township.success", float(self.success))

    def uses(self, place: Place) -> Iterator[Use]:
        """What it takes, and from whom."""
        hours = 12.0 * float(self.days_a_month) * float(self.hours_a_day)
        yield Hours("judges", hours, "township", "in the townships")
