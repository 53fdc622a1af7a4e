"""Several places at once: what is human or statutory is alike everywhere, what is local is not (partial pooling).

The posterior is sampled by Gibbs steps over places. Given all others, a place's scores have a normal prior.
Chains first settle in the posterior of surrogates, which costs no simulation: they do not begin where the places'
own fits are. Then each step proposes several points for each chain and simulates each once. They and the chain's own
point are exchangeable draws from prior × surrogate, made from one point between them by moves that keep it, and one of
them is chosen by likelihood over surrogate (Tjelmeland 2004; Calderhead 2014). Since the likelihood of a replication is
an unbiased estimate, the chains are exact (Andrieu and Roberts 2009), however wrong a surrogate is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sim.language import Message
from sim.outcomes.figures import FAILURES, SUCCESSES
from sim.scenario.place import Place
from sim.scenario.terms import Term
from sim.statistics.markov_chains import chosen_by_weight, crank_nicolson, tuned
from sim.statistics.partial_pooling import PartialPooling
from sim.statistics.weights import resample
from sim.studies.calibration.fit import REPEATED, TIMES, Fit
from sim.studies.calibration.observe import Figures, log_likelihood
from sim.studies.calibration.shared import pooling_of
from sim.studies.calibration.surrogate import Surrogate, surrogate_of
from sim.studies.calibration.waves import Simulate

Floats = NDArray[np.float64]
DOUBT, HEAVIER = 0.0, 1.0  # a surrogate need not be wider than it is: chains put right what its tails lack
SETTLE = 40  # sweeps over surrogates alone, before any simulation and after each righting
RIGHTED = 3  # times that surrogates are shifted by what simulations at their own draws say
MOVES = 5  # between a chain's point and the one in the middle, and from there to each proposal
TRIES = 4  # proposals of each chain in one step
FIRST = 0.4  # size of moves before it is tuned
Stage = Callable[[Message], None]
Seen = Callable[[int, dict[str, "Chains"]], None]


@dataclass(frozen=True)
class Member:
    """A place with its own fit, the means to simulate it, and a surrogate of its likelihood."""

    place: Place
    fit: Fit
    simulate: Simulate
    surrogate: Surrogate


def member_of(fit: Fit, simulate: Simulate, seed: int) -> Member:
    """With a surrogate trained on the fit's replications; luck is told by replications of some of its draws."""
    rng = np.random.default_rng([seed, 43])
    some = fit.scores[resample(fit.weighted.weights, REPEATED, rng)]
    again = simulate(np.repeat(some, TIMES, axis=0), seed + 4000)
    kept = np.isfinite(fit.base)
    found = {name: x[kept] for name, x in fit.found.items()}
    scores = fit.scores[kept]
    surrogate = surrogate_of(
        fit.place,
        scores,
        found,
        again.found,
        TIMES,
        fit.reading,
        seed,
        doubt=DOUBT,
        heavier=HEAVIER,
        soft=fit.soft,
    )
    return Member(fit.place, fit, simulate, surrogate)


@dataclass
class Chains:
    """The state of all chains at one place: scores, likelihood and figures of the replication that they are at."""

    z: Floats
    log: Floats
    found: Figures
    parameters: dict[str, Floats]
    size: float = FIRST
    accepted: list[float] = field(default_factory=list)  # share of chains that moved, step by step
    rates: list[Floats] = field(default_factory=list)  # true success of each chain, step by step


@dataclass(frozen=True)
class Joint:
    """Draws from the joint posterior: by place, `chains` of each."""

    chains: dict[str, Chains]
    left_out: str = ""


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
    pool = pooling_of([m.fit.names for m in members])
    places = [m.place.name for m in members]
    run = seed + 5000 + (10_000 * (1 + places.index(left_out)) if left_out else 0)
    states = [_drawn(m.fit, chains, rng) for m in members]
    members = list(members)
    for round in range(RIGHTED + 1):
        settle(members, pool, states, left_out, rng)
        for j, member in enumerate(members):
            if member.place.name != left_out:
                _begin(member, states[j], reading, run + 11 * round + j, rng)
                if round < RIGHTED:
                    members[j] = replace(member, surrogate=_righted(member, states[j], reading, seed))
    for sweep in range(sweeps):
        stage(
            Message("sweep {n} of {m}, {place} left out", n=sweep + 1, m=sweeps, place=Term("word", left_out))
            if left_out
            else Message("sweep {n} of {m}", n=sweep + 1, m=sweeps)
        )
        for j, member in enumerate(members):
            mean, variance = pool.conditional([s.z for s in states], j)
            if member.place.name == left_out:
                states[j].z = mean + np.sqrt(variance) * rng.standard_normal(mean.shape)
            else:
                _step(member, states[j], mean, variance, reading, run + 97 * (sweep + 1) + j, rng)
        after(sweep, dict(zip(places, states, strict=True)))
    for j, member in enumerate(members):
        if member.place.name == left_out:
            mean, variance = pool.conditional([s.z for s in states], j)
            states[j].z = mean + np.sqrt(variance) * rng.standard_normal(mean.shape)
    return Joint(dict(zip(places, states, strict=True)), left_out)


