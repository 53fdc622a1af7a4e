"""The network in cimba with a process per dispute that acquires resources: the pattern of textbook SimPy.

Each dispute is told from the others, and records its sojourn at each stage under its own number.
"""

# Annotations are read when a class is made, so they must not be put off.

from typing import Any

import cimba as cb
import numpy as np
from cimba import inputs

from benchmarks.network import GAP, LENGTHS, SERVERS, STAGES, STATIONS, Floats, township_of


class Station(cb.Model):
    """Those who mediate, and how long they take."""

    session: cb.Input[float]
    staff: cb.Resource

    def __init__(self, mean: float, servers: int) -> None:
        self.session = inputs.dist.exponential(mean=mean)
        self.staff = cb.Resource(capacity=servers)


class Record(cb.Model):
    """What is kept: number of the dispute, stage, and sojourn, in three columns."""

    number: cb.Dataset = cb.Dataset()
    stage: cb.Dataset = cb.Dataset()
    sojourn: cb.Dataset = cb.Dataset()

    def __init__(self) -> None:
        for column in (self.number, self.stage, self.sojourn):
            column.capture()


class Dispute(cb.Model):
    """From the village to the county."""

    number: cb.Param[int]
    village: cb.Ref[Station]
    township: cb.Ref[Station]
    county: cb.Ref[Station]
    record: cb.Ref[Record]

    @cb.process
    def life(self):  # type: ignore[no-untyped-def]
        """One session at each stage."""
        arrived = cb.now()
        self.village.staff.acquire()
        cb.hold(self.village.session.next())
        self.village.staff.release()
        self.record.number.record(self.number)
        self.record.stage.record(0)
        self.record.sojourn.record(cb.now() - arrived)
        arrived = cb.now()
        self.township.staff.acquire()
        cb.hold(self.township.session.next())
        self.township.staff.release()
        self.record.number.record(self.number)
        self.record.stage.record(1)
        self.record.sojourn.record(cb.now() - arrived)
        arrived = cb.now()
        self.county.staff.acquire()
        cb.hold(self.county.session.next())
        self.county.staff.release()
        self.record.number.record(self.number)
        self.record.stage.record(2)
        self.record.sojourn.record(cb.now() - arrived)
        cb.release(self)


class Source(cb.Model):
    """The grievances of a village."""

    gap: cb.Input[float]
    first: cb.Param[int]
    disputes: cb.Param[int]
    village: cb.Ref[Station]
    township: cb.Ref[Station]
    county: cb.Ref[Station]
    record: cb.Ref[Record]

    @cb.process
    def arrivals(self):  # type: ignore[no-untyped-def]
        """A Poisson stream."""
        for number in range(self.disputes):
            cb.hold(self.gap.next())
            cb.spawn(
                Dispute,
                number=self.first + number,
                village=self.village,
                township=self.township,
                county=self.county,
                record=self.record,
            )


class Network(cb.Model):
    """All stations."""

    county: Station
    townships: list[Station]
    villages: list[Station]
    sources: list[Source]
    record: Record


def run(disputes: int, seed: int) -> Any:
    """Until the last dispute is through."""
    network = Network()
    network.record = Record()
    network.county = Station(LENGTHS[2], SERVERS[2])
    network.townships = [Station(LENGTHS[1], SERVERS[1]) for _ in range(STATIONS[1])]
    network.villages = [Station(LENGTHS[0], SERVERS[0]) for _ in range(STATIONS[0])]
    network.sources = [Source() for _ in range(STATIONS[0])]
    each = disputes // STATIONS[0]
    for village, source in enumerate(network.sources):
        source.gap = inputs.dist.exponential(mean=GAP * STATIONS[0])
        source.first, source.disputes = village * each, each
        source.village = network.villages[village]
        source.township = network.townships[township_of(village)]
        source.county, source.record = network.county, network.record
    results = cb.Experiment(network, replications=1, seed=seed).run(workers=1)
    if results.failed.any():
        raise RuntimeError(str(results.failure_reasons))
    return results[network.record]


def sojourns(record: Any) -> Floats:
    """In the order of leaving the village."""
    numbers, stages, values = (
        column.trial(0, 0)[1] for column in (record.number, record.stage, record.sojourn)
    )
    numbers, stages = numbers.astype(int), stages.astype(int)
    out = np.full((len(numbers) // len(STAGES), len(STAGES)), np.nan)
    out[numbers, stages] = values
    order = numbers[stages == 0]
    found: Floats = out[order]
    return found
