"""Moves of Markov chains that keep a normal prior, whatever its dimension, times a likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]
WANTED = 0.3  # acceptance that the size of moves is tuned to
SMALLEST = 0.05


def tuned(size: float, accepted: float) -> float:
    """The size of the next moves: larger where more than the wanted share was accepted, from 0.05 to 1.

    Robbins and Monro's rule with a gain of 1 (Andrieu and Thoms 2008, Statistics and Computing 18, 343-373).
    """
    return float(np.clip(size * math.exp(accepted - WANTED), SMALLEST, 1.0))


def crank_nicolson(
    z: Floats,
    log_likelihood: Callable[[Floats], Floats],
    mean: Floats,
    variance: Floats,
    size: float,
    moves: int,
    rng: np.random.Generator,
) -> tuple[Floats, float]:
    """Points after some moves that keep N(mean, variance) times the likelihood, and the share that was accepted.

    `z` and `mean` have shape (chains, coordinates), `variance` (coordinates,). The proposal keeps the prior, so that
    acceptance is by likelihood alone: preconditioned Crank-Nicolson (Cotter, Roberts, Stuart and White 2013,
    Statistical Science 28, 424-446). `size` is that of a move, from 0 to 1; with 1 each is a fresh draw of the prior.
    """
    log = log_likelihood(z)
    share = 0.0
    for _ in range(moves):
        fresh = np.sqrt(variance) * rng.standard_normal(z.shape)
        points = mean + math.sqrt(1.0 - size**2) * (z - mean) + size * fresh
        there = log_likelihood(points)
        taken = np.log(rng.random(len(z))) < there - log
        z, log = np.where(taken[:, None], points, z), np.where(taken, there, log)
        share += float(taken.mean()) / moves
    return z, share


def chosen_by_weight(log_weights: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """One column of each row, shape (rows,), by weight; the first where no weight is finite.

    For chains that choose among several proposals and the point where they are (Tjelmeland 2004; Calderhead 2014).
    """
    none: NDArray[np.bool_] = np.logical_not(np.isfinite(log_weights).any(axis=1))
    log_weights = np.where(none[:, None], 0.0, log_weights)
    share = np.exp(log_weights - logsumexp(log_weights, axis=1, keepdims=True))
    below = rng.random(len(share))[:, None] > np.cumsum(share, axis=1)
    out: NDArray[np.int64] = np.where(none, 0, np.minimum(below.sum(axis=1), share.shape[1] - 1))
    return out
