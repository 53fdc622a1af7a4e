"""Posteriors by weights against the same by Markov chains: `python -m benchmarks.chains [PLACE…]`.

`calibrate` weighs replications; here chains walk through the same parameters, with one replication at each step, and
end in the exact posterior (pseudo-marginal: Andrieu and Roberts 2009). Both must give the same mean rate under
proportional recording, which is the reading that lies far out in the prior. Writes benchmarks/CHAINS.md.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from sim.analysis.calibration.diagnosis import mean_of
from sim.analysis.calibration.fit import simulator_of
from sim.analysis.calibration.joint import Chains, Member, sample, true_rate
from sim.analysis.calibration.whole import calibrate_place
from sim.cli.console import progress
from sim.experiments.executor import ProcessExecutor, cores
from sim.scenario.load import load_place
from sim.scenario.policy import practice

HERE = Path(__file__).parent
STORE = Path("results") / "policies"
READING = "proportional"
APART = 0.05  # points, the bar


def row(name: str, chains: int, sweeps: int, executor: ProcessExecutor) -> str:
    """A place by both methods. The first quarter of the sweeps is left out; chains are independent of each other."""
    place = load_place(name)
    measures = tuple(practice(place))
    with progress("replications") as report:
        found = calibrate_place(  # no replications of the draws that are kept: their weights are all that is asked for
            place,
            measures,
            STORE,
            executor=executor,
            readings=(READING,),
            repeats=1,
            progress=report,
            stage=print,
        )
        fit = found.readings[READING].fit
        simulate = simulator_of(place, measures, STORE, executor=executor, parts=found.parts, progress=report)
        rates: list[np.ndarray] = []

        def after(sweep: int, states: dict[str, Chains]) -> None:
            if sweep >= sweeps // 4:
                rates.append(true_rate(states[place.name].found).copy())

        made = sample(
            [Member(place, fit, simulate)],
            READING,
            seed=9,
            chains=chains,
            sweeps=sweeps,
            stage=print,
            after=after,
        )
    by_weights, error = mean_of(fit, true_rate(fit.found))
    by_chain = np.mean(rates, axis=0)  # of each chain, over sweeps
    mean, half = float(by_chain.mean()), 1.96 * float(by_chain.std(ddof=1)) / math.sqrt(chains)
    accepted = float(np.mean(made.chains[place.name].accepted))
    apart = by_weights - mean
    verdict = "met" if abs(apart) <= APART else "missed"
    return (
        f"| {place.title.en} | {by_weights:.3f} ± {1.96 * error:.3f} | {mean:.3f} ± {half:.3f} | {apart:+.3f} | "
        f"{verdict} | {accepted:.0%} |"
    )


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", default=["liucheng", "fengcheng"])
    parser.add_argument("--chains", type=int, default=400)
    parser.add_argument("--sweeps", type=int, default=40)
    args = parser.parse_args()
    executor = ProcessExecutor(cores())
    lines = [row(name, args.chains, args.sweeps, executor) for name in args.places]
    text = [
        "# Weights against chains",
        "",
        "Mean true success under proportional recording, percent, by `calibrate` (weights) and by",
        f"{args.chains:,} Markov chains of {args.sweeps} steps, the first quarter left out. ± is the Monte-Carlo error",
        f"(95 %). They should lie within {APART} points of each other.",
        "",
        "| place | weights | chains | apart | | accepted |",
        "|---|---|---|---|---|---|",
        *lines,
        "",
        "`python -m benchmarks.chains` makes it anew, in some 20 minutes on two cores.",
        "",
    ]
    (HERE / "CHAINS.md").write_text("\n".join(text), "utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
