"""What data say of parameters whose prior is standard normal, and what a further figure would say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Of each parameter, shape (parameters,), in prior standard deviations: posterior mean, variance, and errors.

    `mean_se` is the standard error of the mean, `contraction_se` that of 1 - variance where nothing was learnt.
    """

    mean: Floats
    variance: Floats
    mean_se: Floats
    contraction_se: Floats

    @property
    def contraction(self) -> Floats:
        """1 - variance: 0 where nothing was learnt, 1 where all is known (Betancourt 2018, arXiv:1803.08393)."""
        return 1.0 - self.variance


def moments(weights: Floats, z: Floats) -> Moments:
    """From draws z, shape (draws, parameters), with weights that sum to 1, shape (draws,)."""
    kept = weights > 0
    w, z = weights[kept], z[kept]
    mean = w @ z
    variance = w @ (z - mean) ** 2
    error = np.sqrt((w**2) @ (z - mean) ** 2)
    return Moments(mean, variance, error, np.sqrt(2.0) * error / np.sqrt(variance))


@dataclass(frozen=True)
class Directions:
    """Orthonormal directions, columns of `along`, in which draws are uncorrelated, by rising variance.

    `variances` (prior: 1) and `shifts` of the mean, in prior standard deviations, have shape (directions,).
    """

    variances: Floats
    shifts: Floats
    along: Floats


def principal_directions(weights: Floats, z: Floats, basis: Floats) -> Directions:
    """Of draws z, shape (draws, parameters), with weights, within the span of the orthonormal columns of `basis`."""
    kept = weights > 0
    w, y = weights[kept], z[kept] @ basis
    mean = w @ y
    values, vectors = np.linalg.eigh(((y - mean) * w[:, None]).T @ (y - mean))
    return Directions(values, vectors.T @ mean, basis @ vectors)


def explained(figure: Floats, goal: Floats) -> tuple[float, float, float]:
    """Share of a goal's variance between draws that a figure explains, with a 95 % interval: (share, low, high).

    Both have shape (draws, replications of each). The squared rank correlation of the figure in the first replication
    with the goal in the others, put right for the Monte Carlo error in the goal by its correlation between two halves
    (attenuation: Spearman 1904, and Spearman and Brown 1910). The interval is by Fisher's z, with the factor 1.03 for
    ranks (Fieller, Hartley and Pearson 1957). Needs three replications.
    """
    half = max(1, (goal.shape[1] - 1) // 2)
    first, second = goal[:, 1 : 1 + half].mean(axis=1), goal[:, -half:].mean(axis=1)
    reliability = max(float(stats.spearmanr(first, second)[0]), 0.05)
    rest = goal[:, 1:].mean(axis=1)
    full = 2 * reliability / (1 + reliability)  # Spearman and Brown: of the mean of both halves
    x = figure[:, 0]
    r = float(stats.spearmanr(x, rest)[0])
    apart = 1.96 * 1.03 / np.sqrt(max(len(x) - 3, 1))
    low, high = np.tanh(np.arctanh(np.clip(abs(r), 0, 0.999)) + np.array([-apart, apart]))
    shares = np.clip(np.array([max(low, 0.0), abs(r), high]) ** 2 / full, 0.0, 1.0)
    return float(shares[1]), float(shares[0]), float(shares[2])
