"""Posteriors by weights against the same by Markov chains: `python -m benchmarks.chains [PLACE…]`.

`calibrate` weighs replications; here chains walk through the same parameters, with some replications at each step, and
end in the exact posterior (pseudo-marginal: Andrieu and Roberts 2009). They begin in the posterior of a surrogate, not
at the draws that they are compared with. Both must give the same mean rate under proportional recording, which is the
reading that lies far out in the prior. Writes benchmarks/CHAINS.md.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np

from sim.analysis.calibration.diagnosis import mean_of
from sim.analysis.calibration.fit import simulator_of
from sim.analysis.calibration.joint import TRIES, member_of, sample, true_rate
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
        made = sample(
            [member_of(fit, simulate, 9)], READING, seed=9, chains=chains, sweeps=sweeps, stage=print
        )
    by_weights, error = mean_of(fit, true_rate(fit.found))
    chain = made.chains[place.name]
    rates = np.array(chain.rates)  # (sweeps, chains)
    kept = rates[sweeps // 4 :]
    by_chain = kept.mean(axis=0)
    mean, half = float(by_chain.mean()), 1.96 * float(by_chain.std(ddof=1)) / math.sqrt(chains)
    late = kept[len(kept) // 2 :].mean(axis=0) - kept[: len(kept) // 2].mean(axis=0)
    moved, unsure = float(late.mean()), 1.96 * float(late.std(ddof=1)) / math.sqrt(chains)
    independent = kept.var() / by_chain.var(ddof=1)  # draws that one chain is worth
    apart = by_weights - mean
    verdict = "met" if abs(apart) <= APART else "missed"
    return (
        f"| {place.title.en} | {by_weights:.3f} ± {1.96 * error:.3f} | {mean:.3f} ± {half:.3f} | {apart:+.3f} | "
        f"{verdict} | {np.mean(chain.accepted):.0%} | {rates[0].mean():.3f} | {moved:+.3f} ± {unsure:.3f} | "
        f"{independent:.1f} |"
    )


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", default=["liucheng", "fengcheng"])
    parser.add_argument("--chains", type=int, default=200)
    parser.add_argument("--sweeps", type=int, default=40)
    args = parser.parse_args()
    executor = ProcessExecutor(cores())
    lines = [row(name, args.chains, args.sweeps, executor) for name in args.places]
    text = [
        "# Weights against chains",
        "",
        "Mean true success under proportional recording, percent, by `calibrate` (weights) and by",
        f"{args.chains:,} Markov chains of {args.sweeps} steps with {TRIES} replications each, the first quarter left",
        f"out. ± is the Monte-Carlo error (95 %). They should lie within {APART} points of each other, each known",
        "to 0.02.",
        "",
        "| place | weights | chains | apart | | moved at a step | after the first step | late | a chain is worth |",
        "|---|---|---|---|---|---|---|---|---|",
        *lines,
        "",
        "Chains begin in the posterior of a surrogate. *Late* is the second half of the steps over the first: whether",
        "they still travel. *A chain is worth* so many independent draws: their variance over that of means of chains.",
        "",
        "`python -m benchmarks.chains` makes it anew, in some 30 minutes on two cores.",
        "",
    ]
    (HERE / "CHAINS.md").write_text("\n".join(text), "utf-8")
    print("\n".join(text))


if __name__ == "__main__":
    main()
