"""False alarms and power of `check` on real replications: `python -m benchmarks.gate [PLACE…] [--seeds 200]`.

Every kept draw of a calibrated place is simulated once for each seed, so that each seed is a run of `check`. Alarms are
counted as they are, and with the recorded success rate moved by half a point. Prints a table.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.runs.executors.local import ProcessExecutor, cores
from sim.runs.posterior import load, path_of
from sim.scenario.load import load_place
from sim.scenario.metrics import READINGS
from sim.scenario.policy import practice
from sim.show.text.console import progress
from sim.studies.calibration.gate import Gated, cases_of, compared, with_tolerance
from sim.studies.calibration.watched import watched
from sim.studies.calibration.waves import recorded_name, simulated

STORE = Path("results") / "policies"
RATE = recorded_name("success_rate")
FAMILY = 48  # checks that all five places have together: the tolerance is that of the family
SHIFT = 0.5  # points


def alarms(name: str, reading: str, seeds: int, executor: ProcessExecutor) -> tuple[int, int, int]:
    """Of so many seeds: alarms as it is, and with the recorded rate moved up, and down."""
    place = load_place(name)
    gated = Gated(place, tuple(practice(place)), load(path_of(name)))
    case = cases_of([gated], 77)[name, reading]
    with progress(f"{name}, {reading}: replications") as report:
        wave = simulated(case, executor=executor, repeats=seeds, folder=STORE, progress=report)
    pins = gated.posterior.readings[reading].about["pinned"]
    by_draw = {k: wave.found[k].reshape(-1, seeds) for k in watched(place)}
    feasible = wave.feasible.reshape(-1, seeds)
    counts = []
    for shift in (0.0, SHIFT, -SHIFT):
        alarmed = 0
        for seed in range(seeds):
            found = {k: x[:, seed] + (shift if k == RATE else 0.0) for k, x in by_draw.items()}
            checks = list(compared(place, reading, found, feasible[:, seed], pins))
            scaled = with_tolerance([*checks, *checks[:1] * (FAMILY - len(checks))])[: len(checks)]
            alarmed += not all(c.passed for c in scaled)
        counts.append(alarmed)
    return counts[0], counts[1], counts[2]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", default=["liucheng"])
    parser.add_argument("--seeds", type=int, default=200)
    args = parser.parse_args()
    executor = ProcessExecutor(cores())
    print(f"| place | reading | runs | alarms | rate + {SHIFT} caught | rate − {SHIFT} caught |")
    print("|---|---|--:|--:|--:|--:|")
    for name in args.places:
        for reading in READINGS:
            none, up, down = alarms(name, reading, args.seeds, executor)
            print(
                f"| {name} | {reading.replace('_', '-')} | {args.seeds} | {none} | {up} | {down} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
