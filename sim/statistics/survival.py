"""Times of which some were not over when watching ended."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
SHORTEST = 1e-9  # a time of zero counts as one that is over at once


def kaplan_meier(times: Floats, ended: NDArray[np.bool_]) -> Any:
    """SciPy's empirical distribution of times, shape (n,), known to be longer where they have not `ended`.

    `cdf` and `sf` have `quantiles`, in the unit of the times, and `probabilities` (Kaplan and Meier 1958).
    """
    return stats.ecdf(stats.CensoredData.right_censored(np.maximum(times, SHORTEST), ~ended))


def time_until_over(times: Floats, ended: NDArray[np.bool_], share: float) -> float:
    """By which time so large a share is over, in the unit of the times: by the Kaplan-Meier curve.

    Half the longest time where the curve does not come so far; 0 where nothing has ended.
    """
    if not ended.any():
        return 0.0
    curve = kaplan_meier(times, ended).sf
    reached = np.flatnonzero(curve.probabilities <= 1.0 - share)
    return float(times.max()) / 2.0 if not len(reached) else float(curve.quantiles[reached[0]])
