"""Rank correlation of short rankings, without the second that `scipy.stats` takes to be imported."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def kendall_tau(x: Floats, y: Floats) -> float:
    """Kendall's tau-b of two rankings of the same n things, shape (n,) each; from -1 to 1, without unit.

    Pairs in the same order less pairs in opposite order, over the geometric mean of the numbers of pairs that are not
    tied in x and in y (Kendall 1945, Biometrika 33, 239-251). It looks at every pair: for tens of things, not for
    thousands. NaN where all of x or all of y are tied, for n below 2, and where a value is NaN. Raises ValueError for
    other shapes.
    """
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"two rankings of the same things are needed, got shapes {x.shape} and {y.shape}")
    if np.isnan(x).any() or np.isnan(y).any():
        return math.nan
    one, two = np.triu_indices(len(x), 1)
    of_x, of_y = np.sign(x[one] - x[two]), np.sign(y[one] - y[two])
    untied_x, untied_y = int((of_x != 0).sum()), int((of_y != 0).sum())
    if not untied_x or not untied_y:
        return math.nan
    tau = float((of_x * of_y).sum() / math.sqrt(untied_x) / math.sqrt(untied_y))
    return min(1.0, max(-1.0, tau))
