"""Trials made from two worlds: what is chosen by lot and what for its disorder."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.statistics.cluster_trials import LEVEL
from sim.statistics.trial_designs import Chosen, Design, Worlds, group_of, lots, trials

BASE, MONTHS = 12, 12


def gamma_poisson(
    samples: int = 60, clusters: int = 80, *, mean: float = 5.0, shape: float = 1.5, factor: float = 1.0
) -> Worlds:
    """Villages with rates of their own, gamma, and counts by luck, Poisson; with the policy, rates times `factor`.

    `mean` and `shape` are of a year.
    """
    rng = np.random.default_rng(7)
    rate = rng.gamma(shape, mean / shape, (samples, clusters))
    counts = rng.poisson(rate[:, :, None] / 12, (samples, clusters, 2 * BASE + MONTHS)).astype(float)
    later = counts[:, :, 2 * BASE :]
    treated = rng.binomial(later.astype(int), min(factor, 1.0)).astype(float)
    cells = np.stack([later, treated])
    early, base = counts[:, :, :BASE].sum(axis=2), counts[:, :, BASE : 2 * BASE].sum(axis=2)
    return Worlds(cells, base, early, np.full((samples, clusters), 1 / 12), BASE)


def run(design: Design, worlds: Worlds, *, policy: bool = True, resamples: int = 10):  # type: ignore[no-untyped-def]
    order = lots(worlds.there, resamples, np.random.default_rng(1))
    return trials(design, worlds, order, 0.3, policy=policy)


def regression(mean: float, shape: float) -> float:
    """Expected fall of the upper half against the lower half, both chosen by a year's count and seen a year later.

    Closed form of the gamma-Poisson: what is to be expected of a village that had n is (n + shape) mean / (mean +
    shape); n is negative binomial. Ties at the median are shared by lot.
    """
    n = np.arange(0, 400)
    p = stats.nbinom.pmf(n, shape, shape / (shape + mean))
    below = np.concatenate([[0.0], np.cumsum(p)[:-1]])
    low = np.clip((0.5 - below) / np.maximum(p, 1e-300), 0.0, 1.0) * p  # of each n, what is in the lower half
    lower, upper = 2 * (low * n).sum(), 2 * ((p - low) * n).sum()
    slope = mean / (mean + shape)
    return float((slope - 1.0) * (upper - lower))


@pytest.mark.parametrize("kind", ["parallel", "townships"])
def test_villages_chosen_for_disorder_fall_back_as_far_as_is_known(kind: str) -> None:
    worlds = gamma_poisson(300, 80)
    found = run(Design(kind, 80, MONTHS, chosen="base"), worlds, policy=False, resamples=1)  # type: ignore[arg-type]
    error = float(found.estimate.std()) / 300**0.5
    assert (
        abs(float(found.estimate.mean()) - regression(5.0, 1.5)) < 4 * error + 0.03
    )  # halves of 80, not of many
    assert regression(5.0, 1.5) < -1.0 and error < 0.06
    assert float((found.p < LEVEL).mean()) > 0.4, "and that passes for an effect"


@pytest.mark.parametrize(
    ("kind", "chosen"),
    [(kind, chosen) for kind in ("parallel", "pairs", "wedge") for chosen in ("lot", "earlier")],
)
def test_neither_a_lot_nor_an_earlier_period_biases_the_comparison(kind: str, chosen: Chosen) -> None:
    worlds = gamma_poisson(400, 40)
    design = Design(kind, 40, MONTHS, 3 if kind == "wedge" else 1, chosen)  # type: ignore[arg-type]
    found = run(design, worlds, policy=False, resamples=1)
    error = float(found.estimate.std()) / 400**0.5
    assert abs(float(found.estimate.mean())) < 4 * error and error < 0.12
    if chosen == "lot":
        assert abs(float((found.p < LEVEL).mean()) - LEVEL) < 4 * (LEVEL * 0.95 / 400) ** 0.5


def test_the_effect_is_found_by_every_design_and_pairs_see_it_best() -> None:
    worlds = gamma_poisson(200, 40, factor=0.6)
    effect = float(worlds.effect(MONTHS).mean())
    assert effect == pytest.approx(-2.0, abs=0.1)
    spread = {}
    for kind in ("parallel", "pairs", "wedge"):
        found = run(Design(kind, 40, MONTHS, 3 if kind == "wedge" else 1), worlds)  # type: ignore[arg-type]
        error = float(found.estimate.std()) / 200**0.5
        assert abs(float(found.estimate.mean()) - effect) < 4 * error
        spread[kind] = float(found.estimate.std())
    assert spread["pairs"] < 0.9 * spread["parallel"], "villages of a pair are alike"


def test_disorder_may_be_a_low_number() -> None:
    worlds = gamma_poisson(40, 20)
    turned = Worlds(worlds.cells, worlds.base, worlds.earlier, worlds.size, BASE, -1.0)
    design = Design("parallel", 20, MONTHS, chosen="base")
    falls, rises = (run(design, w, policy=False).estimate.mean() for w in (worlds, turned))
    assert falls < -1.0 and rises == pytest.approx(-falls, abs=0.15)


def test_clusters_that_a_sample_lacks_are_never_taken() -> None:
    worlds = gamma_poisson(20, 12)
    size = worlds.size.copy()
    size[::2, 3] = 0.0
    cells = worlds.cells.copy()
    cells[:, ::2, 3] = 1e9
    some = Worlds(cells, worlds.base, worlds.earlier, size, BASE)
    assert some.most == 11
    order = lots(some.there, 5, np.random.default_rng(2))
    assert (order[::2, :, :11] != 3).all() and (order[1::2, :, :11] == 3).any()
    found = trials(Design("parallel", 10, MONTHS), some, order, 0.0)
    assert np.abs(found.estimate).max() < 20
    assert some.variance(MONTHS).between < 20
    assert group_of([4, 9], 3).tolist() == [4, 4, 4, 9, 9, 9]


def test_periods_of_a_wedge_share_the_months() -> None:
    assert Design("wedge", 6, 12, 3).edges == [0, 3, 6, 9, 12]
    assert Design("wedge", 6, 7, 3).edges == [0, 2, 4, 5, 7]
    assert Design("wedge", 6, 3, 3).problem() and not Design("wedge", 6, 4, 3).problem()
    assert Design("pairs", 7, 6).problem() and Design("parallel", 3, 6).problem()
    assert Design("wedge", 6, 12, 1).problem()
