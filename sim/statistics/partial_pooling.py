"""Partial pooling: what some groups say of another before its own data are seen.

A parameter k of group j has a score z_jk that is standard normal within each group, as in a fit of that group alone,
with correlation rho_k between any two groups: the exchangeable normal model (Gelman et al. 2013, Bayesian Data
Analysis, 3rd ed., ch. 5), scaled so that the prior of one group alone is unchanged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class PartialPooling:
    """What a group's prior is, given the others.

    `columns` says for each group which of the shared parameters its scores are, integers of shape (scores of the
    group,); `correlation` has shape (shared parameters,), each from 0 (nothing is shared) to 1 (the same everywhere).
    Raises ValueError for a correlation outside.
    """

    def __init__(self, columns: Sequence[NDArray[np.int64]], correlation: Floats) -> None:
        if not ((correlation >= 0) & (correlation <= 1)).all():
            raise ValueError("a correlation between groups lies between 0 and 1")
        self.columns = [np.asarray(c, dtype=np.int64) for c in columns]
        self.correlation = correlation

    def conditional(self, scores: Sequence[Floats], group: int) -> tuple[Floats, Floats]:
        """Means, shape (chains, scores of the group), and variances, shape (scores of the group,), given the others.

        `scores` has for each group an array of shape (chains, scores of the group); that of `group` is not looked at.
        """
        total = np.zeros((len(scores[0]), len(self.correlation)))
        count = np.zeros(len(self.correlation))
        for j, z in enumerate(scores):
            if j != group:
                total[:, self.columns[j]] += z
                count[self.columns[j]] += 1
        denominator = 1.0 + (count - 1.0) * self.correlation
        there = count > 0
        gain = np.where(there, self.correlation / np.where(there, denominator, 1.0), 0.0)
        variance = 1.0 - count * self.correlation * gain
        here = self.columns[group]
        return (total * gain)[:, here], variance[here]
