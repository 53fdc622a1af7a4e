"""Effects per head and per cost: ratios of paired means, with Fieller's interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ratio:
    """Effect per unit of cost; NaN limits where the cost may be zero, so that no ratio is defined."""

    value: float
    low: float
    high: float

    @property
    def defined(self) -> bool:
        """Whether the interval exists."""
        return not math.isnan(self.low)


def per_cost(effect: Floats, cost: Floats, unit: float = 1.0, level: float = 0.95) -> Ratio:
    """Mean of `effect` over mean of `cost` for paired values of shape (clusters,), per `unit` of cost.

    Fieller's theorem (1954); a cost that is the same in all clusters is a special case. Not defined where the
    interval of the cost contains zero.
    """
    n = len(effect)
    if n < 2 or len(cost) != n:
        raise ValueError("effect and cost need at least two values, in pairs")
    y, x = float(effect.mean()), float(cost.mean())
    t = float(stdtrit(n - 1, 0.5 + level / 2))
    cov = np.cov(np.stack([effect, cost])) / n
    vy, vx, c = float(cov[0, 0]), float(cov[1, 1]), float(cov[0, 1])
    g = x * x - t * t * vx
    if x == 0.0 or g <= 0.0:
        return Ratio(math.nan, math.nan, math.nan)
    middle = x * y - t * t * c
    root = math.sqrt(max(0.0, middle * middle - g * (y * y - t * t * vy)))
    return Ratio(unit * y / x, unit * (middle - root) / g, unit * (middle + root) / g)
