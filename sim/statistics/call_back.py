"""Ringing the parties of closed files: what it tells of two readings of one record, and of their draws.

Under either reading each draw has a chance that the parties of a file called successful say that it is settled. What a
count of such answers tells is the ratio of its probabilities under both (Bayes factor), each averaged over the draws of
its reading; what it tells of the draws are weights by their likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from sim.statistics.preposterior import binomial

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Separation:
    """How surely n answers separate two readings, shape (sizes, 2 readings).

    `right` is the probability that the odds are at least the wanted ones for the reading that is true, `wrong` that
    they are so for the other.
    """

    sizes: NDArray[np.int64]
    odds: float
    right: Floats
    wrong: Floats

    def enough(self, probability: float) -> int | None:
        """The least number from which on, among the sizes, each reading is found with the probability; None: none."""
        sure = self.right.min(axis=1) >= probability
        if not sure[-1]:
            return None
        short = np.flatnonzero(~sure)
        return int(self.sizes[short[-1] + 1 if len(short) else 0])


def separated(
    chances: Sequence[Floats], sizes: Sequence[int], odds: Sequence[float]
) -> dict[float, Separation]:
    """How surely numbers of answers separate two readings, by odds; `chances` are those of the draws of each."""
    right: dict[float, list[tuple[float, float]]] = {x: [] for x in odds}
    wrong: dict[float, list[tuple[float, float]]] = {x: [] for x in odds}
    for n in sizes:
        one, other = (seen(np.arange(n + 1), n, c) for c in chances)
        factor = one - other
        for x in odds:
            limit = np.log(x) - 1e-9
            right[x].append((_of(one, factor >= limit), _of(other, -factor >= limit)))
            wrong[x].append((_of(one, -factor >= limit), _of(other, factor >= limit)))
    return {x: Separation(np.array(sizes), x, np.array(right[x]), np.array(wrong[x])) for x in odds}


def _of(logs: Floats, chosen: NDArray[np.bool_]) -> float:
    return float(np.exp(logs[chosen]).sum())


def seen(yes: NDArray[np.int64], asked: int, chances: Floats) -> Floats:
    """log P(yes out of asked) over the draws of a reading, shape (yes,)."""
    out: Floats = logsumexp(binomial(yes, asked, chances), axis=1) - np.log(len(chances))
    return out


def odds(yes: int, asked: int, chances: Sequence[Floats]) -> float:
    """The odds of the first reading against the second after so many answers, if they were even before."""
    one, other = (float(seen(np.array([yes]), asked, c)[0]) for c in chances)
    return float(np.exp(np.clip(one - other, -700.0, 700.0)))


def weights(yes: int, asked: int, chances: Floats, groups: Sequence[int]) -> Floats:
    """The weight of each draw after so many answers, shape (draws,), adding up to 1.

    Readings are alike before, whatever their numbers of draws. ValueError where no draw allows the answers.
    """
    number = np.asarray(groups)
    before = np.array([1.0 / (number == g).sum() for g in number])
    logs = binomial(np.array([yes]), asked, chances)[0]
    if not np.isfinite(logs).any():
        raise ValueError("under no draw are such answers possible")
    found = before * np.exp(logs - logs.max())
    out: Floats = found / found.sum()
    return out
