"""Where to simulate next: a Gaussian over normal scores, bent towards the figures by a linear emulator.

Summaries of a replication are close to linear in the normal scores of the parameters. So the posterior is close to the
prior except in a few directions, one for each figure, and a Gaussian that differs from the prior in these alone is a
good proposal. It is a proposal only: what is simulated is weighted with its exact likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

Floats = NDArray[np.float64]
INFLATED = 1.5  # variance within the bent directions, so that the proposal has the heavier tails
RIDGE = 0.1  # weight of the earlier slopes, in replications per replication and prior variance


@dataclass(frozen=True)
class GaussianProposal:
    """Normal scores with prior N(0, I), but N(mean, cov) in the coordinates along the orthonormal rows of `basis`."""

    basis: Floats  # (directions, coordinates)
    mean: Floats
    cov: Floats

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Scores, shape (n, coordinates)."""
        z = rng.standard_normal((n, self.basis.shape[1]))
        inside = rng.multivariate_normal(self.mean, self.cov, size=n) if len(self.mean) else np.zeros((n, 0))
        out: Floats = z + (inside - z @ self.basis.T) @ self.basis
        return out

    def log_ratio(self, z: Floats) -> Floats:
        """Log density against that of the prior."""
        if not len(self.mean):
            return np.zeros(len(z))
        y = z @ self.basis.T
        apart = y - self.mean
        chol = np.linalg.cholesky(self.cov)
        white = np.linalg.solve(chol, apart.T)
        out: Floats = 0.5 * (y**2).sum(axis=1) - 0.5 * (white**2).sum(axis=0) - np.log(np.diag(chol)).sum()
        return out


def prior_proposal(coordinates: int) -> GaussianProposal:
    """The prior itself."""
    return GaussianProposal(np.zeros((0, coordinates)), np.zeros(0), np.zeros((0, 0)))


@dataclass(frozen=True)
class LinearEmulator:
    """summary ≈ intercept + slopes · scores, with the covariance of what is left."""

    intercept: Floats
    slopes: Floats  # (summaries, coordinates)
    residual: Floats  # covariance (summaries, summaries)


def fit_linear_emulator(
    scores: Floats, summaries: Floats, before: LinearEmulator | None = None
) -> LinearEmulator:
    """Ridge regression; slopes are drawn towards the earlier ones, at first towards zero.

    `scores` has shape (replications, coordinates), `summaries` (replications, summaries). Degrees of freedom are the
    trace of the hat matrix (Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, 3.4.1).
    """
    centre, middle = scores.mean(axis=0), summaries.mean(axis=0)
    x, y = scores - centre, summaries - middle
    old = np.zeros((y.shape[1], x.shape[1])) if before is None else before.slopes
    left = y - x @ old.T
    n = len(x)
    gram = x.T @ x + RIDGE * n * np.eye(x.shape[1])
    slopes = old + np.linalg.solve(gram, x.T @ left).T
    # What a regression explains of its own data by chance is put back: each slope costs a degree of freedom.
    freedom = float(np.trace(np.linalg.solve(gram, x.T @ x)))
    error = y - x @ slopes.T
    residual = error.T @ error / max(n - freedom, n / 10)
    return LinearEmulator(middle - slopes @ centre, slopes, residual)


@dataclass(frozen=True)
class Known:
    """What is known of lines through the scores, exactly normal: slopes · scores ~ N(values, covariance)."""

    slopes: Floats
    values: Floats
    covariance: Floats


def gaussian_proposal(
    emulator: LinearEmulator, values: Floats, variances: Floats, known: Known | None = None
) -> GaussianProposal:
    """The posterior of a linear Gaussian model of the summaries, a little widened along these.

    `values` are observed summaries and `variances` those of their observation, shape (summaries,). It differs from the
    prior in the span of the slopes alone (Spantini et al. 2015, SIAM J. Sci. Comput. 37, A2451-A2487). What is `known`
    besides is taken as it is: nothing is widened across the summaries.
    """
    own = emulator.slopes
    slopes, apart, noise = own, values - emulator.intercept, emulator.residual + np.diag(variances)
    if known is not None:
        slopes = np.concatenate([own, known.slopes])
        apart = np.concatenate([apart, known.values])
        noise = block_diag(noise, known.covariance)
    if not len(slopes):
        return prior_proposal(slopes.shape[1])
    gain = np.linalg.solve(slopes @ slopes.T + noise, slopes).T
    mean = gain @ apart
    basis = np.linalg.qr(slopes.T)[0].T
    inside = np.eye(len(basis)) - (basis @ gain) @ (slopes @ basis.T)
    inside = (inside + inside.T) / 2
    # Summaries become more variable, what is left of the scores at given summaries does not.
    along = inside @ (own @ basis.T).T
    wider = along @ np.linalg.solve(own @ basis.T @ along, along.T) if len(own) else 0.0
    return GaussianProposal(basis, basis @ mean, inside + (INFLATED - 1.0) * wider)
