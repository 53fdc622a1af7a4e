"""Where to simulate when figures lie far out in the prior: the posterior of a Gaussian-process model of the summaries.

A linear emulator of the summaries (`proposal`) is right near the prior. Far out it is not, and the best Gaussian leaves
a handful of replications with all the weight. Here each summary that the likelihood needs is emulated by a Gaussian
process. The likelihood is tabulated over the summaries and smoothed by their noise, which replications of the same
points tell, and draws from prior × that come from tempering, which costs no
simulation. They are proposals: each is simulated once and weighted with its exact likelihood over the surrogate's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sim.outcomes.figures import FACTORS, FAILURES, RAISED, RESOLVED, SUCCESSES, factor_name
from sim.scenario.metrics import IN_RECORD
from sim.scenario.place import Exactness, Place
from sim.statistics.evidence import log_mixture
from sim.statistics.gaussian_process import GaussianProcess, fit_gaussian_process
from sim.statistics.likelihood_table import Table, noise_ratio, tabulated
from sim.statistics.proposal import GaussianProposal
from sim.statistics.tempering import Particles, Tempered, temper
from sim.studies.calibration.observe import Figures, calibrated, log_likelihood, record_of, true_target
from sim.studies.calibration.soft import Expectation

Floats = NDArray[np.float64]
POINTS = 4500  # replications that the emulator is trained on, at most
HEAVIER = 1.2  # standard deviation of noise is taken to be larger, so that proposals have the heavier tails


@dataclass(frozen=True)
class Part:
    """A factor of the likelihood, and the summaries that it needs, shape (replications, 1 or 2)."""

    name: str
    forward: Callable[[Figures], Floats]
    log: Callable[[Floats], Floats]
    # Variances of summaries around their means, were all binomial or Poisson.
    noise: Callable[[Floats], Floats]


def parts_of(place: Place, found: Figures, reading: str, seed: int) -> list[Part]:
    """The factors of a place's likelihood."""
    out = []
    if record_of(place).says_something:
        only = place.model_copy(update={"targets": [t for t in place.targets if t.metric in IN_RECORD]})
        usual = {factor_name(n): float(np.mean(found[factor_name(n)])) for n in FACTORS}

        def record(y: Floats) -> Floats:
            share, closed = _share(y[:, 0]), np.exp(y[:, 1])
            cases = {SUCCESSES: np.round(share * closed), FAILURES: np.round((1 - share) * closed)}
            cases |= {name: np.full(len(y), x) for name, x in usual.items()}
            return log_likelihood(only, cases, reading, seed).log

        out.append(Part("record", _cases, record, _of_odds))
    for target in calibrated(place):
        if target.metric in IN_RECORD:
            continue
        metric = target.metric
        if target.exactness == Exactness.CENSORED:

            def censored(y: Floats, target=target) -> Floats:  # type: ignore[no-untyped-def]
                raised: Floats = np.maximum(0.0, np.round(np.expm1(y[:, 1])))
                return true_target(target, {RAISED: raised, RESOLVED: np.round(raised * _share(y[:, 0]))})

            out.append(Part(metric, _matters, censored, _of_odds))
        elif target.exactness == Exactness.BETWEEN:
            out.append(
                Part(
                    metric,
                    lambda f, m=metric: np.asarray(logit(np.clip(f[m] / 100, 1e-3, 1 - 1e-3)), float)[
                        :, None
                    ],  # type: ignore[misc]
                    lambda y, t=target: true_target(t, {t.metric: 100 * expit(y[:, 0])}),  # type: ignore[misc]
                    lambda y, n=target.of or 100: 1 / (n * expit(y) * expit(-y) + 0.25),  # type: ignore[misc]
                )
            )
        else:
            out.append(
                Part(
                    metric,
                    lambda f, m=metric: np.log1p(f[m])[:, None],  # type: ignore[misc]
                    lambda y, t=target: true_target(t, {t.metric: np.expm1(y[:, 0])}),  # type: ignore[misc]
                    lambda y: 1 / np.exp(y),
                )
            )
    return out


def _share(log_odds: Floats) -> Floats:
    out: Floats = expit(log_odds)
    return out


def _cases(found: Figures) -> Floats:
    s, f = found[SUCCESSES] + 0.5, found[FAILURES] + 0.5
    return np.stack([np.log(s / f), np.log(s + f)], axis=1)


def _matters(found: Figures) -> Floats:
    raised, resolved = found[RAISED], found[RESOLVED]
    return np.stack([np.log((resolved + 0.5) / (raised - resolved + 0.5)), np.log1p(raised)], axis=1)


