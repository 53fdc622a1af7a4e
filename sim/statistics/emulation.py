"""Lines through noisy summaries, with the error that they make where they were not fitted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.statistics.proposal import LinearEmulator

Floats = NDArray[np.float64]
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # weights of the earlier slopes, per replication and prior variance


def fit_by_leaving_out(
    scores: Floats, summaries: Floats, before: LinearEmulator | None = None, ridges: Sequence[float] = RIDGES
) -> LinearEmulator:
    """Ridge regression, its weight chosen by leaving out one replication at a time; `residual` is of those left out.

    `scores` has shape (replications, coordinates), `summaries` (replications, summaries); slopes are drawn towards
    those of `before`, or zero. The covariance of a replication that the line has not seen holds its luck, what a line
    leaves, and the error of the slopes (PRESS: Allen 1974, Technometrics 16, 125-127). It is widened by the factor that
    makes the inverse of an estimated covariance unbiased (Hartlap et al. 2007, A&A 464, 399-404); where there are too
    few replications for that only its diagonal is kept.
    """
    centre, middle = scores.mean(axis=0), summaries.mean(axis=0)
    x, y = scores - centre, summaries - middle
    old = np.zeros((y.shape[1], x.shape[1])) if before is None else before.slopes
    left = y - x @ old.T
    n, d = y.shape
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    projected, scale = u.T @ left, np.maximum(summaries.var(axis=0), 1e-12)
    best: tuple[float, Floats, Floats] | None = None
    for ridge in ridges:
        kept = s**2 / (s**2 + ridge * n)
        hat = (u**2) @ kept + 1.0 / n
        error = (left - u @ (kept[:, None] * projected)) / np.maximum(1.0 - hat, 1e-3)[:, None]
        worth = float(((error**2).mean(axis=0) / scale).sum())
        if best is None or worth < best[0]:
            added = vt.T @ ((s / (s**2 + ridge * n))[:, None] * projected)
            best = worth, error, added.T
    assert best is not None
    _, error, added = best
    slopes, covariance = old + added, error.T @ error / n
    room = n - d - 2
    residual = covariance * (n - 1) / room if room >= d else np.diag(np.diag(covariance))
    return LinearEmulator(middle - slopes @ centre, slopes, residual)
