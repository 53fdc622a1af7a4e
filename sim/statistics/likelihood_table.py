"""A likelihood of noisy summaries as a function of their means, tabulated so that it costs nothing to look up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator
from scipy.special import logsumexp

Floats = NDArray[np.float64]
Table = Callable[[Floats], Floats]
FLOOR = -1e3  # the lowest log-likelihood that is told from another
NODES = {1: 400, 2: 56}  # of each axis, by the number of summaries


def tabulated(
    log: Callable[[Floats], Floats],
    noise: Callable[[Floats], Floats],
    seen: Floats,
    ratio: Floats,
    doubt: Floats,
    heavier: float,
) -> Table:
    """log ∫ likelihood(y) N(y; m, variance(m)) dy over the means m, from a grid over what was seen and somewhat beyond.

    `log` is the log-likelihood of summaries, from shape (n, 1 or 2) to (n,); `noise` are variances that summaries would
    have were all binomial or Poisson, `ratio` the true ones over those, shape (summaries,), and `doubt` a variance to
    add. `seen` are summaries, shape (replications, summaries). Standard deviations are taken `heavier` times. The table
    takes means of shape (n, summaries); beyond the grid it stays as at its edge.
    """
    axes = []
    for i in range(seen.shape[1]):
        low, high = np.quantile(seen[:, i], [0.001, 0.999])
        low, high = low - 0.2 * (high - low), high + 0.2 * (high - low)
        axes.append(np.linspace(low, high, NODES[seen.shape[1]]))
    grid = np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.nan_to_num(log(grid), nan=-np.inf, neginf=-np.inf)
    steps = np.array([a[1] - a[0] for a in axes])
    variance = np.maximum(heavier**2 * ratio * noise(grid) + doubt, (0.7 * steps) ** 2)
    smooth = np.empty(len(grid))
    for rows in np.array_split(np.arange(len(grid)), max(1, len(grid) // 500)):
        near = sum(
            -0.5 * (grid[rows, i][:, None] - grid[:, i]) ** 2 / variance[rows, i][:, None]
            for i in range(grid.shape[1])
        )
        smooth[rows] = logsumexp(near + found, axis=1) - logsumexp(near, axis=1)
    values = np.maximum(smooth, FLOOR).reshape([len(a) for a in axes])
    look_up = RegularGridInterpolator(axes, values)
    low, high = grid[0], grid[-1]
    return lambda m: np.asarray(look_up(np.clip(m, low, high)))


def noise_ratio(y: Floats, noise: Callable[[Floats], Floats]) -> Floats:
    """Variance of summaries between replications over what `noise` expects at their means, shape (summaries,).

    `y` has shape (points, replications of each, summaries). Kept between 0.2 and 20.
    """
    within = y.var(axis=1, ddof=1)
    ratio: Floats = np.clip((within / noise(y.mean(axis=1))).mean(axis=0), 0.2, 20.0)
    return ratio
