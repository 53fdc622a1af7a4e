"""Exact results that the simulator must reproduce. test_formulas.py checks each of them by solving a Markov chain.

Rates are per hour, times in hours. `load` is the offered load in servers, `hours` the mean length of a session.
Gross et al. = Gross, Shortle, Thompson and Harris, Fundamentals of Queueing Theory, 4th edition, Wiley 2008.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


def erlang_c(servers: int, load: float) -> float:
    """Probability of waiting in M/M/c (Erlang 1917; Gross et al. 2.3), by way of the recursion of Erlang's B."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    share = load / servers
    return blocked / (1.0 - share * (1.0 - blocked))


def queue_mmc(arrivals: float, hours: float, servers: int) -> float:
    """Mean number that waits in M/M/c: C(c, a) * rho / (1 - rho) (Gross et al. 2.3)."""
    share = arrivals * hours / servers
    return erlang_c(servers, arrivals * hours) * share / (1.0 - share)


def queue_mg1(arrivals: float, hours: float, cv: float) -> float:
    """Mean number that waits in M/G/1 (Pollaczek 1930, Khinchine 1932; Gross et al. 5.1).

    It is lambda^2 E[S^2] / (2 (1 - rho)) with E[S^2] = hours^2 (1 + cv^2).
    """
    return arrivals**2 * hours**2 * (1.0 + cv**2) / (2.0 * (1.0 - arrivals * hours))


def waits_cobham(arrivals: list[float], hours: list[float], cv: float = 1.0) -> list[float]:
    """Mean waits of the classes of a non-preemptive priority queue with one server, most urgent class first.

    Cobham, Priority assignment in waiting line problems, Operations Research 2 (1954): W_k = R / ((1 - s_{k-1})
    (1 - s_k)), where s_k is the load of the classes up to k and R = sum of lambda E[S^2] / 2 over all classes.
    """
    rest = sum(a * h**2 * (1.0 + cv**2) / 2.0 for a, h in zip(arrivals, hours, strict=True))
    edges = np.concatenate([[0.0], np.cumsum(np.multiply(arrivals, hours))])
    return [float(rest / ((1.0 - low) * (1.0 - up))) for low, up in itertools.pairwise(edges)]


class Patient(NamedTuple):
    """Means of M/M/c+M: number that waits, share that leaves the queue unserved, number in service."""

    queue: float
    leaves: float
    busy: float


def erlang_a(arrivals: float, hours: float, servers: int, patience: float) -> Patient:
    """M/M/c+M, where those who wait leave at rate 1 / patience each.

    Palm, Research on telephone traffic carried by full availability groups, Tele 1 (1957); in this form Mandelbaum
    and Zeltyn, Service engineering in action: the Palm/Erlang-A queue (2007). The states above c sum to
    1F1(1; c mu / theta + 1; lambda / theta) times the state c; the queue then follows from the balance of flows,
    lambda = mu E[busy] + theta E[queue].
    """
    load, theta = arrivals * hours, 1.0 / patience
    below = np.array([load**n / math.factorial(n) for n in range(servers)])
    full = load**servers / math.factorial(servers)
    full *= float(special.hyp1f1(1.0, servers * patience / hours + 1.0, arrivals * patience))
    total = below.sum() + full
    busy = float((np.arange(servers) * below).sum() + servers * full) / total
    queue = (arrivals - busy / hours) / theta
    return Patient(queue, theta * queue / arrivals, busy)


def flows(entering: Floats, routes: Floats) -> Floats:
    """Arrival rates at the stations of an open Jackson network: x = entering + x routes (Jackson 1957).

    Each station then has the queue of an M/M/c with its own rate (Gross et al. 4.2). Queue lengths form the same
    Markov chain under every discipline that does not look at session lengths, so they hold for queues by age too.
    """
    out: Floats = np.linalg.solve((np.eye(len(entering)) - routes).T, entering)
    return out


def absorbed(inner: Floats, out: Floats, start: Floats) -> Floats:
    """Where an absorbing chain ends: start (I - Q)^-1 R (Kemeny and Snell, Finite Markov Chains, 1960, theorem 3.3.7).

    `inner` (n, n) are the probabilities Q between transient states, `out` (n, ends) those R of ending.
    """
    shares: Floats = start @ np.linalg.solve(np.eye(len(inner)) - inner, out)
    return shares
