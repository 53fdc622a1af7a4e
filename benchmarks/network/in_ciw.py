"""The network in Ciw: nodes, routing and its own records."""

from __future__ import annotations

from typing import Any

import ciw
import numpy as np

from benchmarks.network import GAP, LENGTHS, SERVERS, STAGES, STATIONS, Floats, township_of

NODES = sum(STATIONS)


def run(disputes: int, seed: int) -> Any:
    """Until so many disputes are through."""
    ciw.seed(seed)
    routing = np.zeros((NODES, NODES))
    for village in range(STATIONS[0]):
        routing[village, STATIONS[0] + township_of(village)] = 1.0
    routing[STATIONS[0] : -1, -1] = 1.0
    arrivals = [ciw.dists.Exponential(rate=1 / (GAP * STATIONS[0]))] * STATIONS[0]
    network = ciw.create_network(
        arrival_distributions=arrivals + [None] * (NODES - STATIONS[0]),
        service_distributions=[
            ciw.dists.Exponential(rate=1 / length)
            for n, length in zip(STATIONS, LENGTHS, strict=True)
            for _ in range(n)
        ],
        routing=routing.tolist(),
        number_of_servers=[c for n, c in zip(STATIONS, SERVERS, strict=True) for _ in range(n)],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(disputes, method="Finish")
    return simulation.get_all_records(only=["service"])


def sojourns(records: Any) -> Floats:
    """Ciw numbers individuals in the order of arrival, from 1."""
    edge = np.cumsum(STATIONS)
    numbers = np.array([r.id_number for r in records]) - 1
    stage = np.searchsorted(edge, np.array([r.node for r in records]) - 1, side="right")
    out = np.full((int(numbers.max()) + 1, len(STAGES)), np.nan)
    out[numbers, stage] = [r.exit_date - r.arrival_date for r in records]
    done: Floats = out[~np.isnan(out).any(axis=1)]
    return done
