"""The numbers of a run as figures need them: means and spreads over replications."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.runs.numbers import Floats, Numbers, Series, numbers_of

if TYPE_CHECKING:
    import pandas as pd

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
    """Numbers of a run by metric and group: a tier, staff group, step between tiers or kind."""

    def __init__(self, numbers: Numbers | pd.DataFrame) -> None:
        """A frame has the columns of outcomes.parquet and series.parquet."""
        numbers = numbers if isinstance(numbers, Numbers) else numbers_of(numbers)
        self.replications = len(numbers)
        self._values = {(key.metric, key.group): values for key, values in numbers.values.items()}
        self._series = {(key.metric, key.group): series for key, series in numbers.series.items()}

    def has(self, metric: str, group: str = "") -> bool:
        """Whether any replication has a row for this, be it NaN."""
        return (metric, group) in self._values

    def values(self, metric: str, group: str = "") -> Floats:
        """The number in each replication, in order; NaN where there is none. Shape (replications,)."""
        return self._values.get((metric, group), np.full(self.replications, np.nan))

    def counted(self, metric: str, group: str) -> float:
        """Mean of a count; a replication without a row counted none."""
        return float(np.nan_to_num(self.values(metric, group)).sum() / max(self.replications, 1))

    def spread(self, metric: str, group: str = "") -> Spread:
        """Mean and spread over the replications in which the metric is defined."""
        kept = self.values(metric, group)
        kept = kept[np.isfinite(kept)]
        if not len(kept):
            return Spread(np.nan, np.nan, np.nan, np.nan, 0)
        low, median, high = np.quantile(kept, [0.05, 0.5, 0.95])
        return Spread(float(kept.mean()), float(median), float(low), float(high), len(kept))

    def groups(self, metric: str) -> list[str]:
        """The groups that a metric is given for, in the order of the run."""
        return list(dict.fromkeys(group for name, group in self._values if name == metric and group))

    def series_groups(self, metric: str) -> set[str]:
        """The groups that a series is given for in any replication."""
        return {group for name, group in self._series if name == metric}

    def curve(self, metric: str, group: str = "", *, absent: float = np.nan) -> Curve:
        """A series, over replications. A replication without any row of the series has `absent` throughout.

        Points that are undefined in more than 5 % of the replications are left out: a mean over those that happen to
        be defined there would be another population's.
        """
        series = self._series.get((metric, group), Series(np.zeros(self.replications, dtype=bool)))
        rows = []
        for x, values in sorted(series.points.items()):
            found = np.where(series.present, values, absent)
            defined = np.isfinite(found)
            if defined.mean() >= DEFINED:
                found = found[defined]
                rows.append((x, found.mean(), *np.quantile(found, [0.05, 0.95])))
        return Curve(*np.array(rows, dtype=float).reshape(-1, len(Curve._fields)).T)
