"""Regression by a Gaussian process: a plane, and what is bent beside it.

The kernel is linear plus squared exponential, with distances in which coordinates count by their linear slopes
(Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, sections 2.2 and 5.4.2). Outputs are noisy.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dtrtri

Floats = NDArray[np.float64]
TUNED_ON = 1500  # points, at most
RIDGE = 0.05
EVERYWHERE = 0.01  # share of relevance that is spread over all coordinates
LENGTHS = (1.0, 4.0)  # squared distance over which the bent part changes, in mean squares of trained points
BENT = (1.0, 3.0, 10.0)  # variance of the bent part over that of the linear one
LEFT = (0.1, 0.3)  # variance of noise, beside the mean variance of the linear part


@dataclass(frozen=True)
class GaussianProcess:
    """One output by a Gaussian process. `errors` are those of leaving each trained point out, in the output's unit.

    `length` is that of the bent part of the kernel, `bent` its variance, `left` that of noise, both beside the mean
    variance of the linear part.
    """

    points: NDArray[np.float32]  # trained points in units of relevance, (points, coordinates)
    scale: Floats
    centre: Floats
    middle: float
    length: float
    bent: float
    left: float
    alpha: NDArray[np.float32]
    errors: Floats

    def at(self, z: Floats) -> Floats:
        """The expected output, shape (n,), at inputs of shape (n, coordinates)."""
        x = ((z - self.centre) * self.scale).astype(np.float32)  # a proposal needs no more digits
        return np.asarray(self.middle + _kernel(x, self.points, self.length, self.bent) @ self.alpha, float)


def _kernel(a: NDArray[Any], b: NDArray[Any], length: float, bent: float) -> NDArray[Any]:
    dot = a @ b.T
    near = dot * (2.0 / length)
    near -= ((a**2).sum(axis=1) / length)[:, None]
    near -= (b**2).sum(axis=1) / length
    np.exp(near, out=near)
    near *= bent
    near += dot
    out: NDArray[Any] = near
    return out


def fit_gaussian_process(z: Floats, output: Floats, like: GaussianProcess | None = None) -> GaussianProcess:
    """Fit outputs, shape (points,), at inputs z, shape (points, coordinates).

    How bent it is and how much is noise are as in `like`, or are chosen to predict points left out best.
    """
    centre, middle = z.mean(axis=0), float(output.mean())
    x, y = z - centre, output - middle
    n, d = x.shape
    slopes = np.linalg.solve(x.T @ x + RIDGE * n * np.eye(d), x.T @ y)
    share = slopes**2 / max(float((slopes**2).sum()), 1e-12) + EVERYWHERE / d
    scale = np.sqrt(share / share.sum() * d)
    x = x * scale
    x, scale = x / np.sqrt((x**2).sum(axis=1).mean()), scale / np.sqrt((x**2).sum(axis=1).mean())
    few = slice(0, TUNED_ON)

    def error(length: float, bent: float, left: float) -> float:
        return float((_fitted(x[few], y[few], length, bent, left)[1] ** 2).mean())

    if like is None:
        length, bent, left = min(product(LENGTHS, BENT, LEFT), key=lambda at: error(*at))
    else:
        length, bent, left = like.length, like.bent, like.left
    alpha, errors = _fitted(x, y, length, bent, left)
    f32 = np.float32
    return GaussianProcess(
        x.astype(f32), scale, centre, middle, length, bent, left, alpha.astype(f32), errors
    )


def _fitted(x: Floats, y: Floats, length: float, bent: float, left: float) -> tuple[Floats, Floats]:
    """Coefficients, and the errors of leaving one out (Rasmussen and Williams 2006, equation 5.12)."""
    covariance = _kernel(x, x, length, bent)
    covariance[np.diag_indices_from(covariance)] += left
    factor, lower = cho_factor(covariance, lower=True, overwrite_a=True, check_finite=False)
    alpha: Floats = cho_solve((factor, lower), y, check_finite=False)
    root, info = dtrtri(factor, lower=1)  # the inverse's diagonal needs a third of the work of the inverse
    assert info == 0, "a Cholesky factor has no zero on its diagonal"
    root = np.tril(root)
    return alpha, alpha / np.einsum("ij,ij->j", root, root)
