"""Indices and values of information against closed forms, and against chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from SALib.analyze import rbd_fast
from scipy import stats

from sim.statistics.sensitivity import first_order, information, split


def names(n: int) -> list[str]:
    return [f"p{i}" for i in range(n)]


def test_ishigami() -> None:
    """First-order indices 0.314, 0.442, 0 (Ishigami and Homma 1990)."""
    z = np.random.default_rng(1).standard_normal((4000, 6))
    x = math.pi * (2 * stats.norm.cdf(z) - 1)
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    frame = first_order(names(6), z, y).set_index("parameter")
    assert frame["index"]["p0"] == pytest.approx(0.314, abs=0.05)
    assert frame["index"]["p1"] == pytest.approx(0.442, abs=0.05)
    assert frame["above"].to_dict() == {
        "p0": True,
        "p1": True,
        **dict.fromkeys(("p2", "p3", "p4", "p5"), False),
    }


def test_what_does_nothing_is_listed_in_about_one_case_of_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """SALib's bootstrap, which takes nearly all the time, makes the intervals and has no say in this."""
    analyze = rbd_fast.analyze
    monkeypatch.setattr(rbd_fast, "analyze", lambda *a, **o: analyze(*a, **{**o, "num_resamples": 2}))
    rng = np.random.default_rng(2)
    listed = sum(
        bool(
            first_order(names(60), rng.standard_normal((150, 60)), rng.standard_normal(150), seed)[
                "above"
            ].any()
        )
        for seed in range(20)
    )
    assert listed <= stats.binom.ppf(0.9999, 20, 0.05)


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
    found = information(names(5), z, ["base", "other"], objective)
    frame = found.frame.set_index("parameter")

    def worth(s: float) -> float:
        return s * stats.norm.pdf(middle / s) + middle * stats.norm.cdf(middle / s) - max(0.0, middle)

    assert frame["value"]["p0"] == pytest.approx(worth(a), abs=0.04)
    assert frame["value"]["p1"] == pytest.approx(worth(b), abs=0.04)
    assert found.perfect == pytest.approx(worth(math.hypot(a, b)), abs=0.05)
    assert frame["above"]["p0"] and not frame["above"][["p2", "p3", "p4"]].any()


def test_higher_can_be_better() -> None:
    z = np.random.default_rng(5).standard_normal((500, 2))
    objective = np.stack([np.zeros(500), 1.0 + z[:, 0]])[:, :, None].repeat(2, axis=2)
    assert information(names(2), z, ["base", "other"], objective, "higher").best == "other"
    assert information(names(2), z, ["base", "other"], objective, "lower").best == "base"
