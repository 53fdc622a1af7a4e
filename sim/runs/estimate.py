"""What a run will cost, before it is run: disputes, time and memory, from a small sample."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.clock import MAX_DISPUTES
from sim.draws import Draws
from sim.engines.choose import simulator
from sim.language import Message
from sim.model import Model
from sim.population import slots_of, village_counts

SAMPLE = 400
ROW_BYTES = {"reference": 9 * 8 + 200, "compiled": 9 * 8 * 2}  # a tuple of integers, and its array
DISPUTE_BYTES = {"reference": 2500, "compiled": 1000}
BASE_BYTES = 300e6  # interpreter and libraries of one process, and the drawing of figures in the first
# Of a replication in the process that writes the tables: 8 for each of its metrics and points of curves, 560 in
# Liucheng, and what the store knows of it. Twice that, for places with more.
OUTCOME_BYTES = 10e3
MANY_ROWS = 60  # trace rows of a dispute, more than any place has on average


@dataclass(frozen=True)
class Estimate:
    """Per replication unless said otherwise; `seconds` and `memory` (bytes) are for the whole run."""

    disputes: float
    rows: float
    seconds: float
    memory: float


class TooLarge(Exception):
    """The run does not fit into memory. The message says by how much, and what to do."""


def available_memory() -> float:
    """Bytes that may still be taken, by the kernel and the limit of a container; infinite if unknown."""
    found = []
    try:
        kilobytes = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
        if kilobytes:
            found.append(1024.0 * int(kilobytes[1]))
    except OSError:  # not Linux: what is built in will have to do
        if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
            found.append(float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")))
    try:
        group = Path("/sys/fs/cgroup")
        limit, used = ((group / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        if limit != "max":
            found.append(max(0.0, float(limit) - float(used)))
    except (OSError, ValueError):
        pass
    return min(found, default=float("inf"))


def refuse_too_large(model: Model, engine: str, replications: int, workers: int) -> None:
    """Raise `TooLarge` if `workers` processes here, and the outcomes of all replications, do not fit into memory.

    A sample is simulated only where a generous bound does not settle it. `workers` is 0 if they are on other computers.
    """
    available = available_memory()
    each = float(model.villages.expected.sum()) * (DISPUTE_BYTES[engine] + MANY_ROWS * ROW_BYTES[engine])
    outcomes = BASE_BYTES + replications * OUTCOME_BYTES
    if workers * (BASE_BYTES + each) + outcomes <= available:
        return
    try:
        one = estimate(model, engine, 1, 1).memory
    except OverflowError as error:
        raise TooLarge(Message("{error}; take a smaller place", error=error)) from None
    needed = workers * one + outcomes
    if needed <= available:
        return
    fitting = int((available - outcomes) // one)
    advice = (
        Message("take --workers {fitting}", fitting=fitting)
        if 1 <= fitting < workers
        else Message("take fewer replications, or a computer with more memory")
        if workers * one < outcomes
        else Message("take a smaller place, or a computer with more memory")
    )
    raise TooLarge(
        Message(
            "this run needs about {needed:.1f} GB of memory ({workers} workers of {one:.1f} GB, and "
            "{outcomes:.1f} GB for the outcomes of {replications:,} replications), and "
            "{available:.1f} GB are available; {advice}",
            needed=needed / 1e9,
            workers=workers,
            one=one / 1e9,
            outcomes=outcomes / 1e9,
            replications=replications,
            available=available / 1e9,
            advice=advice,
        )
    )


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
