"""A county's register in a calibration: how likely its counts are at a point of the parameter space.

What is compared are logarithms of the numbers of rows, and of the ratios between the cells of each split. A register is
one realisation, as a replication is: a line through the summaries of replications says what is expected at a point, and
what these leave around it, luck of the county and of who wrote what down included, is the error of the register, too (a
synthetic likelihood: Wood 2010, Nature 466, 1102-1104). The share that was written down, and that of unsettled disputes
relative to it, only shift the numbers of rows; they are summed out over equally likely values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import block_diag
from scipy.special import logsumexp, ndtr

from sim.ledger.place_file import SOURCE
from sim.outcomes.register import OTHERWISE, RELATIVE, WRITTEN, Form, total_name
from sim.runs.points import coordinates
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import densities, quantiles
from sim.scenario.quantity import Quantity
from sim.statistics.emulation import fit_by_leaving_out
from sim.statistics.proposal import (
    GaussianProposal,
    Known,
    LinearEmulator,
    gaussian_proposal,
)
from sim.studies.calibration.fit import Effort, prior_wave
from sim.studies.calibration.observe import Figures
from sim.studies.calibration.soft import Expectation
from sim.studies.calibration.waves import Simulate

Floats = NDArray[np.float64]
ROUNDS = 3  # of replications where the register points to, by which lines are fitted anew
WIDER = 2.0  # variance of the points that a line is fitted to, over that of the posterior which it gives
LATENT = "incidence.latent_rate"
KNOWN_DISPUTES = "known_disputes"
LEVELS = 24  # equally likely shares that are written down
RARE = 0.02  # the least share of unsettled disputes, relative to settled ones
# Half the weight: unsettled disputes are written down as settled ones are. The other half: less often, evenly. Assumed.
RELATIVE_LEVELS = (
    (1.0, 0.5),
    *((RARE + (1.0 - RARE) * (i + 0.5) / 12, 0.5 / 12) for i in range(12)),
)


@dataclass(frozen=True)
class Register:
    """A register that a place is calibrated by: the `form` of the comparison, and its own figures by name.

    `about` names the file. Where the place was made of this register, `wide` is the prior that its rate of grievances
    had before; the numbers of a register count once.
    """

    form: Form
    figures: dict[str, float]
    about: dict[str, str]
    wide: Quantity | None = None

    def without_own_target(self, place: Place) -> Place:
        """The place without the target that `fit` made of the number of rows: they are in the comparison."""
        kept = [t for t in place.targets if not (t.metric == KNOWN_DISPUTES and t.source == SOURCE)]
        return place.model_copy(update={"targets": kept})


def levels(written: Quantity | tuple[float, float]) -> tuple[float, ...]:
    """Equally likely shares that are written down: of a prior, or of a range in which its logarithm lies evenly."""
    at = (np.arange(LEVELS) + 0.5) / LEVELS
    if isinstance(written, Quantity):
        return tuple(float(x) for x in quantiles(written, at))
    low, high = written
    return (low,) if low == high else tuple(float(x) for x in low * (high / low) ** at)


def made_of(place: Place, sha256: str) -> bool:
    """Whether `fit` made the place of the file with this digest."""
    source = place.sources.get(SOURCE)
    return source is not None and sha256 in source.title


def has_own_kinds(place: Place) -> bool:
    """Whether the mix of kinds is that of a ledger."""
    return any(k.share.source == SOURCE for k in place.kinds.values())


# --- Summaries -----------------------------------------------------------------------------------------------------


def summaries(form: Form, found: Figures) -> tuple[Floats, tuple[str, ...]]:
    """Of figures by name, arrays over replications: shape (replications, summaries), and what each is called.

    Numbers of rows are those of disputes: the shares by which a replication's rows were thinned are taken out.
    """
    columns, names = [], []
    shift = shifts(form, found[WRITTEN], found[RELATIVE]) if WRITTEN in found else None
    for i, outcome in enumerate(form.totals):
        y = np.log(found[total_name(outcome)] + 0.5)
        columns.append(y if shift is None else y - shift[:, i])
        names.append(total_name(outcome))
    for split in form.splits:
        cells = [np.log(found[label] + 0.5) for label in split.labels()]
        columns += [cell - cells[0] for cell in cells[1:]]
        names += list(split.labels()[1:])
    return np.stack(columns, axis=1), tuple(names)


def shifts(form: Form, share: Floats, relative: Floats) -> Floats:
    """What the shares that are written down add to the logarithms of the numbers of rows, shape (n, totals)."""
    log, less = np.log(share), np.log(relative)
    return np.stack([log + less if o == OTHERWISE else log for o in form.totals], axis=1)


# --- Likelihood ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heard:
    """Register and soft evidence at a point of the parameter space; see the head of this module.

    `emulator` says what is expected of the summaries and with which error, `values` are those of the register.
    """

    form: Form
    names: tuple[str, ...]
    emulator: LinearEmulator
    values: Floats
    soft: Expectation | None
    rate: tuple[int, Quantity, Quantity] | None = None  # column of the rate, its prior here, its prior before
    _grid: tuple[Floats, Floats] = field(init=False)

    def __post_init__(self) -> None:
        share, relative, weight = (np.array(x) for x in zip(*self._levels(), strict=True))
        moved = np.zeros((len(share), len(self.values)))
        moved[:, : len(self.form.totals)] = shifts(self.form, share, relative)
        object.__setattr__(self, "_grid", (moved, np.log(weight)))

    def _levels(self) -> Iterator[tuple[float, float, float]]:
        total = sum(w for _, w in self.form.relative)
        for share in self.form.written:
            for relative, weight in self.form.relative:
                yield share, relative, weight / total / len(self.form.written)

    def log(self, scores: Floats) -> Floats:
        """The log-likelihood at scores, shape (n, coordinates)."""
        out: Floats = logsumexp(self._of_levels(scores), axis=1)
        if self.soft is not None:
            out = out + self.soft.log(scores)
        if self.rate is not None:
            column, here, before = self.rate
            x = quantiles(here, ndtr(scores[:, column]))
            with np.errstate(divide="ignore"):
                out = out + np.log(densities(before, x)) - np.log(densities(here, x))
        return out

    def _of_levels(self, scores: Floats) -> Floats:
        """Log-likelihood of the register with each level of recording, shape (n, levels); 0 at best, were all alike."""
        moved, weight = self._grid
        apart = self.values - self.emulator.intercept - scores @ self.emulator.slopes.T
        white = np.linalg.inv(np.linalg.cholesky(self.emulator.residual))
        a, b = apart @ white.T, moved @ white.T
        square = (a**2).sum(axis=1)[:, None] - 2.0 * a @ b.T + (b**2).sum(axis=1)
        return np.asarray(-0.5 * square + weight)

    @property
    def known(self) -> Known:
        """The same as if the shares that are written down were normal, for a search."""
        moved, weight = self._grid
        w = np.exp(weight)
        mean = w @ moved
        spread = (moved - mean).T @ (w[:, None] * (moved - mean))
        own = Known(
            self.emulator.slopes,
            self.values - self.emulator.intercept - mean,
            self.emulator.residual + spread,
        )
        if self.soft is None:
            return own
        soft = self.soft.known
        return Known(
            np.concatenate([soft.slopes, own.slopes]),
            np.concatenate([soft.values, own.values]),
            block_diag(soft.covariance, own.covariance),
        )

    def recording(self, scores: Floats, weights: Floats) -> dict[str, tuple[Floats, Floats]]:
        """Posterior of the shares: by figure, its levels and their probabilities. `weights` are those of the scores."""
        log = self._of_levels(scores)
        each = np.exp(log - logsumexp(log, axis=1)[:, None])
        chance = (weights / weights.sum()) @ each
        share, relative, _ = (np.array(x) for x in zip(*self._levels(), strict=True))
        return {WRITTEN: (share, chance), RELATIVE: (relative, chance)}

    def goes_together(self, scores: Floats, weights: Floats) -> float:
        """Posterior predictive chance that a register lies farther from what is expected than this one.

        The discrepancy is the sum of squares, which has a chi-squared distribution at each point and level.
        """
        kept = weights > 0.0
        log, weight = self._of_levels(scores[kept]), self._grid[1]
        chance = stats.chi2.sf(-2.0 * (log - weight), len(self.values))
        each = np.exp(log - logsumexp(log, axis=1)[:, None])
        return float(weights[kept] @ (each * chance).sum(axis=1) / weights[kept].sum())

    def agreement(self, scores: Floats, found: Figures) -> Floats:
        """Weights of replications at these scores: how likely the shares are by which their rows were thinned."""
        log = self._of_levels(scores)
        log = log - logsumexp(log, axis=1)[:, None]
        share, relative, weight = (np.array(x) for x in zip(*self._levels(), strict=True))
        own = np.argmin(
            np.abs(np.log(share) - np.log(found[WRITTEN])[:, None])
            + np.abs(np.log(relative) - np.log(found[RELATIVE])[:, None]),
            axis=1,
        )
        return np.asarray(np.exp(log[np.arange(len(own)), own]) / weight[own])


Look = Callable[[Floats, int], tuple[Floats, Figures]]


def listened_to(
    place: Place,
    measures: tuple[Measure, ...],
    register: Register,
    simulate: Simulate,
    soft: Expectation | None,
    seed: int,
    effort: Effort,
) -> Heard:
    """The likelihood of a register, from the prior's wave and from waves where it points to; one for all runs."""
    first = prior_wave(place, measures, simulate, seed, effort)

    def look(scores: Floats, number: int) -> tuple[Floats, Figures]:
        wave = simulate(scores, seed + 700 + number)
        return wave.scores[wave.feasible], wave.usable

    rate, names = None, list(coordinates(place, measures))
    if register.wide is not None and LATENT in names:
        rate = names.index(LATENT), place.incidence.latent_rate, register.wide
    prior = first.scores[first.feasible], first.usable
    return heard(register, prior, soft, look, effort.wave, seed, rate)


