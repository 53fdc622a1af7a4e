"""What an hour of staff costs: an assumption of the analyst, kept apart from places."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from sim.language import Message
from sim.scenario.checks import STAFF
from sim.scenario.errors import ScenarioError, listed, nearest, shown
from sim.scenario.load import load_tree, located, validated
from sim.scenario.place import Slug, Source, Strict, Title
from sim.scenario.quantity import PositiveHours, _quantity
from sim.scenario.shipped import shipped_root

YuanPerHour: Any = _quantity("yuan per hour", 0.0, 1e5)


class Prices(Strict):
    """Yuan per hour of each staff group, and the hours of a person in a year."""

    schema_version: Literal[1]
    name: Slug
    title: Title
    sources: dict[str, Source]
    hours_per_person_year: PositiveHours
    yuan_per_hour: dict[str, YuanPerHour]

    def hours(self, by_staff: dict[str, float]) -> float:
        """The price of hours by staff group, in yuan."""
        return sum(float(self.yuan_per_hour[s].value) * h for s, h in by_staff.items())

    def persons(self, by_staff: dict[str, float]) -> float:
        """The price of person-years by staff group, in yuan."""
        year = float(self.hours_per_person_year.value)
        return sum(float(self.yuan_per_hour[s].value) * year * n for s, n in by_staff.items())


def load_prices(path: str | Path | None = None) -> Prices:
    """Prices from a file, or the assumed ones. Raises ScenarioError."""
    file = Path(path) if path is not None else shipped_root() / "national" / "prices.yaml"
    tree, index = load_tree(file, (), Prices)
    prices = validated(Prices, tree, index)
    faults = []
    for name in prices.yuan_per_hour:
        if name not in STAFF:
            near = nearest(name, STAFF)
            remedy = (
                Message("Did you mean {near}?", near=near)
                if near
                else Message("Staff groups are {staff}.", staff=listed(STAFF))
            )
            faults.append(
                located(
                    ("yuan_per_hour", name),
                    Message("{name} is no staff group", name=shown(name)),
                    remedy,
                    index,
                )
            )
    missing = [s for s in STAFF if s not in prices.yuan_per_hour]
    if missing:
        text = f"{listed(missing)} have no price"
        faults.append(
            located(
                ("yuan_per_hour",), text, Message("Write a price for each staff group; 0 for none."), index
            )
        )
    if faults:
        raise ScenarioError(faults)
    return prices
