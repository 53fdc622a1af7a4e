"""Estimates under several models, averaged by the probability of each."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.statistics.intervals import Mean


def averaged(parts: Sequence[Mean], weights: Sequence[float]) -> tuple[float, float]:
    """Mean over models and its standard error, of independent estimates, by weights that sum to 1.

    The error is that of the estimates alone: how far the models differ is shown by varying the weights (Draper 1995,
    J. Royal Statistical Society B 57, 45-97). NaN where an estimate is. Raises ValueError for other weights.
    """
    if len(parts) != len(weights) or not math.isclose(sum(weights), 1.0):
        raise ValueError("averaging takes a weight for each model, which sum to 1")
    mean = sum(w * p.mean for w, p in zip(weights, parts, strict=True))
    return mean, math.hypot(*(w * p.se for w, p in zip(weights, parts, strict=True)))
