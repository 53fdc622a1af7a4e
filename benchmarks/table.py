"""RESULTS.md: the machine, and every row with its bar."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import sim
from benchmarks.measure import Row
from sim.runs.executors.local import cores

PARTS = {
    "a": "The full model on one core",
    "b": "The plain three-stage network",
    "c": "The national year",
    "d": "Cost against size",
    "e": "Start-up",
    "f": "Two workers",
    "g": "Growth of other commands",
}
EXPLAINED = {
    "a": "Processor time of whole replications: drawing, simulating and reading outcomes. Liucheng with its warm-up of "
    "300 days and its window of 212. Latent disputes are those that arise, after thinning.",
    "b": "20 villages with one mediator at load 0.7, 4 townships with two at 0.6, a county with four at 0.8; 100,000 "
    "disputes, one session at each stage, every one recorded. Each tool runs in a process of its own, in turn with the "
    "others; processor time of a run, draws included, loading and compiling not; of tools in machine code the median "
    "of five runs in that process. The bare compiled loop knows this network only and returns the rows and the digest "
    "of ours. Ours is a place of this program with everything else switched off, and keeps its "
    "whole trace. Mean sojourns are compared with M/M/c at each stage over all runs of a tool, by batches of a "
    "tenth of a run, the first and last tenth left out; the interval misses the true mean once in 100,000.",
    "c": "The command `run national_year --workers 2`, wall time from its start to its end.",
    "d": "One replication of Liucheng with persons, villages, townships and county staff scaled, each size in a "
    "process of its own, sizes in turn. Then nations whose "
    "totals are those of the national year in proportion: counties are simulated, read, stored and taken together, one "
    "process, processor time.",
    "e": "Wall time.",
    "f": "Wall time, worker processes started anew each time.",
    "g": "Processor time in one process. A comparison is made twice, the second time from what the first one kept.",
}
LIBRARIES = (
    "numpy",
    "scipy",
    "numba",
    "llvmlite",
    "pandas",
    "pyarrow",
    "simpy",
    "ciw",
    "salabim",
    "simulsi",
    "cimba",
)


def machine() -> list[str]:
    """What the numbers were measured on, without names of hosts or folders."""
    versions = []
    for library in LIBRARIES:
        try:
            versions.append(f"{library} {importlib.metadata.version(library)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    memory = _field(Path("/proc/meminfo"), "MemTotal")
    gigabytes = f"{int(memory.split()[0]) / 1024**2:.1f} GiB" if memory else "unknown"
    model = _field(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine()
    return [
        f"- processor: {model}, {cores()} cores for this process; memory: {gigabytes}",
        f"- {platform.system()} {platform.machine()}, {platform.python_implementation()} {platform.python_version()}",
        f"- village-disputes {sim.__version__}; {', '.join(versions)}",
    ]


def load() -> float | None:
    """Processes that ran or waited over the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _field(path: Path, name: str) -> str:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def shown(value: float | None) -> str:
    """A number with three or four digits."""
    if value is None:
        return "–"
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.2f} M"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def verdict(row: Row) -> str:
    """Whether a row meets its bar, in a word."""
    if row.bar is None:
        return ""
    return {True: "met", False: "**missed**", None: "not measured"}[row.met]


def report(rows: Sequence[Row], *, quick: bool, loads: tuple[float | None, float | None], day: str) -> str:
    """The whole file."""
    barred = [row for row in rows if row.bar]
    missed = [row for row in barred if row.met is False]
    unknown = [row for row in barred if row.met is None]
    lines = [
        "# Results of the benchmarks",
        "",
        f"Written by `python -m benchmarks` on {day}. A value is the median of the repetitions, with the lowest and "
        "highest beside it; a ratio is taken pair by pair, the two measured in turn. A run wants an idle machine: "
        f"the load was {_load(loads[0])} before the run and {_load(loads[1])} after it (its own work included).",
        "",
        *machine(),
        "",
        f"{len(barred)} rows have a bar: {len(barred) - len(missed) - len(unknown)} meet it, {len(missed)} miss it, "
        f"{len(unknown)} were not measured.",
    ]
    if missed:
        lines += [
            "",
            "Missed: " + "; ".join(f"{r.name} ({shown(r.value)}, bar {_bar(r)})" for r in missed) + ".",
        ]
    if quick:
        lines += ["", "**A quick run: sizes and repetitions are too small for the bars to mean anything.**"]
    lines += ["", "![Speed of the tools, what meets its bar, and cost against size](results.png)"]
    for part, title in PARTS.items():
        here = [row for row in rows if row.part == part]
        if here:
            lines += ["", f"## ({part}) {title}", "", EXPLAINED[part], ""]
            lines += [
                "| what | value | lowest to highest | unit | bar | | remarks |",
                "|---|--:|--:|---|--:|---|---|",
            ]
            lines += [_line(row) for row in here]
    return "\n".join(lines) + "\n"


def _load(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}"


def _bar(row: Row) -> str:
    if row.bar is None:
        return ""
    return f"{'≥' if row.bar[0] == '>=' else '≤'} {shown(row.bar[1])}"


def _line(row: Row) -> str:
    spread = "" if row.low is None else f"{shown(row.low)} to {shown(row.high)}"
    cells = (row.name, shown(row.value), spread, row.unit, _bar(row), verdict(row), row.note)
    return "| " + " | ".join(cells) + " |"
