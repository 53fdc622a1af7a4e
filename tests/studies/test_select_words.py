"""What a selection says of itself: what is promised, and that nothing is where nothing can be."""

from __future__ import annotations

import numpy as np

from sim.statistics.selection import kn, ocba
from sim.studies.select.words import what_is_promised
from tests.statistics.selection_worlds import luck, names, world


def test_a_race_says_what_is_promised() -> None:
    x = luck(2, 2, 3000, 0.0) + np.array([0.0, 2.0])[:, None]
    first = str(what_is_promised(kn(world(x), ["day", "night"], delta=1.5, alpha=0.1)))
    assert "day was selected after 20 replications of it and 40 in all" in first
    assert "better than every other by 1.5 or more" in first and "at least 0.9." in first
    assert "normal values" in first
    updated = kn(world(x), ["day", "night"], delta=1.5, variance="update")
    assert "in the limit" in what_is_promised(updated)


def test_ties_are_named() -> None:
    one = luck(0, 1, 500, 0.0)
    found = kn(world(np.concatenate([one, one, one + 3])), names(3), delta=0.5)
    assert "In every replication s1 gave the same value." in what_is_promised(found)


def test_a_budget_that_ended_a_race_promises_nothing() -> None:
    said = str(what_is_promised(kn(world(luck(2, 3, 3000, 0.0)), names(3), delta=0.05, most=100)))
    assert said.startswith("NOT guaranteed: the budget of 100 replications ended after ")
    assert "probability" not in said


def test_an_allocation_is_called_an_approximation() -> None:
    x = luck(2, 2, 300, 0.0) + np.array([0.0, 5.0])[:, None]
    said = str(what_is_promised(ocba(world(x), ["day", "night"], budget=40)))
    assert said.startswith("day has the best mean after 40 replications (day ")
    assert said.endswith("an approximation, not a guarantee.")
