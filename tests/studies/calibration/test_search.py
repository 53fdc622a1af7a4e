"""The search of a calibration against exact posteriors: its waves, and its rounds with a surrogate."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sim.outcomes.figures import FAILURES, SUCCESSES
from sim.studies.calibration import fit
from sim.studies.calibration.fit import Effort, Fit, Search, calibrate, pooled, refined_by_surrogates
from sim.studies.calibration.observe import kernel_width
from sim.studies.calibration.waves import Wave
from tests.studies.calibration.test_joint import Floats, county, expected

NAMES = ("character.a", "incidence.b")
MANY = Effort(prior=400, wave=300, particles=600, last=3000, waves=4)


@pytest.fixture(autouse=True)
def two_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place has two unknown numbers only."""
    monkeypatch.setattr(fit, "coordinates", lambda *_: NAMES)


def simulate(scores: Floats, number: int) -> Wave:
    """A Poisson number of findings; where the second score is large, numbers do not fit together."""
    rng = np.random.default_rng([number, len(scores)])
    fits = scores[:, 1] < 1.5
    found = {"found_by_rounds": rng.poisson(np.minimum(expected(scores), 1e6)).astype(float)}
    found |= {SUCCESSES: np.ones(len(scores)), FAILURES: np.ones(len(scores))}
    return Wave(scores, {k: np.where(fits, x, np.nan) for k, x in found.items()}, fits)


def exact(reported: int) -> tuple[float, float]:
    """Posterior mean and standard deviation of the first score, by integration."""
    a, b = np.linspace(-6, 7, 261), np.linspace(-6, 1.5, 151)
    mean = expected(np.array([(x, y) for x in a for y in b])).reshape(len(a), len(b))
    count = np.arange(max(1, reported - 90), reported + 91)
    kernel = stats.norm.pdf(count, reported, kernel_width(reported))
    density = (stats.poisson.pmf(count, mean[..., None]) @ kernel @ stats.norm.pdf(b)) * stats.norm.pdf(a)
    density /= density.sum()
    middle = float(density @ a)
    return middle, math.sqrt(float(density @ (a - middle) ** 2))


def agrees(found: Fit, reported: int) -> None:
    """Weighted mean and spread, by their errors, which must be small enough to tell a mistake."""
    mean, sd = exact(reported)
    x, weights = found.scores[:, 0], found.weighted.weights / found.weighted.weights.sum()
    middle = float(weights @ x)
    error = sd / math.sqrt(found.weighted.ess)
    assert error < 0.12 * sd
    assert middle == pytest.approx(mean, abs=4 * error)
    assert math.sqrt(float(weights @ (x - middle) ** 2)) == pytest.approx(sd, rel=0.25)


def test_waves_end_in_the_exact_posterior() -> None:
    halves = [calibrate(county("one", 16), (), "proportional", simulate, seed, MANY) for seed in (3, 4)]
    for half in halves:
        assert (
            half.search is not None and len(half.search.waves) >= 4
        )  # the prior, one to look, two that count
        agrees(half, 16)
    agrees(pooled(halves, 1), 16)


def test_rounds_with_a_surrogate_end_in_the_exact_posterior() -> None:
    """With more rounds than one, weighed by the mixture of all; few findings, so that the prior tells, too."""
    begun = calibrate(county("one", 2), (), "proportional", simulate, 5, MANY)
    assert begun.search is not None
    short = Search(begun.search.waves[:2], begun.search.proposals[:2])  # a surrogate of few points is quick
    rounds = []

    def counted(scores: Floats, number: int) -> Wave:
        if 400 <= number - 5 < 500:
            rounds.append(number)
        return simulate(scores, number)

    few = Effort(wave=140, rounds=9, repeated=50)
    found = refined_by_surrogates(replace(begun, search=short), counted, 5, few)
    assert len(rounds) > 2 and found.search is None
    agrees(found, 2)
