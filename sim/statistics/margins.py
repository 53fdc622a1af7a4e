"""Effects against a margin that the analyst states: with more replications anything is significant.

Equivalence by the inclusion of an interval in the margin: Schuirmann (1987), J. Pharmacokinetics and Biopharmaceutics
15, 657-680.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit

from sim.statistics.intervals import mean_and_error
from sim.statistics.paired import by_draw

Floats = NDArray[np.float64]


class Finding(Enum):
    """What an interval for a difference shows."""

    HIGHER = "higher"
    LOWER = "lower"
    EQUIVALENT = "equivalent"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True)
class Margin:
    """P(effect below -margin), P(effect above margin), and the smallest margin for which equivalence holds.

    `monte_carlo_only` says that the probabilities cover Monte Carlo error alone: there was one parameter draw.
    """

    margin: float
    below: float
    above: float
    smallest: float
    monte_carlo_only: bool


def beyond(difference: Floats, margin: float) -> Margin:
    """Paired differences of shape (draws, replications) against a margin (in the metric's unit, at least 0).

    With several draws each draw's effect is normal around its mean shrunk towards the common one (empirical Bayes,
    Morris 1983, JASA 78, 47-55), and the probability is the mean over draws. With one draw it is Student's, and about
    Monte Carlo error only. NaN with fewer than two defined differences of one draw.
    """
    draws = by_draw(difference)
    many = difference.shape[0] > 1 and len(draws.means) > 1
    if many:
        middle, spread = float(draws.means.mean()), draws.effect_variance
        weight = spread / (spread + draws.noise) if spread > 0 else np.zeros(len(draws.noise))
        center = middle + weight * (draws.means - middle)
        noise = draws.noise / len(draws.means) if spread == 0 else weight * draws.noise
        sd = np.sqrt(np.maximum(noise, 1e-300))
        below = float(ndtr((-margin - center) / sd).mean())
        above = float(ndtr((center - margin) / sd).mean())
        _, se, n = mean_and_error(draws.means)
    else:
        middle, se, n = mean_and_error(difference.ravel())
        if n < 2:
            return Margin(margin, math.nan, math.nan, math.nan, True)
        if se == 0.0:
            below, above = float(middle < -margin), float(middle > margin)
        else:
            below = float(stdtr(n - 1, (-margin - middle) / se))
            above = float(stdtr(n - 1, (middle - margin) / se))
    smallest = abs(middle) + float(stdtrit(n - 1, 0.95)) * se
    return Margin(margin, below, above, smallest, not many)


def finding(low: float, high: float, margin: float = math.nan) -> Finding:
    """What an interval shows. Inside the margin it is equivalence, even where it excludes zero; NaN for no margin."""
    if not math.isnan(margin) and -margin < low and high < margin:
        return Finding.EQUIVALENT
    if low > 0:
        return Finding.HIGHER
    return Finding.LOWER if high < 0 else Finding.UNRESOLVED
