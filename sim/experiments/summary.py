"""A summary of replications: mean and interval of every metric, and the reported figure beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiments.intervals import interval
from sim.experiments.numbers import Numbers
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Exactness, Place, Target

KEYS = ["layer", "metric", "tier", "kind"]
_SIGNS = {Exactness.AT_LEAST: "≥ ", Exactness.AT_MOST: "≤ "}


def summarise(numbers: Numbers, place: Place) -> pd.DataFrame:
    """One row per (layer, metric, tier, kind), in the order in which they first appear.

    Columns: unit, n (replications where the metric is defined), mean, low, high (95 % t-interval of the mean), sd,
    p05 and p95 (spread over replications), reported, exactness, role.
    """
    targets = {t.metric: t for t in place.targets if t.exactness != Exactness.CHANGE}
    rows = []
    for (layer, metric, tier, kind), values in numbers.values.items():
        found = interval(values)
        kept = values[~np.isnan(values)]
        target = targets.get(metric) if not tier and not kind else None
        rows.append(
            {
                **dict(zip(KEYS, (layer, metric, tier, kind), strict=True)),
                "unit": KNOWN_METRICS[metric].unit if metric in KNOWN_METRICS else "",
                "n": found.n,
                "mean": found.mean,
                "low": found.low,
                "high": found.high,
                "sd": float(kept.std(ddof=1)) if len(kept) > 1 else math.nan,
                "p05": float(np.quantile(kept, 0.05)) if len(kept) else math.nan,
                "p95": float(np.quantile(kept, 0.95)) if len(kept) else math.nan,
                "reported": target.value if target else math.nan,
                "exactness": target.exactness.value if target else "",
                "role": target.role if target else "",
            }
        )
    return pd.DataFrame(rows)


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
    """Staff groups whose busiest pool stays under the threshold: there, capacity cannot matter."""
    found = summary[summary["metric"].isin(["utilisation", "utilisation_busiest"])]
    table = found.pivot_table(index="tier", columns="metric", values="mean", sort=False)
    out = []
    for staff, row in table.iterrows():
        if row["utilisation_busiest"] < threshold:
            out.append(Idle(str(staff), float(row["utilisation"]), float(row["utilisation_busiest"])))
    return out
