"""The network in salabim: a component per dispute, resources, generators."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import salabim as sim

from benchmarks.network import GAP, LENGTHS, SERVERS, STATIONS, from_records, township_of

sojourns = from_records
sim.yieldless(False)


class Dispute(sim.Component):  # type: ignore[misc]
    """From the village to the county."""

    def setup(self, number: int, village: int, stations: Any, record: Any) -> None:
        """What it is."""
        self.number, self.record = number, record
        self.way = stations[0][village], stations[1][township_of(village)], stations[2][0]

    def process(self) -> Iterator[Any]:
        """One session at each stage."""
        for stage, station in enumerate(self.way):
            arrived = self.env.now()
            yield self.request(station)
            started = self.env.now()
            yield self.hold(sim.Exponential(LENGTHS[stage]).sample())
            self.release(station)
            self.record.append((self.number, stage, arrived, started, self.env.now()))


class Source(sim.Component):  # type: ignore[misc]
    """A Poisson stream."""

    def setup(self, disputes: int, stations: Any, record: Any) -> None:
        """How many."""
        self.disputes, self.stations, self.record = disputes, stations, record

    def process(self) -> Iterator[Any]:
        """One dispute after the other."""
        gap = sim.Exponential(GAP)
        for number in range(self.disputes):
            yield self.hold(gap.sample())
            Dispute(
                number=number,
                village=random.randrange(STATIONS[0]),
                stations=self.stations,
                record=self.record,
            )


def run(disputes: int, seed: int) -> list[tuple[int, int, float, float, float]]:
    """Until the last dispute is through."""
    random.seed(seed)
    env = sim.Environment(trace=False, random_seed=seed)
    record: list[tuple[int, int, float, float, float]] = []
    stations = [
        [sim.Resource(f"stage {k}.", capacity=c, env=env) for _ in range(n)]
        for k, (n, c) in enumerate(zip(STATIONS, SERVERS, strict=True))
    ]
    Source(disputes=disputes, stations=stations, record=record)
    env.run()
    return record
