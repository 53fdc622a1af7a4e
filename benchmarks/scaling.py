"""(d) cost against size, and (f) two workers against one."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.measure import ROOT, Row, absent, in_turn, ratios, row
from sim.runs.batch import pairs, run
from sim.runs.case import Case
from sim.runs.executors.local import ProcessExecutor
from sim.scenario.load import load_place

SIZE, PARALLEL = "d", "f"
SIZES = (10**3, 10**4, 10**5, 10**6, 10**7)
TIMES = {10**3: 200, 10**4: 40, 10**5: 6, 10**6: 1, 10**7: 1}  # replications in a process
ROUNDS = 2
LONGER = 1_500  # replications
GIB = 1024**3


def sizes(quick: bool = False) -> Iterator[Row]:
    """Processor time per latent dispute and memory of one replication, by the number of disputes in it."""
    wanted = SIZES[:3] if quick else SIZES
    cost: dict[int, list[float]] = {n: [] for n in wanted}
    simulating: dict[int, list[float]] = {n: [] for n in wanted}
    peak: dict[int, list[float]] = {n: [] for n in wanted}
    failed: dict[int, str] = {}
    for _ in range(1 if quick else ROUNDS):
        for n in wanted:
            if n in failed:
                continue
            command = [sys.executable, "-m", "benchmarks.cost", str(n), str(TIMES[n])]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                failed[n] = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
                continue
            found = json.loads(done.stdout)
            for key, values in (("seconds", cost), ("simulating", simulating)):
                each = [1e6 * s / d for s, d in zip(found[key], found["latent"], strict=True)]
                values[n].append(statistics.median(each))
            peak[n].append(found["peak"] / GIB)
    for n in wanted:
        name = f"{n:,} disputes in one run"
        if n in failed:
            yield absent(SIZE, name, "µs per dispute", failed[n])
            continue
        memory = (
            f"peak memory {max(peak[n]):.2f} GiB; simulating alone {statistics.median(simulating[n]):.2f} µs"
        )
        yield row(SIZE, name, cost[n], "µs per dispute", note=memory)
    name, most = "cost per dispute at 10,000,000 ÷ at 10,000", SIZES[-1]
    if cost.get(most):
        yield row(SIZE, name, ratios(cost[most], cost[10**4]), "times", bar=("<=", 1.5))
        yield row(SIZE, f"{name}, simulating alone", ratios(simulating[most], simulating[10**4]), "times")


def workers(quick: bool = False) -> Iterator[Row]:
    """Replications of Jiang with one worker process and with two, their start included.

    400 of them, by which the bar goes; a longer job, in which the start of workers counts for little; and a job of one
    replication for each worker, which is the start and little else.
    """
    case = Case(load_place("jiang"), None, 20230101, "place")

    def work(number: int, many: int) -> None:
        run([case], pairs(1, many), executor=ProcessExecutor(number))

    work(2, 2)  # loads what is loaded once, here and from the disk
    start: list[float] = []
    for many, rounds, bar in ((40, 1, None),) if quick else ((400, 5, 1.8), (LONGER, 2, None)):
        spent = in_turn(
            {"one": lambda _, n=many: work(1, n), "two": lambda _, n=many: work(2, n)},  # type: ignore[misc]
            dict.fromkeys(("one", "two"), rounds),
            time.perf_counter,
        )
        name = f"two workers ÷ one worker, {many:,} replications of Jiang"
        note = (
            f"wall time {statistics.median(spent['one']):.2f} s and {statistics.median(spent['two']):.2f} s"
        )
        limit = None if bar is None else (">=", bar)
        yield row(PARALLEL, name, ratios(spent["one"], spent["two"]), "times", bar=limit, note=note)
    for _ in range(1 if quick else 5):
        begun = time.perf_counter()
        work(2, 2)
        start.append(time.perf_counter() - begun)
    note = "one replication each: what the rows above hold of the start"
    yield row(PARALLEL, "start of two workers", start, "s", note=note)
