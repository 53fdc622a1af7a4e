"""Two hundred synthetic counties whose parameters are known: do intervals and probabilities keep what they promise?

Each county has a rate of disputes and a share that a policy prevents. Both are drawn, give figures, and are inferred
from them (conjugate posteriors, gamma and beta); the effect is then found as `compare` finds it, by two simulated
windows of each posterior draw with Poisson luck, and held against the county's own.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.decision import decide
from sim.statistics.effect import effects

COUNTIES, DRAWS, TIMES = 200, 40, 2


def county(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes without and with either of two policies, shape (3, draws, times), and the true effects."""
    rate, shares = rng.gamma(20.0, 1.0), rng.beta(2.0, 8.0, 2)
    seen, tried = rng.poisson(rate), rng.binomial(20, shares)
    rates = rng.gamma(20.0 + seen, 1 / 2.0, DRAWS)
    prevented = rng.beta(2.0 + tried, 28.0 - tried, (DRAWS, 2))
    before = rng.poisson(
        rates[:, None], (DRAWS, TIMES)
    )  # thinned: a policy prevents some of the same disputes
    after = [before - rng.binomial(before, prevented[:, i, None]) for i in range(2)]
    return np.stack([before, *after]).astype(float), -rate * shares


@pytest.fixture(scope="module")
def found() -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(2026)
    return [county(rng) for _ in range(COUNTIES)]


def test_nine_of_ten_intervals_hold_the_effect_of_the_county(
    found: list[tuple[np.ndarray, np.ndarray]],
) -> None:
    hits = []
    for values, truth in found:
        believed = effects(values[1:] - values[:1])
        for i in range(2):
            low, _, high = believed.interval(i)
            hits.append(low <= truth[i] <= high)
    assert 0.87 <= np.mean(hits) <= 0.93, np.mean(hits)


def test_the_probability_of_being_best_is_calibrated(found: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """In five bins of probability, the share of counties where the policy is best is what was said."""
    said, true = [], []
    for values, truth in found:
        said.append(decide(values).best[1])
        true.append(truth[0] < truth[1])
    p, best = np.array(said), np.array(true, dtype=float)
    order = np.argsort(p)
    for part in np.array_split(order, 5):
        error = np.sqrt((p[part] * (1 - p[part])).sum()) / len(part)
        assert abs(p[part].mean() - best[part].mean()) < 0.05 + 2 * error
    assert abs(p.mean() - best.mean()) < 0.05
    assert ((p - best) ** 2).mean() < 0.8 * best.var()  # and it tells something
