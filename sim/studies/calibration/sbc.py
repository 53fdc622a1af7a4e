"""Simulation-based calibration: synthetic counties whose parameters are known, fitted like real ones.

If prior, simulator and fit belong together, the rank of the true value within its posterior is uniform, for parameters
and for any function of them and the data (Talts et al. 2018; Modrák et al. 2023 on why to add the log-likelihood).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtri

from sim.scenario.fields import quantities
from sim.scenario.metrics import IN_RECORD
from sim.scenario.place import Exactness, Place
from sim.scenario.prior import probabilities
from sim.statistics.posterior_ranks import holm, uniformity, weighted_rank
from sim.statistics.quantiles import effective_size
from sim.studies.calibration.fit import Fit
from sim.studies.calibration.joint import true_rate
from sim.studies.calibration.observe import Figures, calibrated, kernel_width, log_likelihood, true_target
from sim.studies.calibration.record import Likelihood
from sim.studies.calibration.soft import without_evidence
from sim.studies.calibration.waves import recorded_name

Floats = NDArray[np.float64]
COUNTED = (Exactness.EXACT, Exactness.AT_MOST, Exactness.AT_LEAST)
NEAR = 25.0  # log-likelihood below the best of the other figures from which on a replication cannot matter
TRUE, RATE, LOG = "true_success_rate", "recorded success_rate", "log_likelihood"


def synthetic(place: Place, found: Figures, row: int, rng: np.random.Generator) -> Place:
    """The place with the figures that one replication would have reported in place of its own.

    A count outside the record is blurred by the kernel through which a fit compares it, since the fit takes it so. What
    is a bound in the place is a count here: a county that told "at most" what it found would always lie on its bound.
    """
    targets = []
    for target in place.targets:
        if target.role == "calibrate":
            name = recorded_name(target.metric) if target.metric in IN_RECORD else target.metric
            value = float(found[name][row])
            exactness = target.exactness
            if target.metric not in IN_RECORD and exactness in COUNTED:
                exactness = Exactness.EXACT
                value += kernel_width(value) * float(rng.standard_normal())
            target = target.model_copy(update={"value": value, "exactness": exactness})
        targets.append(target)
    return without_evidence(place.model_copy(update={"targets": targets}))


@dataclass(frozen=True)
class Ranks:
    """Of each quantity: where the truth lies in its posterior, shape (counties,); effective sizes of the posteriors."""

    ranks: Mapping[str, Floats]
    ess: Floats


class Ranking:
    """Collects ranks, county by county. `names` are the columns of all scores, recording parameters among them."""

    def __init__(self, place: Place, names: tuple[str, ...], reading: str, rng: np.random.Generator) -> None:
        self.names, self.reading, self.rng = names, reading, rng
        self.parameters = tuple(n for n in names if not n.startswith("recording."))
        self.columns = [names.index(n) for n in self.parameters]
        self.ranges = {".".join(map(str, path)): q for path, q in quantities(place)}
        self.out: dict[str, list[float]] = {}
        self.sizes: list[float] = []

    def add(
        self,
        county: Place,
        truth: tuple[Floats, Figures],
        posterior: tuple[Floats, Figures],
        part: Likelihood,
        weights: Floats,
        seed: int,
    ) -> None:
        """A county whose `truth` (scores, shape (names,), and figures, one each) is known, with its posterior.

        The posterior has scores of `parameters`, figures, the likelihood `part` of every replication, and weights.
        """
        true_scores, here = truth
        scores, found = posterior
        self.sizes.append(effective_size(weights))
        own = log_likelihood(county, here, self.reading, seed)
        below = weights @ (scores < true_scores[self.columns])
        for name, rank in zip(self.parameters, below, strict=True):
            self.out.setdefault(name, []).append(float(rank))
        for name, values in part.parameters.items():
            z = ndtri(np.clip(probabilities(self.ranges[name], values), 1e-9, 1 - 1e-9))
            self._rank(name, float(true_scores[self.names.index(name)]), z, weights)
        self._rank(LOG, float(own.log[0]), part.log, weights)
        self._rank(TRUE, float(true_rate(here)[0]), true_rate(found), weights)
        if RATE in found:
            self._rank(RATE, float(here[RATE][0]), found[RATE], weights)

    def _rank(self, name: str, truth: float, values: Floats, weights: Floats) -> None:
        self.out.setdefault(name, []).append(weighted_rank(values, weights, truth, self.rng.random()))

    def ranks(self) -> Ranks:
        """What was collected."""
        return Ranks({k: np.array(x) for k, x in self.out.items()}, np.array(self.sizes))


def ranks(
    place: Place,
    names: tuple[str, ...],
    bank: tuple[Floats, Figures],
    truths: tuple[Floats, Figures],
    reading: str,
    seed: int,
) -> Ranks:
    """Fit every county of `truths` from the replications of `bank`; both are scores and figures, drawn from the prior.

    Counties without any possible replication in the bank are left out.
    """
    rng = np.random.default_rng([seed, 71])
    scores, found = bank
    true_scores, true_found = truths
    ranking = Ranking(place, names, reading, rng)
    for row in range(len(true_scores)):
        county = synthetic(place, true_found, row, rng)
        near = _near(county, found)
        kept = {k: x[near] for k, x in found.items()}
        part = log_likelihood(county, kept, reading, seed + row)
        log = np.where(np.isnan(part.log), -np.inf, part.log)
        if not np.isfinite(log).any():
            continue
        weights = np.exp(log - logsumexp(log))
        here = {k: x[row : row + 1] for k, x in true_found.items()}
        posterior = scores[near][:, ranking.columns], kept
        part = Likelihood(log, part.parameters)
        ranking.add(county, (true_scores[row], here), posterior, part, weights, seed + row)
    return ranking.ranks()


def ranks_of_fits(
    place: Place,
    names: tuple[str, ...],
    truths: tuple[Floats, Figures],
    reading: str,
    fit: Callable[[Place, int], Fit],
    seed: int,
) -> Ranks:
    """The same with a fit of its own for every county: `fit(county, number)` searches as for a real one.

    Counties to which no replication of their fit gives any weight are left out.
    """
    rng = np.random.default_rng([seed, 72])
    true_scores, true_found = truths
    ranking = Ranking(place, names, reading, rng)
    for row in range(len(true_scores)):
        county = synthetic(place, true_found, row, rng)
        one = fit(county, row)
        kept = one.weighted.weights > 0
        if not kept.any():
            continue
        order = [one.names.index(n) for n in ranking.parameters]
        figures = {k: x[kept] for k, x in one.found.items()}
        parameters = {k: x[kept] for k, x in one.likelihood.parameters.items()}
        part = Likelihood(one.likelihood.log[kept], parameters)
        here = {k: x[row : row + 1] for k, x in true_found.items()}
        posterior = one.scores[kept][:, order], figures
        ranking.add(county, (true_scores[row], here), posterior, part, one.weighted.weights[kept], seed + row)
    return ranking.ranks()


def _near(county: Place, found: Figures) -> NDArray[np.int64]:
    """Replications that the figures outside the record do not rule out."""
    log = np.zeros(len(next(iter(found.values()))))
    for target in calibrated(county):
        if target.metric not in IN_RECORD:
            log = log + true_target(target, found)
    rows: NDArray[np.int64] = np.flatnonzero(log > np.nanmax(log) - NEAR)
    return rows


def verdict(found: Ranks, level: float = 0.9) -> pd.DataFrame:
    """A row per quantity: χ² over 20 bins, its p, p after Holm, and how often the 90 % interval covered the truth.

    Where there are fewer than five counties a bin, p is that of Kolmogorov and Smirnov, exact for any number.
    """
    rows = []
    for name, x in found.ranks.items():
        one = uniformity(x, level)
        rows.append((name, len(x), one.chi2, one.p, one.covered))
    frame = pd.DataFrame(rows, columns=["quantity", "counties", "chi2", "p", "covered"]).sort_values("p")
    frame["p_holm"] = holm(frame["p"].to_numpy())
    return frame.reset_index(drop=True)
