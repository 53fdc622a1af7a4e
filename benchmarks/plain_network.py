"""(b) The plain three-stage network, in ours and in other tools."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.measure import DISAGREES, ROOT, Row, absent, ratios, row
from benchmarks.network import DISPUTES, Comparison, compare

PART = "b"
QUICK = 10_000
WIDEST = 0.15  # of the mean: an interval wider than this would see nothing


@dataclass(frozen=True)
class Tool:
    """A module of benchmarks/network, the package it needs, and in how many rounds it takes part.

    `runs` are runs in the process of a round, of which the median counts. The compiled ones take several: in the first,
    half the time goes to getting memory from the system, which later replications have already.
    """

    title: str
    module: str
    package: str | None = None
    rounds: int = 3
    quick: int = 0
    runs: int = 1


TOOLS = (
    Tool("compiled engine", "ours:compiled", rounds=7, quick=10, runs=5),
    Tool("textbook SimPy", "simpy_textbook", "simpy", rounds=7, quick=6),
    Tool("cimba, a process per dispute", "in_cimba_processes", "cimba", rounds=7, runs=5),
    Tool("cimba, stores of time stamps", "in_cimba", "cimba", rounds=7, runs=5),
    Tool("heapq in plain Python", "plain_heapq", rounds=7, quick=10),
    Tool("reference engine", "ours:reference", rounds=3),
    Tool("simulsi", "in_simulsi", "simulsi", rounds=3),
    Tool("Ciw", "in_ciw", "ciw", rounds=3),
    Tool("salabim", "in_salabim", "salabim", rounds=2),
    Tool("bare compiled loop", "bare_loop", rounds=7, quick=10, runs=5),
)
OURS, SIMPY = TOOLS[0], TOOLS[1]
CIMBA = TOOLS[2], TOOLS[3]
LIMIT = TOOLS[-1]
SMALL = 10_000  # disputes of the shorter run that ours and the limit are compared at, too


def installed(tool: Tool) -> bool:
    """Whether what it needs can be imported."""
    return tool.package is None or importlib.util.find_spec(tool.package) is not None


def once(tool: Tool, disputes: int, seeds: list[int]) -> dict[str, Any]:
    """Run a tool in a process of its own, see network/one.py."""
    command = [sys.executable, "-m", "benchmarks.network.one", tool.module, str(disputes), *map(str, seeds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{tool.title}: {done.stderr.strip().splitlines()[-1]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(quick: bool = False) -> Iterator[Row]:
    """Disputes per second of each tool, its agreement with theory, and how many times as fast ours is."""
    tools = [tool for tool in TOOLS if installed(tool) and (tool.quick or not quick)]
    spent: dict[str, list[float]] = {tool.title: [] for tool in tools}
    means: dict[str, list[Any]] = {tool.title: [] for tool in tools}
    failed: dict[str, str] = {}
    disputes = QUICK if quick else DISPUTES

    def run(tool: Tool, seeds: list[int]) -> None:
        try:
            found = once(tool, disputes, seeds)
        except RuntimeError as error:
            failed[tool.title] = str(error)
            return
        spent[tool.title].append(statistics.median(found["per_dispute"]))
        means[tool.title] += [np.array(batch) for batch in found["means"]]

    if quick:
        for tool in tools:
            run(tool, list(range(tool.quick)))
    else:
        for turn in range(max(tool.rounds for tool in tools)):
            for tool in tools:
                if turn < tool.rounds and tool.title not in failed:
                    run(tool, list(range(turn * tool.runs, (turn + 1) * tool.runs)))
    for tool in TOOLS:
        if quick and not tool.quick:
            continue
        if tool.title in failed or tool not in tools:
            why = failed.get(tool.title, "not installed")
            yield absent(PART, tool.title, "disputes/s", why)
            continue
        yield _speed(tool, spent[tool.title], compare(means[tool.title]))
    yield from _compared(spent, quick)
    yield from _against_limit(quick)


def _speed(tool: Tool, per_dispute: list[float], comparisons: list[Comparison]) -> Row:
    wrong = [c.stage for c in comparisons if not c.agrees]
    vague = [c.stage for c in comparisons if c.half_width > WIDEST * c.exact]
    offs = ", ".join(f"{c.stage} {c.off:+.1%} ± {c.half_width / c.exact:.1%}" for c in comparisons)
    verdict = "sojourns agree with theory" if not wrong else f"{DISAGREES} at {', '.join(wrong)}"
    if vague:
        verdict += f" (interval too wide to tell much: {', '.join(vague)})"
    version = f"{tool.package} {importlib.metadata.version(tool.package)}; " if tool.package else ""
    return row(
        PART, tool.title, [1 / x for x in per_dispute], "disputes/s", note=f"{version}{verdict}: {offs}"
    )


def _against_limit(quick: bool) -> Iterator[Row]:
    """How near ours is to a loop that does this network only, at two sizes: in turn, and with one digest."""
    rounds, times = (1, 2) if quick else (7, 5)
    for disputes, bar in ((SMALL, 1.4), (QUICK if quick else DISPUTES, 1.25)):
        spent: dict[str, list[float]] = {OURS.title: [], LIMIT.title: []}
        for turn in range(rounds):
            seeds = list(range(turn * times, (turn + 1) * times))
            found = {tool.title: once(tool, disputes, seeds) for tool in (OURS, LIMIT)}
            if len({tuple(x["digests"]) for x in found.values()}) != 1:
                raise RuntimeError("the bare loop has another trace than our engine: it is no limit of it")
            for title, one in found.items():
                spent[title].append(statistics.median(one["per_dispute"]))
        note = "the same rows and digests; its speed as a share: "
        share = statistics.median(ratios(spent[LIMIT.title], spent[OURS.title]))
        yield row(
            PART,
            f"time of the compiled engine ÷ bare compiled loop, {disputes:,} disputes",
            ratios(spent[OURS.title], spent[LIMIT.title]),
            "times",
            bar=("<=", bar),
            note=f"{note}{share:.2f}",
        )


def _compared(spent: dict[str, list[float]], quick: bool) -> Iterator[Row]:
    ours = spent[OURS.title]
    for tool, bar in ((SIMPY, 40.0), *((cimba, 8.0) for cimba in CIMBA if not quick)):
        name = f"compiled engine ÷ {tool.title}"
        if spent.get(tool.title):
            yield row(PART, name, ratios(spent[tool.title], ours), "times", bar=(">=", bar))
        else:
            yield absent(PART, name, "times", "not installed", bar=(">=", bar))
