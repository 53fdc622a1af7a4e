"""What is believed of an effect once Monte Carlo noise is taken off: samples of its expected value under each draw.

Of every parameter draw a few replications are simulated. Their mean is the effect that the draw implies plus noise, so
that means of draws scatter more than the effect does. The normal model with two levels says how much: means of draws
around a common middle with a spread, replications around their draw (Gelman et al. 2013, Bayesian Data Analysis,
ch. 5). The spread has a flat prior (Gelman 2006, Bayesian Analysis 1, 515-533), so that what few replications cannot
tell stays open instead of becoming zero. Draws of different readings of the record are groups, each with its own middle
and spread.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, stdtrit

Floats = NDArray[np.float64]
LEVEL = 0.9  # of every interval that is shown
TOLD_APART = (
    0.05  # the spread is estimable where Monte Carlo error alone gives as large a one less often than this
)
FEWEST = 4  # draws from which a spread can be had with a flat prior
FEWEST_QUANTILES = 10  # draws from which 5 % and 95 % quantiles can be had
SAMPLES = 12_000
GRID = 240
SEED = 20_261_127


@dataclass(frozen=True)
class Effects:
    """Samples of effects, shape (effects, draws, samples of each draw), in the unit of the values.

    By effect, shape (effects,): `mean`, `mc_se`, the Monte Carlo error of the mean, and `spread`, the standard
    deviation over parameters, NaN where the replications cannot tell it from Monte Carlo error. `draws` is the number
    of parameter draws; with one draw there is no spread and samples are about Monte Carlo error alone.
    """

    samples: Floats
    centers: Floats
    mean: Floats
    mc_se: Floats
    spread: Floats
    draws: int

    def interval(self, effect: int, level: float = LEVEL) -> tuple[float, float, float]:
        """Low, median and high. Levels are for a further draw, not for those at hand: see `central`."""
        return central(self.samples[effect], level)

    def below(self, effect: int, limit: float = 0.0) -> float:
        """P(effect < limit); an effect of exactly nothing is not below nothing. NaN for an undefined effect."""
        return share(self.samples[effect] < limit, self.samples[effect])

    def above(self, effect: int, limit: float = 0.0) -> float:
        """P(effect > limit)."""
        return share(self.samples[effect] > limit, self.samples[effect])


def share(which: NDArray[np.bool_], samples: Floats) -> float:
    """How probable it is that something holds for a further draw, from samples of shape (draws, samples of each).

    Thirty draws of which all have it do not make it certain: half a draw is added on either side. NaN where samples are
    undefined; an effect of nothing in all samples is certain.
    """
    if np.isnan(samples).all():
        return math.nan
    if not samples.any():
        return float(which.mean())
    return float(smoothed(which.mean(), len(samples)))


def smoothed(shares: Floats | float, draws: int, options: int = 2) -> Floats:
    """Shares of draws as probabilities for a further draw: one draw is added, spread evenly over the options.

    Krichevsky and Trofimov (1981), IEEE Transactions on Information Theory 27, 199-207. One draw is about Monte Carlo
    error alone, of which there are as many samples as one likes: its shares stay.
    """
    given = np.asarray(shares, dtype=float)
    return (given * draws + 1.0 / options) / (draws + 1) if draws > 1 else given


def central(samples: Floats, level: float = LEVEL) -> tuple[float, float, float]:
    """Low, median and high of samples of shape (draws, samples of each draw).

    The 5 % quantile of 30 draws has on average 8 % of further draws below it: levels are those at which, on average,
    the share of further draws is as stated (definition 6 of Hyndman and Fan 1996). With fewer than ten draws there are
    no such quantiles, and limits are Student's for a further draw, around the mean.
    """
    draws = len(samples)
    if np.isnan(samples).all():
        return math.nan, math.nan, math.nan
    middle = float(np.median(samples))
    if 1 < draws < FEWEST_QUANTILES:
        half = float(stdtrit(draws - 1, 0.5 + level / 2)) * float(samples.std()) * math.sqrt(1 + 1 / draws)
        return middle - half, middle, middle + half
    tail = (1 - level) / 2
    if draws > 1:
        tail = max(0.0, (tail * (draws + 1) - 0.5) / draws)
    low, high = np.quantile(samples, [tail, 1 - tail], method="hazen")
    return float(low), middle, float(high)


def effects(values: Floats, groups: Sequence[int] | None = None) -> Effects:
    """From paired differences of shape (effects, draws, replications); `groups` has a number for each draw.

    Draws are left out in which one of the effects has no value; an effect that never has one stays NaN.
    """
    values = np.asarray(values, dtype=float)
    known = np.asarray(~np.isnan(values).all(axis=2))
    whole = np.asarray(known.any(axis=1))
    kept = np.asarray(known[whole].all(axis=0) if whole.any() else np.zeros(values.shape[1], dtype=bool))
    chosen = values[:, kept] if kept.any() else values[:, :1]
    if chosen.shape[1] == 1:
        return _one_draw(chosen[:, 0])
    number = np.zeros(len(kept), dtype=int) if groups is None else np.asarray(groups)
    each = max(8, SAMPLES // chosen.shape[1])
    found = np.full((*chosen.shape[:2], each), np.nan)
    centers = np.full(chosen.shape[:2], np.nan)
    rng = np.random.default_rng(SEED)
    for group in np.unique(number[kept]):
        mine = number[kept] == group
        centers[:, mine], found[:, mine] = _of_group(chosen[:, mine], each, rng)
    means, noise, freedom = _noise(chosen)
    n = chosen.shape[1]
    mc_se = np.sqrt(np.nanmean(noise, axis=1) / n) if freedom else np.full(len(chosen), np.nan)
    spread = np.array(
        [_spread(m, s, found[i], freedom) for i, (m, s) in enumerate(zip(means, noise, strict=True))]
    )
    return Effects(found, centers, means.mean(axis=1), mc_se, spread, n)


def _noise(values: Floats) -> tuple[Floats, Floats, int]:
    """Means of draws, their Monte Carlo variances, both of shape (effects, draws), and the degrees of freedom."""
    counts = np.maximum((~np.isnan(values)).sum(axis=2), 1)
    means = np.nansum(values, axis=2) / counts
    means[np.isnan(values).all(axis=2)] = np.nan
    squares = np.nansum((values - means[:, :, None]) ** 2, axis=(1, 2))
    freedom = int((counts - 1).sum(axis=1).min())
    # Pooled over draws: two or three replications of a draw say little of their own variance.
    pooled = squares / freedom if freedom else np.zeros(len(values))
    return means, pooled[:, None] / counts, freedom


def _spread(means: Floats, noise: Floats, samples: Floats, freedom: int) -> float:
    """The standard deviation over parameters; NaN where it is not told apart from Monte Carlo error."""
    luck, seen, n = float(noise.mean()), float(means.var(ddof=1)), len(means)
    if math.isnan(seen) or not freedom:
        return math.nan
    if luck == 0.0:
        return math.sqrt(seen)
    if fdtrc(n - 1, freedom, seen / luck) > TOLD_APART:
        return math.nan
    return float(samples.std())


def _one_draw(values: Floats) -> Effects:
    """About luck alone: the mean of replications of shape (effects, replications), Student's by its error."""
    counts = (~np.isnan(values)).sum(axis=1)
    means = np.array([np.nanmean(v) if n else np.nan for v, n in zip(values, counts, strict=True)])
    sd = np.array([np.nanstd(v, ddof=1) if n > 1 else np.nan for v, n in zip(values, counts, strict=True)])
    error = sd / np.sqrt(np.maximum(counts, 1))
    freedom = max(1, int(counts.max(initial=0)) - 1)
    rng = np.random.default_rng(SEED)
    z = _normal(rng, _correlation(values), SAMPLES)
    wide = np.sqrt(freedom / rng.chisquare(freedom, SAMPLES))
    samples = means[:, None] + error[:, None] * z * wide
    none = np.full(len(means), np.nan)
    return Effects(samples[:, None, :], means[:, None], means, error, none, 1)


