"""A part of a place that stands for the whole: fewer villages, and as much less of all that serves them."""

from __future__ import annotations

from collections.abc import Sequence

from sim.scenario.copies import copied, valued
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.quantity import Quantity


def part_of(place: Place, parts: int) -> Place:
    """One of `parts` equal parts of a place: persons, villages, townships and county staff divided by `parts`.

    Villages and townships become whole numbers, at least one; persons go by villages, so that these stay as large as
    they are. What is counted per village, township or head stays as it is.
    """
    if parts == 1:
        return place
    villages = max(1, round(float(place.villages.count.value) / parts))
    share = villages / float(place.villages.count.value)
    townships = max(1, round(float(place.townships.count.value) * share))
    county = {
        name: _times(getattr(place.county, name), share)
        for name in type(place.county).model_fields
        if isinstance(getattr(place.county, name), Quantity)
    }
    update = {
        "population": copied(place.population, {"persons": _times(place.population.persons, share)}),
        "villages": copied(place.villages, {"count": valued(place.villages.count, villages)}),
        "townships": copied(place.townships, {"count": valued(place.townships.count, townships)}),
        "county": copied(place.county, county),
    }
    return copied(place, update)


def can_be_parted(measures: Sequence[Measure]) -> bool:
    """Whether measures act on shares of villages: one that names villages or townships would not find them."""
    return all(m.coverage.villages is None and m.coverage.townships is None for m in measures)


def _times(quantity: Quantity, factor: float) -> Quantity:
    return valued(quantity, float(quantity.value) * factor)
