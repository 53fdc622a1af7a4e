"""The network in cimba, as its own benchmarks are written: stations with a store of time stamps and server processes.

What passes from station to station is a time, not a dispute: each station records sojourns, and no more.
"""

# Annotations are read when a class is made, so they must not be put off.

from typing import Any

import cimba as cb
import numpy as np
from cimba import inputs

from benchmarks.network import GAP, LENGTHS, SERVERS, STATIONS, Floats, township_of


class Station(cb.Model):
    """A queue; those who serve it are in the classes below."""

    session: cb.Input[float]
    queue: cb.Store[float]
    sojourn: cb.Dataset = cb.Dataset()

    def __init__(self, mean: float) -> None:
        self.session = inputs.dist.exponential(mean=mean)
        self.sojourn.capture()


class County(Station):
    """The last stage."""

    @cb.process(copies=SERVERS[2])
    def server(self):  # type: ignore[no-untyped-def]
        """One who mediates."""
        while True:
            arrived = self.queue.get()
            cb.hold(self.session.next())
            self.sojourn.record(cb.now() - arrived)


class Township(Station):
    """The middle stage."""

    above: cb.Ref[County]

    @cb.process(copies=SERVERS[1])
    def server(self):  # type: ignore[no-untyped-def]
        """One who mediates."""
        while True:
            arrived = self.queue.get()
            cb.hold(self.session.next())
            self.sojourn.record(cb.now() - arrived)
            self.above.queue.put(cb.now())


class Village(Station):
    """The first stage, with grievances of its own."""

    above: cb.Ref[Township]
    gap: cb.Input[float]
    disputes: cb.Param[int]

    @cb.process
    def arrivals(self):  # type: ignore[no-untyped-def]
        """A Poisson stream."""
        for _ in range(self.disputes):
            cb.hold(self.gap.next())
            self.queue.put(cb.now())

    @cb.process
    def server(self):  # type: ignore[no-untyped-def]
        """One who mediates."""
        while True:
            arrived = self.queue.get()
            cb.hold(self.session.next())
            self.sojourn.record(cb.now() - arrived)
            self.above.queue.put(cb.now())


class Network(cb.Model):
    """All stations."""

    county: County
    townships: list[Township]
    villages: list[Village]


def _network(disputes: int) -> Network:
    network = Network()
    network.county = County(LENGTHS[2])
    network.townships = [Township(LENGTHS[1]) for _ in range(STATIONS[1])]
    network.villages = [Village(LENGTHS[0]) for _ in range(STATIONS[0])]
    for township in network.townships:
        township.above = network.county
    for number, village in enumerate(network.villages):
        village.above = network.townships[township_of(number)]
        village.gap = inputs.dist.exponential(mean=GAP * STATIONS[0])
        village.disputes = disputes // STATIONS[0]
    return network


def run(disputes: int, seed: int) -> Any:
    """Until the last dispute is through."""
    network = _network(disputes)
    results = cb.Experiment(network, replications=1, seed=seed).run(workers=1)
    if results.failed.any():
        raise RuntimeError(str(results.failure_reasons))
    return network, results


def sojourns(record: Any) -> Floats:
    """Stage by stage in the order of passing, the stations of a stage by turns: disputes have no numbers here."""
    network, results = record
    columns = []
    for stations in (network.villages, network.townships, [network.county]):
        columns.append(np.stack([results[s].sojourn.trial(0, 0)[1] for s in stations], axis=1).ravel())
    out: Floats = np.stack(columns, axis=1)
    return out
