"""Choosing under doubt: probability of being best, expected regret, and how a ranking holds across parameter draws.

Within a draw the best policy is the one whose true mean is best. It is known with Monte-Carlo error, and taking the
smallest of noisy means flatters it: the best is therefore chosen by one half of the replications and valued by the
other, and the other way round (cross-validation; Strong and Oakley 2014 on the bias of nested means).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.statistics.rank_correlation import kendall_tau

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decision:
    """By policy, shape (policies,): probability of being best and expected regret (unit of the objective).

    No regret is below zero, but its estimate, which is unbiased, may be: `error` is its standard error, over draws, or
    over replications where there is one draw. `perfect` is the expected value of perfect information about the
    parameters: the regret of the best policy. `same_best` is the share of draws whose best policy is the one that is
    best on average, `tau` the mean rank correlation (Kendall) of the draws' rankings with the overall one.
    """

    means: Floats
    best: Floats
    regret: Floats
    error: Floats
    perfect: float
    same_best: float
    tau: float
    draws: int


def decide(values: Floats, better: str = "lower") -> Decision:
    """From outcomes of shape (policies, draws, replications). Raises ValueError on NaN or fewer than 2 replications.

    Draws that have no outcome under any policy are left out.
    """
    values = values[:, ~np.isnan(values).all(axis=(0, 2))]
    if np.isnan(values).any() or not values.shape[1]:
        raise ValueError("the objective is undefined in some replications")
    if values.shape[2] < 2:
        raise ValueError("choosing and valuing apart takes at least two replications of each draw")
    x = values if better == "lower" else -values
    halves = x[:, :, 0::2].mean(axis=2), x[:, :, 1::2].mean(axis=2)
    whole = x.mean(axis=2)
    policies, draws = whole.shape
    chosen = np.zeros(policies)
    lost = np.zeros_like(x)  # against the one that the other half of the replications finds best
    columns = np.arange(draws)
    for half, mine in enumerate(halves):
        best = mine.argmin(axis=0)
        chosen += np.bincount(best, minlength=policies)
        valued = x[:, :, 1 - half :: 2]
        lost[:, :, 1 - half :: 2] = valued - valued[best, columns]
    regret = lost.mean(axis=(1, 2))
    single = lost.mean(axis=2) if draws > 1 else lost[:, 0]  # independent values
    error = single.std(axis=1, ddof=1) / math.sqrt(single.shape[1])
    means = whole.mean(axis=1)
    overall = int(means.argmin())
    taus = [kendall_tau(means, whole[:, d]) for d in range(draws)] if policies > 1 else []
    kept = [t for t in taus if not math.isnan(t)]
    return Decision(
        means if better == "lower" else -means,
        chosen / (2.0 * draws),
        regret,
        error,
        float(regret.min()),
        float((whole.argmin(axis=0) == overall).mean()),
        float(np.mean(kept)) if kept else math.nan,
        draws,
    )
