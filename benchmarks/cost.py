"""One replication of Liucheng at another size, in a process of its own: `python -m benchmarks.cost DISPUTES TIMES`.

Persons, villages, townships and the staff of the county grow alike, so that loads stay as they are. At most 50,000
villages are possible; beyond them villages grow, with their staff. Prints a line of JSON: latent disputes, processor
seconds of every repetition and the peak of resident memory in bytes.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from benchmarks.full_model import replicate
from benchmarks.measure import peak_of_this_process
from sim.model import build
from sim.runs.estimate import expected_disputes
from sim.scenario.load import load_place

MOST_VILLAGES = 50_000
COUNTY = ("petition_officers", "departments", "decision_officers", "court_mediators", "judges")


def sets(disputes: float) -> list[str]:
    """What to set so that about so many latent disputes arise in a replication."""
    base = load_place("liucheng")
    factor = disputes / expected_disputes(build(base))
    villages = max(1, round(int(base.villages.count) * factor))
    per_village = max(1.0, villages / MOST_VILLAGES)
    villages = min(villages, MOST_VILLAGES)
    townships = max(1, round(int(base.townships.count) * factor))
    out = {
        "population.persons": round(int(base.population.persons) * factor),
        "villages.count": villages,
        "townships.count": townships,
        "villages.mediators": float(base.villages.mediators) * per_village,
        "villages.grid_heads": float(base.villages.grid_heads) * per_village,
        **{f"county.{x}": max(1, round(float(getattr(base.county, x)) * factor)) for x in COUNTY},
    }
    return [f"{path}={value}" for path, value in out.items()]


def main(disputes: float, times: int) -> dict[str, Any]:
    """The measurement; see above."""
    replicate(build(load_place("liucheng")), "compiled", 0)  # loads what is loaded once
    model = build(load_place("liucheng", sets(disputes)))
    several = [replicate(model, "compiled", number) for number in range(times)]
    return {
        "latent": [x.latent for x in several],
        "seconds": [x.seconds for x in several],
        "simulating": [x.simulating for x in several],
        "peak": peak_of_this_process(),
    }


if __name__ == "__main__":
    print(json.dumps(main(float(sys.argv[1]), int(sys.argv[2]))))
