"""Time to settlement with censoring: Kaplan–Meier, by scipy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats


@dataclass(frozen=True)
class Survival:
    """Share of disputes not yet settled, as a step function of the days since they became known."""

    days: NDArray[np.float64]
    unsettled: NDArray[np.float64]

    def at(self, days: NDArray[np.float64]) -> NDArray[np.float64]:
        """The share at given days; NaN without observations, and beyond the last if some are unsettled there."""
        if not len(self.days):
            return np.full(len(days), np.nan)
        i = np.searchsorted(self.days, days, side="right")
        steps = np.concatenate([[1.0], self.unsettled])
        out = steps[i]
        if len(self.days) and self.unsettled[-1] > 0:
            out = np.where(days > self.days[-1], np.nan, out)
        return np.asarray(out, dtype=float)

    def quantile(self, p: float) -> float:
        """Days after which the share p is settled; NaN if the observations end before."""
        reached = np.flatnonzero(self.unsettled <= 1.0 - p + 1e-12)
        return float(self.days[reached[0]]) if len(reached) else float("nan")

    def mean(self) -> float:
        """Mean days, restricted to the longest observation (Royston and Parmar 2013)."""
        if not len(self.days):
            return float("nan")
        lasts = np.diff(self.days)
        return float(self.days[0] + (lasts * self.unsettled[:-1]).sum())


def kaplan_meier(days: NDArray[np.float64], settled: NDArray[np.bool_]) -> Survival:
    """Kaplan–Meier estimate, by scipy; disputes that left unsettled or are still open are censored at `days`."""
    if len(days) == 0:
        return Survival(np.zeros(0), np.zeros(0))
    curve = stats.ecdf(stats.CensoredData(days[settled], right=days[~settled])).sf
    return Survival(np.asarray(curve.quantiles), np.asarray(curve.probabilities))
