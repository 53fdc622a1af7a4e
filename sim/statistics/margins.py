"""Effects against a margin that the analyst states: with more replications anything is significant."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit

from sim.statistics.paired import by_draw

Floats = NDArray[np.float64]
HIGHER, LOWER, EQUIVALENT, NOTHING = "higher", "lower", "equivalent", "no difference shown"


@dataclass(frozen=True)
class Margin:
    """P(effect below -margin), P(effect above margin), and the smallest margin for which equivalence holds.

    `luck_only` says that the probabilities cover Monte-Carlo error alone: there was one parameter draw.
    """

    margin: float
    below: float
    above: float
    smallest: float
    luck_only: bool


def beyond(difference: Floats, margin: float) -> Margin:
    """Paired differences of shape (draws, replications) against a margin (in the metric's unit, at least 0).

    With several draws each draw's effect is normal around its mean shrunk towards the common one (empirical Bayes,
    Morris 1983), and the probability is the mean over draws. With one draw it is Student's, and about luck only.
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
        n, se = len(draws.means), float(draws.means.std(ddof=1) / math.sqrt(len(draws.means)))
    else:
        values = difference[~np.isnan(difference)]
        n = len(values)
        if n < 2:
            return Margin(margin, math.nan, math.nan, math.nan, True)
        middle, se = float(values.mean()), float(values.std(ddof=1) / math.sqrt(n))
        if se == 0.0:
            below, above = float(middle < -margin), float(middle > margin)
        else:
            below = float(stdtr(n - 1, (-margin - middle) / se))
            above = float(stdtr(n - 1, (middle - margin) / se))
    smallest = abs(middle) + float(stdtrit(n - 1, 0.95)) * se
    return Margin(margin, below, above, smallest, not many)


def verdict(low: float, high: float, margin: float = math.nan) -> str:
    """What an interval shows. Inside the margin it is equivalence, even where it excludes zero."""
    if not math.isnan(margin) and -margin < low and high < margin:
        return EQUIVALENT
    if low > 0:
        return HIGHER
    return LOWER if high < 0 else NOTHING
