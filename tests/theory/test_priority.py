"""Two classes at one server, no session broken off: Cobham's formula, for each of the two ways to priority.

A place says who goes first only through what happens to a dispute: an eruption makes it urgent, a petition raises it.
The first place lets one kind always erupt within its first minute, so that class and session length can differ
between kinds; see `priority_place`. In the second a share of the parties turns to the petition office first.
Biases as in test_queues.py; severity spreads session lengths within a kind by 1 %, which moves E[S^2] by 0.02 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.model import Model
from sim.outcomes import spans
from sim.scenario.place import Place
from sim.traces import Trace
from sim.vocabulary import Channel, EventKind, Kind
from tests.places import build, township_place
from tests.theory import formulas
from tests.theory.measure import SMALL, VOLUMES, Comparison, Read, Volume, agree, caught, load_of, observe

STAFF = "township_mediators"
ARRIVALS = 0.035
FIRST, SECOND = "neighbour", "labour"
CLASSES = {FIRST: (0.6, 12.0), SECOND: (0.4, 24.0)}  # share of arrivals, mean hours; in all a load of 0.588


def priority_place(
    *, townships: int, arrivals: float, classes: dict[str, tuple[float, float]], urgent: str
) -> Place:
    """Townships with one mediator and two kinds of disputes, of which `urgent` goes first.

    `classes` gives a kind's share of the `arrivals` per hour and township, and its mean session in hours. The urgent
    kind always erupts once, within its first minute, which makes it known and gives it the highest priority; nobody
    responds, for there are no police. The other never erupts. Severity, all but constant within a kind, sets the
    length of sessions.
    """
    (one, (share, short)), (other, (rest, long)) = classes.items()
    severity = {one: 0.25, other: 0.75}
    slope = float(np.log(long / short)) / 0.5
    mean = share * severity[one] + rest * severity[other]
    kinds = {
        k.name.lower(): {"share": 0.0, "departments": 0.0, "forum": "court", "eruption": 0.0} for k in Kind
    }
    for kind in classes:
        kinds[kind] |= {"share": classes[kind][0], "severity": severity[kind]}
    kinds[urgent] |= {"eruption": 1e4}
    return township_place(
        townships=townships,
        villages_each=1,
        arrivals=arrivals,
        tiers={"township": {"session_hours": short * float(np.exp(slope * (mean - severity[one])))}},
        turn_to={"township": 1.0},
        townships_staff={"mediators": 1},
        kinds=kinds,
        character={"severity_concentration": 1e4, "severity_on_length": slope},
        eruption={"rate": 1e5, "care": 0.0},  # once, while nobody takes care of it
    )


def waits_of(classes: Callable[[Trace], NDArray[np.int64]], names: tuple[str, str], townships: int) -> Read:
    """The pool's own figures, and the mean waits in hours of disputes of class 0 and 1."""
    load = load_of(STAFF, townships)

    def read(trace: Trace, model: Model) -> dict[str, float]:
        waits = spans.waits(trace)
        mine = model.pools.group[waits.what] == model.pools.groups.index(STAFF)
        counted = mine & waits.closed & (waits.start >= trace.warm_up)
        who = classes(trace)[waits.dispute[counted]]
        hours = (waits.end - waits.start)[counted] / 60.0
        return {**load(trace, model), **{name: float(hours[who == c].mean()) for c, name in enumerate(names)}}

    return read


def by_kind(trace: Trace) -> NDArray[np.int64]:
    return np.asarray(trace.dispute_column("kind") == Kind[SECOND.upper()], dtype=np.int64)


def by_channel(trace: Trace) -> NDArray[np.int64]:
    known = trace.column("event") == EventKind.KNOWN
    out = np.ones(len(trace.disputes), dtype=np.int64)
    out[trace.column("dispute")[known & (trace.column("detail") == Channel.PARTY_PETITION)]] = 0
    return out


def check(
    place: Place,
    read: Read,
    volume: Volume,
    names: tuple[str, str],
    arrivals: list[float],
    hours: list[float],
) -> None:
    found = observe(build(place), read, volume[0])
    waits = formulas.waits_cobham(arrivals, hours)
    margin = 1 / math.sqrt(volume[1])
    agree(
        [
            Comparison(names[0], found[names[0]], waits[0], 0.25 * margin),
            Comparison(names[1], found[names[1]], waits[1], 0.4 * margin),
            Comparison("queue", found["queue"], float(np.dot(arrivals, waits)), 0.35 * margin),
            Comparison("busy", found["busy"], float(np.dot(arrivals, hours)), 0.1 * margin),
        ]
    )


def check_kinds(
    volume: Volume, classes: dict[str, tuple[float, float]] = CLASSES, urgent: str = FIRST
) -> None:
    townships = 2 * volume[1]
    place = priority_place(townships=townships, arrivals=ARRIVALS, classes=classes, urgent=urgent)
    read = waits_of(by_kind, (FIRST, SECOND), townships)
    arrivals, hours = [ARRIVALS * c[0] for c in CLASSES.values()], [c[1] for c in CLASSES.values()]
    check(place, read, volume, (FIRST, SECOND), arrivals, hours)


@pytest.mark.parametrize("volume", VOLUMES)
def test_an_urgent_kind(volume: Volume) -> None:
    check_kinds(volume)


def test_swapped_priority_is_noticed() -> None:
    """The load is the same; the queue is not, for the long sessions now go first."""
    caught(lambda: check_kinds(SMALL, urgent=SECOND), FIRST, SECOND)


@pytest.mark.slow
def test_swapped_lengths_are_noticed() -> None:
    swapped = {FIRST: (0.6, 24.0), SECOND: (0.4, 12.0)}
    caught(lambda: check_kinds(("compiled", 16), classes=swapped), FIRST, SECOND, "queue", "busy")


@pytest.mark.parametrize("volume", VOLUMES)
@pytest.mark.slow
def test_those_who_petitioned(volume: Volume) -> None:
    townships, names = volume[1], ("petitioned", "others")
    place = township_place(
        townships=townships,
        villages_each=1,
        arrivals=0.06,
        tiers={"township": {"session_hours": 10}},
        turn_to={"petition": 0.3, "township": 0.7},
        townships_staff={"mediators": 1},
    )
    check(place, waits_of(by_channel, names, townships), volume, names, [0.018, 0.042], [10.0, 10.0])
