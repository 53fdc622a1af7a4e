"""Do the intervals and probabilities of `compare` hold? `python -m benchmarks.coverage [--counties 200] [--truth 16]`.

Synthetic counties with known parameters: each is a draw from the posterior of Daliu, which stands for the prior of a
family of counties. Its true effects are means over many replications at its own parameters. What is known of it are
three figures of one replication of its own (disputes known, suits, registered petitions). The belief about it is what
`compare` has: other draws, weighed by how well they give these figures (normal, with mean and spread over their
replications), drawn anew by these weights, with two replications of each; from there on the functions of `compare`
itself. So what is tested is the way from draws to answers, Monte Carlo noise included: not whether Daliu's prior is
right, and not the search of `calibrate`, which simulation-based calibration tests (`benchmarks.sbc`).

Writes benchmarks/COVERAGE.md. The true effects have Monte Carlo errors of their own, which is said beside them.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.runs.batch import pairs
from sim.runs.batch import run as run_cases
from sim.runs.executors.local import ProcessExecutor, SerialExecutor, cores
from sim.scenario.metrics import KNOWN_METRICS
from sim.show.text.console import progress
from sim.statistics.decision import decide
from sim.statistics.effect import central, effects
from sim.statistics.quantiles import effective_size
from sim.statistics.reliability import Coverage, coverage, reliability
from sim.statistics.weights import resample
from sim.studies.assemble import PlacePanel, place_panel
from sim.studies.compare import plan

Floats = NDArray[np.float64]
STORE = Path("results") / "policies"
POLICIES = ("+whistle", "+more_staff:township_mediators=10")
FIGURES = ("known_disputes", "filings", "petitions_registered")
OUTCOMES = ("days_in_conflict_per_1000", "filings_per_10000", "eruptions", "petitions_registered")
KEPT, EACH = 40, 2  # draws and replications of each that a belief rests on, as in `compare`
BAR_COVERAGE, BAR_BRIER = (0.87, 0.93), 0.05


@dataclass(frozen=True)
class Found:
    """By county, policy and outcome: the interval and the truth, shape (counties, effects); and choices.

    `stated` are probabilities that an option is best, `best` whether it is (a share of it where several tie), shape
    (counties × outcomes × options,).
    """

    low: Floats
    high: Floats
    truth: Floats
    error: float
    stated: Floats
    best: Floats
    ess: float


def panel_of(counties: int, truth: int, workers: int) -> PlacePanel:
    """Outcomes of as many draws of Daliu, `truth` replications of each, under practice and the policies."""
    metrics = list(dict.fromkeys([*OUTCOMES, *FIGURES]))
    asked = plan("daliu", list(POLICIES), draws=counties, replications=truth, metrics=metrics)
    executor = SerialExecutor() if workers == 1 else ProcessExecutor(workers)
    with progress("replications") as report:
        outcomes = run_cases(
            asked.cases, pairs(counties, truth), folder=STORE, executor=executor, progress=report
        )
    return place_panel(asked.design, outcomes, asked.place.name)


def answered(values: Floats, figures: Floats, groups: NDArray[np.int64], seed: int = 1) -> Found:
    """Ask of each county what `compare` would say of it, and look.

    `values` have shape (policies, outcomes, draws, replications), the baseline first; `figures` (figures, draws,
    replications) are what a county could have reported of itself; `groups` is the reading of each draw.
    """
    rng = np.random.default_rng(seed)
    draws = values.shape[2]
    middle, spread = figures.mean(axis=2), np.maximum(figures.std(axis=2, ddof=1), 1e-9)
    true = values.mean(axis=3)
    low, high, truth, stated, best, sizes = [], [], [], [], [], []
    for county in range(draws):
        seen = figures[:, county, rng.integers(figures.shape[2])]
        z = (seen[:, None] - middle) / spread
        logs = -(0.5 * z**2 + np.log(spread)).sum(axis=0)
        logs[county] = -np.inf
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        sizes.append(effective_size(weights))
        chosen = resample(weights, KEPT, rng)
        start = int(rng.integers(values.shape[3] - EACH + 1))
        belief = values[:, :, chosen, start : start + EACH]
        number = groups[chosen].tolist()
        found = effects((belief[1:] - belief[:1]).reshape(-1, KEPT, EACH), number)
        limits = [central(sample) for sample in found.samples]
        low.append([one[0] for one in limits])
        high.append([one[2] for one in limits])
        truth.append((true[1:, :, county] - true[:1, :, county]).ravel())
        for outcome in range(values.shape[1]):
            stated.append(decide(belief[:, outcome], "lower", number).best)
            first = true[:, outcome, county] == true[:, outcome, county].min()
            best.append(first / first.sum())  # those that tie share it: many do not act on an outcome at all
    difference = values[1:] - values[:1]
    noise = difference.var(axis=3, ddof=1).mean(axis=2) / difference.shape[3]
    error = float(np.sqrt(noise / true_spread(difference)).mean())
    return Found(
        *(np.array(x) for x in (low, high, truth)),
        error,
        np.concatenate(stated),
        np.concatenate(best),
        float(np.mean(sizes)),
    )


def true_spread(difference: Floats) -> Floats:
    """Variance of effects over draws, shape (policies, outcomes)."""
    return np.maximum(difference.mean(axis=3).var(axis=2, ddof=1), 1e-12)


def report(found: Found, counties: int, truth: int) -> str:
    """The page."""
    names = [f"{policy}, {outcome}" for policy in POLICIES for outcome in OUTCOMES]
    rows = [coverage(found.low[:, i], found.high[:, i], found.truth[:, i]) for i in range(len(names))]
    every = coverage(found.low.ravel(), found.high.ravel(), found.truth.ravel())
    lines = [
        "# Coverage of `compare`",
        "",
        f"{counties} synthetic counties drawn from the posterior of Daliu, true effects over {truth} replications each",
        f"(Monte Carlo error of a truth: {found.error:.2f} of the spread of effects); a belief of {KEPT} draws of",
        f"{EACH} replications, from weights that are worth {found.ess:.0f} draws.",
        f"`python -m benchmarks.coverage --counties {counties} --truth {truth}`. What it shows, and what it does not,",
        "is said in the module.",
        "",
        "| effect | 90 % intervals that hold the truth | ± |",
        "|---|--:|--:|",
        *(f"| {name} | {one.share:.1%} | {one.se:.1%} |" for name, one in zip(names, rows, strict=True)),
        f"| **all** (bar {BAR_COVERAGE[0]:.0%} to {BAR_COVERAGE[1]:.0%}: {_met(every)}) | {every.share:.1%} | |",
        "",
        "| P(best) stated | mean stated | came true | cases | ± if right | within 0.05 |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for b in reliability(found.stated, found.best):
        near = "yes" if abs(b.true - b.stated) <= BAR_BRIER else "no"
        lines.append(
            f"| {b.low:.1f} to {b.high:.1f} | {b.stated:.3f} | {b.true:.3f} | {b.n} | {b.se:.3f} | {near} |"
        )
    return "\n".join(
        [
            *lines,
            "",
            "Cases of one county hang together, so that their errors are larger than ± says. Who is best is decided by",
            "truths that are noisy themselves: where options lie closer than that, it is by chance. So the second",
            "table judges probabilities only as far as `--truth` is large.",
            "",
        ]
    )


def _met(found: Coverage) -> str:
    return "met" if BAR_COVERAGE[0] <= found.share <= BAR_COVERAGE[1] else "missed"


def arrays(panel: PlacePanel) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Outcomes, figures of the baseline, and readings, of the draws that count."""
    columns = {c.metric: i for i, c in enumerate(panel.panel.columns) if not c.reading}
    kept = panel.counted
    values = panel.panel.values[:, [columns[m] for m in OUTCOMES]][:, :, kept]
    figures = panel.panel.values[0, [columns[m] for m in FIGURES]][:, kept]
    groups = np.array(panel.groups or [0] * panel.panel.draws)[kept]
    return values, figures, groups


def main() -> None:
    """Run, print, and write COVERAGE.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counties", type=int, default=200)
    parser.add_argument("--truth", type=int, default=16)
    parser.add_argument("--workers", type=int, default=cores())
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "COVERAGE.md")
    args = parser.parse_args()
    assert all(KNOWN_METRICS[m].aim == "lower" for m in OUTCOMES)
    found = answered(*arrays(panel_of(args.counties, args.truth, args.workers)))
    page = report(found, len(found.truth), args.truth)
    print(page)
    args.out.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
