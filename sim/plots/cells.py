"""The long frame of a run as arrays: one entry per replication."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KEYS = ["metric", "tier", "kind"]
DEFINED = 0.95  # a curve is drawn where it is defined in at least this share of the replications


class Spread(NamedTuple):
    """Mean, median and the middle 90 % over replications; `n` of them are defined. All NaN if n is 0."""

    mean: float
    median: float
    low: float
    high: float
    n: int


class Curve(NamedTuple):
    """A curve over replications at the points `x`: mean and middle 90 %."""

    x: Floats
    mean: Floats
    low: Floats
    high: Floats


class Cells:
    """Numbers of a run by metric, tier (or staff group, or step between tiers) and kind."""

    def __init__(self, frame: pd.DataFrame) -> None:
        """`frame` has the columns replication, metric, tier, kind, value, layer, x, as `write_result` has it."""
        numbers = np.unique(frame["replication"].to_numpy(dtype=np.int64))
        self.replications = len(numbers)
        values = frame[frame["layer"].isin(["true", "recorded"])]
        self._values = self._arrays(values, numbers)
        self._series = frame[frame["layer"] == "series"]

    def _arrays(self, values: pd.DataFrame, numbers: NDArray[np.int64]) -> dict[tuple[str, str, str], Floats]:
        row = np.searchsorted(numbers, values["replication"].to_numpy(dtype=np.int64))
        value = values["value"].to_numpy(dtype=float)
        out = {}
        groups: dict[Any, Any] = values.groupby(KEYS, sort=False).indices
        for key, index in groups.items():
            metric, tier, kind = (str(k) for k in key)
            array = np.full(self.replications, np.nan)
            array[row[index]] = value[index]
            out[metric, tier, kind] = array
        return out

    def has(self, metric: str, tier: str = "", kind: str = "") -> bool:
        """Whether any replication has a row for this, be it NaN."""
        return (metric, tier, kind) in self._values

    def values(self, metric: str, tier: str = "", kind: str = "") -> Floats:
        """The number in each replication, in order; NaN where there is none. Shape (replications,)."""
        return self._values.get((metric, tier, kind), np.full(self.replications, np.nan))

    def counted(self, metric: str, tier: str) -> float:
        """Mean of a count; a replication without a row counted none."""
        return float(np.nan_to_num(self.values(metric, tier)).sum() / max(self.replications, 1))

    def spread(self, metric: str, tier: str = "", kind: str = "") -> Spread:
        """Mean and spread over the replications in which the metric is defined."""
        kept = self.values(metric, tier, kind)
        kept = kept[np.isfinite(kept)]
        if not len(kept):
            return Spread(np.nan, np.nan, np.nan, np.nan, 0)
        low, median, high = np.quantile(kept, [0.05, 0.5, 0.95])
        return Spread(float(kept.mean()), float(median), float(low), float(high), len(kept))

    def with_tiers(self, metric: str) -> list[str]:
        """Tiers, staff groups or steps that a metric is given for, in the order of the frame."""
        return list(dict.fromkeys(tier for name, tier, _ in self._values if name == metric and tier))

    def series_tiers(self, metric: str) -> set[str]:
        """Tiers that a series is given for in any replication."""
        return {str(tier) for tier in self._series.loc[self._series["metric"] == metric, "tier"].unique()}

    def curve(self, metric: str, tier: str = "", *, absent: float = np.nan) -> Curve:
        """A series, over replications. A replication without any row of the series has `absent` throughout.

        Points that are undefined in more than 5 % of the replications are left out: a mean over those that happen to
        be defined there would be another population's.
        """
        rows = self._series[(self._series["metric"] == metric) & (self._series["tier"] == tier)]
        if not len(rows):
            return Curve(*(np.zeros(0) for _ in Curve._fields))
        table = rows.pivot_table(index="replication", columns="x", values="value", dropna=False, sort=True)
        found = table.to_numpy(dtype=float)
        lacking = self.replications - len(found)
        found = np.vstack([found, np.full((lacking, found.shape[1]), absent)])
        kept = np.isfinite(found).mean(axis=0) >= DEFINED
        found, x = found[:, kept], table.columns.to_numpy(dtype=float)[kept]
        if not len(x):
            return Curve(*(np.zeros(0) for _ in Curve._fields))
        low, high = np.nanquantile(found, [0.05, 0.95], axis=0)
        return Curve(x, np.nanmean(found, axis=0), low, high)
