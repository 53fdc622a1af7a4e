"""Indices and values of information against closed forms, and against chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from SALib.analyze import rbd_fast
from scipy import stats

from sim.statistics.sensitivity import first_order, information, split


def test_ishigami() -> None:
    """First-order indices 0.314, 0.442, 0 (Ishigami and Homma 1990)."""
    z = np.random.default_rng(1).standard_normal((4000, 6))
    x = math.pi * (2 * stats.norm.cdf(z) - 1)
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = first_order(z, y)
    assert found.parameters[:2].tolist() == [1, 0] and sorted(found.parameters) == list(range(6))
    assert found.index[:2] == pytest.approx([0.442, 0.314], abs=0.05)
    assert (np.diff(found.index) <= 0).all() and found.above.tolist() == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_what_does_nothing_is_listed_in_about_one_case_of_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """SALib's bootstrap, which takes nearly all the time, makes the intervals and has no say in this."""
    analyze = rbd_fast.analyze
    monkeypatch.setattr(rbd_fast, "analyze", lambda *a, **o: analyze(*a, **{**o, "num_resamples": 2}))
    rng = np.random.default_rng(2)
    listed = sum(
        bool(first_order(rng.standard_normal((150, 60)), rng.standard_normal(150), seed).above.any())
        for seed in range(20)
    )
    assert listed <= stats.binom.ppf(0.9999, 20, 0.05)


def test_what_happens_once_has_an_index_without_an_interval() -> None:
    """Half of the draws, taken again and again, may have none of it: no warning, and no interval that is none."""
    scores = np.random.default_rng(8).standard_normal((60, 3))
    found = first_order(scores, np.eye(60)[0])
    assert np.isfinite(found.index).all() and math.isfinite(found.limit) and np.isnan(found.half).all()


def test_luck_is_told_from_parameters() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(0, 1, (800, 1)) + rng.normal(0, 2, (800, 6))
    means, luck = split(values)
    assert means.shape == (800,)
    assert luck == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("middle", [0.0, 0.5])
def test_the_value_of_one_parameter_in_a_normal_problem(middle: float) -> None:
    """Two policies whose difference is c + a z₁ + b z₂: knowing z₁ is worth a φ(c/a) + c Φ(c/a) − max(0, c)."""
    a, b = 1.0, 0.6
    rng = np.random.default_rng(4)
    z = rng.standard_normal((3000, 5))
    gain = middle + a * z[:, 0] + b * z[:, 1]
    noise = rng.normal(0, 0.3, (2, 3000, 4))
    objective = np.stack([np.zeros(3000), -gain])[:, :, None] + noise
    found = information(z, objective)
    value, above = (dict(zip(found.parameters.tolist(), x, strict=True)) for x in (found.value, found.above))

    def worth(s: float) -> float:
        return s * stats.norm.pdf(middle / s) + middle * stats.norm.cdf(middle / s) - max(0.0, middle)

    assert value[0] == pytest.approx(worth(a), abs=0.04)
    assert value[1] == pytest.approx(worth(b), abs=0.04)
    assert found.perfect == pytest.approx(worth(math.hypot(a, b)), abs=0.05)
    assert above[0] and not (above[2] or above[3] or above[4])
    assert found.best == (1 if middle > 0 else int(objective.mean(axis=(1, 2)).argmin()))


def test_higher_can_be_better() -> None:
    z = np.random.default_rng(5).standard_normal((500, 2))
    objective = np.stack([np.zeros(500), 1.0 + z[:, 0]])[:, :, None].repeat(2, axis=2)
    assert information(z, objective, "higher").best == 1
    assert information(z, objective, "lower").best == 0


def test_parameters_that_do_not_vary_are_left_out() -> None:
    z = np.random.default_rng(6).standard_normal((300, 3))
    z[:, 1] = 0.5
    objective = np.stack([np.zeros(300), z[:, 2]])[:, :, None].repeat(2, axis=2)
    assert information(z, objective).parameters.tolist() == [2, 0]
    assert first_order(z, z[:, 2]).parameters.tolist() == [2, 0]
