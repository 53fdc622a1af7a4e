"""What a run will cost, before it is run: disputes, time and memory, from a small sample."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from sim.clock import MAX_DISPUTES
from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import Model
from sim.population import slots_of, village_counts

SAMPLE = 400
ROW_BYTES = {"reference": 9 * 8 + 200, "compiled": 9 * 8 * 2}  # a tuple of integers, and its array
DISPUTE_BYTES = {"reference": 2500, "compiled": 1000}
BASE_BYTES = 250e6  # interpreter and libraries of one process


@dataclass(frozen=True)
class Estimate:
    """Per replication unless said otherwise; `seconds` and `memory` (bytes) are for the whole run."""

    disputes: float
    rows: float
    seconds: float
    memory: float


def expected_disputes(model: Model) -> float:
    """Expected grievances of one replication, warm-up included (the thinned part of the superset left out)."""
    return float(model.villages.expected.sum()) / model.superset


def estimate(model: Model, engine: str, replications: int, workers: int) -> Estimate:
    """Run a sample of one replication and scale it up."""
    draws = Draws(0, 0)
    slots = slots_of(village_counts(model, draws))
    if len(slots) >= MAX_DISPUTES:
        raise OverflowError(
            f"{len(slots):,} disputes in one replication; at most {MAX_DISPUTES:,} are possible"
        )
    sample = np.sort(np.random.default_rng(0).permutation(slots)[:SAMPLE])
    simulate = simulator(engine)
    if engine == "compiled":
        simulate(model, draws, sample[:1])  # the machine code is made, or loaded, once
    start = time.perf_counter()
    trace = simulate(model, draws, sample)
    seconds = time.perf_counter() - start
    scale = len(slots) / max(1, len(sample))
    disputes = expected_disputes(model)
    rows = len(trace.rows) * scale
    memory = workers * (BASE_BYTES + rows * ROW_BYTES[engine] + len(slots) * DISPUTE_BYTES[engine])
    return Estimate(disputes, rows, 1.2 * seconds * scale * replications / workers, memory)
