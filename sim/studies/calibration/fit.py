"""Sequential calibration of one place: waves of simulations, each where the last pointed to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.runs.points import coordinates
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.statistics.proposal import (
    GaussianProposal,
    LinearEmulator,
    fit_linear_emulator,
    gaussian_proposal,
    prior_proposal,
)
from sim.statistics.weights import K_LIMIT, Weighted, mixture_weights, normalised, side_by_side
from sim.studies.calibration.observe import Figures, log_likelihood, pointers
from sim.studies.calibration.record import Likelihood
from sim.studies.calibration.soft import Expectation, Outlook, in_force, outlook
from sim.studies.calibration.surrogate import Round, Surrogate, mixture, surrogate_of
from sim.studies.calibration.waves import Simulate, Wave

Floats = NDArray[np.float64]
LEAST_ESS = 400.0
PILOT = 0.15  # effective share of a wave of proposals below which it is not yet the time for the last one
ENOUGH = 0.6 * LEAST_ESS  # effective replications of one run after which a surrogate's rounds end
MARGIN, LEAST_SECOND = 1.3, 100  # more than a first part asks for, and the least of a second
DOUBT = (0.0, 0.5)  # shares of the emulator's variance that count as luck, round after round
REPEATED, TIMES = 50, 4  # points at which luck is looked at, and replications of each
LEAST_REPEATED = 15
LOOKS = 3  # rounds in which luck is looked at again: after them points lie where they will stay
MOVES, LAST = 5, 40  # of each particle after each step of tempering a surrogate, and after the last step


@dataclass(frozen=True)
class Effort:
    """How many replications: of the prior, of each searching wave, of the last one; and how many waves at most.

    The last one comes in two parts. `particles` is the first, and tells how large the second must be for `ENOUGH`
    effective replications, at most `last`. Where it shows that weights would not carry the posterior, up to `rounds`
    waves proposed by a surrogate, as large as a searching one, come in place of the second; before the first of them,
    Monte Carlo error is measured by `TIMES` replications of `repeated` points.
    """

    prior: int = 1000
    wave: int = 400
    particles: int = 300
    last: int = 2000
    waves: int = 5
    rounds: int = 14
    repeated: int = REPEATED

    def scaled(self, share: float) -> Effort:
        """The same with other numbers of replications, and fewer rounds where there are less than half as many."""
        numbers = (self.prior, self.wave, self.particles, self.last)
        prior, wave, particles, last = (max(60, round(share * n)) for n in numbers)
        rounds = max(2, min(self.rounds, round(2 * share * self.rounds)))
        repeated = max(LEAST_REPEATED, min(self.repeated, round(share * self.repeated)))
        return Effort(prior, wave, particles, last, self.waves, rounds, repeated)


@dataclass(frozen=True)
class Fit:
    """A calibration of a place under one reading: replications with weights, and recording parameters drawn.

    `base` is the log of prior over proposal of each, so that its weight is likelihood × exp(base). `search` is what the
    waves came from; None where a surrogate proposed them.
    """

    place: Place
    reading: str
    names: tuple[str, ...]
    scores: Floats
    found: Figures
    likelihood: Likelihood
    base: Floats
    weighted: Weighted
    emulator: LinearEmulator | None = None
    search: Search | None = None
    soft: Expectation | None = None

    @property
    def enough(self) -> bool:
        """Whether importance weights carry the posterior."""
        return self.weighted.trusted(LEAST_ESS / 2)


@dataclass(frozen=True)
class Search:
    """The waves of a search with the proposals that they were drawn from."""

    waves: tuple[Wave, ...]
    proposals: tuple[GaussianProposal, ...]


def joined(waves: Sequence[Wave]) -> Figures:
    """The figures of several waves one after the other."""
    names = set(waves[0].found).intersection(*(w.found for w in waves))
    return {name: np.concatenate([w.found[name] for w in waves]) for name in sorted(names)}


def prior_wave(
    place: Place, measures: tuple[Measure, ...], simulate: Simulate, seed: int, effort: Effort
) -> Wave:
    """The first wave of a search."""
    rng = np.random.default_rng([seed, 11])
    return simulate(prior_proposal(len(coordinates(place, measures))).draw(effort.prior, rng), seed)


def expected(
    place: Place, measures: tuple[Measure, ...], simulate: Simulate, seed: int, effort: Effort
) -> Outlook | None:
    """Soft evidence, from the prior's wave of the search with this seed; the same for both readings and all runs."""
    if not in_force(place):
        return None
    wave = prior_wave(place, measures, simulate, seed, effort)
    return outlook(place, wave.scores[wave.feasible], wave.usable)


