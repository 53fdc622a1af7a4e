"""The worth of knowing more before a choice: everything, some parameters, or what a study of a given size would show.

Net benefits of options under draws of the parameters are regressed on what a study would know: on the parameters
themselves (value of partial perfect information), or on the data that the study gives when its parameters are those of
the draw (value of sample information; Strong, Oakley, Brennan and Breeze 2015, Medical Decision Making 35, 570-583).
Fitted values are what one would expect having seen it; choosing by them instead of by the overall mean is what it is
worth. The regression is a ridge on a polynomial basis whose penalty is chosen by generalised cross-validation (Golub,
Heath and Wahba 1979, Technometrics 21, 215-223), so that noise is not taken for knowledge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PENALTIES = np.geomspace(1e-6, 1e6, 37)
DEGREE = 3
BOOTSTRAPS = 200
SEED = 20_261_128


@dataclass(frozen=True)
class Worth:
    """The value of some information, in the unit of the benefits, and its standard error (bootstrap over draws)."""

    value: float
    se: float


def perfect(benefits: Floats) -> Worth:
    """Expected value of perfect information, from net benefits of shape (options, draws): the more the better."""
    best, chosen = benefits.max(axis=0), int(benefits.mean(axis=1).argmax())
    gain = best - benefits[chosen]
    return Worth(
        float(gain.mean()), float(gain.std(ddof=1) / math.sqrt(len(gain))) if len(gain) > 1 else math.nan
    )


def partial(benefits: Floats, known: Floats) -> Worth:
    """Expected value of knowing columns of `known`, shape (draws, columns); benefits of shape (options, draws).

    For data that a study would give under each draw it is the expected value of sample information. Never below zero,
    and never above perfect information.
    """
    fitted = expected(benefits, known)
    most = perfect(benefits).value
    rng = np.random.default_rng(SEED)
    n = benefits.shape[1]
    again = [_gain(fitted[:, rng.integers(0, n, n)]) for _ in range(BOOTSTRAPS)]
    return Worth(min(_gain(fitted), most), float(np.std(again, ddof=1)))


def plain(benefits: Floats, known: Floats) -> float:
    """The value of `partial` without its error."""
    return min(_gain(expected(benefits, known)), perfect(benefits).value)


def _gain(fitted: Floats) -> float:
    return float(max(0.0, fitted.max(axis=0).mean() - fitted.mean(axis=1).max()))


def expected(benefits: Floats, known: Floats) -> Floats:
    """What one would expect of each option having seen `known`, shape (options, draws).

    Differences to the first option are regressed, so that what all options share does not add noise.
    """
    basis = _basis(known)
    out = np.zeros_like(benefits)
    if not basis.shape[1]:
        return np.repeat(benefits.mean(axis=1, keepdims=True), benefits.shape[1], axis=1)
    left, size, _ = np.linalg.svd(basis, full_matrices=False)
    kept = size > 1e-9 * size.max()
    left, size = left[:, kept], size[kept]
    for i in range(1, len(benefits)):
        y = benefits[i] - benefits[0]
        out[i] = y.mean() + _ridge(left, size, y - y.mean())
    found: Floats = out + benefits[0].mean()
    return found


def _ridge(left: Floats, size: Floats, y: Floats) -> Floats:
    """Fitted values by the penalty with the least generalised cross-validation."""
    along, n = left.T @ y, len(y)
    rest = float(y @ y - along @ along)
    best, found = math.inf, np.zeros(n)
    for penalty in PENALTIES:
        shrink = size**2 / (size**2 + penalty)
        freedom = 1.0 + float(shrink.sum())
        if freedom >= n:
            continue
        score = (rest + float((((1 - shrink) * along) ** 2).sum())) / (n - freedom) ** 2
        if score < best:
            best, found = score, left @ (shrink * along)
    return found


def _basis(known: Floats) -> Floats:
    """Powers of each column and products of two, standardised; columns that do not vary are left out."""
    columns = []
    spread = known.std(axis=0)
    x = (known[:, spread > 0] - known.mean(axis=0)[spread > 0]) / spread[spread > 0]
    for j in range(x.shape[1]):
        columns += [x[:, j] ** power for power in range(1, DEGREE + 1)]
    columns += [x[:, i] * x[:, j] for i, j in combinations(range(x.shape[1]), 2) if x.shape[1] <= 8]
    if not columns:
        return np.zeros((len(known), 0))
    basis = np.stack(columns, axis=1)
    basis = basis - basis.mean(axis=0)
    varied = basis.std(axis=0)
    out: Floats = basis[:, varied > 0] / varied[varied > 0]
    return out


def of_groups(benefits: Floats, groups: Mapping[str, Floats]) -> dict[str, Worth]:
    """The worth of knowing groups of parameters that grow, in their order: a larger group is never worth less."""
    out: dict[str, Worth] = {}
    least = 0.0
    for name, known in groups.items():
        one = partial(benefits, known)
        least = max(least, one.value)
        out[name] = Worth(least, one.se)
    return out


@dataclass(frozen=True)
class Curve:
    """Over what one unit of the objective may be worth: which option, how surely, and what a wrong choice loses.

    `accept` has shape (values, options): the probability that an option has the highest net benefit. `frontier` is the
    option with the highest expected net benefit, `loss` its expected loss, which is the value of perfect information.
    """

    values: Floats
    accept: Floats
    frontier: NDArray[np.int64]
    loss: Floats


def acceptability(effects: Floats, costs: Floats, values: Sequence[float]) -> Curve:
    """Acceptability curves and frontier (Fenwick, Claxton and Sculpher 2001, Health Economics 10, 779-787).

    `effects` are gains of shape (options, samples), in units of the objective, `costs` of shape (options,), in money.
    Options that are equally good share.
    """
    accept, frontier, loss = [], [], []
    for value in values:
        benefits = value * effects - costs[:, None]
        top = benefits == benefits.max(axis=0)
        accept.append((top / top.sum(axis=0)).mean(axis=1))
        frontier.append(int(benefits.mean(axis=1).argmax()))
        loss.append(perfect(benefits).value)
    return Curve(np.asarray(values, dtype=float), np.array(accept), np.array(frontier), np.array(loss))
