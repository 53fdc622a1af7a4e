"""What is read off a trace: plain functions, by the name that a case gives."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from sim.runs.readouts.county import county
from sim.runs.readouts.disputes import paths
from sim.runs.readouts.place import figures, place, policy
from sim.runs.readouts.seen import Seen
from sim.runs.readouts.trial import trial
from sim.runs.readouts.villages import periods

READOUTS: dict[str, Callable[..., pa.Table]] = {
    "place": place,
    "policy": policy,
    "figures": figures,
    "county": county,
    "periods": periods,
    "trial": trial,
    "paths": paths,
}
DIGESTED = frozenset({"place", "county"})  # those beside which the digest of the trace is kept
NOTHING = "nothing"  # no readout: only whether a point is possible

__all__ = ["DIGESTED", "NOTHING", "READOUTS", "Seen"]