def calibrate(
    place: Place,
    measures: tuple[Measure, ...],
    reading: str,
    simulate: Simulate,
    seed: int,
    effort: Effort,
    basis: str = "dispute",
    soft: Expectation | None = None,
) -> Fit:
    """Search and weigh. The first wave is the prior and the same for both readings; the last one is the largest.

    Where a first part of the last wave shows that weights would not carry the posterior, or the whole of it is not
    worth enough, a surrogate takes over.
    """
    names = coordinates(place, measures)
    proposals = [prior_proposal(len(names))]
    waves = [prior_wave(place, measures, simulate, seed, effort)]
    rng = np.random.default_rng([seed, 12, len(reading)])
    emulator: LinearEmulator | None = None
    which = [p.name for p in pointers(place, waves[0].usable, reading)]
    if which or soft is not None:
        emulator = _refit(place, waves[-1], reading, which, None)
        for number in range(effort.waves):
            proposal = _proposal_of(place, waves, reading, which, emulator, soft)
            proposals.append(proposal)
            waves.append(simulate(proposal.draw(effort.wave, rng), seed + 1 + number))
            emulator = _refit(place, waves[-1], reading, which, emulator)
            next_one = _proposal_of(place, waves, reading, which, emulator, soft)
            moved = float(np.linalg.norm(next_one.basis.T @ next_one.mean - proposal.basis.T @ proposal.mean))
            if moved < 0.5:
                break
    proposals.append(
        _proposal_of(place, waves, reading, which, emulator, soft) if emulator else prior_proposal(len(names))
    )
    waves.append(simulate(proposals[-1].draw(effort.particles, rng), seed + 100))
    found = weigh(place, reading, names, Search(tuple(waves), tuple(proposals)), seed, emulator, basis, soft)
    if found.weighted.ess < PILOT * effort.particles or found.weighted.k > K_LIMIT:
        return refined_by_surrogates(found, simulate, seed, effort)
    proposals.append(proposals[-1])
    waves.append(simulate(proposals[-1].draw(_second(found, effort), rng), seed + 200))
    found = weigh(place, reading, names, Search(tuple(waves), tuple(proposals)), seed, emulator, basis, soft)
    return found if found.weighted.trusted(ENOUGH) else refined_by_surrogates(found, simulate, seed, effort)


def _second(fit: Fit, effort: Effort) -> int:
    """Size of the second part of the last wave, from how much the first is worth by itself."""
    own = fit.weighted.weights[-effort.particles :]
    worth = float(own.sum()) ** 2 / float((own**2).sum()) / len(own)
    wanted = math.ceil(effort.last / Effort.last * MARGIN * ENOUGH / worth) - effort.particles
    return min(effort.last, max(LEAST_SECOND, wanted))


def refined_by_surrogates(fit: Fit, simulate: Simulate, seed: int, effort: Effort) -> Fit:
    """Rounds of simulations from posteriors of surrogates, each trained on all before, until their weights do."""
    assert fit.search is not None
    waves, proposal = list(fit.search.waves), fit.search.proposals[-1]
    rounds: list[Round] = []
    found, again = fit, {}
    for number in range(effort.rounds):
        like = rounds[0].surrogate if rounds else None
        if number < LOOKS:
            again = _again(waves[-1], simulate, seed + number, effort.repeated)
        surrogate = _surrogate(fit, waves, again, seed + number, DOUBT[number % len(DOUBT)], like)
        out = surrogate.draw(effort.wave, proposal, seed + number, MOVES, LAST)
        waves.append(simulate(out.particles.scores, seed + 400 + number))
        rounds.append(Round(waves[-1].scores, surrogate, out.log_evidence, out.log_evidence_se))
        found = _against_rounds(fit, waves[-len(rounds) :], rounds, seed)
        if found.weighted.trusted(ENOUGH):
            break
    return found


