"""ABC with regression adjustment against the likelihood of a record, on posteriors that are known exactly.

`python -m benchmarks.abc_comparison` writes benchmarks/ABC.md. The counties have a flat prior on true success, so that
the exact posterior of the rate after K of M is Beta(K + 1, M - K + 1) whatever the recording rate. Both methods see the
same replications: true successes and failures, and for ABC one simulated record of each.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.scenario.load import load_place
from sim.scenario.prior import quantiles
from sim.statistics.thinning import Reported
from sim.studies.calibration.record import proportional

HERE = Path(__file__).parent
RECORDS = {"Liucheng": (1294, 1271), "Fengcheng": (1120, 1106)}
SIZES = (2_000, 20_000)
RUNS, ACCEPTED = 40, 0.02
Floats = NDArray[np.float64]


def replications(n: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """True rate, successes, failures, and a record of each replication under proportional recording."""
    place = load_place("liucheng")
    p = rng.uniform(0.9, 1.0, n)
    cases = rng.integers(1500, 4000, n)
    success = rng.binomial(cases, p).astype(float)
    r = quantiles(place.recording.proportional.recorded, rng.random(n))
    told = rng.binomial(success.astype(int), r).astype(float)
    failed = rng.binomial((cases - success).astype(int), r).astype(float)
    return p, success, cases - success, told + failed, told


def by_likelihood(p: Floats, success: Floats, failure: Floats, mediated: int, succeeded: int) -> float:
    """Posterior mean of the rate from importance weights."""
    log = proportional(load_place("liucheng"), Reported(mediated, (succeeded,)), success, failure, 1).log
    w = np.exp(log - log.max())
    return float(w @ p / w.sum())


def by_abc(p: Floats, mediated_there: Floats, told: Floats, mediated: int, succeeded: int) -> float:
    """The nearest replications by number and rate, scaled by their spread, with a local linear regression."""
    rate = told / np.maximum(mediated_there, 1.0)
    x = np.column_stack([np.log(np.maximum(mediated_there, 1.0)), np.log((rate + 1e-4) / (1 - rate + 1e-4))])
    y = succeeded / mediated
    goal = np.array([np.log(mediated), np.log((y + 1e-4) / (1 - y + 1e-4))])
    apart = (x - goal) / stats.median_abs_deviation(x, axis=0)
    distance = np.sqrt((apart**2).sum(axis=1))
    limit = np.quantile(distance, ACCEPTED)
    near = distance <= limit
    w = 1.0 - (distance[near] / limit) ** 2  # Epanechnikov (Beaumont, Zhang and Balding 2002)
    theta = np.log(p[near] / (1 - p[near] + 1e-12))
    design = np.column_stack([np.ones(near.sum()), apart[near]])
    root = np.sqrt(w)
    slope = np.linalg.lstsq(design * root[:, None], theta * root, rcond=None)[0]
    adjusted = theta - apart[near] @ slope[1:]
    return float(np.average(1 / (1 + np.exp(-adjusted)), weights=w))


def main() -> None:
    """Run and write."""
    rows = []
    for name, (mediated, succeeded) in RECORDS.items():
        exact = 100 * (succeeded + 1) / (mediated + 2)
        for n in SIZES:
            found: dict[str, list[float]] = {"likelihood": [], "ABC, regression": []}
            spent = dict.fromkeys(found, 0.0)
            for run in range(RUNS):
                p, success, failure, there, told = replications(n, np.random.default_rng([run, n]))
                started = time.perf_counter()
                found["likelihood"].append(100 * by_likelihood(p, success, failure, mediated, succeeded))
                spent["likelihood"] += time.perf_counter() - started
                started = time.perf_counter()
                found["ABC, regression"].append(100 * by_abc(p, there, told, mediated, succeeded))
                spent["ABC, regression"] += time.perf_counter() - started
            for method, values in found.items():
                x = np.array(values)
                rmse = np.sqrt(np.mean((x - exact) ** 2))
                ratio = spent[method] / spent["likelihood"]
                rows.append(
                    f"| {name} | {n:,} | {method} | {exact:.3f} | {x.mean():.3f} | {x.mean() - exact:+.3f} | "
                    f"{x.std(ddof=1):.3f} | {rmse:.3f} | {ratio:.2f} |"
                )
    text = "\n".join(
        [
            "# ABC with regression adjustment against the likelihood of a record",
            "",
            f"Posterior mean of the true rate, percent, over {RUNS} sets of replications; flat prior on the rate, so",
            "that the exact posterior is known. ABC accepts the nearest 2 %.",
            "",
            "| record | replications | method | exact | mean | bias | sd | RMSE | time, ratio |",
            "|---|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            "`python -m benchmarks.abc_comparison` makes it anew.",
            "",
        ]
    )
    (HERE / "ABC.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
