"""Pooling against the Gaussian algebra that it stands for, and its chains against exact posteriors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.outcomes.figures import FAILURES, SUCCESSES
from sim.scenario.load import load_place
from sim.scenario.place import Exactness, Place, Target
from sim.studies.calibration.joint import Member, sample
from sim.studies.calibration.observe import kernel_width
from sim.studies.calibration.pooled_places import PooledPlaces
from sim.studies.calibration.shared import HUMAN, LOCAL, STATUTORY, correlation_between_places, pooling_of
from sim.studies.calibration.waves import Wave

Floats = NDArray[np.float64]
NAMES = [
    ("character.a", "incidence.b"),
    ("character.a", "calendars.c"),
    ("character.a", "calendars.c", "incidence.b"),
]


def test_what_is_alike() -> None:
    assert correlation_between_places("kinds.land.success") == HUMAN
    assert correlation_between_places("kinds.land.share") == LOCAL
    assert correlation_between_places("calendars.police.opens") == STATUTORY
    assert correlation_between_places("incidence.latent_rate") == LOCAL
    assert correlation_between_places("villages.mediators") == LOCAL


def test_a_place_given_the_others_is_conditional_normal() -> None:
    """Against the whole covariance matrix: correlation ρ between places, unit variances."""
    rng = np.random.default_rng(1)
    states = [rng.standard_normal((3, len(n))) for n in NAMES]
    mean, variance = pooling_of(NAMES).conditional(states, 2)
    for column, (name, rho) in enumerate(
        [("character.a", HUMAN), ("calendars.c", STATUTORY), ("incidence.b", LOCAL)]
    ):
        others = [s[:, n.index(name)] for s, n in zip(states[:2], NAMES[:2], strict=True) if name in n]
        m = len(others)
        cov = np.full((m + 1, m + 1), rho) + (1 - rho) * np.eye(m + 1)
        gain = cov[-1, :m] @ np.linalg.inv(cov[:m, :m])
        assert mean[:, column] == pytest.approx(gain @ np.array(others))
        assert variance[column] == pytest.approx(1 - gain @ cov[:m, -1])


@dataclass(frozen=True)
class Line:
    """A surrogate that is wrong, or right: normal in the first score."""

    mean: float
    sd: float

    def log(self, scores: Floats) -> Floats:
        return np.asarray(-0.5 * ((scores[:, 0] - self.mean) / self.sd) ** 2)

    def righted(self, *_: object) -> Line:
        return self


def county(name: str, reported: int) -> Place:
    """A place that reports one count, and nothing of its record."""
    target = Target(
        metric="found_by_rounds", value=reported, exactness=Exactness.EXACT, role="calibrate", source="x"
    )
    return load_place("daliu").model_copy(update={"name": name, "targets": [target]})


def expected(scores: Floats) -> Floats:
    return np.asarray(np.exp(2.5 + 0.5 * scores[:, 0] + 0.4 * scores[:, 1]))


def member(name: str, reported: int, surrogate: Line) -> Member:
    """A place that finds a Poisson number, whose first score is human and whose second is local."""
    names = ("character.a", "incidence.b")

    def simulate(scores: Floats, number: int) -> Wave:
        rng = np.random.default_rng([number, reported])
        fits = scores[:, 1] < 1.5  # else numbers do not fit together
        found = {"found_by_rounds": rng.poisson(expected(scores)).astype(float)}
        found |= {SUCCESSES: rng.uniform(1, 9, len(scores)), FAILURES: np.ones(len(scores))}
        return Wave(scores, {k: np.where(fits, x, np.nan) for k, x in found.items()}, fits)

    weighted = SimpleNamespace(weights=np.ones(50))
    fit = SimpleNamespace(
        names=names,
        scores=np.random.default_rng(4).standard_normal((50, 2)),
        weighted=weighted,
        soft=None,
    )
    return Member(county(name, reported), fit, simulate, surrogate)  # type: ignore[arg-type]


def exact_means(reported: tuple[int, int], rho: float) -> list[float]:
    """Posterior means of the first score of two places, by integration over both scores and the count."""
    a, b = np.linspace(-5, 5, 81), np.linspace(-5, 1.5, 66)
    count = np.arange(120)
    mean = expected(np.array([(x, y) for x in a for y in b])).reshape(len(a), len(b))
    likelihoods = []
    for value in reported:
        kernel = stats.norm.pdf(count, value, kernel_width(value))
        at = stats.poisson.pmf(count, mean[..., None]) @ kernel
        likelihoods.append(at @ stats.norm.pdf(b))
    prior = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).pdf(
        np.stack(np.meshgrid(a, a, indexing="ij"), -1)
    )
    joint = prior * likelihoods[0][:, None] * likelihoods[1]
    joint /= joint.sum()
    return [float(joint.sum(axis=1) @ a), float(joint.sum(axis=0) @ a)]


@pytest.mark.parametrize("wrong", [(Line(1.6, 1.0), Line(-0.3, 0.8)), (Line(0.0, 9.0), Line(1.0, 1.5))])
def test_chains_end_in_the_exact_posterior_however_wrong_surrogates_are(wrong: tuple[Line, Line]) -> None:
    members = [member("one", 40, wrong[0]), member("two", 6, wrong[1])]
    kept: list[list[Floats]] = [[], []]

    def after(sweep: int, states: dict) -> None:  # type: ignore[type-arg]
        if sweep >= 120:  # a wrong surrogate makes chains slow, not wrong
            for i, name in enumerate(("one", "two")):
                kept[i].append(states[name].z[:, 0].copy())

    made = sample(members, "proportional", seed=5, chains=400, sweeps=240, after=after)
    for mean, z in zip(exact_means((40, 6), HUMAN), kept, strict=True):
        by_chain = np.mean(z, axis=0)
        assert by_chain.mean() == pytest.approx(mean, abs=4 * by_chain.std(ddof=1) / math.sqrt(400))
        assert by_chain.std() < 0.4  # a mean is of more than one draw, or it could not fail
    assert all(len(s.rates) == 240 and np.isfinite(s.log).all() for s in made.chains.values())


def test_a_place_left_out_is_what_the_other_says_of_it() -> None:
    members = [member("one", 40, Line(1.0, 1.5)), member("two", 6, Line(0.0, 9.0))]
    made = sample(members, "proportional", seed=6, chains=2000, sweeps=60, left_out="two")
    alone, _ = exact_means((40, 6), 0.0)
    z = made.chains["two"].z
    assert z.mean(axis=0) == pytest.approx([HUMAN * alone, 0.0], abs=4 / math.sqrt(2000))
    assert not made.chains["two"].rates


def test_chains_that_still_move_are_named_first() -> None:
    rows = {"place": ["a", "b"], "reading": ["target_driven"] * 2, "late": [0.5, 0.1], "late_se": [0.1, 0.1]}
    (said,) = PooledPlaces(pd.DataFrame(rows), pd.DataFrame(), {}).complaints
    assert str(said).startswith("a, target-driven: chains have not settled")
