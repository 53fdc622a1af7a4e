"""One tool in a process of its own: `python -m benchmarks.network.one TOOL DISPUTES SEED...` prints a line of JSON.

A process of its own, so that no tool pays for what another one left in memory, or stumbles over what it registered.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import sys
import time
from typing import Any

from benchmarks.measure import seconds
from benchmarks.network import batch_means
from sim.traces import Trace

SMALL = 200  # disputes of the run that loads or makes machine code, off the clock


def main(tool: str, disputes: int, seeds: list[int]) -> dict[str, Any]:
    """Seconds of processor time and batch means of every seed; `engine:tool` chooses an engine of ours."""
    name, _, engine = tool.partition(":")
    module = importlib.import_module(f"benchmarks.network.{name}")
    more = {"engine": engine} if engine else {}
    module.run(SMALL, 0, **more)
    if name in ("ours", "bare_loop"):
        module.model(disputes)  # the model is built once for all replications
    spent, means, numbers, digests = [], [], [], []
    for seed in seeds:
        taken, record = seconds(lambda seed=seed: module.run(disputes, seed, **more), time.process_time)  # type: ignore[misc]
        sojourns = module.sojourns(record)
        spent.append(taken / len(sojourns))
        numbers.append(len(sojourns))
        means.append(batch_means(sojourns).tolist())
        if isinstance(record, Trace):
            digests.append(record.digest())
    return {"per_dispute": spent, "means": means, "disputes": numbers, "digests": digests}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), [int(seed) for seed in sys.argv[3:]])))
