"""Liucheng and Daliu less one of their mechanisms: its numbers go with it, and come back with it."""

from __future__ import annotations

from functools import cache

import pytest

from sim.scenario.edited import edited
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.scenario.policy import practice, without

# Place, mechanism, path, what the place does, what it does without the mechanism (the national priors).
NUMBERS = [
    ("liucheng", "rule_321", "tiers.village.attempts", 3, 2),
    ("liucheng", "rule_321", "tiers.township.attempts", 2, 2),
    ("liucheng", "rule_321", "tiers.county.attempts", 1, 1),
    ("liucheng", "rule_321", "going.county_takes_all", True, False),
    ("liucheng", "case_meetings", "tiers.village.deadline.action", "raise", "record"),
    ("liucheng", "case_meetings", "tiers.township.deadline.action", "raise", "record"),
    ("liucheng", "grid", "detection.grid_days", 180, None),
    ("liucheng", "grid", "tiers.hamlet.attempts", 1, None),
    ("daliu", "case_meetings", "tiers.village.deadline.action", "raise", "record"),
    ("daliu", "case_meetings", "tiers.township.deadline.action", "raise", "record"),
    ("daliu", "grid", "detection.grid_days", 180, None),
    ("daliu", "grid", "tiers.hamlet.attempts", 1, None),
    ("daliu", "screening", "detection.rounds.weekly_screening.every", 7, None),
    ("daliu", "screening", "detection.rounds.weekly_screening.irregularity", 1, None),
    ("daliu", "screening", "detection.rounds.weekly_screening.detects", 0.045, None),
    ("daliu", "screening", "detection.rounds.monthly.every", 30.4, 30.4),
    ("daliu", "follow_up_visits", "agreement.follow_up", 0.8, 0.1),
]


@cache
def shipped(name: str) -> Place:
    return load_place(name)


def at(place: Place, path: str) -> object:
    """The plain value at a path; None where something on the way is not there."""
    here: object = place
    for key in path.split("."):
        here = here.get(key) if isinstance(here, dict) else getattr(here, key, None)
    return getattr(here, "value", here)


@pytest.mark.parametrize(("name", "mechanism", "path", "with_it", "without_it"), NUMBERS)
def test_a_number_goes_and_comes_with_its_mechanism(
    name: str, mechanism: str, path: str, with_it: object, without_it: object
) -> None:
    place = shipped(name)
    measures = practice(place)
    assert mechanism in {m.mechanism for m in measures}
    assert at(edited(place, measures), path) == with_it
    assert at(edited(place, without(measures, mechanism)), path) == without_it
