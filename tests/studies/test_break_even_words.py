"""A break-even effect in words."""

from __future__ import annotations

import numpy as np

from sim.statistics.break_even import break_even
from sim.studies.break_even_words import break_even_words

GRID = np.array([0.0, 1.0, 2.0])


def test_where_the_order_turns_is_told_with_its_range() -> None:
    differences = (1.5 - GRID)[:, None] + np.random.default_rng(16).normal(0, 0.01, (1, 200))
    said = break_even_words(break_even(GRID, differences, np.linspace(0.5, 2.5, 401)), "practice").rendered()
    assert said.startswith(
        "against practice the order turns at 1.5 times the assumed effect (95 %: 1.5 to 1.5); "
    )
    assert said.endswith("prior probability beyond it 50%")


def test_no_crossing_is_said_to_be_none_in_range() -> None:
    said = break_even_words(break_even(GRID, np.ones((3, 10)), np.ones(5)), "practice").rendered()
    assert said == "none: against practice the order stays even if the effect is 0 to 2 times what is assumed"


def test_a_crossing_that_most_samples_lack_has_no_range() -> None:
    differences = np.array([[1.0, 1.0], [1.0, 1.0], [-1.1, 1.0]])
    said = break_even_words(break_even(GRID, differences, np.full(5, 3.0)), "practice").rendered()
    assert "(95 %" not in said and said.endswith("prior probability beyond it 100%")
