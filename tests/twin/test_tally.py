"""One compiled pass over the rows of a trace counts what numpy counts, number for number, whatever the window."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.draws import Draws
from sim.engines import compiled
from sim.model import Model, build
from sim.outcomes.cases import Cases
from sim.outcomes.tally import Tally, by_machine_code, by_numpy, first_difference
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.traces import ROW_COLUMNS, Trace
from tests.places import rich_place, with_capacity
from tests.twin.made_up import places

ROOT = Path(__file__).resolve().parents[2]
PLACES = sorted((ROOT / "scenarios" / "places").glob("*.yaml"))


def same(trace: Trace, model: Model) -> Tally:
    """The tally of both, which must agree in every number, for the window of the place and for others."""
    for warm_up in (trace.warm_up, 0, trace.horizon // 3 + 7, trace.horizon - 1):
        of_window = replace(trace, warm_up=warm_up)
        read, fast = by_numpy(of_window, model), by_machine_code(of_window, model)
        assert first_difference(read, fast) is None
    return by_machine_code(trace, model)


def test_everything_that_is_counted_happens_and_is_the_same() -> None:
    """Equality says little about numbers that are zero everywhere."""
    seen: dict[str, bool] = {}
    model = with_capacity(build(rich_place(about="")), {(250_000, 0): 3, (400_000, 1): 0})
    for replication in range(4):
        tally = same(compiled.simulate(model, Draws(2024, replication)), model)
        for field in fields(Tally):
            value = getattr(tally, field.name)
            for name, numbers in (
                [(f"{field.name}.{f.name}", getattr(value, f.name)) for f in fields(Cases)]
                if isinstance(value, Cases)
                else [(field.name, value)]
            ):
                seen[name] = seen.get(name, False) or len(np.unique(numbers)) > 1 or np.max(numbers) > 0
    assert all(seen.values()), [name for name, some in seen.items() if not some]


@settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
@given(place=places(), seed=st.integers(0, 10_000))
def test_strange_places(place: Place, seed: int) -> None:
    model = build(place)
    same(compiled.simulate(model, Draws(seed, 0)), model)


@pytest.mark.parametrize("policy", ["practice", "none"])
@pytest.mark.parametrize("path", PLACES, ids=lambda path: path.stem)
def test_shipped_places(path: Path, policy: str) -> None:
    place = load_place(path)
    model = build(place, parse(policy, place))
    same(compiled.simulate(model, Draws(1, 0)), model)


def test_a_trace_without_anything() -> None:
    model = build(rich_place())
    trace = compiled.simulate(model, Draws(1, 0), np.zeros(0, dtype=np.int64))
    assert same(trace, model).counts.sum() == 0


@pytest.mark.parametrize("column", ["minute", "event", "tier", "pool", "visit", "detail"])
def test_a_difference_would_be_noticed(column: str) -> None:
    """Another number in one column of some rows is another tally."""
    model = build(rich_place(population={"persons": 10_000}, villages={"count": 8}, townships={"count": 2}))
    trace = compiled.simulate(model, Draws(1, 0))
    rows = trace.rows.copy()
    at = ROW_COLUMNS.index(column)
    chosen = rows[:, at] == np.bincount(rows[rows[:, at] >= 0, at]).argmax()
    rows[chosen, at] = np.clip(rows[chosen, at] + 1, 0, 7) if column != "minute" else rows[chosen, at] + 1
    assert first_difference(by_numpy(trace, model), by_numpy(replace(trace, rows=rows), model)) is not None
