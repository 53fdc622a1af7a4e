"""Rows of the result, clocks, and repetitions that take turns."""

from __future__ import annotations

import gc
import importlib.util
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DISAGREES = "SOJOURNS DISAGREE WITH THEORY"  # so begins the remark on a tool whose means are wrong
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True)
class Row:
    """One measurement. `low` and `high` are the extremes of the repetitions; `bar` is (comparison, number)."""

    part: str
    name: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    bar: tuple[str, float] | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None without a bar or without a number."""
        if self.bar is None or self.value is None:
            return None
        sign, number = self.bar
        return self.value >= number if sign == ">=" else self.value <= number

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"met": self.met}


def row(part: str, name: str, values: Sequence[float], unit: str, **more: Any) -> Row:
    """The median of repetitions, with their extremes."""
    return Row(part, name, statistics.median(values), unit, min(values), max(values), **more)


def absent(part: str, name: str, unit: str, why: str, **more: Any) -> Row:
    """A measurement that could not be made."""
    return Row(part, name, None, unit, note=why, **more)


def seconds(work: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> tuple[float, Any]:
    """Time of a call, and what it returned. Garbage of earlier calls is collected before."""
    gc.collect()
    start = clock()
    result = work()
    return clock() - start, result


def in_turn(
    works: Mapping[str, Callable[[int], Any]],
    times: Mapping[str, int],
    clock: Callable[[], float] = time.process_time,
    seen: Callable[[str, int, Any], None] = lambda name, turn, result: None,
) -> dict[str, list[float]]:
    """Seconds of each work, one after the other in every round, so that all meet the same machine.

    `works` take the number of the round; `times` says in how many rounds each takes part. `seen` gets the results,
    outside the clock.
    """
    found: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(max(times.values())):
        for name, work in works.items():
            if turn < times[name]:
                spent, result = seconds(lambda work=work, turn=turn: work(turn), clock)  # type: ignore[misc]
                found[name].append(spent)
                seen(name, turn, result)
    return found


def ratios(slow: Sequence[float], fast: Sequence[float]) -> list[float]:
    """How many times as long the first took, round by round."""
    return [a / b for a, b in zip(slow, fast, strict=False)]


def borrowed(name: str) -> ModuleType:
    """A module of the tests, by file: other packages install a top-level `tests` of their own."""
    path = ROOT / "tests" / f"{name}.py"
    full = f"benchmarks_borrowed_{path.stem}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(full, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[full] = module
        spec.loader.exec_module(module)
    return sys.modules[full]


# --- memory of a process and its children (Linux) --------------------------------------------------------------------


def _family(root: int) -> list[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(text.rpartition(")")[2].split()[1])
    family, found = [root], {root}
    for pid in family:
        for child, parent in parents.items():
            if parent == pid and child not in found:
                found.add(child)
                family.append(child)
    return family


def resident(root: int) -> int:
    """Resident bytes of a process and all below it, added up; pages that they share are counted in each."""
    total = 0
    for pid in _family(root):
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        except OSError:
            continue
    return total


def peak_of_this_process() -> int:
    """Most resident bytes of this process so far. Not `getrusage`: that also counts the parent before `exec`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


class Peak:
    """The most memory of a process and all below it while this is open, looked at twenty times a second."""

    def __init__(self, root: int) -> None:
        self.root, self.bytes = root, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, resident(self.root))
            if self._over.wait(0.05):
                return

    def __enter__(self) -> Peak:
        if Path("/proc/self/statm").exists():
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
