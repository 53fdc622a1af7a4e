"""Differences between two results, metric by metric."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.scenario.metrics import LABELS
from sim.statistics.intervals import interval, welch
from sim.studies.results import Result, read_draws

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

    Of two runs over the draws of the same readings of the record there is a row for each reading, never one over both.
    Intervals are for one metric at a time: among many, some exclude zero by chance.
    """
    pairs = paired(a, b)
    one, other = readings_of(a), readings_of(b)
    same = one is not None and other is not None and set(one) == set(other) and len(set(one)) > 1
    parts = (
        [(r, one == r, other == r) for r in dict.fromkeys(one.tolist())] if same and one is not None else []
    )
    rows = []
    for key, every in a.numbers.items():
        if key not in b.numbers:
            continue
        beside = b.numbers[key]
        for reading, mine, theirs in parts or [(key.reading, slice(None), slice(None))]:
            x, y = every[mine], beside[theirs]
            low, high, mean = _interval(x, y, pairs)
            named = {**key.labels, "reading": reading}
            rows.append({**named, "a": _mean(x), "b": _mean(y), "difference": mean, "low": low, "high": high})
    return pd.DataFrame(rows, columns=[*LABELS, "a", "b", "difference", "low", "high"])


def readings_of(result: Result) -> NDArray[np.object_] | None:
    """The reading that each replication's parameter draw was made under; None at central values."""
    drawn, _, _ = read_draws(result.folder, result.manifest)
    if drawn is None:
        return None
    return np.array([drawn.reading(int(draw)) for draw in result.numbers.draw], dtype=object)


def _mean(values: np.ndarray) -> float:
    kept = values[~np.isnan(values)]
    return float(kept.mean()) if len(kept) else math.nan


def _interval(x: np.ndarray, y: np.ndarray, pairs: bool) -> tuple[float, float, float]:
    n = min(len(x), len(y))
    found = interval(y[:n] - x[:n]) if pairs else welch(y, x)
    return found.low, found.high, found.mean
