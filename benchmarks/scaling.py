"""(d) cost against size, and (f) two workers against one."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.measure import ROOT, Row, absent, in_turn, ratios, row
from sim.runs.executors.local import ProcessExecutor
from sim.runs.job import PlaceJob
from sim.runs.replicate import run_replications
from sim.scenario.load import load_place

SIZE, PARALLEL = "d", "f"
SIZES = (10**3, 10**4, 10**5, 10**6)
TIMES = {10**3: 200, 10**4: 40, 10**5: 6, 10**6: 1}  # replications in a process
COUNTIES = (100, 1_000, 2_844, 10_000)  # the third is the whole country
ROUNDS = 2
LONGER = 1_500  # replications
GIB = 1024**3


def sizes(quick: bool = False) -> Iterator[Row]:
    """Processor time per latent dispute and memory: of one replication by its size, and of a nation by its counties."""
    wanted = [("benchmarks.cost", n, [str(TIMES[n])]) for n in (SIZES[:3] if quick else SIZES)]
    wanted += [("benchmarks.counties", n, []) for n in ((10, 40) if quick else COUNTIES)]
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    failed: dict[tuple[str, int], str] = {}
    for _ in range(1 if quick else ROUNDS):
        for module, n, more in wanted:
            if (module, n) in failed:
                continue
            command = [sys.executable, "-m", module, str(n), *more]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                last = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
                failed[module, n] = last[0]
            else:
                found.setdefault((module, n), []).append(json.loads(done.stdout))
    for module, n, _ in wanted:
        if (module, n) in failed:
            yield absent(SIZE, _name(module, n), "µs per dispute", failed[module, n])
        elif module == "benchmarks.cost":
            yield _one_run(n, found[module, n])
        else:
            yield _nation(n, found[module, n])
    counties = [n for module, n, _ in wanted if module == "benchmarks.counties"]
    few, many = (_per_dispute(found.get(("benchmarks.counties", n), [])) for n in (counties[0], counties[-1]))
    name = f"cost per dispute at {counties[-1]:,} counties ÷ at {counties[0]:,}"
    bar = None if quick else ("<=", 1.2)
    if few and many:
        yield row(SIZE, name, ratios(many, few), "times", bar=bar)
    else:
        yield absent(SIZE, name, "times", "not measured", bar=bar)


def _name(module: str, n: int) -> str:
    return f"{n:,} disputes in one run" if module == "benchmarks.cost" else f"{n:,} streamed counties"


def _one_run(n: int, several: list[dict[str, Any]]) -> Row:
    """Each process has several replications, of which the median counts."""

    def each(key: str) -> list[float]:
        return [
            statistics.median(1e6 * s / d for s, d in zip(x[key], x["latent"], strict=True)) for x in several
        ]

    peak = max(x["peak"] for x in several) / GIB
    note = f"peak memory {peak:.2f} GiB; simulating alone {statistics.median(each('simulating')):.2f} µs"
    return row(SIZE, _name("benchmarks.cost", n), each("seconds"), "µs per dispute", note=note)


def _nation(n: int, several: list[dict[str, Any]]) -> Row:
    peak = max(x["peak"] for x in several) / GIB
    note = f"peak memory {peak:.2f} GiB; {several[0]['disputes'] / 1e6:,.2f} million disputes"
    return row(SIZE, _name("benchmarks.counties", n), _per_dispute(several), "µs per dispute", note=note)


def _per_dispute(several: list[dict[str, Any]]) -> list[float]:
    return [1e6 * x["seconds"] / x["disputes"] for x in several]


def workers(quick: bool = False) -> Iterator[Row]:
    """Replications of Jiang with one worker process and with two, their start included.

    400 of them, by which the bar goes; a longer job, in which the start of workers counts for little; and a job of one
    replication for each worker, which is the start and little else.
    """
    job = PlaceJob(load_place("jiang"), 20230101, "compiled")

    def work(number: int, many: int) -> None:
        run_replications(job, range(many), executor=ProcessExecutor(number))

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
