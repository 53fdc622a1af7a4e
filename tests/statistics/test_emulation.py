"""Lines through noisy summaries: what a line says of replications that it has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.emulation import fit_by_leaving_out
from sim.statistics.proposal import LinearEmulator


def _world(n: int, seed: int, noise: float = 0.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    slopes = np.zeros((2, 12))
    slopes[0, :3], slopes[1, 2:5] = (1.0, -0.5, 0.3), (0.4, 0.8, -0.6)
    x = rng.standard_normal((n, 12))
    return x, 1.5 + x @ slopes.T + noise * rng.standard_normal((n, 2)), slopes


def test_the_residual_is_that_of_replications_left_out_one_by_one() -> None:
    x, y, _ = _world(40, 1)
    ridge = 0.3
    errors = []
    for i in range(len(x)):
        rest = np.arange(len(x)) != i
        centre, middle = x[rest].mean(axis=0), y[rest].mean(axis=0)
        a, b = x[rest] - centre, y[rest] - middle
        # The weight of the slopes is set by the whole sample in the short cut.
        slopes = np.linalg.solve(a.T @ a + ridge * len(x) * np.eye(12), a.T @ b)
        errors.append(y[i] - middle - (x[i] - centre) @ slopes)
    brute = np.array(errors).T @ np.array(errors) / len(x)
    found = fit_by_leaving_out(x, y, ridges=(ridge,))
    widened = (len(x) - 1) / (len(x) - 2 - 2)
    assert found.residual == pytest.approx(brute * widened, rel=1e-9)


def test_it_predicts_new_replications_with_the_error_that_it_states() -> None:
    x, y, slopes = _world(400, 2)
    found = fit_by_leaving_out(x, y)
    assert np.abs(found.slopes - slopes).max() < 0.1
    new, truth, _ = _world(4000, 3)
    error = truth - found.intercept - new @ found.slopes.T
    assert np.diag(found.residual) == pytest.approx(error.var(axis=0), rel=0.15)


def test_few_replications_are_drawn_to_the_earlier_slopes() -> None:
    x, y, slopes = _world(20, 4)
    before = LinearEmulator(np.zeros(2), slopes, np.eye(2))
    near, far = fit_by_leaving_out(x, y, before), fit_by_leaving_out(x, y)
    assert np.abs(near.slopes - slopes).sum() < 0.5 * np.abs(far.slopes - slopes).sum()


def test_more_summaries_than_replications_can_tell_have_no_correlations() -> None:
    rng = np.random.default_rng(5)
    found = fit_by_leaving_out(rng.standard_normal((20, 3)), rng.standard_normal((20, 15)))
    assert np.count_nonzero(found.residual) == 15
