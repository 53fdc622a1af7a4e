"""Which parameters move which outcome, and which move the choice between policies, from draws that are correlated.

Parameter draws of a posterior follow no design, so that indices are estimated from given data. There are more
parameters than some hundreds of draws can tell apart, hence every index stands against what the largest of all would be
by chance. Scores are numbers that rank a parameter's draws, shape (draws, parameters); parameters that do not vary are
left out of every answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.statistics.variance_components import variance_components

Floats = NDArray[np.float64]
SHUFFLES = 200
DEGREE = 3
LEVEL = 0.95


@dataclass(frozen=True)
class FirstOrder:
    """First-order indices, shares of a variance, largest first.

    `parameters` are columns of the scores, shape (parameters that vary,), as have `index` and `half`, the half-width of
    the 95 % interval: NaN where the outcome is so rare that half of the draws may have none. `limit` is what the
    largest index of so many parameters reaches by chance in one of twenty cases.
    """

    parameters: NDArray[np.intp]
    index: Floats
    half: Floats
    limit: float

    @property
    def above(self) -> NDArray[np.bool_]:
        """Which indices chance does not reach."""
        return self.index > self.limit


def split(values: Floats) -> tuple[Floats, float]:
    """Means of draws, and the share of the variance of single replications that is Monte Carlo error.

    From shape (draws, replications); the share is NaN with one replication of each, and where nothing varies.
    """
    means: Floats = values.mean(axis=1)
    if values.shape[1] < 2:
        return means, math.nan
    between, within = variance_components(values)
    return means, within / (within + between) if within + between > 0 else math.nan


def first_order(scores: Floats, outcome: Floats, seed: int = 1) -> FirstOrder:
    """First-order indices of an outcome (draws,) by RBD-FAST (Tarantola, Gatelli and Mara 2006; bias put right).

    `scores` has shape (draws, parameters). The limit comes from shuffled outcomes. Indices are of the variance between
    draws that is left when Monte Carlo error is averaged out. Raises ImportError without SALib.
    """
    from SALib.analyze import rbd_fast

    kept = np.flatnonzero(scores.std(axis=0) > 0)
    x = scores[:, kept]
    problem = {"num_vars": len(kept), "names": list(kept), "bounds": [[-6.0, 6.0]] * len(kept)}
    with np.errstate(invalid="ignore"):  # of a sample in which the outcome does not vary
        found = rbd_fast.analyze(problem, x, outcome, num_resamples=100, seed=seed)
    order = np.argsort(x, axis=0, kind="stable")
    null = [_largest(order, shuffled) for shuffled in _shuffles(outcome, seed)]
    limit = float(np.quantile(null, LEVEL))
    index, half = np.asarray(found["S1"]), np.asarray(found["S1_conf"])
    first = np.argsort(-index, kind="stable")
    return FirstOrder(kept[first], index[first], half[first], limit)


def _shuffles(outcome: Floats, seed: int) -> list[Floats]:
    rng = np.random.default_rng([seed, 91])
    return [rng.permutation(outcome) for _ in range(SHUFFLES)]


def _largest(order: NDArray[np.int64], outcome: Floats, harmonics: int = 10) -> float:
    """The largest RBD-FAST index of all parameters at once, as SALib has it for one."""
    n = len(outcome)
    # Rise through the odd ranks and fall through the even ones: one period of a wave along each parameter.
    wave = np.concatenate([order[0::2], order[1::2][::-1]])
    spectrum = np.abs(np.fft.rfft(outcome[wave], axis=0)) ** 2 / n
    share = spectrum[1 : harmonics + 1].sum(axis=0) / spectrum[1:].sum(axis=0)
    lam = 2.0 * harmonics / n
    return float((share - lam / (1 - lam) * (1 - share)).max())


@dataclass(frozen=True)
class Information:
    """Expected value of knowing single parameters before choosing, in the unit of the objective, largest first.

    `parameters` are columns of the scores, shape (parameters that vary,), as has `value`. `floor` is what the best of
    shuffled parameters reaches in one of twenty cases. `perfect` is the value of knowing all of them (EVPI), with Monte
    Carlo error averaged out by halves; NaN with one replication. `best` is the policy that is best on average.
    """

    parameters: NDArray[np.intp]
    value: Floats
    floor: float
    perfect: float
    best: int

    @property
    def above(self) -> NDArray[np.bool_]:
        """Which values chance does not reach."""
        return self.value > self.floor


def information(scores: Floats, objective: Floats, better: str = "lower", seed: int = 1) -> Information:
    """EVPPI of single parameters by regression (Strong, Oakley and Brennan 2014, Medical Decision Making 34, 311-326).

    `scores` has shape (draws, parameters), `objective` (policies, draws, replications). The advantage of each policy
    over the best one is regressed on a cubic in one parameter; what choosing by the fit would gain is its value.
    """
    y = (objective if better == "lower" else -objective).mean(axis=2)
    best = int(y.mean(axis=1).argmin())
    gain = (y[best] - y).T  # (draws, policies): how much better than the best one is each
    kept = np.flatnonzero(scores.std(axis=0) > 0)
    x = scores[:, kept]
    values = _values(x, gain)
    rng = np.random.default_rng([seed, 92])
    null = [float(_values(x, gain[rng.permutation(len(gain))]).max()) for _ in range(SHUFFLES)]
    floor = float(np.quantile(null, LEVEL))
    first = np.argsort(-values, kind="stable")
    return Information(kept[first], values[first], floor, _perfect(objective, better), best)


def _values(scores: Floats, gain: Floats) -> Floats:
    """The value of knowing each column of scores, shape (parameters,)."""
    n, out = len(scores), np.zeros(scores.shape[1])
    for k, x in enumerate(scores.T):
        z = (x - x.mean()) / x.std()
        basis = np.linalg.qr(np.column_stack([z**d for d in range(DEGREE + 1)]))[0]
        fitted = basis @ (basis.T @ gain)
        out[k] = float(
            np.maximum(fitted.max(axis=1), 0.0).sum() / n - max(0.0, float(fitted.mean(axis=0).max()))
        )
    return out


def _perfect(objective: Floats, better: str) -> float:
    """EVPI by choosing with one half of the replications and valuing with the other."""
    x = objective if better == "lower" else -objective
    if x.shape[2] < 2:
        return math.nan
    halves = x[:, :, 0::2].mean(axis=2), x[:, :, 1::2].mean(axis=2)
    columns = np.arange(x.shape[1])
    best = int(x.mean(axis=(1, 2)).argmin())
    gains = [(b[best] - b[a.argmin(axis=0), columns]).mean() for a, b in (halves, halves[::-1])]
    return float(max(0.0, np.mean(gains)))
