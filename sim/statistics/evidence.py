"""Evidences of several posteriors from draws of each: reverse logistic regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]
ITERATIONS = 1000


def log_mixture(log: Floats, sizes: NDArray[np.int64], log_evidence: Floats) -> Floats:
    """Log density of a mixture of unnormalised densities, at all of their draws.

    `log` has shape (densities, draws of all), `sizes` (densities,) says how many of the draws are of each. The mixture
    weighs densities by their draws. The ratios of the normalising constants come from the overlap of the draws (reverse
    logistic regression, Geyer 1994, Univ. of Minnesota report 568; the same equations as the multistate Bennett
    acceptance ratio of Shirts and Chodera 2008, J. Chem. Phys. 129, 124105). Their common scale, which the draws do
    not tell, is that `log_evidence`, shape (densities,), has on average.
    """
    n = log.shape[1]
    size = np.log([each / n for each in sizes])
    start, among = log_evidence.copy(), log_evidence
    for _ in range(ITERATIONS):
        log_q = logsumexp(log - among[:, None] + size[:, None], axis=0)
        new = logsumexp(log - log_q, axis=1) - np.log(n)
        new += (start - new).mean()
        if np.abs(new - among).max() < 1e-6:
            break
        among = new
    return np.asarray(logsumexp(log - among[:, None] + size[:, None], axis=0))
