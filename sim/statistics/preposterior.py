"""What a study would be worth before it is made: of a count out of n, and of data that are simulated.

What a study tells hangs on the parameters through a few quantities alone, such as the share of closed files that are
settled. Benefits are regressed on these once (Strong, Oakley, Brennan and Breeze 2015, Medical Decision Making 35,
570-583); then E[benefit | data] = E[fitted | data], and the draws with the likelihood of the data as weights are the
posterior. So nothing is regressed on simulated data: of a count out of n the sum over its outcomes is exact, a larger
study is never worth less, and no study more than the quantities themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp, xlog1py, xlogy

Floats = NDArray[np.float64]


def counted(fitted: Floats, chances: Floats, sizes: Sequence[int]) -> Floats:
    """The worth of asking n, of whom each answers yes with the chance of the draw, for each of the sizes n.

    `fitted` are expected net benefits of shape (options, draws), given what the study is about; `chances` (draws,).
    """
    out = []
    for n in sizes:
        likelihood = binomial(np.arange(n + 1), n, chances)
        out.append(worth(fitted, likelihood, logsumexp(likelihood, axis=1) - np.log(len(chances))))
    return np.array(out)


def worth(fitted: Floats, likelihood: Floats, probability: Floats | None = None) -> float:
    """What choosing after data gains over choosing before them.

    `likelihood` is the logarithm of P(data | draw), shape (data, draws). `probability` is that of each data (data,);
    without it data were simulated, and count alike.
    """
    after = np.exp(likelihood - logsumexp(likelihood, axis=1, keepdims=True)) @ fitted.T
    before = int(fitted.mean(axis=1).argmax())
    gain = after.max(axis=1) - after[:, before]
    return float(gain.mean() if probability is None else gain @ np.exp(probability))


def binomial(yes: NDArray[np.int64], asked: int, chances: Floats) -> Floats:
    """log P(yes out of asked), shape (yes, draws)."""
    k = np.asarray(yes, dtype=float)[:, None]
    ways = gammaln(asked + 1) - gammaln(k + 1) - gammaln(asked - k + 1)
    out: Floats = ways + xlogy(k, chances) + xlog1py(asked - k, -chances)
    return out


def poisson(count: Floats, means: Floats) -> Floats:
    """log P(count) by draw, up to what all draws share, shape (data, draws)."""
    out: Floats = xlogy(np.asarray(count, dtype=float)[:, None], means) - means
    return out


def surveyed(
    fitted: Floats, rate: Floats, share: Floats, sizes: Sequence[int], spread: float = 1.0, data: int = 2000
) -> Floats:
    """The worth of counting events that come at a `rate` for each unit asked, and how many of them are of a kind.

    `rate` and `share` have shape (draws,). Counts are Poisson, or scattered `spread` times as much (quasi-Poisson:
    n events tell as much as n / spread). Data of a larger study contain those of a smaller one, so that luck of the
    simulation is shared; what is left of it is ironed out by a running maximum, for a larger study is never worth less.
    """
    rng = np.random.default_rng(SEED)
    draws = np.arange(data) % fitted.shape[1]
    events = np.zeros(data)
    kind = np.zeros(data)
    out, before = [], 0.0
    for n in sizes:
        more = rng.poisson(np.maximum(rate[draws] * (n - before) / spread, 0.0))
        events, kind, before = events + more, kind + rng.binomial(more, share[draws]), float(n)
        likelihood = poisson(events, rate * n / spread)
        likelihood += xlogy(kind[:, None], share) + xlog1py((events - kind)[:, None], -share)
        out.append(worth(fitted, likelihood))
    return np.maximum.accumulate(np.array(out))


@dataclass(frozen=True)
class Register:
    """What rows of a register hang on, by draw, shape (draws,): how many come in a month, the share of them that are
    called settled, and the mean of the logarithm of their days; `scatter` is the standard deviation of that logarithm
    between rows.
    """

    rate: Floats
    share: Floats
    log_days: Floats
    scatter: float


def registered(
    fitted: Floats, about: Register, sizes: Sequence[int], spread: float = 1.0, data: int = 2000
) -> Floats:
    """The worth of a register of so many months: its rows, how many are called settled, and the mean days of these.

    As `surveyed`, with a third figure: the mean logarithm of days over k settled rows is normal with the variance of
    one row over k. Longer registers contain shorter ones.
    """
    rng = np.random.default_rng(SEED)
    draws = np.arange(data) % fitted.shape[1]
    rows, settled, sums = np.zeros(data), np.zeros(data), np.zeros(data)
    out, before = [], 0.0
    for n in sizes:
        more = rng.poisson(np.maximum(about.rate[draws] * (n - before) / spread, 0.0))
        closed = rng.binomial(more, about.share[draws])
        sums = (
            sums
            + about.log_days[draws] * closed
            + about.scatter * np.sqrt(closed) * rng.standard_normal(data)
        )
        rows, settled, before = rows + more, settled + closed, float(n)
        likelihood = poisson(rows, about.rate * n / spread)
        likelihood += xlogy(settled[:, None], about.share) + xlog1py((rows - settled)[:, None], -about.share)
        mean = np.divide(sums, settled, out=np.zeros(data), where=settled > 0)
        off = (mean[:, None] - about.log_days) / about.scatter
        likelihood -= 0.5 * settled[:, None] * off**2
        out.append(worth(fitted, likelihood))
    return np.maximum.accumulate(np.array(out))


SEED = 20_261_129