def _of_odds(y: Floats) -> Floats:
    """Of log odds and the log of the number of cases that they are of."""
    number = np.exp(y[:, 1])
    yes, no = number * expit(y[:, 0]), number * expit(-y[:, 0])
    return np.stack([1 / (yes + 0.25) + 1 / (no + 0.25), 1 / number], axis=1)


@dataclass(frozen=True)
class Surrogate:
    """A likelihood that costs no simulation. `shifts` are added to the emulated summaries of each part."""

    parts: tuple[tuple[tuple[GaussianProcess, ...], Table], ...]
    shifts: tuple[Floats, ...] = ()
    soft: Expectation | None = None

    def log(self, scores: Floats) -> Floats:
        """At scores, shape (n, coordinates)."""
        total = np.zeros(len(scores))
        for (_, table), summary in zip(self.parts, self._summaries(scores), strict=True):
            total += table(summary)
        return total if self.soft is None else total + self.soft.log(scores)

    def _summaries(self, scores: Floats) -> list[Floats]:
        every = [np.stack([e.at(scores) for e in emulators], axis=1) for emulators, _ in self.parts]
        return [y + shift for y, shift in zip(every, self.shifts, strict=True)] if self.shifts else every

    def righted(self, place: Place, reading: str, scores: Floats, found: Figures, seed: int) -> Surrogate:
        """Shifted by what simulations at its own draws say beyond it.

        Draws go where an emulator promises too much, whatever its error is elsewhere; with as many numbers as a place
        has there is always such a place.
        """
        beyond = [
            (part.forward(found) - expected).mean(axis=0)
            for part, expected in zip(
                parts_of(place, found, reading, seed), self._summaries(scores), strict=True
            )
        ]
        before = self.shifts or tuple(np.zeros_like(b) for b in beyond)
        return replace(self, shifts=tuple(a + b for a, b in zip(before, beyond, strict=True)))

    def draw(self, n: int, proposal: GaussianProposal, seed: int, moves: int, last: int) -> Tempered:
        """n draws from prior × this, with its log evidence under the prior."""
        rng = np.random.default_rng([seed, 41])

        def look(scores: Floats, _: int) -> Particles:
            return Particles(scores, {}, self.log(scores), {}, np.arange(len(scores)))

        return temper(look(proposal.draw(n, rng), 0), proposal, look, seed, moves, last)


def surrogate_of(
    place: Place,
    scores: Floats,
    found: Figures,
    repeated: Figures,
    repeats: int,
    reading: str,
    seed: int,
    doubt: float = 0.0,
    like: Surrogate | None = None,
    heavier: float = HEAVIER,
    soft: Expectation | None = None,
) -> Surrogate:
    """Trained on the latest of the points given, all of which fit together; `repeated` tells how noisy summaries are.

    Emulators are as bent as those of the surrogate `like`: to find that out anew takes most of the time.

    `doubt` is the share of the emulator's own variance that counts as noise. Without it draws go where the emulator
    promises too much; with all of it, where it promises too little. Noise is taken to be `heavier` than it is.
    """
    parts: list[tuple[tuple[GaussianProcess, ...], Table]] = []
    for number, part in enumerate(parts_of(place, found, reading, seed)):
        y = part.forward(found)
        use = slice(max(0, len(y) - POINTS), None)
        order = np.random.default_rng([seed, 42]).permutation(len(y[use]))
        before = like.parts[number][0] if like is not None else (None,) * y.shape[1]
        emulators = tuple(
            fit_gaussian_process(scores[use][order], column[use][order], one)
            for column, one in zip(y.T, before, strict=True)
        )
        again = part.forward(repeated)
        unsure = doubt * np.array([e.errors.var() for e in emulators])
        ratio = noise_ratio(again.reshape(-1, repeats, again.shape[1]), part.noise)
        parts.append((emulators, tabulated(part.log, part.noise, y[use], ratio, unsure, heavier)))
    return Surrogate(tuple(parts), soft=soft)


@dataclass(frozen=True)
class Round:
    """Points drawn from the posterior of a surrogate, and the log of its evidence by tempering."""

    scores: Floats
    surrogate: Surrogate
    log_evidence: float
    log_evidence_se: float


def mixture(rounds: Sequence[Round]) -> tuple[Floats, float]:
    """Log density of the mixture of rounds over the prior's at all their points, and the standard error of its scale.

    The ratios of the evidences come from the overlap of the rounds, their common scale from tempering.
    """
    every = np.concatenate([r.scores for r in rounds])
    log = np.stack([r.surrogate.log(every) for r in rounds])
    sizes = np.array([len(r.scores) for r in rounds])
    errors = np.array([r.log_evidence_se for r in rounds])
    scale = float(np.sqrt((errors**2).sum())) / len(rounds)
    return log_mixture(log, sizes, np.array([r.log_evidence for r in rounds])), scale
