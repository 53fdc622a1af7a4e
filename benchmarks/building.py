"""`python -m benchmarks.building`: what the model of a parameter point costs, beside simulating and reading it.

With `--old FOLDER`, another checkout of this program, both do the same points in turn, each in a process of its own,
and the ratio is taken pair by pair. Times are processor times of one core.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PLACES = ("daliu", "liucheng")
STEPS = ("draw", "quantiles", "build", "simulate", "read")
BATCH = 20  # points between two answers


def worker() -> None:
    """Answer each line (place, first point, points) with the seconds of each step and the digests of the traces.

    The same text runs in an older checkout, so it uses only what both have.
    """
    import numpy as np
    from scipy import special

    from sim.draws import Draws
    from sim.engines.choose import simulator
    from sim.model import build
    from sim.outcomes.figures import figures
    from sim.outcomes.reading import read
    from sim.scenario.errors import ScenarioError
    from sim.scenario.load import load_place
    from sim.scenario.policy import practice
    from sim.scenario.prior import luck, measures_at, place_at, unknowns

    simulate, clock = simulator("compiled"), time.process_time
    places: dict[str, Any] = {}
    grid = np.linspace(0.001, 0.999, 257)
    for line in sys.stdin:
        name, first, points = json.loads(line)
        if name not in places:
            place = load_place(name)
            places[name] = place, practice(place)
        place, measures = places[name]
        names = unknowns(place, measures)
        spent = dict.fromkeys(STEPS, 0.0)
        digests = []
        for point in range(first, first + points):
            # What a calibration does at a point: the numbers are known, the model and its replication are not.
            # Each place has luck of its own, since tables of numbers that are equal are remembered.
            chances = {n: luck(len(name), point, n) for n in names}
            t0 = clock()
            here, taken = place_at(place, chances.__getitem__), measures_at(measures, chances.__getitem__)
            t1 = clock()
            for kind in here.kinds.values():  # the share of it that is the quantile function alone
                c, mean = float(here.character.severity_concentration.value), float(kind.severity.value)
                special.betaincinv(mean * c, (1 - mean) * c, grid)
            t2 = clock()
            try:
                model = build(here, taken)
            except ScenarioError:
                continue
            t3 = clock()
            trace = simulate(model, Draws(1, point))
            t4 = clock()
            figures(read(trace), model, Draws(1, point))
            t5 = clock()
            digests.append(trace.digest())
            for step, seconds in zip(STEPS, (t1 - t0, t2 - t1, t3 - t2, t4 - t3, t5 - t4), strict=True):
                spent[step] += seconds
        print(json.dumps({"points": len(digests), "spent": spent, "digests": digests}), flush=True)


class Worker:
    """A process that does points with the program of a checkout."""

    def __init__(self, folder: Path) -> None:
        env = os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "--worker"],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, place: str, first: int, points: int) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([place, first, points]), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def compared(place: str, batches: int, now: Worker, old: Worker | None) -> list[str]:
    """Lines for a place: milliseconds a point, and the ratios of each turn."""
    workers = [w for w in (old, now) if w is not None]
    for w in workers:
        w(place, 1, 2)  # machine code, caches
    turns = [[w(place, 10 + BATCH * n, BATCH) for w in workers] for n in range(batches)]
    if any(a["digests"] != b["digests"] for a, *rest in turns for b in rest):
        raise SystemExit(f"{place}: the two checkouts simulate different traces")

    def each(n: int, *steps: str) -> list[float]:
        """Milliseconds a point, turn by turn."""
        return [1e3 * sum(turn[n]["spent"][s] for s in steps) / max(1, turn[n]["points"]) for turn in turns]

    def ratio(above: Sequence[float], below: Sequence[float]) -> float:
        return statistics.median(a / b for a, b in zip(above, below, strict=True))

    lines = [f"{place}, milliseconds a point (median of {batches} turns of {BATCH} points)"]
    for n, w in enumerate(workers):
        steps = "  ".join(f"{s} {statistics.median(each(n, s)):.2f}" for s in STEPS)
        model, rest = each(n, "draw", "build"), each(n, "simulate", "read")
        lines.append(
            f"  {'now' if w is now else 'old'}: {steps}; building ÷ (simulating + reading) {ratio(model, rest):.2f}"
        )
    if old is not None:
        bare = [
            [m - q for m, q in zip(each(n, "draw", "build"), each(n, "quantiles"), strict=True)]
            for n in (0, 1)
        ]
        model = ratio(each(0, "draw", "build"), each(1, "draw", "build"))
        whole = ratio(*(each(n, "draw", "build", "simulate", "read") for n in (0, 1)))
        lines.append(
            f"  old ÷ now: drawing {ratio(each(0, 'draw'), each(1, 'draw')):.1f}, model {model:.1f}, "
            f"model less quantiles {ratio(bare[0], bare[1]):.1f}, whole point {whole:.2f}; traces equal"
        )
    return lines


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.building", description=__doc__)
    parser.add_argument("places", nargs="*", default=PLACES)
    parser.add_argument("--old", type=Path, help="another checkout of this program")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.worker:
        worker()
        return 0
    now = Worker(Path(__file__).resolve().parents[1])
    old = Worker(args.old.resolve()) if args.old else None
    for place in args.places:
        print("\n".join(compared(place, args.turns, now, old)), flush=True)
    for w in (now, old):
        if w is not None:
            w.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
