"""One replication by itself: its model and its trace."""

from __future__ import annotations

from collections.abc import Sequence

from sim.draws import Draws
from sim.engines.choose import choose_engine, simulator
from sim.model import Model, build
from sim.runs.estimate import expected_disputes
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.traces import Trace


def single(
    place: Place, measures: Sequence[Measure] | None, seed: int, replication: int = 0, engine: str = "auto"
) -> tuple[Model, Trace]:
    """A place under measures (None: its own). Raises ScenarioError where the numbers do not fit together."""
    model = build(place, None if measures is None else tuple(measures))
    return model, simulator(choose_engine(engine, expected_disputes(model)))(model, Draws(seed, replication))
