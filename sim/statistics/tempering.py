"""Sequential Monte Carlo: particles taken from a proposal to a posterior in steps of temperature, moved after each.

At temperature t particles follow proposal × w^t, with w the weight of a point (likelihood × prior / proposal). After
each step particles are drawn anew by weight and moved by a Markov kernel that keeps the proposal (preconditioned
Crank–Nicolson) and accepts by w^t. At t = 1 this is exact for the posterior (Del Moral, Doucet and Jasra 2006). The
error of the evidence comes from the families of the first particles (Lee and Whiteley 2018).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import logsumexp

from sim.statistics.markov_chains import tuned
from sim.statistics.proposal import GaussianProposal
from sim.statistics.weights import resample

Floats = NDArray[np.float64]
KEEP = 0.5  # effective share of particles that a step may leave
MOVES, LAST = 4, 14  # proposals for every particle after each step, and after the last one
FIRST = 0.5  # size of moves before it is tuned

Named = dict[str, Floats]


@dataclass(frozen=True)
class Particles:
    """Simulated points, shape (n, coordinates), their log-likelihoods, shape (n,), and what else is known of each.

    `found` and `parameters` are arrays of shape (n,) by name, which go wherever their points go. `family` is the first
    ancestor of each.
    """

    scores: Floats
    found: Named
    log: Floats
    parameters: Named
    family: NDArray[np.int64]

    def pick(self, rows: NDArray[np.int64]) -> Particles:
        """Some of them, in this order."""
        return Particles(
            self.scores[rows],
            {k: x[rows] for k, x in self.found.items()},
            self.log[rows],
            {k: x[rows] for k, x in self.parameters.items()},
            self.family[rows],
        )

    def where(self, taken: NDArray[np.bool_], other: Particles) -> Particles:
        """`other` where `taken`, else these; families stay."""

        def mix(a: Floats, b: Floats) -> Floats:
            out: Floats = np.where(taken.reshape(-1, *[1] * (a.ndim - 1)), b, a)
            return out

        nothing = np.full(len(self.log), np.nan)
        return Particles(
            mix(self.scores, other.scores),
            {k: mix(x, other.found.get(k, nothing)) for k, x in self.found.items()},
            mix(self.log, other.log),
            {k: mix(x, other.parameters.get(k, nothing)) for k, x in self.parameters.items()},
            self.family,
        )


@dataclass(frozen=True)
class Tempered:
    """Equally weighted draws from the posterior, the log evidence, and how it went."""

    particles: Particles
    log_evidence: float
    log_evidence_se: float
    steps: tuple[float, ...]
    acceptance: tuple[float, ...]


Look = Callable[[Floats, int], Particles]


def temper(
    first: Particles, proposal: GaussianProposal, look: Look, seed: int, moves: int = MOVES, last: int = LAST
) -> Tempered:
    """Take particles drawn from a proposal to the posterior. `look(points, number)` simulates points.

    Impossible points have log-likelihood −∞. `moves` and `last` are proposals for every particle after each step, and
    after the last one. Raises ValueError where no particle has any weight.
    """
    rng = np.random.default_rng([seed, 31])
    now, n = first, len(first.log)
    weight = now.log - proposal.log_ratio(now.scores)
    t, log_z, size = 0.0, 0.0, FIRST
    steps: list[float] = []
    accepted: list[float] = []
    number = 0
    while t < 1.0:
        if not np.isfinite(weight).any():
            raise ValueError("no particle has any weight: no point agrees with the data at all")
        grown = _next(weight, t)
        increment = np.where(np.isfinite(weight), (grown - t) * weight, -np.inf)
        log_z += float(logsumexp(increment)) - math.log(n)
        t = grown
        steps.append(t)
        rows = resample(np.exp(increment - increment.max()), n, rng)
        now, weight = now.pick(rows), weight[rows]
        for _ in range(moves if t < 1.0 else last):
            number += 1
            points = moved(now.scores, proposal, size, rng)
            other = look(points, number)
            after = other.log - proposal.log_ratio(points)
            with np.errstate(invalid="ignore"):
                taken = np.log(rng.random(n)) < t * (after - weight)
            taken &= np.isfinite(after)
            now, weight = now.where(taken, other), np.where(taken, after, weight)
            accepted.append(float(taken.mean()))
            size = tuned(size, accepted[-1])
    counts = np.bincount(now.family, minlength=n)
    variance = 1.0 - (n / (n - 1.0)) ** (len(steps) + 1) * (1.0 - float((counts**2).sum()) / n**2)
    se = math.sqrt(max(variance, 0.0))
    return Tempered(now, log_z, se, tuple(steps), tuple(accepted))


def moved(scores: Floats, proposal: GaussianProposal, size: float, rng: np.random.Generator) -> Floats:
    """A step of the given size that leaves the proposal invariant: 1 is a fresh draw."""
    centre: Floats = proposal.basis.T @ proposal.mean if len(proposal.mean) else np.zeros(scores.shape[1])
    fresh = proposal.draw(len(scores), rng)
    out: Floats = centre + math.sqrt(1.0 - size**2) * (scores - centre) + size * (fresh - centre)
    return out


def _next(weight: Floats, t: float) -> float:
    """The largest temperature that leaves the wanted share of particles."""
    finite = weight[np.isfinite(weight)]
    n = len(weight)

    def share(to: float) -> float:
        x = (to - t) * finite
        return float(np.exp(2 * logsumexp(x) - logsumexp(2 * x))) / n

    goal = min(
        KEEP, 0.9 * share(t)
    )  # those that do not fit together are lost at the first step, whatever it is
    if share(1.0) >= goal:
        return 1.0
    return float(brentq(lambda to: share(to) - goal, t, 1.0, xtol=1e-4))