def _again(wave: Wave, simulate: Simulate, seed: int, repeated: int) -> Figures:
    """Figures of some replications of some points of a wave."""
    some = wave.scores[wave.feasible][:repeated]
    return simulate(np.repeat(some, TIMES, axis=0), seed + 300).found


def _surrogate(
    fit: Fit, waves: Sequence[Wave], again: Figures, seed: int, doubt: float, like: Surrogate | None
) -> Surrogate:
    """Trained on all waves; luck is told by `again`, replications of the same points."""
    known = [w for w in waves if w.feasible.any()]
    found = joined([Wave(w.scores[w.feasible], w.usable, w.feasible[w.feasible]) for w in known])
    scores = np.concatenate([w.scores[w.feasible] for w in known])
    return surrogate_of(fit.place, scores, found, again, TIMES, fit.reading, seed, doubt, like, soft=fit.soft)


def _against_rounds(fit: Fit, waves: Sequence[Wave], rounds: Sequence[Round], seed: int) -> Fit:
    """Waves that were drawn from posteriors of surrogates, weighted against the mixture of these."""
    found, feasible = joined(waves), np.concatenate([w.feasible for w in waves])
    assert fit.search is not None
    share = feasible_share(fit.search)
    scores = np.concatenate([w.scores for w in waves])
    likelihood = _likelihood(fit.place, scores, found, feasible, fit.reading, seed, "dispute", fit.soft)
    log_q, se = mixture(rounds)
    base = np.where(feasible, -log_q - math.log(share), -np.inf)
    log_w = base + np.where(feasible, likelihood.log, 0.0)
    weighted = normalised(log_w)
    weighted = replace(weighted, log_evidence_se=math.hypot(weighted.log_evidence_se, se))
    args = (fit.place, fit.reading, fit.names, scores, found, likelihood, base, weighted)
    return Fit(*args, fit.emulator, soft=fit.soft)


def pooled(fits: Sequence[Fit], seed: int, basis: str = "dispute") -> Fit:
    """Several fits of a place as one: all their waves against the mixture of all their proposals, or side by side."""
    first = fits[0]
    if basis == "dispute" and all(f.search for f in fits):
        searches = [f.search for f in fits if f.search]
        search = Search(
            tuple(w for s in searches for w in s.waves), tuple(g for s in searches for g in s.proposals)
        )
        return weigh(first.place, first.reading, first.names, search, seed, first.emulator, soft=first.soft)
    whole = _side_by_side([f for f in fits if f.search is None] or fits)
    return whole if basis == "dispute" else reweighed(whole, basis, seed)


def _side_by_side(fits: Sequence[Fit]) -> Fit:
    """Fits that surrogates refined; each counts the same."""
    first = fits[0]
    names = [set(f.found) for f in fits]
    found = {k: np.concatenate([f.found[k] for f in fits]) for k in sorted(set.intersection(*names))}
    parameters = {
        k: np.concatenate([f.likelihood.parameters[k] for f in fits]) for k in first.likelihood.parameters
    }
    weighted = side_by_side([f.weighted for f in fits])
    return Fit(
        first.place,
        first.reading,
        first.names,
        np.concatenate([f.scores for f in fits]),
        found,
        Likelihood(np.concatenate([f.likelihood.log for f in fits]), parameters),
        np.concatenate([f.base for f in fits]),
        weighted,
        first.emulator,
        soft=first.soft,
    )


