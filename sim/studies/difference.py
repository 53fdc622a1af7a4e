"""Differences between two results, metric by metric."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sim.scenario.metrics import LABELS
from sim.statistics.intervals import interval, welch
from sim.studies.results import Result

STAFF = {"mediators", "grid_heads", "police"}  # of sections that otherwise say what disputes there are


def paired(a: Result, b: Result) -> bool:
    """Whether replications correspond: the same seed, and the same disputes to begin with."""
    same = ("population", "villages", "townships", "incidence", "window", "kinds")
    one, two = a.manifest["scenario"], b.manifest["scenario"]
    return a.manifest["seed"] == b.manifest["seed"] and all(
        {k: v for k, v in one[s].items() if k not in STAFF}
        == {k: v for k, v in two[s].items() if k not in STAFF}
        for s in same
    )


def difference(a: Result, b: Result) -> pd.DataFrame:
    """b minus a for every metric: means, difference, 95 % interval; paired by replication where that is sound.

    Intervals are for one metric at a time: among many, some exclude zero by chance.
    """
    pairs = paired(a, b)
    rows = []
    for key, x in a.numbers.values.items():
        if key not in b.numbers.values:
            continue
        y = b.numbers.values[key]
        low, high, mean = _interval(x, y, pairs)
        rows.append(
            {
                **key.labels,
                "a": _mean(x),
                "b": _mean(y),
                "difference": mean,
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows, columns=[*LABELS, "a", "b", "difference", "low", "high"])


def _mean(values: np.ndarray) -> float:
    kept = values[~np.isnan(values)]
    return float(kept.mean()) if len(kept) else math.nan


def _interval(x: np.ndarray, y: np.ndarray, pairs: bool) -> tuple[float, float, float]:
    n = min(len(x), len(y))
    found = interval(y[:n] - x[:n]) if pairs else welch(y, x)
    return found.low, found.high, found.mean
