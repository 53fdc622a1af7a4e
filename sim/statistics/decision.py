"""Choosing under doubt: probability of being best, expected regret, and how a ranking holds across parameter draws.

Within a draw the best policy is the one whose true mean is best. It is known with Monte Carlo error, and whoever takes
the smallest of noisy means flatters it: a policy that is better in every draw would be best in hardly more than half of
them. The noise is therefore taken off first (`sim/statistics/effect.py`), and the policies are compared in samples of
what is believed of their means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.statistics.effect import Effects, effects, smoothed
from sim.statistics.rank_correlation import kendall_tau

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decision:
    """By policy, shape (policies,): probability of being best and expected regret (unit of the objective).

    `perfect` is the expected value of perfect information about the parameters: the regret of the best policy.
    `same_best` is the share of draws whose best policy is the one that is best on average, `tau` the mean rank
    correlation (Kendall) of the draws' rankings with the overall one.
    """

    means: Floats
    best: Floats
    regret: Floats
    perfect: float
    same_best: float
    tau: float
    draws: int


def decide(values: Floats, better: str = "lower", groups: Sequence[int] | None = None) -> Decision:
    """From outcomes of shape (policies, draws, replications), the baseline first; `groups` are numbers of draws.

    Draws that have no outcome under any policy are left out. Raises ValueError on NaN, or with fewer than 2
    replications of a draw.
    """
    known = ~np.isnan(values).all(axis=(0, 2))
    number = None if groups is None else np.asarray(groups)[known]
    values = values[:, known]
    if np.isnan(values).any() or not values.shape[1]:
        raise ValueError("the objective is undefined in some replications")
    if values.shape[2] < 2:
        raise ValueError("one replication of a draw says nothing of Monte Carlo error; it takes two at least")
    found = effects(values[1:] - values[:1], None if number is None else list(number))
    return chosen(float(values[0].mean()), found, better)


def chosen(base: float, found: Effects, better: str = "lower") -> Decision:
    """From what is believed of differences to a baseline, whose mean is `base`."""
    sign = 1.0 if better == "lower" else -1.0
    samples, centers = found.samples, found.centers
    every = np.concatenate([np.zeros((1, *samples.shape[1:])), sign * samples])
    middle = np.concatenate([np.zeros((1, centers.shape[1])), sign * centers])
    best = smoothed(_shares(every), found.draws, len(every))
    regret = (every - every.min(axis=0)).mean(axis=(1, 2))
    means = np.concatenate([[0.0], sign * found.mean])
    overall = int(means.argmin())
    taus = [kendall_tau(means, middle[:, d]) for d in range(middle.shape[1])] if len(means) > 1 else []
    kept = [t for t in taus if not math.isnan(t)]
    return Decision(
        base + sign * means,
        best,
        regret,
        float(regret.min()),
        float((middle.argmin(axis=0) == overall).mean()),
        float(np.mean(kept)) if kept else math.nan,
        found.draws,
    )


def _shares(every: Floats) -> Floats:
    """How often each is the smallest; those that are equal share, as a policy does that changes nothing."""
    least = every == every.min(axis=0)
    out: Floats = (least / least.sum(axis=0)).mean(axis=(1, 2))
    return out
