"""The order of keys in a file is no part of a scenario: a manifest, whose keys are sorted, must give the same run."""

from __future__ import annotations

import json

from sim.draws import Draws
from sim.engines.reference import simulate
from sim.model import build
from sim.runs.case import canonical
from sim.scenario.place import Place
from tests.places import quantity, rich_place

MONTHLY = {
    "channel": "household_visit",
    "every": quantity(30, "days"),
    "irregularity": quantity(0.5, "share"),
    "detects": quantity(0.1, "probability"),
    "coverage": quantity(1, "share"),
    "enters": "village",
}


def test_a_place_read_back_from_its_sorted_json_gives_the_same_trace() -> None:
    place = rich_place(
        population={"persons": 20_000},
        villages={"count": 8},
        townships={"count": 2},
        detection={"rounds": {"monthly": MONTHLY}},
    )
    assert list(place.detection.rounds) == ["weekly", "monthly"]  # not sorted, or the test shows nothing
    again = Place.model_validate(json.loads(canonical(place)))
    assert list(again.detection.rounds) == ["monthly", "weekly"]
    assert simulate(build(place), Draws(1, 0)).digest() == simulate(build(again), Draws(1, 0)).digest()
