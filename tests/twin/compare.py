"""Two engines, one trace."""

from __future__ import annotations

import numpy as np

from sim.draws import Draws
from sim.engines import compiled, reference
from sim.model import Model
from sim.population import slots_of, village_counts
from sim.traces import Trace, first_difference


def superset(model: Model, draws: Draws) -> np.ndarray:
    """Slots of all disputes of a replication."""
    return slots_of(village_counts(model, draws))


def same(model: Model, draws: Draws, slots: np.ndarray | None = None) -> Trace:
    """The trace of both engines, which must agree in every byte."""
    read, fast = (engine.simulate(model, draws, slots) for engine in (reference, compiled))
    assert first_difference(read, fast) is None
    for a, b in ((read.rows, fast.rows), (read.disputes, fast.disputes)):
        assert a.dtype == b.dtype and a.dtype.kind == "i" and a.shape == b.shape
        assert a.tobytes() == b.tobytes()
    assert read.digest() == fast.digest()
    return fast
