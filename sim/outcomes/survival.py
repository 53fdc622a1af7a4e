"""Time to settlement with censoring: Kaplan–Meier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
    """Product-limit estimate (Kaplan and Meier 1958); who left unsettled or is still open is censored at `days`.

    Steps are at all days, those on which nothing was settled included. The numbers are those of scipy.stats.ecdf,
    to the last bit; tests compare them.
    """
    if len(days) == 0:
        return Survival(np.zeros(0), np.zeros(0))
    order = np.argsort(days, kind="stable")
    days, settled = days[order], settled[order]
    last = np.flatnonzero(np.append(days[1:] != days[:-1], True))  # of each day
    so_far = settled.cumsum()[last]
    if so_far[-1] == len(days):
        return Survival(days[last], 1 - so_far / len(days))
    deaths, at_risk = so_far.copy(), np.full(len(last), len(days))
    deaths[1:] -= so_far[:-1]
    at_risk[1:] -= last[:-1] + 1
    return Survival(days[last], np.cumprod((at_risk - deaths) / at_risk))
