"""Simulation-based calibration on synthetic counties of Daliu's size: `python -m benchmarks.sbc [--counties 1000]`.

Writes benchmarks/SBC.md and benchmarks/sbc.csv, in about an hour on two cores. What was simulated is kept
below results/ and not simulated again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from sim.runs.executors.local import ProcessExecutor, cores
from sim.runs.points import coordinates
from sim.scenario.load import load_place
from sim.scenario.metrics import READINGS
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.scenario.prior import unknowns
from sim.show.text.console import progress
from sim.studies.calibration.fit import Effort, Fit, calibrate
from sim.studies.calibration.sbc import LOG, RATE, TRUE, Ranks, ranks, ranks_of_fits, verdict
from sim.studies.calibration.waves import case_at, simulated, simulator_of

HERE = Path(__file__).parent
STORE = Path("results") / "policies"


def from_prior(place: Place, reading: str, n: int, seed: int, executor: ProcessExecutor):  # type: ignore[no-untyped-def]
    """n prior draws of a place with their figures: names, scores, figures."""
    measures = tuple(practice(place))
    own = f"recording.{reading}."
    names = (*coordinates(place, measures), *(u for u in unknowns(place, measures) if u.startswith(own)))
    scores = np.random.default_rng([seed, 81, len(reading)]).standard_normal((n, len(names)))
    case = case_at(place, measures, names, scores, seed, reading)
    with progress("replications") as report:
        wave = simulated(case, executor=executor, folder=STORE, progress=report)
    ok = wave.feasible
    return names, scores[ok], {k: x[ok] for k, x in wave.found.items()}


def sequential(place: Place, reading: str, counties: int, effort: float, executor: ProcessExecutor) -> Ranks:
    """Counties of the prior, each with a search of its own, as `calibrate` does it (one run instead of two)."""
    measures = tuple(practice(place))
    names, true_scores, true_figures = from_prior(place, reading, counties, 3, executor)

    def fit(county: Place, number: int) -> Fit:
        with progress(f"county {number + 1} of {counties}, replications") as report:
            simulate = simulator_of(county, measures, STORE, executor=executor, progress=report)
            return calibrate(county, measures, reading, simulate, 100 + number, Effort().scaled(effort))

    return ranks_of_fits(place, names, (true_scores, true_figures), reading, fit, 1)


def row(reading: str, found: Ranks, frame: pd.DataFrame) -> str:
    """A row of a table of SBC.md."""
    worst = frame.iloc[0]
    chosen = frame[frame["quantity"].isin([TRUE, RATE, LOG])]
    told = "; ".join(f"{r['quantity']}: p {r['p']:.2f}, {r['covered']:.3f}" for _, r in chosen.iterrows())
    cells = [
        reading.replace("_", "-"),
        f"{len(found.ess):,}",
        f"{np.median(found.ess):.0f}",
        str(len(frame)),
        f"{worst['p_holm']:.3f} ({worst['quantity']})",
        f"{frame['covered'].min():.3f}, {frame['covered'].mean():.3f}, {frame['covered'].max():.3f}",
        told,
    ]
    return f"| {' | '.join(cells)} |"


HEAD = [
    "| reading | counties | median ESS | quantities | smallest Holm p | coverage of 90 % intervals: least, mean, most "
    "| of interest |",
    "|---|---|---|---|---|---|---|",
]


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=1000)
    parser.add_argument("--bank", type=int, default=20_000)
    parser.add_argument("--fits", type=int, default=20, help="counties with a search of their own")
    parser.add_argument("--effort", type=float, default=1.0, help="of such a search, as for calibrate")
    parser.add_argument("--place", default="daliu")
    args = parser.parse_args()
    place = load_place(args.place)
    executor = ProcessExecutor(cores())
    frames: list[pd.DataFrame] = []
    lines: dict[str, list[str]] = {"bank": [], "search": []}
    for reading in READINGS:
        if args.fits:
            found = sequential(place, reading, args.fits, args.effort, executor)
            frames.append(verdict(found).assign(reading=reading, how="search"))
            lines["search"].append(row(reading, found, frames[-1]))
        names, scores, figures = from_prior(place, reading, args.bank, 1, executor)
        _, true_scores, true_figures = from_prior(place, reading, args.counties, 2, executor)
        found = ranks(place, names, (scores, figures), (true_scores, true_figures), reading, 1)
        frames.append(verdict(found).assign(reading=reading, how="bank"))
        lines["bank"].append(row(reading, found, frames[-1]))
    pd.concat(frames).to_csv(HERE / "sbc.csv", index=False, float_format="%.5g", lineterminator="\n")
    text = [
        "# Simulation-based calibration",
        "",
        f"{args.counties:,} synthetic counties of the size of {place.title.en}, drawn from the prior, each fitted",
        f"from one bank of {args.bank:,} replications. Ranks are randomised, in 20 bins. The smallest p after Holm",
        "should be above 0.01, and the 90 % intervals should cover 87 to 93 % of the truths. Counties whose record no",
        "replication of the bank could have given are left out.",
        "",
        *HEAD,
        *lines["bank"],
        "",
        f"The same for {args.fits} counties, each with a sequential search of its own as `calibrate` does it. So few",
        "ranks are compared with the uniform distribution by Kolmogorov and Smirnov. What the record would say is not",
        "drawn there.",
        "",
        *HEAD,
        *lines["search"],
        "",
        "Every quantity: [sbc.csv](sbc.csv). `python -m benchmarks.sbc` makes both anew.",
        "",
    ]
    (HERE / "SBC.md").write_text("\n".join(text), "utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
