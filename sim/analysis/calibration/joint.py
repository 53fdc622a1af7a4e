"""Several places at once: what is human or statutory is alike everywhere, what is local is not (partial pooling).

A number k of place j has the normal score z_jk, standard normal in each place as in a fit of its own, with correlation
ρ_k between places: the prior of one place alone is unchanged. The posterior is sampled by Gibbs steps over places.
Given all others, a place's scores have a normal prior; a proposal is taken from this prior bent by a normal
approximation of the place's own fit, simulated once, and accepted by likelihood over approximation. Since the
likelihood of a replication is an unbiased estimate, the chains are exact (Andrieu and Roberts 2009).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.analysis.calibration.fit import Fit, Simulate
from sim.analysis.calibration.observe import Figures, log_likelihood
from sim.analysis.calibration.weights import resample
from sim.language import marked
from sim.outcomes.figures import FAILURES, SUCCESSES
from sim.scenario.place import Place

Floats = NDArray[np.float64]
HUMAN, STATUTORY, LOCAL = 0.8, 0.95, 0.0
# How alike places are, by the beginning of a number's name; the first that fits counts. Assumed.
ALIKE: tuple[tuple[str, float], ...] = (
    ("calendars.", STATUTORY),
    ("tiers.trial.", STATUTORY),
    ("tiers.court_mediation.", STATUTORY),
    ("tiers.decision.", STATUTORY),
    ("agreement.", HUMAN),
    ("character.", HUMAN),
    ("tiers.", HUMAN),
    ("kinds.", HUMAN),
    ("going.", HUMAN),
    ("petition.", HUMAN),
    ("eruption.", HUMAN),
    ("detection.rounds.", LOCAL),
    ("detection.", HUMAN),
    ("one_village_one_police.", HUMAN),
)
SHARES = ".share"  # how kinds and choices are mixed is local
WANTED = 0.35
Stage = Callable[[str], None]
Seen = Callable[[int, dict[str, "Chains"]], None]


def alike(name: str) -> float:
    """The correlation of a number between places."""
    if name.endswith(SHARES) or ".party_choice." in name:
        return LOCAL
    return next((rho for start, rho in ALIKE if name.startswith(start)), LOCAL)


@dataclass(frozen=True)
class Member:
    """A place with its own fit and the means to simulate it."""

    place: Place
    fit: Fit
    simulate: Simulate


@dataclass(frozen=True)
class Factor:
    """A normal approximation of a place's likelihood: rows · z is about `value`, with variance 1 / `precision`."""

    rows: Floats  # (directions, names of the place)
    value: Floats
    precision: Floats

    def log(self, z: Floats) -> Floats:
        """At scores, shape (chains, names)."""
        out: Floats = -0.5 * ((z @ self.rows.T - self.value) ** 2 * self.precision).sum(axis=1)
        return out


def factor_of(fit: Fit) -> Factor:
    """From the posterior of a fit along the directions that its figures speak of, and the prior there."""
    dimensions = fit.scores.shape[1]
    nothing = Factor(np.zeros((0, dimensions)), np.zeros(0), np.zeros(0))
    if fit.emulator is None or not len(fit.emulator.slopes):
        return nothing
    basis = np.linalg.qr(fit.emulator.slopes.T)[0].T
    kept = fit.weighted.weights > 0
    w, y = fit.weighted.weights[kept], fit.scores[kept] @ basis.T
    mean = w @ y
    inverse = np.linalg.inv(np.atleast_2d(((y - mean) * w[:, None]).T @ (y - mean)))
    values, vectors = np.linalg.eigh(inverse - np.eye(len(basis)))
    used = values > 1e-2  # a direction in which the fit is no narrower than the prior says nothing
    if not used.any():
        return nothing
    pull = vectors.T @ (inverse @ mean)
    return Factor(vectors.T[used] @ basis, pull[used] / values[used], values[used])


@dataclass
class Chains:
    """The state of all chains at one place."""

    z: Floats
    log: Floats  # likelihood
    found: Figures
    parameters: dict[str, Floats]
    size: float = 0.6
    accepted: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Joint:
    """Draws from the joint posterior: by place, `chains` of each, and acceptance of the last sweeps."""

    chains: dict[str, Chains]
    left_out: str = ""


class Pool:
    """Which numbers places share, and what a place's prior is, given the others."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.names = sorted({n for m in members for n in m.fit.names})
        index = {n: i for i, n in enumerate(self.names)}
        self.rho = np.array([alike(n) for n in self.names])
        self.at = [np.array([index[n] for n in m.fit.names]) for m in members]

    def conditional(self, states: Sequence[Floats], which: int) -> tuple[Floats, Floats]:
        """Means, shape (chains, names of the place), and variances of a place's scores, given those of the others."""
        total = np.zeros((len(states[0]), len(self.names)))
        count = np.zeros(len(self.names))
        for j, z in enumerate(states):
            if j != which:
                total[:, self.at[j]] += z
                count[self.at[j]] += 1
        denominator = 1.0 + (count - 1.0) * self.rho
        there = count > 0
        gain = np.where(there, self.rho / np.where(there, denominator, 1.0), 0.0)
        variance = 1.0 - count * self.rho * gain
        here = self.at[which]
        return (total * gain)[:, here], variance[here]


