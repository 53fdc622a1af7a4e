"""Villages that pass part of their disputes up to a township: a Jackson network with Bernoulli routing.

A village hears a dispute in a geometric number of sessions with gaps (a loop through a station where nobody queues),
settles a share and passes up the rest. Queues are by age of the dispute, not first come first served: mean queues do
not depend on it, see `formulas.flows`. Biases as in test_queues.py.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.model import Model
from sim.traces import Trace
from sim.vocabulary import EventKind
from tests.places import build, township_place
from tests.theory import formulas
from tests.theory.measure import VOLUMES, Comparison, Volume, agree, caught, load_of, observe

ARRIVALS, VILLAGES, SESSIONS, PASSED_UP = 0.04, 2, 1.25, 0.6
VILLAGE_HOURS, TOWNSHIP_HOURS, MEDIATORS = 12.0, 30.0, 2


def read(trace: Trace, model: Model) -> dict[str, float]:
    townships = model.villages.townships
    now = trace.column("minute") >= trace.warm_up
    known = (now & (trace.column("event") == EventKind.KNOWN)).sum()
    climbed = (now & (trace.column("event") == EventKind.CLIMB)).sum()
    village = load_of("village_mediators", model.villages.count)(trace, model)
    township = load_of("township_mediators", townships)(trace, model)
    return {
        "passed up": float(climbed / known),
        **{f"village {name}": value for name, value in village.items()},
        **{f"township {name}": value for name, value in township.items()},
    }


def check(volume: Volume, *, success: float = 1.0 - PASSED_UP) -> None:
    engine, times = volume
    place = township_place(
        townships=times,
        villages_each=VILLAGES,
        arrivals=ARRIVALS,
        tiers={
            "village": {
                **{"session_hours": VILLAGE_HOURS, "success": success},
                **{"sessions": SESSIONS, "gap_days": 1.0},
            },
            "township": {"session_hours": TOWNSHIP_HOURS},
        },
        turn_to={"village": 1.0},
        villages={"mediators": 1},
        townships_staff={"mediators": MEDIATORS},
    )
    found = observe(build(place), read, engine)
    again = 1.0 - 1.0 / SESSIONS
    routes = np.array(
        [[again, (1.0 - again) * PASSED_UP * VILLAGES], [0.0, 0.0]]
    )  # of one village; the township
    village, township = formulas.flows(np.array([ARRIVALS, 0.0]), routes)
    waits_village = formulas.queue_mmc(village, VILLAGE_HOURS, 1)
    waits_township = formulas.queue_mmc(township, TOWNSHIP_HOURS, MEDIATORS)
    margin = 1 / math.sqrt(times)
    agree(
        [
            Comparison("passed up", found["passed up"], PASSED_UP, 0.05 * margin),
            Comparison("village queue", found["village queue"], waits_village, 0.35 * margin),
            Comparison("village wait", found["village wait"], waits_village / village, 0.35 * margin),
            Comparison("village busy", found["village busy"], village * VILLAGE_HOURS, 0.08 * margin),
            Comparison("township queue", found["township queue"], waits_township, 0.5 * margin),
            Comparison("township wait", found["township wait"], waits_township / township, 0.5 * margin),
            Comparison(
                "township busy", found["township busy"], township * TOWNSHIP_HOURS / MEDIATORS, 0.1 * margin
            ),
        ]
    )


@pytest.mark.parametrize("volume", VOLUMES)
def test_tandem(volume: Volume) -> None:
    check(volume)


@pytest.mark.slow
def test_another_route_is_noticed() -> None:
    names = "passed up", "township queue", "township wait", "township busy"
    caught(lambda: check(("compiled", 16), success=0.5), *names)
