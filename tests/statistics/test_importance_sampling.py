"""Guides, weights and tempering on problems whose posterior and evidence are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics.proposal import fit_linear_emulator, gaussian_proposal, prior_proposal
from sim.statistics.quantiles import effective_size
from sim.statistics.tempering import Particles, moved, temper
from sim.statistics.weights import (
    mixture_weights,
    normalised,
    resample,
    side_by_side,
    tail_index,
    weighted_mean,
)

DIMENSIONS, FAR, NOISE = 12, 4.0, 0.3
SLOPE = np.linspace(1.0, 0.1, DIMENSIONS)
# y = slope · z + noise; observed far out. All Gaussian, so that everything is known.
SPREAD = float(SLOPE @ SLOPE) + NOISE**2
OBSERVED = FAR * math.sqrt(SPREAD)
EVIDENCE = float(stats.norm.logpdf(OBSERVED, 0.0, math.sqrt(SPREAD)))
MEAN = SLOPE * OBSERVED / SPREAD
VARIANCE = 1.0 - SLOPE**2 / SPREAD


def log_likelihood(z: np.ndarray) -> np.ndarray:
    out: np.ndarray = stats.norm.logpdf(OBSERVED, z @ SLOPE, NOISE)
    return out


def test_a_guide_finds_the_posterior_of_a_linear_problem() -> None:
    rng = np.random.default_rng(1)
    z = rng.standard_normal((3000, DIMENSIONS))
    made = gaussian_proposal(
        fit_linear_emulator(z, (z @ SLOPE)[:, None]), np.array([OBSERVED]), np.array([NOISE**2])
    )
    found = made.basis.T @ made.mean  # slopes are shrunk a little, so that it overshoots
    assert found @ MEAN / np.linalg.norm(found) / np.linalg.norm(MEAN) > 0.995
    assert found == pytest.approx(MEAN, rel=0.15, abs=0.1)


def test_weights_over_prior_and_guide_give_evidence_and_posterior() -> None:
    rng = np.random.default_rng(2)
    first = prior_proposal(DIMENSIONS)
    z = first.draw(1500, rng)
    second = gaussian_proposal(
        fit_linear_emulator(z, (z @ SLOPE)[:, None]), np.array([OBSERVED]), np.array([NOISE**2])
    )
    waves = [z, second.draw(1500, rng)]
    log = log_likelihood(np.concatenate(waves))
    base, found = mixture_weights(waves, [first, second], log, np.ones(3000, dtype=bool))
    assert found.log_evidence == pytest.approx(EVIDENCE, abs=4 * found.log_evidence_se)
    assert found.weights @ np.concatenate(waves) == pytest.approx(MEAN, abs=0.15)
    assert found.ess > 100 and found.k < 0.7
    assert np.log(np.exp(base + log).mean()) == pytest.approx(found.log_evidence)


def test_what_does_not_fit_together_is_left_out_of_the_prior() -> None:
    """Half of the prior is impossible: the evidence is that on condition of the other half."""
    rng = np.random.default_rng(3)
    z = rng.standard_normal((4000, 2))
    possible = z[:, 0] > 0
    log = stats.norm.logpdf(0.5, z[:, 1], 1.0)
    _, found = mixture_weights([z], [prior_proposal(2)], log, possible)
    assert found.log_evidence == pytest.approx(stats.norm.logpdf(0.5, 0, math.sqrt(2)), abs=0.05)
    assert (found.weights[~possible] == 0).all()


def test_tempering_reaches_a_posterior_that_the_prior_hardly_touches() -> None:
    rng = np.random.default_rng(4)
    start = prior_proposal(DIMENSIONS)  # the worst guide there is

    def look(points: np.ndarray, number: int) -> Particles:
        return Particles(points, {}, log_likelihood(points), {}, np.arange(len(points)))

    runs = [temper(look(start.draw(600, rng), 0), start, look, seed) for seed in (1, 2)]
    for one in runs:
        assert one.steps[-1] == 1.0 and len(one.steps) > 2
        assert one.log_evidence == pytest.approx(EVIDENCE, abs=4 * one.log_evidence_se)
        assert 0.05 < one.log_evidence_se < 0.9
    z = np.concatenate([one.particles.scores for one in runs])
    assert z @ SLOPE == pytest.approx(OBSERVED, abs=5 * NOISE)
    assert z.mean(axis=0) == pytest.approx(MEAN, abs=0.35)
    assert float(np.mean(z.var(axis=0))) == pytest.approx(float(VARIANCE.mean()), abs=0.2)


def test_moves_leave_the_guide_as_it_is() -> None:
    rng = np.random.default_rng(5)
    z = rng.standard_normal((3000, 4))
    made = gaussian_proposal(fit_linear_emulator(z, z[:, :1] + z[:, 1:2]), np.array([2.0]), np.array([0.1]))
    here = made.draw(40_000, rng)
    there = moved(here, made, 0.4, rng)
    assert there.mean(axis=0) == pytest.approx(here.mean(axis=0), abs=0.03)
    assert np.cov(there.T) == pytest.approx(np.cov(here.T), abs=0.04)
    assert np.corrcoef(here[:, 3], there[:, 3])[0, 1] == pytest.approx(math.sqrt(1 - 0.16), abs=0.02)


def test_resampling_keeps_shares() -> None:
    w = np.array([0.5, 0.3, 0.2, 0.0])
    counts = np.bincount(resample(w, 1000, np.random.default_rng(6)), minlength=4)
    assert counts == pytest.approx([500, 300, 200, 0], abs=1)


def test_the_tail_index_knows_a_heavy_tail() -> None:
    rng = np.random.default_rng(8)
    assert tail_index(rng.pareto(1.0, 4000) + 1) > 0.7
    assert tail_index(rng.random(4000) + 1) < 0.2


def test_a_weighted_mean_varies_as_its_standard_error_says() -> None:
    """Samples of a normal weighted to one half a unit higher: means and errors over 2,000 of them."""
    rng = np.random.default_rng(9)
    means, errors = [], []
    for _ in range(2000):
        x = rng.standard_normal(400)
        w = np.exp(0.5 * x)
        w[0], x[1] = 0.0, np.nan  # neither counts
        mean, se = weighted_mean(w, x)
        means.append(mean)
        errors.append(se)
    assert np.mean(means) == pytest.approx(0.5, abs=0.01)
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.06)
    assert np.std(means) > 1.1 / math.sqrt(398)  # more than of as many equal weights


def test_samples_side_by_side_count_the_same() -> None:
    a = normalised(np.log(np.arange(1.0, 201.0)))
    b = normalised(np.log(np.full(100, 7.0)))
    both = side_by_side([a, b])
    assert both.weights[:200].sum() == pytest.approx(0.5) and both.weights.sum() == pytest.approx(1.0)
    assert math.exp(both.log_evidence) == pytest.approx((100.5 + 7.0) / 2)
    assert both.log_evidence_se == pytest.approx(a.log_evidence_se / 2) and b.log_evidence_se == 0
    assert both.ess == pytest.approx(a.ess + 100) and both.k == max(a.k, b.k)


def test_where_nothing_is_possible_there_is_no_weight() -> None:
    found = normalised(np.full(5, -np.inf))
    assert (found.weights == 0).all() and found.ess == 0 and found.log_evidence == -math.inf
    assert not found.trusted(0.0)


def test_the_effective_size_of_equal_weights_is_their_number() -> None:
    assert effective_size(np.full(40, 1 / 40)) == pytest.approx(40)
    assert effective_size(np.array([0.5, 0.5, 0.0])) == pytest.approx(2)