def sample(
    members: Sequence[Member],
    reading: str,
    *,
    seed: int,
    chains: int,
    sweeps: int,
    left_out: str = "",
    stage: Stage = lambda _: None,
    after: Seen = lambda _, __: None,
) -> Joint:
    """Run the chains. With a place `left_out`, its figures are not used: its draws are what the others say of it.

    `after` is called after each sweep with its number and the state of every place.
    """
    rng = np.random.default_rng([seed, 41])
    pool = Pool(members)
    factors = [factor_of(m.fit) for m in members]
    states = [_first(m, chains, rng) for m in members]
    places = [m.place.name for m in members]
    run = seed + 5000 + (31 * (1 + places.index(left_out)) if left_out else 0)
    for sweep in range(sweeps):
        said = marked("sweep {n} of {m}, {place} left out") if left_out else marked("sweep {n} of {m}")
        stage(said.format(n=sweep + 1, m=sweeps, place=left_out))
        for j, member in enumerate(members):
            mean, variance = pool.conditional([s.z for s in states], j)
            state = states[j]
            if member.place.name == left_out:
                state.z = mean + np.sqrt(variance) * rng.standard_normal(mean.shape)
                continue
            centre, fresh = bent(mean, variance, factors[j], rng)
            points = (
                centre + math.sqrt(1 - state.size**2) * (state.z - centre) + state.size * (fresh - centre)
            )
            _step(member, factors[j], state, points, reading, run + 97 * sweep, rng)
        after(sweep, dict(zip(places, states, strict=True)))
    for j, member in enumerate(members):
        if member.place.name == left_out:
            mean, variance = pool.conditional([s.z for s in states], j)
            states[j].z = mean + np.sqrt(variance) * rng.standard_normal(mean.shape)
    return Joint({m.place.name: s for m, s in zip(members, states, strict=True)}, left_out)


def _first(member: Member, chains: int, rng: np.random.Generator) -> Chains:
    """Draws from the place's own posterior, with the likelihood that they had there."""
    fit = member.fit
    rows = resample(fit.weighted.weights, chains, rng)
    found = {k: x[rows] for k, x in fit.found.items()}
    parameters = {k: x[rows] for k, x in fit.likelihood.parameters.items()}
    return Chains(fit.scores[rows], fit.likelihood.log[rows], found, parameters)


def bent(mean: Floats, variance: Floats, factor: Factor, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Mean of, and one draw from, the normal prior of each chain times the factor; shape (chains, names)."""
    z = mean + np.sqrt(variance) * rng.standard_normal(mean.shape)
    if not len(factor.value):
        return mean, z
    spread = factor.rows * variance
    gain = np.linalg.solve(spread @ factor.rows.T + np.diag(1.0 / factor.precision), spread).T
    noise = rng.standard_normal((len(mean), len(factor.value))) / np.sqrt(factor.precision)
    centre = mean + (factor.value - mean @ factor.rows.T) @ gain.T
    return centre, z + (factor.value - z @ factor.rows.T - noise) @ gain.T


def _step(
    member: Member,
    factor: Factor,
    state: Chains,
    points: Floats,
    reading: str,
    number: int,
    rng: np.random.Generator,
) -> None:
    """Simulate the proposals of all chains and take those that are accepted."""
    wave = member.simulate(points, number)
    log = np.full(len(points), -np.inf)
    kept = {k: x[wave.feasible] for k, x in wave.found.items()}
    part = log_likelihood(member.place, kept, reading, number)
    log[wave.feasible] = np.where(np.isnan(part.log), -np.inf, part.log)
    now, then = state.log - factor.log(state.z), log - factor.log(points)
    with np.errstate(invalid="ignore"):
        taken = np.log(rng.random(len(points))) < then - now
    taken &= np.isfinite(then)
    state.z = np.where(taken[:, None], points, state.z)
    state.log = np.where(taken, log, state.log)
    for name, x in state.found.items():
        if name in wave.found:
            state.found[name] = np.where(taken, wave.found[name], x)
    inside = np.flatnonzero(wave.feasible)
    for name, values in part.parameters.items():
        spread = np.full(len(points), np.nan)
        spread[inside] = values
        state.parameters[name] = np.where(taken, spread, state.parameters[name])
    rate = float(taken.mean())
    state.accepted.append(rate)
    state.size = float(np.clip(state.size * math.exp(rate - WANTED), 0.1, 1.0))


def true_rate(found: Figures) -> Floats:
    """True success of the closed cases of each replication, percent."""
    cases = found[SUCCESSES] + found[FAILURES]
    out: Floats = 100.0 * found[SUCCESSES] / np.maximum(cases, 1.0)
    return out