def heard(
    register: Register,
    prior: tuple[Floats, Figures],
    soft: Expectation | None,
    look: Look,
    n: int,
    seed: int,
    rate: tuple[int, Quantity, Quantity] | None = None,
) -> Heard:
    """The likelihood of a register: lines are fitted where it points to.

    `prior` are scores and figures of replications of the prior, `look` gives those of others that fit together; `n` are
    asked for in each round. `rate` as `Heard` has it.
    """
    form = register.form
    y, called = summaries(form, prior[1])
    values = summaries(form, {k: np.array([v]) for k, v in register.figures.items()})[0][0]
    found = Heard(form, called, fit_by_leaving_out(prior[0], y), values, soft, rate)
    before = found.emulator
    rng = np.random.default_rng([seed, 53])
    every: list[tuple[Floats, Floats]] = []
    for number in range(ROUNDS):
        scores, figures = look(_wider(found.known).draw(n, rng), number)
        every.append((scores, summaries(form, figures)[0]))
        recent = every[-2:]  # the first round lies where lines through the whole prior point to
        x, y = (np.concatenate([pair[i] for pair in recent]) for i in (0, 1))
        if len(x) < 2:
            break
        found = Heard(form, called, fit_by_leaving_out(x, y, before), values, soft, rate)
    return found


def _wider(known: Known) -> GaussianProposal:
    """The posterior of what is known, with more variance where it has less than the prior."""
    coordinates = known.slopes.shape[1]
    none = LinearEmulator(np.zeros(0), np.zeros((0, coordinates)), np.zeros((0, 0)))
    found = gaussian_proposal(none, np.zeros(0), np.zeros(0), known)
    values, along = np.linalg.eigh(found.cov)
    wider = np.minimum(1.0, WIDER * np.maximum(values, 1e-6))
    return GaussianProposal(found.basis, found.mean, (along * np.maximum(wider, values)) @ along.T)
