"""Simulation-based calibration on synthetic counties of Daliu's size: `python -m benchmarks.sbc [--counties 1000]`.

Writes benchmarks/SBC.md and benchmarks/sbc.csv. What was simulated is kept below results/ and not simulated again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from sim.analysis.calibration.fit import wave_of
from sim.analysis.calibration.sbc import LOG, RATE, TRUE, Ranks, ranks, verdict
from sim.cli.console import progress
from sim.experiments.calibration_job import CalibrationJob, coordinates
from sim.experiments.executor import ProcessExecutor, cores
from sim.experiments.posterior import READINGS
from sim.experiments.replicate import run_replications
from sim.experiments.store import ChunkStore
from sim.scenario.load import load_place
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.scenario.prior import unknowns

HERE = Path(__file__).parent
STORE = Path("results") / "policies"


def simulated(place: Place, reading: str, n: int, seed: int, executor: ProcessExecutor):  # type: ignore[no-untyped-def]
    """n prior draws of a place with their figures: names, scores, figures."""
    measures = tuple(practice(place))
    own = f"recording.{reading}."
    names = (*coordinates(place, measures), *(u for u in unknowns(place, measures) if u.startswith(own)))
    scores = np.random.default_rng([seed, 81, len(reading)]).standard_normal((n, len(names)))
    job = CalibrationJob(place, measures, names, scores, seed, 1, reading)
    with progress("replications") as report:
        table = run_replications(
            job, range(n), executor=executor, store=ChunkStore(STORE, job.key), chunk=50, progress=report
        )
    wave = wave_of(scores, table)
    ok = wave.feasible
    return names, scores[ok], {k: x[ok] for k, x in wave.found.items()}


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=1000)
    parser.add_argument("--bank", type=int, default=20_000)
    parser.add_argument("--place", default="daliu")
    args = parser.parse_args()
    place = load_place(args.place)
    executor = ProcessExecutor(cores())
    frames, lines = [], []
    for reading in READINGS:
        names, scores, figures = simulated(place, reading, args.bank, 1, executor)
        _, true_scores, true_figures = simulated(place, reading, args.counties, 2, executor)
        found: Ranks = ranks(place, names, (scores, figures), (true_scores, true_figures), reading, 1)
        frame = verdict(found).assign(reading=reading)
        frames.append(frame)
        worst = frame.iloc[0]
        chosen = frame[frame["quantity"].isin([TRUE, RATE, LOG])]
        told = "; ".join(f"{r['quantity']}: p {r['p']:.2f}, {r['covered']:.3f}" for _, r in chosen.iterrows())
        cells = [
            reading.replace("_", "-"),
            f"{len(found.ess):,}",
            f"{np.median(found.ess):.0f}",
            str(len(frame)),
        ]
        cells.append(f"{worst['p_holm']:.3f} ({worst['quantity']})")
        cells.append(f"{frame['covered'].min():.3f} to {frame['covered'].max():.3f}")
        lines.append(f"| {' | '.join([*cells, told])} |")
    pd.concat(frames).to_csv(HERE / "sbc.csv", index=False, float_format="%.5g", lineterminator="\n")
    text = [
        "# Simulation-based calibration",
        "",
        f"{args.counties:,} synthetic counties of the size of {place.title.en}, drawn from the prior, each fitted",
        f"from one bank of {args.bank:,} replications. Ranks are randomised, in 20 bins. The smallest p after Holm",
        "should be above 0.01, and the 90 % intervals should cover 87 to 93 % of the truths.",
        "",
        "| reading | counties | median ESS | quantities | smallest Holm p | coverage of 90 % intervals | of interest |",
        "|---|---|---|---|---|---|---|",
        *lines,
        "",
        "Every quantity: [sbc.csv](sbc.csv). `python -m benchmarks.sbc` makes both anew.",
        "",
    ]
    (HERE / "SBC.md").write_text("\n".join(text), "utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
