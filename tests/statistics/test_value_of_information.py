"""The value of information against closed forms and nested Monte Carlo, and its order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics.value_of_information import acceptability, of_groups, partial, perfect

N = 8000


def model(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nothing, or a policy that gains 1,000 yuan per unit of two parameters and costs 300."""
    rng = np.random.default_rng(seed)
    one, two = rng.normal(0.2, 0.5, N), rng.normal(0.0, 0.3, N)
    return one, two, np.stack([np.zeros(N), 1000 * (one + two) - 300])


def worth(sd: float, mean: float = -100.0) -> float:
    """E max(0, X) - max(0, mean) of a normal X."""
    return sd * stats.norm.pdf(mean / sd) + mean * stats.norm.cdf(mean / sd) - max(0.0, mean)


def test_perfect_information_is_the_closed_form() -> None:
    found = perfect(model()[2])
    assert found.value == pytest.approx(worth(1000 * math.hypot(0.5, 0.3)), abs=3 * found.se)
    assert found.se < 0.03 * found.value


def test_knowing_one_parameter_is_the_closed_form() -> None:
    one, two, benefits = model()
    assert partial(benefits, one[:, None]).value == pytest.approx(worth(500.0), rel=0.05)
    assert partial(benefits, two[:, None]).value == pytest.approx(worth(300.0), rel=0.05)


def test_sample_information_agrees_with_nested_monte_carlo() -> None:
    """A normal mean of n measurements with a standard deviation of 2: the posterior is known, nesting is cheap."""
    one, _, benefits = model()
    rng = np.random.default_rng(5)
    n, outer, inner = 40, 4000, 400
    data = one + rng.normal(0, 2 / math.sqrt(n), N)
    precision = 1 / 0.25 + n / 4
    nested = []
    for theta in rng.normal(0.2, 0.5, outer):
        seen = theta + rng.normal(0, 2 / math.sqrt(n))
        after = rng.normal((0.2 / 0.25 + seen * n / 4) / precision, precision**-0.5, inner) + rng.normal(
            0, 0.3, inner
        )
        nested.append(max(0.0, (1000 * after - 300).mean()))
    # The mean of the inner sample is noisy, and its maximum flattered by that: the closed form says by how little.
    exact = worth(1000 * math.sqrt(0.25 - 1 / precision))
    assert np.mean(nested) == pytest.approx(exact, rel=0.05)
    assert partial(benefits, data[:, None]).value == pytest.approx(np.mean(nested), rel=0.05)


def test_a_larger_study_is_worth_more_and_none_more_than_knowing() -> None:
    one, two, benefits = model()
    rng = np.random.default_rng(6)
    luck = rng.standard_normal(N)
    sizes = [partial(benefits, (one + 2 / math.sqrt(n) * luck)[:, None]).value for n in (2, 8, 32, 128, 512)]
    assert sizes == sorted(sizes) and sizes[0] < 0.5 * sizes[-1]
    known = of_groups(benefits, {"one": one[:, None], "both": np.stack([one, two], axis=1)})
    assert sizes[-1] <= known["one"].value <= known["both"].value <= perfect(benefits).value * (1 + 1e-12)
    assert known["both"].value == pytest.approx(perfect(benefits).value, rel=0.01)


def test_noise_is_worth_nothing() -> None:
    rng = np.random.default_rng(7)
    benefits = np.stack([np.zeros(60), rng.normal(0, 1.0, 60)])  # few draws, and six columns that say nothing
    found = [partial(benefits[:, rng.permutation(60)], rng.standard_normal((60, 6))).value for _ in range(30)]
    assert np.mean(found) < 0.25 * perfect(benefits).value
    assert partial(benefits, np.ones((60, 1))).value == 0.0


def test_groups_that_grow_are_never_worth_less() -> None:
    rng = np.random.default_rng(8)
    x = rng.standard_normal((40, 12))
    benefits = np.stack([np.zeros(40), x[:, 0] + rng.normal(0, 1, 40), 0.5 * x[:, 3]])
    found = [w.value for w in of_groups(benefits, {str(k): x[:, :k] for k in (1, 2, 4, 8, 12)}).values()]
    assert found == sorted(found) and found[-1] <= perfect(benefits).value


def test_acceptability_is_the_probability_of_the_highest_net_benefit() -> None:
    gain = np.random.default_rng(9).normal(1.0, 1.0, 20_000)
    found = acceptability(
        np.stack([np.zeros(20_000), gain]), np.array([0.0, 100.0]), [0.0, 50.0, 100.0, 200.0]
    )
    for value, row in zip(found.values, found.accept, strict=True):
        truth = stats.norm.sf(100.0 / value - 1.0) if value else 0.0
        assert row[1] == pytest.approx(truth, abs=0.015) and row.sum() == pytest.approx(1.0)
    assert found.frontier.tolist()[0::3] == [0, 1]
    assert found.loss[0] == 0.0 and found.loss[2] == pytest.approx(100 * stats.norm.pdf(0.0), rel=0.05)
