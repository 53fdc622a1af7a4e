"""Evidences from draws of several posteriors, where they are known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.statistics.evidence import log_mixture

Floats = NDArray[np.float64]


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


def test_a_mixture_gives_the_evidence_though_the_scale_of_each_is_wrong() -> None:
    """Two proposals beside the posterior; the evidence of one is known wrongly, the other as wrongly the other way."""
    rng = np.random.default_rng(3)
    proposals, wrong, sizes = (Normal(1.5, 0.5), Normal(2.5, 0.8)), (0.7, -0.7), (9000, 1000)
    draws = np.concatenate([p.draw(n, rng) for p, n in zip(proposals, sizes, strict=True)])
    log = np.stack([p.log(draws) for p in proposals])
    given = np.array([p.evidence + w for p, w in zip(proposals, wrong, strict=True)])
    target = Normal(2.0, 0.4)
    log_q = log_mixture(log, np.array(sizes), given)
    weight = np.exp(target.log(draws) - log_q)
    assert math.log(weight.mean()) == pytest.approx(target.evidence, abs=0.05)
    mean = float((weight * draws[:, 0]).sum() / weight.sum())
    assert mean == pytest.approx(2.0 / 0.16 / (1 + 1 / 0.16), abs=0.03)
    exact = np.log(
        sum(n / 10_000 * np.exp(p.log(draws) - p.evidence) for p, n in zip(proposals, sizes, strict=True))
    )
    assert log_q == pytest.approx(exact, abs=0.05)
