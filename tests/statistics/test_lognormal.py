"""Fits of censored times against the parameters that made them, and against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics.lognormal import LognormalFit


def test_lognormal_fits_use_what_was_not_over() -> None:
    rng = np.random.default_rng(5)
    times = np.exp(rng.normal(2.0, 0.8, 4000))
    limit = rng.uniform(0.0, 25.0, 4000)
    ended = times <= limit
    found = LognormalFit.of(np.minimum(times, limit), ended)
    naive = LognormalFit.of(times[ended], np.ones(int(ended.sum()), dtype=bool))
    error = math.log(found.median[2] / found.median[1]) / 4
    assert error < 0.02
    assert abs(math.log(found.median[0]) - 2.0) < 4 * error
    assert abs(math.log(found.sigma[0] / 0.8)) < math.log(found.sigma[2] / found.sigma[1])
    assert not found.poor
    assert naive.median[2] < 0.8 * math.exp(2.0)  # what becomes of it when the open ones are left out


def test_lognormal_fits_say_when_they_are_poor() -> None:
    rng = np.random.default_rng(6)
    times = rng.exponential(10.0, 2000)
    assert LognormalFit.of(times, np.ones(2000, dtype=bool)).poor


def test_whole_days_are_taken_as_intervals() -> None:
    rng = np.random.default_rng(7)
    begun = rng.uniform(0, 1, 3000)
    times = np.floor(begun + np.exp(rng.normal(0.5, 0.7, 3000)))
    found = LognormalFit.of(times, np.ones(3000, dtype=bool), resolution=1.0)
    assert found.median[0] == pytest.approx(math.exp(0.5), rel=0.1)


def test_without_censoring_it_is_the_normal_of_the_logarithms() -> None:
    logs = np.random.default_rng(8).normal(1.0, 0.5, 40)
    found = LognormalFit.of(np.exp(logs), np.ones(40, dtype=bool))
    mean, sd = logs.mean(), logs.std(ddof=1)
    half = stats.t.ppf(0.975, 39) * sd / math.sqrt(40)
    assert np.log(found.median) == pytest.approx([mean, mean - half, mean + half], rel=1e-4)
    assert found.sigma[0] == pytest.approx(sd, rel=1e-4)
    spread = 1.959964 / math.sqrt(2 * 40)  # of the logarithm of a standard deviation
    assert np.log(found.sigma) == pytest.approx(np.log(sd) + np.array([0, -spread, spread]), rel=1e-3)
    kolmogorov = stats.kstest(logs, "norm", args=(mean, logs.std())).statistic
    assert found.distance == pytest.approx(kolmogorov, abs=1e-4) and not found.poor
