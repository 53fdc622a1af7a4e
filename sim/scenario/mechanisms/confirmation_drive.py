"""A drive for judicial confirmation: more agreements can be enforced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.mechanisms.base import Mechanism, number
from sim.scenario.mechanisms.effects import Edit, Put
from sim.scenario.place import Place
from sim.scenario.quantity import Quantity


@dataclass(frozen=True)
class ConfirmationDrive(Mechanism):
    """Uptake is about 2 % of mediated agreements (Ministry of Justice); how far a drive brings it is assumed."""

    name = "confirmation_drive"
    zh = "司法确认"
    acts_at = "court"
    about = "agreements are confirmed by the court"
    pays = "judges: each confirmation is a job in the simulation"

    confirmed: Quantity = number(
        0.1, "probability", 0.05, 0.3, "of agreements, against 0.02 without a drive", most=1
    )

    def edits(self, place: Place) -> Iterator[Edit]:
        """What it changes."""
        yield Put("agreement.confirmed", float(self.confirmed))
