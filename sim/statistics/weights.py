"""Importance weights over several waves of simulations, and whether they can be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logsumexp

from sim.statistics.proposal import GaussianProposal
from sim.statistics.quantiles import effective_size

Floats = NDArray[np.float64]
K_LIMIT = 0.7  # Vehtari et al. 2024: above it, averages over the weights are not to be trusted


@dataclass(frozen=True)
class Weighted:
    """Normalised weights, shape (replications,); log evidence with its standard error; and diagnostics."""

    weights: Floats
    log_evidence: float
    log_evidence_se: float
    ess: float
    k: float

    def trusted(self, least: float) -> bool:
        """Whether enough replications carry the posterior, and their tail is short."""
        return self.ess >= least and self.k < K_LIMIT


def mixture_weights(
    scores: Sequence[Floats],
    proposals: Sequence[GaussianProposal],
    log_likelihood: Floats,
    feasible: NDArray[np.bool_],
) -> tuple[Floats, Weighted]:
    """Weights of all waves together against the mixture of their proposals (Owen and Zhou 2000; Cornuet et al. 2012).

    The prior is that of the scores on condition that the numbers fit together; what does not is one part of the
    proposals that never gets weight, and the evidence is divided by the share that does. Returns the log of prior over
    proposal of each, too.
    """
    every = np.concatenate(scores)
    counts = np.array([len(s) for s in scores], dtype=float)
    log_q = logsumexp(
        np.stack([g.log_ratio(every) for g in proposals]), axis=0, b=(counts / counts.sum())[:, None]
    )
    fits = float(np.mean(np.where(feasible, np.exp(-log_q), 0.0)))  # prior share of what fits together
    base = np.where(feasible, -log_q - math.log(min(1.0, max(fits, 1e-12))), -np.inf)
    log_w = base + np.where(feasible, log_likelihood, 0.0)
    return base, normalised(log_w)


def normalised(log_w: Floats) -> Weighted:
    """Weights from their logarithms, shape (replications,); the mean of the raw weights is the evidence.

    Where no weight is finite there is nothing to normalise: weights and effective size are 0, the evidence is too.
    """
    if not np.isfinite(log_w).any():
        return Weighted(np.zeros(len(log_w)), -math.inf, math.nan, 0.0, math.inf)
    top = float(np.max(log_w))
    raw = np.exp(log_w - top)
    weights = raw / raw.sum()
    spread = float(raw.std(ddof=1) / raw.mean() / math.sqrt(len(raw)))
    log_evidence = top + math.log(raw.mean())
    return Weighted(weights, log_evidence, spread, effective_size(weights), tail_index(raw))


def side_by_side(parts: Sequence[Weighted]) -> Weighted:
    """Several samples of one posterior after one another, each counting the same; the evidence is their mean."""
    weights = np.concatenate([p.weights for p in parts]) / len(parts)
    evidence = float(logsumexp([p.log_evidence for p in parts]) - math.log(len(parts)))
    se = math.hypot(*(p.log_evidence_se for p in parts)) / len(parts)
    return Weighted(weights, evidence, se, sum(p.ess for p in parts), max(p.k for p in parts))


def weighted_mean(weights: Floats, x: Floats) -> tuple[float, float]:
    """Mean of x, shape (replications,), by weight, and its standard error by the delta method.

    For weights that are normalised by their own sum (Owen 2013, Monte Carlo theory, methods and examples, eq. 9.8).
    Values without weight and values that are not finite are left out.
    """
    kept = (weights > 0) & np.isfinite(x)
    w, x = weights[kept] / weights[kept].sum(), x[kept]
    mean = float(w @ x)
    return mean, float(np.sqrt((w**2) @ (x - mean) ** 2))


def tail_index(weights: Floats) -> float:
    """The shape k of a generalised Pareto distribution fitted to the largest weights (Vehtari et al. 2024)."""
    positive = np.sort(weights[weights > 0])
    m = min(len(positive) // 5, int(3 * math.sqrt(len(positive))))
    if m < 10:
        return math.inf
    tail = positive[-m:] - positive[-m - 1]
    if tail.max() <= 0:
        return -math.inf
    return float(stats.genpareto.fit(tail / tail.mean(), floc=0)[0])


def resample(weights: Floats, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """n of the rows that have the weights, by systematic resampling (Kitagawa 1996), in random order; shape (n,)."""
    points = (np.arange(n) + rng.random()) / n
    chosen = np.searchsorted(np.cumsum(weights) / weights.sum(), points)
    out: NDArray[np.int64] = rng.permutation(np.minimum(chosen, len(weights) - 1))
    return out
