"""What groups say of another, against the whole covariance matrix."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.partial_pooling import PartialPooling

COLUMNS = [np.array([0, 2]), np.array([1, 2]), np.array([2, 1, 0]), np.array([0, 3])]
CORRELATION = np.array([0.8, 0.95, 0.3, 0.0])


@pytest.mark.parametrize("group", range(4))
def test_a_group_given_the_others_is_conditional_normal(group: int) -> None:
    """All scores of all groups are one normal vector: its conditional mean and variance by inversion."""
    pooling = PartialPooling(COLUMNS, CORRELATION)
    scores = [np.random.default_rng(j).standard_normal((5, len(c))) for j, c in enumerate(COLUMNS)]
    where = [(j, int(k)) for j, c in enumerate(COLUMNS) for k in c]
    cov = np.array([[float(a == b) or float(a[1] == b[1]) * CORRELATION[a[1]] for b in where] for a in where])
    mine = np.array([j == group for j, _ in where])
    seen = np.concatenate([s for j, s in enumerate(scores) if j != group], axis=1)
    gain = cov[np.ix_(mine, ~mine)] @ np.linalg.inv(cov[np.ix_(~mine, ~mine)])
    mean, variance = pooling.conditional(scores, group)
    assert mean == pytest.approx(seen @ gain.T)
    assert variance == pytest.approx(np.diag(cov[np.ix_(mine, mine)] - gain @ cov[np.ix_(~mine, mine)]))


def test_an_impossible_correlation_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        PartialPooling(COLUMNS, np.array([0.8, 1.1, 0.0, 0.0]))
