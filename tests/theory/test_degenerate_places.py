"""The degenerate places are places like any other: what an analyst's file must satisfy, they satisfy."""

from __future__ import annotations

import pytest

from sim.scenario.checks import check
from sim.scenario.place import Place
from tests.places import ample_place, plain_place, queue_place, rich_place
from tests.theory import test_absorption as absorption
from tests.theory import test_priority as priority

PLACES = {
    "rich": rich_place(),
    "ample": ample_place(),
    "plain": plain_place({"village": {}}, {"village": 1.0}),
    "queue": queue_place(villages=2, arrivals=0.06, servers=1),
    "patience": queue_place(villages=2, arrivals=0.06, servers=1, patience_days=2),
    "priority": priority.priority_place(
        townships=2, arrivals=0.035, classes=priority.CLASSES, urgent=priority.FIRST
    ),
    "absorption": absorption.place_of(1),
    "grid": absorption.place_of(1, grid=True),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_nothing_is_wrong_with_it(place: Place) -> None:
    assert check(place) == []
