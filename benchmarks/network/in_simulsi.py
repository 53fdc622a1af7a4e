"""The network in simulsi: a process per dispute, resources and named streams, as in its introduction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulsi import Simulation
from simulsi.randomness import Exponential

from benchmarks.network import GAP, LENGTHS, SERVERS, STAGES, STATIONS, from_records, township_of

sojourns = from_records


def run(disputes: int, seed: int) -> list[tuple[int, int, float, float, float]]:
    """Until the last dispute is through."""
    sim = Simulation(seed=seed)
    record: list[tuple[int, int, float, float, float]] = []
    stations = [
        [sim.resource(f"{stage} {i}", capacity=c) for i in range(n)]
        for stage, n, c in zip(STAGES, STATIONS, SERVERS, strict=True)
    ]
    lengths = [Exponential(mean=length) for length in LENGTHS]
    streams = [sim.stream(stage) for stage in STAGES]
    gaps, where = sim.stream("arrivals"), sim.stream("village")

    def dispute(sim: Any, number: int, village: int) -> Iterator[Any]:
        way = stations[0][village], stations[1][township_of(village)], stations[2][0]
        for stage, station in enumerate(way):
            arrived = sim.now
            yield sim.request(station)
            started = sim.now
            yield lengths[stage].sample(streams[stage])
            sim.release(station)
            record.append((number, stage, arrived, started, sim.now))

    def source(sim: Any) -> Iterator[Any]:
        gap = Exponential(mean=GAP)
        for number in range(disputes):
            yield gap.sample(gaps)
            sim.process(dispute(sim, number, int(where.uniform(0, STATIONS[0]))))

    sim.process(source(sim))
    sim.run()
    return record
