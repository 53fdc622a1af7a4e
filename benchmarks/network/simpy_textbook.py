"""The network in SimPy as its documentation teaches it: a process per dispute, resources, `with request`."""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

import simpy

from benchmarks.network import GAP, LENGTHS, SERVERS, STATIONS, from_records, township_of

Record = list[tuple[int, int, float, float, float]]
sojourns = from_records


def dispute(
    env: simpy.Environment, number: int, village: int, stations: Any, luck: random.Random, record: Record
) -> Generator[simpy.Event, Any, None]:
    """From the village to the county."""
    way = stations[0][village], stations[1][township_of(village)], stations[2][0]
    for stage, station in enumerate(way):
        arrived = env.now
        with station.request() as request:
            yield request
            started = env.now
            yield env.timeout(luck.expovariate(1 / LENGTHS[stage]))
        record.append((number, stage, arrived, started, env.now))


def arrivals(
    env: simpy.Environment, disputes: int, stations: Any, luck: random.Random, record: Record
) -> Generator[simpy.Event, Any, None]:
    """A Poisson stream."""
    for number in range(disputes):
        yield env.timeout(luck.expovariate(1 / GAP))
        env.process(dispute(env, number, luck.randrange(STATIONS[0]), stations, luck, record))


def run(disputes: int, seed: int) -> Record:
    """Until the last dispute is through."""
    env, luck, record = simpy.Environment(), random.Random(seed), Record()
    stations = [
        [simpy.Resource(env, capacity=c) for _ in range(n)] for n, c in zip(STATIONS, SERVERS, strict=True)
    ]
    env.process(arrivals(env, disputes, stations, luck, record))
    env.run()
    return record
