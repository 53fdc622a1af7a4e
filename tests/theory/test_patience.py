"""M/M/c+M. Patience runs through the whole visit and breaks off a session too (by design, see DESIGN.md).

So a session of rate mu lasts at rate mu + theta while those who wait leave at rate theta: the queue is that of the
Erlang-A model with sessions of mean 1 / (mu + theta), and of the sessions a share theta / (mu + theta) is broken off.
Biases as in test_queues.py: whole minutes against waits of hours.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.model import Model
from sim.traces import Trace
from sim.vocabulary import EventKind
from tests.places import build, queue_place
from tests.theory import formulas
from tests.theory.measure import SMALL, VOLUMES, Comparison, Volume, agree, caught, load_of, observe

ARRIVALS, HOURS, SERVERS, PATIENCE = 0.08, 20.0, 2, 60.0  # without patience a load of 0.8 per server


def read(trace: Trace, model: Model) -> dict[str, float]:
    event = trace.column("event")[trace.column("minute") >= trace.warm_up]
    number = {kind: int((event == kind).sum()) for kind in EventKind}
    return {
        **load_of("village_mediators", model.villages.count)(trace, model),
        "leaves": number[EventKind.LEAVE] / number[EventKind.ENTER],
        "broken off": number[EventKind.ABORT] / number[EventKind.START],
    }


def check(volume: Volume, **tier: Any) -> None:
    engine, times = volume
    sections = {"session_hours": HOURS, "patience_days": PATIENCE / 24.0} | tier
    model = build(queue_place(villages=times, arrivals=ARRIVALS, servers=SERVERS, **sections))
    found = observe(model, read, engine)
    theta = 1 / PATIENCE
    exact = formulas.erlang_a(ARRIVALS, 1 / (1 / HOURS + theta), SERVERS, PATIENCE)
    margin = 1 / math.sqrt(times)
    agree(
        [
            Comparison("queue", found["queue"], exact.queue, 0.3 * margin),
            Comparison("wait", found["wait"], exact.queue / ARRIVALS, 0.3 * margin),
            Comparison("leaves", found["leaves"], exact.leaves, 0.3 * margin),
            Comparison("busy", found["busy"], exact.busy / SERVERS, 0.08 * margin),
            Comparison("broken off", found["broken off"], theta / (theta + 1 / HOURS), 0.1 * margin),
        ]
    )


@pytest.mark.parametrize("volume", VOLUMES)
def test_patience(volume: Volume) -> None:
    check(volume)


@pytest.mark.slow
def test_endless_patience_is_noticed() -> None:
    caught(lambda: check(SMALL, patience_days=None), "queue", "wait", "leaves", "busy", "broken off")
