"""What an hour of staff costs: an assumption of the analyst, kept apart from places."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from sim.language import Message
from sim.scenario.checks import STAFF
from sim.scenario.errors import ScenarioError, listed, nearest, shown
from sim.scenario.load import load_tree, located, validated
from sim.scenario.place import Slug, Source, Strict, Title
from sim.scenario.quantity import Hours, PositiveHours, PositiveRatio, Share, _quantity
from sim.scenario.shipped import shipped_root

YuanPerHour: Any = _quantity("yuan per hour", 0.0, 1e5)
Yuan: Any = _quantity("yuan", 0.0, 1e7)


class StudyPrice(Strict):
    """What a study takes: hours of a staff group to prepare it and for each call, household or month; yuan beside."""

    staff: str
    preparation_hours: Hours
    hours: Hours
    yuan: Yuan


class CallBackPrice(StudyPrice):
    """Ringing the parties of closed files. `wrong_answers` is the share of answers that are not what is so."""

    wrong_answers: Share


class SurveyPrice(StudyPrice):
    """Asking households. `persons` live in one."""

    persons: PositiveRatio


class Studies(Strict):
    """What a county can do to know more."""

    call_back: CallBackPrice
    household_survey: SurveyPrice
    petition_log: StudyPrice
    register_of_disputes: StudyPrice | None = None  # files of prices from before it have none


class Prices(Strict):
    """Yuan per hour of each staff group, and the hours of a person in a year."""

    schema_version: Literal[1]
    name: Slug
    title: Title
    sources: dict[str, Source]
    hours_per_person_year: PositiveHours
    yuan_per_hour: dict[str, YuanPerHour]
    studies: Studies | None = None  # without them no study is priced

    def study(self, price: StudyPrice, n: float, *, in_hours: bool = False) -> float:
        """What a study of n calls, households or months costs, in yuan or in hours."""
        hours = float(price.preparation_hours.value) + n * float(price.hours.value)
        if in_hours:
            return hours
        return hours * float(self.yuan_per_hour[price.staff].value) + n * float(price.yuan.value)

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
    for name in Studies.model_fields if prices.studies else ():
        study = getattr(prices.studies, name)
        if study is not None and (staff := study.staff) not in STAFF:
            said = Message("Staff groups are {staff}.", staff=listed(STAFF))
            faults.append(
                located(
                    ("studies", name, "staff"),
                    Message("{name} is no staff group", name=shown(staff)),
                    said,
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
