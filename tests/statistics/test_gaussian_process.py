"""The emulator against lines, points left out by hand, and the algebra of its kernel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.statistics.gaussian_process import fit_gaussian_process

Floats = NDArray[np.float64]
DIMENSIONS = 30


def bent(z: Floats) -> Floats:
    """A summary that no straight line fits."""
    return np.asarray(2.0 * z[:, 0] + np.exp(0.6 * z[:, 1]) + 0.5 * z[:, 0] * z[:, 1])


def test_an_emulator_sees_a_bend_that_a_line_does_not() -> None:
    rng = np.random.default_rng(1)
    z, new = rng.standard_normal((1200, DIMENSIONS)), rng.standard_normal((400, DIMENSIONS))
    found = fit_gaussian_process(z, bent(z) + 0.1 * rng.standard_normal(len(z)))
    x = np.column_stack([np.ones(len(z)), z])
    line = np.column_stack([np.ones(len(new)), new]) @ np.linalg.lstsq(x, bent(z), rcond=None)[0]
    error = np.std(bent(new) - found.at(new))
    assert error < 0.6 * np.std(bent(new) - line)
    # What leaving points out says of the error holds for new points, luck of 0.1 apart; 1,200 and 400 points.
    assert np.std(found.errors) == pytest.approx(math.hypot(error, 0.1), rel=0.15)


def test_an_emulator_like_another_is_as_bent_and_fitted_to_its_own_points() -> None:
    rng = np.random.default_rng(6)
    scores = rng.standard_normal((300, 5))
    summary = scores[:, 0] ** 2 + 0.1 * rng.standard_normal(300)
    first = fit_gaussian_process(scores[:150], summary[:150])
    later = fit_gaussian_process(scores, summary, first)
    assert (later.length, later.bent, later.left) == (first.length, first.bent, first.left)
    assert len(later.points) == 300
    assert later.errors.std() < first.errors.std()


def test_errors_are_those_of_fits_that_leave_a_point_out() -> None:
    """Brute force: the same kernel and noise, one point fewer; to the digits that single precision keeps."""
    rng = np.random.default_rng(7)
    z = rng.standard_normal((40, 3))
    y = bent(np.column_stack([z, z])) + 0.3 * rng.standard_normal(40)
    found = fit_gaussian_process(z, y)
    x = found.points.astype(float)

    def kernel(a: Floats, b: Floats) -> Floats:
        distance = ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)
        return np.asarray(a @ b.T + found.bent * np.exp(-distance / found.length))

    for i in (0, 17, 39):
        rest = np.arange(40) != i
        covariance = kernel(x[rest], x[rest]) + found.left * np.eye(39)
        expected = kernel(x[i : i + 1], x[rest]) @ np.linalg.solve(covariance, y[rest] - found.middle)
        assert found.errors[i] == pytest.approx(y[i] - found.middle - expected[0], rel=1e-4, abs=1e-5)
