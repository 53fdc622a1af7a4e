"""Whether stated probabilities come true: reliability by bins, and coverage of intervals."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Bin(NamedTuple):
    """Probabilities that were stated between two limits: their mean, the share that came true, how many, the error.

    `se` is the standard error of the share if the stated probabilities were right.
    """

    low: float
    high: float
    stated: float
    true: float
    n: int
    se: float


def reliability(stated: Floats, happened: NDArray[np.bool_] | Floats, bins: int = 5) -> list[Bin]:
    """By bins of equal width from 0 to 1; `stated` and `happened` have shape (n,), the latter true or false, or a
    share where several tie. Empty bins are left out.

    Murphy (1973), Journal of Applied Meteorology 12, 595-600: the reliability term of the Brier score by its bins.
    """
    which = np.minimum((stated * bins).astype(int), bins - 1)
    out = []
    for b in np.unique(which):
        mine = which == b
        p, n = stated[mine], int(mine.sum())
        se = math.sqrt(float((p * (1 - p)).sum())) / n
        out.append(Bin(b / bins, (b + 1) / bins, float(p.mean()), float(happened[mine].mean()), n, se))
    return out


class Coverage(NamedTuple):
    """The share of intervals that hold the truth, of `n`, with its standard error."""

    share: float
    n: int
    se: float


def coverage(low: Floats, high: Floats, truth: Floats) -> Coverage:
    """Of intervals and truths of shape (n,); those without limits are left out."""
    known = ~(np.isnan(low) | np.isnan(high) | np.isnan(truth))
    n = int(known.sum())
    if not n:
        return Coverage(math.nan, 0, math.nan)
    share = float(((low <= truth) & (truth <= high))[known].mean())
    return Coverage(share, n, math.sqrt(share * (1 - share) / n))
