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

from sim.runs.executors.local import ProcessExecutor, cores
from sim.scenario.load import load_place
from sim.scenario.policy import practice
from sim.show.text.console import progress
from sim.studies.calibration.diagnosis import mean_of
from sim.studies.calibration.fit import Fit, simulator_of
from sim.studies.calibration.joint import TRIES, member_of, sample, true_rate
from sim.studies.calibration.place_calibration import calibrate_place

HERE = Path(__file__).parent
STORE = Path("results") / "policies"
READING = "proportional"
APART, KNOWN = 0.05, 0.02  # points, the bars
SIZES = {"liucheng": (260, 45), "fengcheng": (160, 40)}  # chains and sweeps; other places 200 and 30


def fitted(name: str, executor: ProcessExecutor) -> Fit:
    """A place calibrated by weights, without replications of the draws that are kept."""
    place = load_place(name)
    measures = tuple(practice(place))
    with progress("replications") as report:
        found = calibrate_place(
            place,
            measures,
            STORE,
            executor=executor,
            readings=(READING,),
            repeats=1,
            progress=report,
            stage=print,
        )
    return found.readings[READING].fit


def row(fit: Fit, chains: int, sweeps: int, executor: ProcessExecutor) -> str:
    """A place by both methods. The first quarter of the sweeps is left out; chains are independent of each other."""
    place = fit.place
    with progress("replications") as report:
        simulate = simulator_of(place, tuple(practice(place)), STORE, executor=executor, progress=report)
        member = member_of(fit, simulate, 9)
        made = sample([member], READING, seed=9, chains=chains, sweeps=sweeps, stage=print)
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
    near = "met" if abs(apart) <= APART else "missed"
    known = "met" if max(1.96 * error, half) <= KNOWN else "missed"
    return (
        f"| {place.title.en} | {by_weights:.3f} ± {1.96 * error:.3f} | {mean:.3f} ± {half:.3f} | {apart:+.3f} | "
        f"{near} | {known} | {chains} × {sweeps} | {np.mean(chain.accepted):.0%} | {np.nanmean(rates[0]):.3f} | "
        f"{moved:+.3f} ± {unsure:.3f} | {independent:.1f} |"
    )


def page(lines: list[str]) -> str:
    """The whole text."""
    text = [
        "# Weights against chains",
        "",
        "Mean true success under proportional recording, percent, by `calibrate` (weights) and by Markov chains",
        f"with {TRIES} replications at each step, the first quarter of the steps left out. ± is the Monte-Carlo error",
        f"(95 %). Bars: no more than {APART} points apart, each known to {KNOWN}.",
        "",
        "| place | weights | chains | apart | near | known | chains × steps | moved | first step | late | worth |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *lines,
        "",
        "Chains begin in the posterior of a surrogate. *Moved* is the share of chains that left their point at a step,",
        "*first step* their mean after one, *late* the second half of the steps over the first: whether they still",
        "travel. *Worth*: as many independent draws as one chain, their variance over that of means of chains.",
        "",
        "`python -m benchmarks.chains` makes it anew, in some 50 minutes on two cores.",
        "",
    ]
    return "\n".join(text)


def main() -> None:
    """Run and write, place by place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", default=list(SIZES))
    parser.add_argument("--chains", type=int)
    parser.add_argument("--sweeps", type=int)
    args = parser.parse_args()
    executor = ProcessExecutor(cores())
    lines: list[str] = []
    for name in args.places:
        chains, sweeps = SIZES.get(name, (200, 30))
        fit = fitted(name, executor)
        lines.append(row(fit, args.chains or chains, args.sweeps or sweeps, executor))
        (HERE / "CHAINS.md").write_text(page(lines), "utf-8")
        print(lines[-1], flush=True)


if __name__ == "__main__":
    main()
