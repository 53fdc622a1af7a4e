"""Effects over the selectivity of a record: draws of the two ends, weighed for what lies between."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sim.scenario.metrics import Column
from sim.scenario.parameter_draws import ParameterDraws
from sim.studies.assemble import PlacePanel
from sim.studies.panel import Panel
from sim.studies.selective import FEWEST, draw_weights, over_selectivity, words

EACH = 60  # draws of each reading
COLUMN = Column("filings_per_10000")


def place(effects: tuple[float, float], logs: tuple[object, object]) -> PlacePanel:
    """A place in which the policy changes filings by so much under the draws of either reading, in turn."""
    draws = 2 * EACH
    before = np.random.default_rng(1).normal(50.0, 4.0, (1, draws, 2))
    change = np.tile(effects, EACH)[:, None] + np.random.default_rng(2).normal(0.0, 1e-3, (draws, 2))
    values = np.stack([before, before + change])
    parts = tuple((r, ("a",), bytes(EACH)) for r in ("proportional", "target_driven"))
    posterior = ParameterDraws(parts, ((0.0, 0.5, 1.0), logs))  # type: ignore[arg-type]
    cell = SimpleNamespace(posterior=posterior, policy="practice")
    panel = Panel(("practice", "+whistle"), (COLUMN,), values)
    return PlacePanel((cell, cell), None, panel, ())  # type: ignore[arg-type]


def level(
    first: float | None, middle: float | None, last: float | None
) -> tuple[tuple[float | None, ...], ...]:
    return tuple((x,) * EACH for x in (first, middle, last))


OF_PROPORTIONAL, OF_DRIVEN = level(0.0, 0.1, None), level(None, 0.1, 0.0)


def test_either_end_has_its_own_draws_and_the_middle_both() -> None:
    frame = over_selectivity(place((-2.0, 1.0), (OF_PROPORTIONAL, OF_DRIVEN))).set_index("selectivity")
    assert frame.loc[0.0, "difference"] == pytest.approx(-2.0, abs=0.01)
    assert frame.loc[1.0, "difference"] == pytest.approx(1.0, abs=0.01)
    assert frame.loc[0.5, "low"] == pytest.approx(-2.0, abs=0.01)
    assert frame.loc[0.5, "high"] == pytest.approx(1.0, abs=0.01)
    assert frame.loc[0.5, "p_lower"] == pytest.approx(0.5, abs=0.02)
    assert frame["ess"].tolist() == pytest.approx([EACH, 2 * EACH, EACH])
    assert frame.loc[0.0, "p_lower"] < 1.0  # sixty draws do not make it certain


def test_draws_count_by_how_probable_they_are_there() -> None:
    """Half of the target-driven draws become twice as probable as the others: two thirds of the weight are theirs."""
    logs = tuple(float(np.log(2.0)) if i < EACH // 2 else 0.0 for i in range(EACH))
    one = place((-2.0, 1.0), (OF_PROPORTIONAL, (OF_DRIVEN[0], OF_DRIVEN[1], logs)))
    found = draw_weights(one)
    assert found is not None
    at, weights = found
    assert at == (0.0, 0.5, 1.0)
    assert weights.sum(axis=1) == pytest.approx(np.ones(3))
    driven = weights[2, 1::2]
    assert weights[2, ::2].sum() == 0.0
    assert driven[: EACH // 2].sum() == pytest.approx(2 / 3)


def test_too_few_effective_draws_show_no_figure() -> None:
    few = tuple(0.0 if i < FEWEST - 2 else None for i in range(EACH))
    one = place((-2.0, 1.0), (OF_PROPORTIONAL, (OF_DRIVEN[0], OF_DRIVEN[1], few)))
    frame = over_selectivity(one).set_index("selectivity")
    assert frame.loc[1.0, "ess"] == pytest.approx(FEWEST - 2)
    assert np.isnan(frame.loc[1.0, "difference"])
    assert np.isfinite(frame.loc[0.5, "difference"])
    assert "0 to 0.5" not in str(words(frame.reset_index(), COLUMN))  # it names the points
    assert "(0) to a target-driven one (0.5)" in str(words(frame.reset_index(), COLUMN))


def test_where_nothing_is_known_of_selectivity_there_is_no_table() -> None:
    one = place((-2.0, 1.0), (OF_PROPORTIONAL, OF_DRIVEN))
    cell = SimpleNamespace(posterior=ParameterDraws(one.cells[0].posterior.parts), policy="practice")  # type: ignore[union-attr]
    assert over_selectivity(replace(one, cells=(cell, cell))).empty  # type: ignore[arg-type]
    assert words(over_selectivity(replace(one, cells=(cell, cell))), COLUMN) == ""  # type: ignore[arg-type]


def test_changed_numbers_have_no_known_weights() -> None:
    one = place((-2.0, 1.0), (OF_PROPORTIONAL, OF_DRIVEN)).cells[0].posterior
    assert one is not None
    assert one.without({"a"}).selectivity is None


def test_what_would_be_recorded_is_not_weighed() -> None:
    """A record between the ends is made by another rule than either end's."""
    one = place((-2.0, 1.0), (OF_PROPORTIONAL, OF_DRIVEN))
    columns = (COLUMN, Column("success_rate", "recorded", "target_driven"))
    panel = replace(one.panel, columns=columns, values=np.concatenate([one.panel.values] * 2, axis=1))
    assert set(over_selectivity(replace(one, panel=panel))["metric"]) == {COLUMN.metric}
