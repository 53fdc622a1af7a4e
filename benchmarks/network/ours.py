"""The network as a place of this program. What is timed: the draws, the events and the trace, all of its rows."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np

from benchmarks.measure import borrowed
from benchmarks.network import GAP, LENGTHS, SERVERS, STAGES, STATIONS, Floats
from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import Model, build
from sim.traces import Trace
from sim.vocabulary import EventKind, Tier

START = date(2001, 1, 1)


@cache
def model(disputes: int) -> Model:
    """Villages, townships and a county that pass every dispute on; as many days as bring so many disputes."""
    days = round(disputes * GAP / 1440)
    end = (START + timedelta(days=days - 1)).isoformat()
    hours = dict(zip(STAGES, (minutes / 60 for minutes in LENGTHS), strict=True))
    passed_on = dict.fromkeys(STAGES, 0.0) | {"county": 1.0}
    place = borrowed("places").township_place(
        townships=STATIONS[1],
        villages_each=STATIONS[0] // STATIONS[1],
        arrivals=60 / (GAP * STATIONS[0]),
        tiers={stage: {"session_hours": hours[stage], "success": passed_on[stage]} for stage in STAGES},
        turn_to={"village": 1.0},
        villages={"mediators": SERVERS[0]},
        townships_staff={"mediators": SERVERS[1]},
        county={"departments": SERVERS[2]},
        going={"county_takes_all": True},
        window={
            **{"start": START.isoformat(), "end": end, "end_earliest": end, "end_latest": end},
            "warm_up": 1,
        },
    )
    return build(place)


def run(disputes: int, seed: int, engine: str = "compiled") -> Trace:
    """One replication. Their number is Poisson around `disputes`."""
    return simulator(engine)(model(disputes), Draws(seed, 0))


def sojourns(trace: Trace) -> Floats:
    """From the rows of the trace: entering a queue until the end of the session.

    Disputes that are not through are left out: those of the last days, and some 5 in 100,000 that go another way, since
    withdrawal cannot be switched off, only be made to take a hundred years.
    """
    event, minute = trace.column("event"), trace.column("minute")
    stage = np.full(len(Tier), -1)
    stage[[Tier.VILLAGE, Tier.TOWNSHIP, Tier.COUNTY]] = 0, 1, 2
    at, dispute = stage[trace.column("tier")], trace.column("dispute")
    out = np.full((2, len(trace.disputes), len(STAGES)), np.nan)
    for k, kind in enumerate((EventKind.ENTER, EventKind.SESSION)):
        rows = event == kind
        out[k, dispute[rows], at[rows]] = minute[rows]
    order = np.argsort(trace.dispute_column("arise"), kind="stable")
    found: Floats = (out[1] - out[0])[order]
    return found[~np.isnan(found).any(axis=1)]
