"""The superset of disputes: how many, how unequal, how numbered."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.draws import MAX_PER_VILLAGE, Draws
from sim.model import Model, build
from sim.population import slots_of, village_counts
from tests.places import rich_place

RUNS = 100


def counts(model: Model, runs: int = RUNS) -> np.ndarray:
    """Shape (runs, villages)."""
    return np.array([village_counts(model, Draws(31, r)) for r in range(runs)])


@pytest.mark.parametrize("dispersion", [0.5, 2.0, 50.0])
def test_counts_are_negative_binomial(dispersion: float) -> None:
    model = build(rich_place(incidence={"village_dispersion": dispersion}, villages={"count": 60}))
    found, mean = counts(model), model.villages.expected
    p = dispersion / (dispersion + mean)
    law = stats.nbinom(dispersion, p)
    # Standardised per village, all villages together: mean 0 and variance 1.
    z = (found - mean) / law.std()
    n = z.size
    assert abs(z.mean()) < 4 / np.sqrt(n)
    fourth = ((found - mean) ** 4 / law.std() ** 4).mean()
    assert abs(z.var() - 1) < 4 * np.sqrt((fourth - 1) / n)
    # The whole law: the distribution function at a count, smoothed with luck of its own, is uniform.
    smooth = np.random.default_rng(5).random(found.shape)
    u = law.cdf(found - 1) + smooth * law.pmf(found)
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-3


def test_villages_are_independent() -> None:
    model = build(rich_place(incidence={"village_dispersion": 2.0}, villages={"size_cv": 0.0}))
    found = counts(model)
    assert abs(np.corrcoef(found[:, :-1].ravel(), found[:, 1:].ravel())[0, 1]) < 4 / np.sqrt(
        found[:, 1:].size
    )


def test_expected_counts_follow_rate_persons_superset_and_days() -> None:
    model = build(rich_place(about=""))
    expected = 100_000 * 20 / 1000 * 1.25 * model.tables.days / 365
    assert model.villages.expected.sum() == pytest.approx(expected)
    assert model.villages.expected == pytest.approx(
        expected * model.villages.persons / model.villages.persons.sum()
    )


def test_a_higher_rate_only_adds_disputes_at_the_end_of_each_village() -> None:
    low, high = (build(rich_place(incidence={"latent_rate": rate})) for rate in (20, 26))
    for r in range(5):
        few, many = (village_counts(model, Draws(2, r)) for model in (low, high))
        assert (many >= few).all() and many.sum() > few.sum()
        assert set(slots_of(few).tolist()) <= set(slots_of(many).tolist())


def test_slots_number_the_disputes_of_each_village_from_zero() -> None:
    found = slots_of(np.array([2, 0, 3]))
    assert found.tolist() == [0, 1, 2 << 16, (2 << 16) + 1, (2 << 16) + 2]
    assert slots_of(np.array([0, 0])).tolist() == []


def test_a_village_with_more_disputes_than_numbers_is_refused() -> None:
    model = build(
        rich_place(
            incidence={"latent_rate": 1000.0, "village_dispersion": 1e4},
            population={"persons": 200_000},
            villages={"count": 2, "size_cv": 0.0},
            townships={"count": 1},
        )
    )
    with pytest.raises(OverflowError, match=str(MAX_PER_VILLAGE - 1)):
        village_counts(model, Draws(1, 0))
