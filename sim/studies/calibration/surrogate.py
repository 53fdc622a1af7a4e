"""Where to simulate when figures lie far out in the prior: the posterior of a Gaussian-process model of the summaries.

A linear emulator of the summaries (`guide`) is right near the prior. Far out it is not, and the best Gaussian leaves
a handful of replications with all the weight. Here each summary that the likelihood needs is emulated by a Gaussian
process, kernel linear plus squared exponential, with distances in which coordinates count by their linear slopes
(Rasmussen and Williams 2006, sections 2.2 and 5.4.2). The likelihood is tabulated over the summaries and smoothed by
luck, which replications of the same points tell, and draws from prior × that come from tempering, which costs no
simulation. They are proposals: each is simulated once and weighted with its exact likelihood over the surrogate's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dtrtri
from scipy.special import expit, logit, logsumexp

from sim.outcomes.figures import FACTORS, FAILURES, RAISED, RESOLVED, SUCCESSES, factor_name
from sim.scenario.place import Exactness, Place
from sim.statistics.guide import Guide
from sim.statistics.tempering import Particles, Tempered, temper
from sim.studies.calibration.observe import Figures, calibrated, log_likelihood, record_of, true_target
from sim.studies.calibration.record import IN_RECORD

Floats = NDArray[np.float64]
POINTS = 4500  # replications that the emulator is trained on, at most
TUNED_ON = 1500
RIDGE = 0.05
EVERYWHERE = 0.01  # share of relevance that is spread over all coordinates
LENGTHS = (1.0, 4.0)  # squared distance over which the bent part changes, in mean squares of trained points
BENT = (1.0, 3.0, 10.0)  # variance of the bent part over that of the linear one
LEFT = (0.1, 0.3)  # variance of luck, beside the mean variance of the linear part
FLOOR = -1e3
ITERATIONS = 1000
HEAVIER = 1.2  # standard deviation of luck is taken to be larger, so that proposals have the heavier tails


@dataclass(frozen=True)
class Part:
    """A factor of the likelihood, and the summaries that it needs, shape (replications, 1 or 2)."""

    name: str
    forward: Callable[[Figures], Floats]
    log: Callable[[Floats], Floats]
    luck: Callable[
        [Floats], Floats
    ]  # variances of summaries around their means, were all binomial or Poisson


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
class Emulated:
    """One summary by a Gaussian process. `errors` are those of leaving each trained point out.

    `length` is that of the bent part of the kernel, `bent` its variance, `left` that of luck.
    """

    points: NDArray[np.float32]  # trained points in relevance units, (points, coordinates)
    scale: Floats
    centre: Floats
    middle: float
    length: float
    bent: float
    left: float
    alpha: NDArray[np.float32]
    errors: Floats

    def at(self, scores: Floats) -> Floats:
        """The expected summary at scores, shape (n, coordinates)."""
        x = ((scores - self.centre) * self.scale).astype(np.float32)  # a proposal needs no more digits
        return np.asarray(self.middle + _kernel(x, self.points, self.length, self.bent) @ self.alpha, float)


def _kernel(a: NDArray[Any], b: NDArray[Any], length: float, bent: float) -> NDArray[Any]:
    dot = a @ b.T
    near = dot * (2.0 / length)
    near -= ((a**2).sum(axis=1) / length)[:, None]
    near -= (b**2).sum(axis=1) / length
    np.exp(near, out=near)
    near *= bent
    near += dot
    out: NDArray[Any] = near
    return out


def emulated(scores: Floats, summary: Floats, like: Emulated | None = None) -> Emulated:
    """Fit one summary; how bent it is and how much is luck are those of `like`, or predict points left out best."""
    centre, middle = scores.mean(axis=0), float(summary.mean())
    x, y = scores - centre, summary - middle
    n, d = x.shape
    slopes = np.linalg.solve(x.T @ x + RIDGE * n * np.eye(d), x.T @ y)
    share = slopes**2 / max(float((slopes**2).sum()), 1e-12) + EVERYWHERE / d
    scale = np.sqrt(share / share.sum() * d)
    x = x * scale
    x, scale = x / np.sqrt((x**2).sum(axis=1).mean()), scale / np.sqrt((x**2).sum(axis=1).mean())
    few = slice(0, TUNED_ON)

    def error(length: float, bent: float, left: float) -> float:
        return float((_fitted(x[few], y[few], length, bent, left)[1] ** 2).mean())

    if like is None:
        length, bent, left = min(product(LENGTHS, BENT, LEFT), key=lambda at: error(*at))
    else:
        length, bent, left = like.length, like.bent, like.left
    alpha, errors = _fitted(x, y, length, bent, left)
    f32 = np.float32
    return Emulated(x.astype(f32), scale, centre, middle, length, bent, left, alpha.astype(f32), errors)


def _fitted(x: Floats, y: Floats, length: float, bent: float, left: float) -> tuple[Floats, Floats]:
    """Coefficients, and the errors of leaving one out (Rasmussen and Williams 2006, equation 5.12)."""
    covariance = _kernel(x, x, length, bent)
    covariance[np.diag_indices_from(covariance)] += left
    factor, lower = cho_factor(covariance, lower=True, overwrite_a=True, check_finite=False)
    alpha: Floats = cho_solve((factor, lower), y, check_finite=False)
    root, info = dtrtri(factor, lower=1)  # the inverse's diagonal needs a third of the work of the inverse
    assert info == 0, "a Cholesky factor has no zero on its diagonal"
    root = np.tril(root)
    return alpha, alpha / np.einsum("ij,ij->j", root, root)


Table = Callable[[Floats], Floats]


def tabulated(part: Part, seen: Floats, ratio: Floats, doubt: Floats, heavier: float = HEAVIER) -> Table:
    """log ∫ likelihood(y) N(y; m, luck(m)) dy over the means m, from a grid over what was seen and somewhat beyond.

    `ratio` is the variance of luck over what it would be were all binomial or Poisson, for each summary, and `doubt` a
    variance to add. The standard deviation of luck is taken `heavier` times.
    """
    axes = []
    for i in range(seen.shape[1]):
        low, high = np.quantile(seen[:, i], [0.001, 0.999])
        low, high = low - 0.2 * (high - low), high + 0.2 * (high - low)
        axes.append(np.linspace(low, high, 400 if seen.shape[1] == 1 else 56))
    grid = np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.nan_to_num(part.log(grid), nan=-np.inf, neginf=-np.inf)
    steps = np.array([a[1] - a[0] for a in axes])
    variance = np.maximum(heavier**2 * ratio * part.luck(grid) + doubt, (0.7 * steps) ** 2)
    smooth = np.empty(len(grid))
    for rows in np.array_split(np.arange(len(grid)), max(1, len(grid) // 500)):
        near = sum(
            -0.5 * (grid[rows, i][:, None] - grid[:, i]) ** 2 / variance[rows, i][:, None]
            for i in range(grid.shape[1])
        )
        smooth[rows] = logsumexp(near + log, axis=1) - logsumexp(near, axis=1)
    values = np.maximum(smooth, FLOOR).reshape([len(a) for a in axes])
    look_up = RegularGridInterpolator(axes, values)
    low, high = grid[0], grid[-1]
    return lambda m: np.asarray(look_up(np.clip(m, low, high)))


def luck_ratio(part: Part, found: Figures, repeats: int) -> Floats:
    """Variance of luck over the binomial or Poisson one, from `repeats` replications in a row of each point."""
    y = part.forward(found).reshape(-1, repeats, part.forward(found).shape[1])
    within = y.var(axis=1, ddof=1)
    ratio: Floats = np.clip((within / part.luck(y.mean(axis=1))).mean(axis=0), 0.2, 20.0)
    return ratio


@dataclass(frozen=True)
class Surrogate:
    """A likelihood that costs no simulation. `shifts` are added to the emulated summaries of each part."""

    parts: tuple[tuple[tuple[Emulated, ...], Table], ...]
    shifts: tuple[Floats, ...] = ()

    def log(self, scores: Floats) -> Floats:
        """At scores, shape (n, coordinates)."""
        total = np.zeros(len(scores))
        for (_, table), summary in zip(self.parts, self._summaries(scores), strict=True):
            total += table(summary)
        return total

    def _summaries(self, scores: Floats) -> list[Floats]:
        every = [np.stack([e.at(scores) for e in emulators], axis=1) for emulators, _ in self.parts]
        return [y + shift for y, shift in zip(every, self.shifts, strict=True)] if self.shifts else every

    def righted(self, place: Place, reading: str, scores: Floats, found: Figures, seed: int) -> Surrogate:
        """Shifted by what simulations at its own draws say beyond it.

        Draws go where an emulator promises too much, whatever its error is elsewhere; with as many numbers as a place
        has there is always such a place.
        """
        beyond = [
            (part.forward(found) - told).mean(axis=0)
            for part, told in zip(parts_of(place, found, reading, seed), self._summaries(scores), strict=True)
        ]
        before = self.shifts or tuple(np.zeros_like(b) for b in beyond)
        return replace(self, shifts=tuple(a + b for a, b in zip(before, beyond, strict=True)))

    def draw(self, n: int, guide: Guide, seed: int, moves: int, last: int) -> Tempered:
        """n draws from prior × this, with its log evidence under the prior."""
        rng = np.random.default_rng([seed, 41])

        def look(scores: Floats, _: int) -> Particles:
            return Particles(scores, {}, self.log(scores), {}, np.arange(len(scores)))

        return temper(look(guide.draw(n, rng), 0), guide, look, seed, moves, last)


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
) -> Surrogate:
    """Trained on the latest of the points given, all of which fit together; `repeated` tells what luck does.

    Emulators are as bent as those of the surrogate `like`: to find that out anew takes most of the time.

    `doubt` is the share of the emulator's own variance that counts as luck. Without it draws go where the emulator
    promises too much; with all of it, where it promises too little. Luck is taken to be `heavier` than it is.
    """
    parts: list[tuple[tuple[Emulated, ...], Table]] = []
    for number, part in enumerate(parts_of(place, found, reading, seed)):
        y = part.forward(found)
        use = slice(max(0, len(y) - POINTS), None)
        order = np.random.default_rng([seed, 42]).permutation(len(y[use]))
        before = like.parts[number][0] if like is not None else (None,) * y.shape[1]
        emulators = tuple(
            emulated(scores[use][order], column[use][order], one)
            for column, one in zip(y.T, before, strict=True)
        )
        unsure = doubt * np.array([e.errors.var() for e in emulators])
        ratio = luck_ratio(part, repeated, repeats)
        parts.append((emulators, tabulated(part, y[use], ratio, unsure, heavier)))
    return Surrogate(tuple(parts))


@dataclass(frozen=True)
class Round:
    """Points drawn from the posterior of a surrogate, and the log of its evidence by tempering."""

    scores: Floats
    surrogate: Surrogate
    log_evidence: float
    log_evidence_se: float


def mixture(rounds: Sequence[Round]) -> tuple[Floats, float]:
    """Log density of the mixture of rounds over the prior's at all their points, and the standard error of its scale.

    The ratios of the evidences come from the overlap of the rounds (reverse logistic regression, Geyer 1994; Shirts and
    Chodera 2008), their common scale from tempering.
    """
    every = np.concatenate([r.scores for r in rounds])
    log = np.stack([r.surrogate.log(every) for r in rounds])
    size = np.log([len(r.scores) / len(every) for r in rounds])
    evidence = np.array([r.log_evidence for r in rounds])
    start, among = evidence.copy(), evidence
    for _ in range(ITERATIONS):
        log_q = logsumexp(log - among[:, None] + size[:, None], axis=0)
        new = logsumexp(log - log_q, axis=1) - np.log(len(every))
        new += (start - new).mean()
        if np.abs(new - among).max() < 1e-6:
            break
        among = new
    errors = np.array([r.log_evidence_se for r in rounds])
    scale = float(np.sqrt((errors**2).sum())) / len(rounds)
    return np.asarray(logsumexp(log - among[:, None] + size[:, None], axis=0)), scale
