"""The surrogate of the likelihood: a proposal, so what counts is that it comes near and that weights put it right."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.scenario.load import load_place
from sim.scenario.place import Exactness, Target
from sim.statistics.guide import prior_guide
from sim.studies.calibration.surrogate import (
    Emulated,
    Part,
    Round,
    Surrogate,
    emulated,
    luck_ratio,
    mixture,
    tabulated,
)

Floats = NDArray[np.float64]
DIMENSIONS = 30


def bent(z: Floats) -> Floats:
    """A summary that no straight line fits."""
    return np.asarray(2.0 * z[:, 0] + np.exp(0.6 * z[:, 1]) + 0.5 * z[:, 0] * z[:, 1])


def test_an_emulator_sees_a_bend_that_a_line_does_not() -> None:
    rng = np.random.default_rng(1)
    z, new = rng.standard_normal((1200, DIMENSIONS)), rng.standard_normal((400, DIMENSIONS))
    found = emulated(z, bent(z) + 0.1 * rng.standard_normal(len(z)))
    x = np.column_stack([np.ones(len(z)), z])
    line = np.column_stack([np.ones(len(new)), new]) @ np.linalg.lstsq(x, bent(z), rcond=None)[0]
    error = np.std(bent(new) - found.at(new))
    assert error < 0.6 * np.std(bent(new) - line)
    # What leaving points out says of the error holds for new points, luck of 0.1 apart; 1,200 and 400 points.
    assert np.std(found.errors) == pytest.approx(math.hypot(error, 0.1), rel=0.15)


def test_a_table_is_the_likelihood_smoothed_by_luck() -> None:
    part = Part(
        "x",
        lambda f: f["x"][:, None],
        lambda y: np.asarray(stats.norm.logpdf(y[:, 0], 1.0, 0.3)),
        lambda y: np.full(y.shape, 0.04),
    )
    rng = np.random.default_rng(2)
    repeats = rng.standard_normal((400, 1)) + 0.4 * rng.standard_normal((400, 5))
    ratio = luck_ratio(part, {"x": repeats.ravel()}, 5)
    assert ratio[0] == pytest.approx(0.16 / 0.04, rel=4 * math.sqrt(2 / (400 * 4)))
    table = tabulated(part, rng.uniform(-2, 3, (500, 1)), np.array([1.0]), np.array([0.0]))
    at = np.linspace(-0.5, 2.0, 6)
    exact = stats.norm.logpdf(at, 1.0, math.sqrt(0.3**2 + (1.2 * 0.2) ** 2))
    assert table(at[:, None]) == pytest.approx(exact, abs=0.05)


@dataclass(frozen=True)
class Normal:
    """A surrogate whose posterior under a standard normal prior is known."""

    mean: float
    sd: float

    def log(self, scores: Floats) -> Floats:
        return np.asarray(stats.norm.logpdf(scores[:, 0], self.mean, self.sd))

    @property
    def evidence(self) -> float:
        return float(stats.norm.logpdf(self.mean, 0, math.hypot(1, self.sd)))

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        precision = 1 + self.sd**-2
        inside = rng.normal(self.mean / self.sd**2 / precision, precision**-0.5, n)
        return np.column_stack([inside, rng.standard_normal((n, 2))])


def test_rounds_together_give_the_evidence_though_each_is_wrong() -> None:
    """Two proposals beside the posterior; the evidence of one is known wrongly, the other as wrongly the other way."""
    rng = np.random.default_rng(3)
    proposals, wrong = (Normal(1.5, 0.5), Normal(2.5, 0.8)), (0.7, -0.7)
    rounds = [
        Round(p.draw(4000, rng), p, p.evidence + w, 0.1)  # type: ignore[arg-type]
        for p, w in zip(proposals, wrong, strict=True)
    ]
    target = Normal(2.0, 0.4)
    log_q, scale = mixture(rounds)
    every = np.concatenate([r.scores for r in rounds])
    weight = np.exp(target.log(every) - log_q)
    assert math.log(weight.mean()) == pytest.approx(target.evidence, abs=0.05)
    mean = float((weight * every[:, 0]).sum() / weight.sum())
    assert mean == pytest.approx(2.0 / 0.16 / (1 + 1 / 0.16), abs=0.03)
    assert scale == pytest.approx(0.1 / math.sqrt(2))


class Straight(Emulated):
    """Takes the first score for the summary."""

    def at(self, scores: Floats) -> Floats:
        return np.asarray(scores[:, 0])


def straight() -> Straight:
    nothing = np.zeros(3, dtype=np.float32)
    points = np.eye(3, dtype=np.float32)
    return Straight(points, np.ones(3), np.zeros(3), 0.0, 1.0, 1.0, 0.1, nothing, np.zeros(3))


def test_draws_of_a_surrogate_are_from_its_posterior() -> None:
    target = Normal(3.0, 0.5)
    surrogate = Surrogate((((straight(),), lambda m: np.asarray(stats.norm.logpdf(m[:, 0], 3.0, 0.5))),))
    out = surrogate.draw(2000, prior_guide(3), seed=4, moves=5, last=20)
    x = out.particles.scores[:, 0]
    precision = 1 + 0.5**-2
    # Families of one ancestor are alike: bands of four standard errors of 300 draws.
    assert x.mean() == pytest.approx(3.0 / 0.25 / precision, abs=4 * precision**-0.5 / math.sqrt(300))
    assert x.std() == pytest.approx(precision**-0.5, rel=4 / math.sqrt(600))
    assert out.log_evidence == pytest.approx(target.evidence, abs=4 * max(out.log_evidence_se, 0.05))


def test_an_emulator_like_another_is_as_bent_and_fitted_to_its_own_points() -> None:
    rng = np.random.default_rng(6)
    scores = rng.standard_normal((300, 5))
    summary = scores[:, 0] ** 2 + 0.1 * rng.standard_normal(300)
    first = emulated(scores[:150], summary[:150])
    later = emulated(scores, summary, first)
    assert (later.length, later.bent, later.left) == (first.length, first.bent, first.left)
    assert len(later.points) == 300
    assert later.errors.std() < first.errors.std()


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