def _drawn(fit: Fit, chains: int, rng: np.random.Generator) -> Chains:
    """Scores from a place's own fit."""
    return Chains(fit.scores[resample(fit.weighted.weights, chains, rng)], np.full(chains, -np.inf), {}, {})


def settle(
    members: Sequence[Member],
    pool: PartialPooling,
    states: Sequence[Chains],
    left_out: str,
    rng: np.random.Generator,
) -> None:
    """Lead chains to the joint posterior of the surrogates, and tune the sizes of moves to it."""
    for _ in range(SETTLE):
        for j, member in enumerate(members):
            mean, variance = pool.conditional([s.z for s in states], j)
            state = states[j]
            if member.place.name == left_out:
                state.z = mean + np.sqrt(variance) * rng.standard_normal(mean.shape)
                continue
            state.z, accepted = moved(member.surrogate, state.z, mean, variance, state.size, rng)
            state.size = tuned(state.size, accepted)


def _righted(member: Member, state: Chains, reading: str, seed: int) -> Surrogate:
    """The surrogate shifted by what the replications that the chains are at say beyond it."""
    fits = np.isfinite(state.found[SUCCESSES])
    found = {name: x[fits] for name, x in state.found.items()}
    return member.surrogate.righted(member.place, reading, state.z[fits], found, seed)


def moved(
    surrogate: Surrogate, z: Floats, mean: Floats, variance: Floats, size: float, rng: np.random.Generator
) -> tuple[Floats, float]:
    """Scores after some moves that keep the normal prior times the surrogate, and the share that was accepted."""
    return crank_nicolson(z, surrogate.log, mean, variance, size, MOVES, rng)


def _looked(
    member: Member, points: Floats, reading: str, number: int
) -> tuple[Floats, Figures, dict[str, Floats]]:
    """Likelihood, figures and recording parameters of one replication at each point; −∞ where it does not fit."""
    wave = member.simulate(points, number)
    log = np.full(len(points), -np.inf)
    kept = {k: x[wave.feasible] for k, x in wave.found.items()}
    part = log_likelihood(member.place, kept, reading, number)
    log[wave.feasible] = np.where(np.isnan(part.log), -np.inf, part.log)
    if member.fit.soft is not None:
        log += member.fit.soft.log(points)
    parameters = {}
    for name, values in part.parameters.items():
        parameters[name] = np.full(len(points), np.nan)
        parameters[name][wave.feasible] = values
    return log, wave.found, parameters


def _begin(member: Member, state: Chains, reading: str, number: int, rng: np.random.Generator) -> None:
    """A first replication at the point of each chain; those that do not fit together begin where others do."""
    state.log, state.found, state.parameters = _looked(member, state.z, reading, number)
    fits = np.isfinite(state.log)
    if fits.any():
        rows = np.where(fits, np.arange(len(fits)), rng.choice(np.flatnonzero(fits), len(fits)))
        state.z, state.log = state.z[rows], state.log[rows]
        state.found = {name: x[rows] for name, x in state.found.items()}
        state.parameters = {name: x[rows] for name, x in state.parameters.items()}


def _step(
    member: Member,
    state: Chains,
    mean: Floats,
    variance: Floats,
    reading: str,
    number: int,
    rng: np.random.Generator,
) -> None:
    """Simulate several proposals of each chain, and choose among them and the point where it is."""
    surrogate, n = member.surrogate, len(state.z)
    middle, _ = moved(surrogate, state.z, mean, variance, state.size, rng)
    from_there = np.repeat(middle, TRIES, axis=0)
    points, _ = moved(surrogate, from_there, np.repeat(mean, TRIES, axis=0), variance, state.size, rng)
    log, found, parameters = _looked(member, points, reading, number)
    now = state.log - surrogate.log(state.z)
    then = (log - surrogate.log(points)).reshape(n, TRIES)
    chosen = chosen_by_weight(np.column_stack([now, then]), rng)
    taken = chosen > 0
    rows = np.arange(n) * TRIES + np.maximum(chosen - 1, 0)
    state.z = np.where(taken[:, None], points[rows], state.z)
    state.log = np.where(taken, log[rows], state.log)
    state.found = {k: np.where(taken, found[k][rows], x) for k, x in state.found.items() if k in found}
    state.parameters = {
        k: np.where(taken, parameters[k][rows], x) for k, x in state.parameters.items() if k in parameters
    }
    state.accepted.append(float(taken.mean()))
    state.rates.append(true_rate(state.found))


def true_rate(found: Figures) -> Floats:
    """True success of the closed cases of each replication, percent."""
    cases = found[SUCCESSES] + found[FAILURES]
    out: Floats = 100.0 * found[SUCCESSES] / np.maximum(cases, 1.0)
    return out
