"""A summary of replications: mean and interval of every metric, and the reported figure beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.runs.outcomes import Outcomes
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Exactness, Place, Target
from sim.statistics.intervals import interval
from sim.statistics.quantiles import CENTRAL_95, central, quantiles
from sim.statistics.variance_components import variance_components

_SIGNS = {Exactness.AT_LEAST: "≥ ", Exactness.AT_MOST: "≤ "}


def summarise(outcomes: Outcomes, place: Place, per_draw: int = 0) -> pd.DataFrame:
    """One row per key (sim/scenario/metrics.py), in the order in which they first appear.

    Columns: unit, n (replications where the metric is defined), mean, low, high (95 % t-interval of the mean), sd,
    p05 and p95 (spread over replications), reported, exactness, role. Where replications come from parameter draws,
    `per_draw` of each in a row, low and high are the central 95 % of replications instead, so that they contain what
    is not known of parameters as well as Monte Carlo error; further columns split the two: sd_parameters,
    sd_monte_carlo.
    """
    targets = {t.metric: t for t in place.targets if t.exactness != Exactness.CHANGE}
    rows = []
    for key, values in outcomes.items():
        found = interval(values)
        kept = values[~np.isnan(values)]
        low, high = found.low, found.high
        p05, _, p95 = central(kept)
        split: dict[str, float] = {}
        if per_draw:
            low, high = quantiles(kept, CENTRAL_95) if len(kept) > 1 else (math.nan, math.nan)
            split = dict(
                zip(
                    ("sd_parameters", "sd_monte_carlo"),
                    parameters_and_monte_carlo(values, per_draw),
                    strict=True,
                )
            )
        target = targets.get(key.metric) if not key.by else None
        rows.append(
            {
                **key.labels,
                "unit": KNOWN_METRICS[key.metric].unit if key.metric in KNOWN_METRICS else "",
                "n": found.n,
                "mean": found.mean,
                "low": low,
                "high": high,
                "sd": float(kept.std(ddof=1)) if len(kept) > 1 else math.nan,
                "p05": p05,
                "p95": p95,
                "reported": target.value if target else math.nan,
                "exactness": target.exactness.value if target else "",
                "role": target.role if target else "",
                **split,
            }
        )
    return pd.DataFrame(rows)


def parameters_and_monte_carlo(values: np.ndarray, per_draw: int) -> tuple[float, float]:
    """Standard deviations between the expected values of parameter draws, and of luck within one.

    Analysis of variance of replications, `per_draw` of each draw in a row; draws that lack a value are left out. NaN
    where nothing can be said.
    """
    complete = values[: len(values) // per_draw * per_draw].reshape(-1, per_draw)
    complete = complete[~np.isnan(complete).any(axis=1)]
    if per_draw < 2 or len(complete) < 2:
        return math.nan, math.nan
    between, within = variance_components(complete)
    return math.sqrt(between), math.sqrt(within)


def reported_text(target: Target) -> str:
    """A reported figure as the place prints it."""
    if target.high is not None:
        return f"{target.value:,.{target.decimals}f}–{target.high:,.{target.decimals}f}"
    return f"{_SIGNS.get(target.exactness, '')}{target.value:,.{target.decimals}f}"


@dataclass(frozen=True)
class Idle:
    """A staff group whose pools stand idle, in percent of their hours."""

    staff: str
    utilisation: float
    busiest: float


def idle_staff(summary: pd.DataFrame, threshold: float = 20.0) -> list[Idle]:
    """Staff groups whose busiest pool stays under the threshold: more of them would hardly shorten a wait.

    Fewer may matter: with a sixth of the people the same hours are six times the use.
    """
    found = summary[summary["metric"].isin(["utilisation", "utilisation_busiest"])]
    table = found.pivot_table(index="group", columns="metric", values="mean", sort=False)
    out = []
    for staff, row in table.iterrows():
        if row["utilisation_busiest"] < threshold:
            out.append(Idle(str(staff), float(row["utilisation"]), float(row["utilisation_busiest"])))
    return out


@dataclass(frozen=True)
class Full:
    """A staff group with a pool that is busy all the time in a share of replications."""

    staff: str
    share: float


def full_staff(numbers: Outcomes, threshold: float = 95.0, often: float = 0.05) -> list[Full]:
    """Staff groups whose busiest pool is above the threshold in more than so large a share of replications.

    Above it a queue does not come to rest within a window: waits and backlogs grow as long as one looks.
    """
    out = []
    for column, values in numbers.items():
        if (column.metric, column.by) != ("utilisation_busiest", "staff"):
            continue
        known = values[~np.isnan(values)]
        share = float(np.mean(known > threshold)) if len(known) else 0.0
        if share > often:
            out.append(Full(column.group, share))
    return out