def _of_group(values: Floats, each: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Centers and samples of effects of shape (effects, draws, replications) that have one middle and spread."""
    means, noise, freedom = _noise(values)
    draws = means.shape[1]
    if draws < FEWEST or not freedom:
        return means, np.repeat(means[:, :, None], each, axis=2)
    around = _normal(rng, _correlation(means), each)
    inside = _normal(rng, _correlation((values - means[:, :, None]).reshape(len(values), -1)), draws * each)
    inside = inside.reshape(len(values), draws, each)
    centers, samples = np.empty_like(means), np.empty((len(values), draws, each))
    for i, (mean, luck) in enumerate(zip(means, noise, strict=True)):
        middle, between = float(mean.mean()), float(mean.var(ddof=1))
        if luck.mean() == 0.0 or math.isnan(between):
            centers[i], samples[i] = mean, mean[:, None]
            continue
        scale = freedom / rng.chisquare(freedom, each)  # what is not known of the noise
        spread = _spreads(between, float(luck.mean()) * scale, draws, rng)
        around_mean = middle + around[i] * np.sqrt((spread + luck.mean() * scale) / draws)
        own = luck[:, None] * scale
        weight = spread / (spread + own)
        center = around_mean + weight * (mean[:, None] - around_mean)
        samples[i] = center + np.sqrt(weight * own) * inside[i]
        centers[i] = center.mean(axis=1)
    return centers, samples


def _spreads(between: float, luck: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Samples of the variance over parameters, one for each noise of a mean, shape (samples,), flat in its root."""
    most = 4.0 * math.sqrt(between) + 4.0 * math.sqrt(float(luck.max()))
    tau = (np.arange(GRID) + 0.5) * most / GRID
    total = tau[None, :] ** 2 + luck[:, None]
    log = -0.5 * (draws - 1) * (np.log(total) + between / total)
    density = np.exp(log - log.max(axis=1, keepdims=True))
    chance = np.cumsum(density, axis=1)
    at = rng.random(len(luck))[:, None] * chance[:, -1:]
    step = np.minimum((chance < at).sum(axis=1), GRID - 1)
    found: Floats = (tau[step] + (rng.random(len(luck)) - 0.5) * most / GRID) ** 2
    return found


def _correlation(values: Floats) -> Floats:
    """Correlations of rows of shape (effects, cases); rows that do not vary are correlated with nothing."""
    x = np.nan_to_num(values - np.nanmean(np.where(np.isnan(values), 0.0, values), axis=1, keepdims=True))
    size = np.sqrt((x**2).sum(axis=1))
    x = np.divide(x, size[:, None], out=np.zeros_like(x), where=size[:, None] > 0)
    out: Floats = x @ x.T
    np.fill_diagonal(out, 1.0)
    return out


def _normal(rng: np.random.Generator, correlation: Floats, n: int) -> Floats:
    """Standard normals with a correlation, shape (effects, n)."""
    size, turned = np.linalg.eigh(correlation)
    root = turned * np.sqrt(np.maximum(size, 0.0))
    out: Floats = root @ rng.standard_normal((len(correlation), n))
    return out
