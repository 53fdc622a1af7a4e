"""Variance between parameter draws and within them: what parameters do, and what chance does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def variance_components(values: Floats) -> tuple[float, float]:
    """Variance between the expected values of draws, and of replications within one, from shape (draws, replications).

    One-way analysis of variance with equal numbers: the variance of the means of draws has the Monte Carlo variance of
    a mean taken off, and is not below zero (Searle, Casella and McCulloch 1992, Variance Components, ch. 3). In the
    square of the values' unit. Raises ValueError with fewer than two draws or two replications, or NaN.
    """
    if min(values.shape) < 2 or np.isnan(values).any():
        raise ValueError(
            "components of variance need two draws of two replications each, all of them defined"
        )
    within = float(values.var(axis=1, ddof=1).mean())
    between = max(0.0, float(values.mean(axis=1).var(ddof=1)) - within / values.shape[1])
    return between, within
