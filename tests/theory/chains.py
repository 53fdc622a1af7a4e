"""Markov chains solved numerically: the independent way to the numbers of formulas.py. Nothing here knows a formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special
from scipy.linalg import expm
from scipy.sparse import linalg

Floats = NDArray[np.float64]


def stationary(rates: dict[tuple[int, int], float], states: int) -> Floats:
    """Stationary distribution of a chain in continuous time, given its rates between numbered states."""
    pairs = np.array(list(rates))
    values = np.array(list(rates.values()))
    generator = sparse.coo_matrix((values, (pairs[:, 0], pairs[:, 1])), shape=(states, states)).tolil()
    generator.setdiag(-np.asarray(generator.sum(axis=1)).ravel())
    balance = generator.T.tolil()
    balance[0, :] = 1.0  # one equation is redundant; the probabilities add up to one
    right = np.zeros(states)
    right[0] = 1.0
    out: Floats = linalg.spsolve(balance.tocsc(), right)
    return out


def birth_death(arrivals: float, deaths: Floats) -> Floats:
    """Stationary distribution of a birth–death chain; `deaths[n]` is the rate from n + 1 down to n."""
    n = len(deaths)
    up = {(i, i + 1): arrivals for i in range(n)}
    return stationary(up | {(i + 1, i): float(deaths[i]) for i in range(n)}, n + 1)


def number_after_service(arrivals: float, lengths: Floats, weights: Floats, states: int) -> Floats:
    """Stationary number left behind in M/G/1 (the embedded chain), for lengths with the given weights."""
    k = np.arange(states)
    log = special.xlogy(k[None, :], arrivals * lengths[:, None]) - arrivals * lengths[:, None]
    arriving = weights @ np.exp(log - special.gammaln(k + 1)[None, :])
    step = np.zeros((states, states))
    for i in range(states):
        first = max(i - 1, 0)
        step[i, first:] = arriving[: states - first]
    step[:, -1] += 1.0 - step.sum(axis=1)
    balance = step.T - np.eye(states)
    balance[0, :] = 1.0
    right = np.zeros(states)
    right[0] = 1.0
    out: Floats = np.linalg.solve(balance, right)
    return out


def two_classes(arrivals: list[float], hours: list[float], most: int) -> list[float]:
    """Mean numbers that wait of two classes at one server, the first served first, no session broken off.

    States: nobody there, or (class in service, waiting of class 1, waiting of class 2), up to `most` of each.
    """

    def number(served: int, first: int, second: int) -> int:
        return 1 + (served * (most + 1) + first) * (most + 1) + second

    rates: dict[tuple[int, int], float] = {}
    for c in (0, 1):
        rates[0, number(c, 0, 0)] = arrivals[c]
    for served in (0, 1):
        for first in range(most + 1):
            for second in range(most + 1):
                here = number(served, first, second)
                if first < most:
                    rates[here, number(served, first + 1, second)] = arrivals[0]
                if second < most:
                    rates[here, number(served, first, second + 1)] = arrivals[1]
                if first:
                    then = number(0, first - 1, second)
                elif second:
                    then = number(1, first, second - 1)
                else:
                    then = 0
                rates[here, then] = 1.0 / hours[served]
    p = stationary(rates, number(1, most, most) + 1)[1:].reshape(2, most + 1, most + 1)
    k = np.arange(most + 1)
    return [float((p.sum(axis=(0, 2)) * k).sum()), float((p.sum(axis=(0, 1)) * k).sum())]


def still_missing(arrivals: float, hours: float, servers: int, after: float, states: int = 150) -> float:
    """Share of the mean queue of M/M/c that is missing `after` hours after it began with nobody there."""
    n = np.arange(states)
    death = np.minimum(n, servers) / hours
    birth = np.where(n < states - 1, arrivals, 0.0)
    generator = np.diag(-birth - death) + np.diag(birth[:-1], 1) + np.diag(death[1:], -1)
    waiting = np.maximum(n - servers, 0)
    mean = float(birth_death(arrivals, death[1:]) @ waiting)
    return 1.0 - float(expm(generator * after)[0] @ waiting) / mean