def reweighed(fit: Fit, basis: str, seed: int) -> Fit:
    """The same replications with the cases counted otherwise. Not to be trusted where the ESS says so."""
    possible = np.isfinite(fit.likelihood.log)
    part = _likelihood(fit.place, fit.scores, fit.found, possible, fit.reading, seed, basis, fit.soft)
    return replace(fit, likelihood=part, weighted=normalised(part.log + fit.base))


def at_selectivity(fit: Fit, selectivity: float, seed: int) -> Likelihood:
    """The likelihood of the same replications if the record is selective so far: 0 proportional, 1 target-driven."""
    possible = np.isfinite(fit.base)
    reading = "target_driven" if selectivity else "proportional"
    args = (fit.place, fit.scores, fit.found, possible, reading, seed, "dispute", fit.soft)
    return _likelihood(*args, selectivity)


def feasible_share(search: Search) -> float:
    """The prior share of points that fit together, from the first wave, which is the prior."""
    return float(max(search.waves[0].feasible.mean(), 1.0 / len(search.waves[0].feasible)))


def weigh(
    place: Place,
    reading: str,
    names: tuple[str, ...],
    search: Search,
    seed: int,
    emulator: LinearEmulator | None,
    basis: str = "dispute",
    soft: Expectation | None = None,
) -> Fit:
    """The fit that the waves make."""
    found, feasible = joined(search.waves), np.concatenate([w.feasible for w in search.waves])
    scores = [w.scores for w in search.waves]
    every = np.concatenate(scores)
    likelihood = _likelihood(place, every, found, feasible, reading, seed, basis, soft)
    base, weighted = mixture_weights(scores, search.proposals, likelihood.log, feasible)
    return Fit(place, reading, names, every, found, likelihood, base, weighted, emulator, search, soft)


def _likelihood(
    place: Place,
    scores: Floats,
    found: Figures,
    feasible: NDArray[np.bool_],
    reading: str,
    seed: int,
    basis: str,
    soft: Expectation | None,
    selectivity: float | None = None,
) -> Likelihood:
    """Of every replication, soft evidence included; −∞ where numbers did not fit together."""
    kept = {name: x[feasible] for name, x in found.items()}
    part = log_likelihood(place, kept, reading, seed, basis, selectivity)
    log = np.full(len(feasible), -np.inf)
    log[feasible] = np.where(np.isnan(part.log), -np.inf, part.log)
    if soft is not None:
        log += soft.log(scores)
    return Likelihood(log, {name: _spread(x, feasible) for name, x in part.parameters.items()})


def _spread(x: Floats, feasible: NDArray[np.bool_]) -> Floats:
    out = np.full(len(feasible), np.nan)
    out[feasible] = x
    return out


def _pointed(place: Place, wave: Wave, reading: str, which: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Summaries, values and variances of chosen pointers; those that no longer bind point to where they are."""
    by_name = {p.name: p for p in pointers(place, wave.usable, reading)}
    chosen = [by_name[name] for name in which if name in by_name]
    return (
        np.stack([p.summary for p in chosen], axis=1) if chosen else np.zeros((int(wave.feasible.sum()), 0)),
        np.array([p.value for p in chosen]),
        np.array([p.variance for p in chosen]),
    )


def _refit(
    place: Place, wave: Wave, reading: str, which: list[str], before: LinearEmulator | None
) -> LinearEmulator:
    summaries, _, _ = _pointed(place, wave, reading, which)
    if before is not None and summaries.shape[1] != len(before.slopes):
        return before  # a bound is met by most of the wave: there is nothing left to search for
    return fit_linear_emulator(wave.scores[wave.feasible], summaries, before)


def _proposal_of(
    place: Place,
    waves: list[Wave],
    reading: str,
    which: list[str],
    emulator: LinearEmulator,
    soft: Expectation | None,
) -> GaussianProposal:
    _, values, variances = _pointed(place, waves[0], reading, which)
    if soft is None:
        return gaussian_proposal(emulator, values, variances)
    return gaussian_proposal(emulator, values, variances, soft.known)
