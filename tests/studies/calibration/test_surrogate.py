"""The surrogate of the likelihood: a proposal, so what counts is that it comes near and that weights put it right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.scenario.load import load_place
from sim.scenario.place import Exactness, Target
from sim.statistics.gaussian_process import GaussianProcess
from sim.statistics.proposal import prior_proposal
from sim.studies.calibration.surrogate import Surrogate

Floats = NDArray[np.float64]


class Straight(GaussianProcess):
    """Takes the first score for the summary."""

    def at(self, scores: Floats) -> Floats:
        return np.asarray(scores[:, 0])


def straight() -> Straight:
    nothing = np.zeros(3, dtype=np.float32)
    points = np.eye(3, dtype=np.float32)
    return Straight(points, np.ones(3), np.zeros(3), 0.0, 1.0, 1.0, 0.1, nothing, np.zeros(3))


def test_draws_of_a_surrogate_are_from_its_posterior() -> None:
    surrogate = Surrogate((((straight(),), lambda m: np.asarray(stats.norm.logpdf(m[:, 0], 3.0, 0.5))),))
    out = surrogate.draw(2000, prior_proposal(3), seed=4, moves=5, last=20)
    x = out.particles.scores[:, 0]
    precision = 1 + 0.5**-2
    # Families of one ancestor are alike: bands of four standard errors of 300 draws.
    assert x.mean() == pytest.approx(3.0 / 0.25 / precision, abs=4 * precision**-0.5 / math.sqrt(300))
    assert x.std() == pytest.approx(precision**-0.5, rel=4 / math.sqrt(600))
    assert out.log_evidence == pytest.approx(
        stats.norm.logpdf(3.0, 0, math.hypot(1, 0.5)), abs=4 * max(out.log_evidence_se, 0.05)
    )


def test_a_surrogate_is_righted_by_what_simulations_say_beyond_it() -> None:
    target = Target(
        metric="found_by_rounds", value=20, exactness=Exactness.EXACT, role="calibrate", source="x"
    )
    place = load_place("daliu").model_copy(update={"targets": [target]})
    scores = np.random.default_rng(8).uniform(2, 4, (50, 3))
    surrogate = Surrogate((((straight(),), lambda m: -np.abs(m[:, 0])),))
    for more in (0.3, -0.1):  # the second time, beyond the first
        found = {"found_by_rounds": np.expm1(-surrogate.log(scores) + more)}
        surrogate = surrogate.righted(place, "proportional", scores, found, 1)
    assert surrogate.log(scores) == pytest.approx(-(scores[:, 0] + 0.2))
