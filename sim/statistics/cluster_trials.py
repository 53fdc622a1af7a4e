"""Trials in which clusters, not people, have a policy or not: estimates, their errors, and what a design is good for.

A trial has clusters (villages, townships) in rows and periods in columns. Which cells are under the policy is a matrix
of 0 and 1 that belongs to the design: one period with half of the rows is a parallel trial; rows that begin one after
the other are a stepped wedge (Hussey and Hughes 2007, Contemporary Clinical Trials 28, 182-191). Many trials of one
design are analysed at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVEL = 0.05  # of all tests, two-sided
WITHIN = 1.0  # weight of a cluster's own mean that leaves comparisons within clusters only


@dataclass(frozen=True)
class Tested:
    """Estimates of an effect, one for each trial, with standard errors and p values of a two-sided t test."""

    estimate: Floats
    se: Floats
    p: Floats


@dataclass(frozen=True)
class Variance:
    """Variance of a cell's mean: between clusters, and of a cell within its cluster, in the square of the unit."""

    between: float
    within: float

    @property
    def icc(self) -> float:
        """Intraclass correlation of cells of one cluster; NaN where nothing varies."""
        total = self.between + self.within
        return self.between / total if total > 0 else math.nan

    def weight(self, periods: int, length: float = 1.0) -> float:
        """What generalised least squares take off each cell of its cluster's mean, between 0 and 1.

        Cells are means of `length` of those that `within` is of, there are `periods` of them.
        """
        cell = self.within / length
        return 1.0 - math.sqrt(cell / (cell + periods * self.between)) if cell + self.between > 0 else 0.0


def variance(cells: Floats) -> Variance:
    """Components of cells of shape (samples, clusters, periods), free of what all clusters have in common in a period.

    Two-way analysis of variance without interaction, mean squares averaged over samples (Searle, Casella and McCulloch
    1992, ch. 4); not below zero. With one period nothing can be told apart, and all is between clusters.
    """
    samples, clusters, periods = cells.shape
    free = cells - cells.mean(axis=1, keepdims=True)
    means = free.mean(axis=2)
    between = float((means**2).sum()) * periods / (samples * (clusters - 1))
    if periods == 1:
        return Variance(between, 0.0)
    rest = free - means[:, :, None]
    within = float((rest**2).sum()) / (samples * (clusters - 1) * (periods - 1))
    return Variance(max(0.0, (between - within) / periods), within)


def starts(clusters: int, arms: int) -> Ints:
    """The arm of each row, 0 and up, as equally many in each as there can be; those of arm 0 come first."""
    return np.arange(clusters, dtype=np.int64) * arms // clusters


def parallel(clusters: int) -> Floats:
    """One period; the first half of the rows is treated (of an odd number the smaller half). Shape (clusters, 1)."""
    return (np.arange(clusters) < clusters // 2).astype(float)[:, None]


def wedge(clusters: int, steps: int) -> Floats:
    """All rows begin untreated; a group more is treated in each of `steps` periods. Shape (clusters, steps + 1)."""
    first = starts(clusters, steps) + 1
    return (np.arange(steps + 1)[None, :] >= first[:, None]).astype(float)


def coefficients(treated: Floats, weight: float) -> Floats:
    """The estimate as a sum over cells, by generalised least squares with an effect of each period; shape as given.

    `weight` of `Variance.weight`; 1 is the estimate within clusters (fixed effects). Rows add up to nothing over
    clusters in each period, so that what all clusters share plays no part. ValueError where nothing tells the effect.
    """
    x = treated - weight * treated.mean(axis=1, keepdims=True)
    x = x - x.mean(axis=0, keepdims=True)
    size = float((x**2).sum())
    if size < 1e-12:
        raise ValueError("the design has no cells that tell the effect from clusters and periods")
    c = x / size
    out: Floats = c - weight * c.mean(axis=1, keepdims=True)
    return out


def analyse(cells: Floats, treated: Floats, weight: float = 0.0) -> Tested:
    """The effect in trials of shape (trials, clusters, periods) whose rows stand in the order of the design.

    The error is that of drawing clusters by lot (Hoeffding 1951, Annals of Mathematical Statistics 22, 558-566),
    from what the estimate leaves unexplained, whatever cells of a cluster have in common; with one period it is the
    t test of two groups. Degrees of freedom: clusters less two.
    """
    clusters = cells.shape[1]
    c = coefficients(treated, weight)
    estimate = np.einsum("tcp,cp->t", cells, c)
    rest = cells - estimate[:, None, None] * treated
    rest = rest - rest.mean(axis=1, keepdims=True)
    shared = np.einsum("tcp,tcq->tpq", rest, rest)
    freedom = clusters - 2
    if freedom < 1:
        raise ValueError("a trial needs three clusters at least")
    square = np.einsum("tpq,pq->t", shared, c.T @ c) / freedom
    return _tested(estimate, np.sqrt(np.maximum(square, 0.0)), freedom)


def paired(differences: Floats) -> Tested:
    """The effect from differences within matched pairs, shape (trials, pairs): a paired t test."""
    pairs = differences.shape[1]
    if pairs < 2:
        raise ValueError("a trial needs two pairs at least")
    se = differences.std(axis=1, ddof=1) / math.sqrt(pairs)
    return _tested(differences.mean(axis=1), se, pairs - 1)


def _tested(estimate: Floats, se: Floats, freedom: int) -> Tested:
    """A difference without any spread is one for certain; no difference is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(se > 0, estimate / se, np.where(estimate == 0, 0.0, np.inf))
    return Tested(estimate, se, 2.0 * stats.t.sf(np.abs(t), freedom))


def power_of_wedge(effect: float, variance_of: Variance, clusters: int, steps: int) -> float:
    """Power of a z test, closed form of Hussey and Hughes (2007), equation 7; `within` is that of a cell's mean."""
    x = wedge(clusters, steps)
    periods = steps + 1
    u = x.sum()
    w = (x.sum(axis=0) ** 2).sum()
    v = (x.sum(axis=1) ** 2).sum()
    s, t = variance_of.within, variance_of.between
    above = clusters * s * (s + periods * t)
    below = (clusters * u - w) * s + (u**2 + clusters * periods * u - periods * w - clusters * v) * t
    return _power(effect, math.sqrt(above / below))


def power_of_parallel(effect: float, variance_of: Variance, clusters: int) -> float:
    """Power of a trial with half of the clusters in each arm and one period, by the usual formula of clusters.

    Exact t test of cluster means, whose variance is `between` + `within` (Hayes and Moulton 2017, ch. 7).
    """
    se = math.sqrt(4.0 / clusters * (variance_of.between + variance_of.within))
    freedom = clusters - 2
    bar = float(stats.t.isf(LEVEL / 2, freedom))
    shift = abs(effect) / se
    return float(stats.nct.sf(bar, freedom, shift) + stats.nct.cdf(-bar, freedom, shift))


def _power(effect: float, se: float) -> float:
    bar = float(stats.norm.isf(LEVEL / 2))
    shift = abs(effect) / se
    return float(stats.norm.sf(bar - shift) + stats.norm.cdf(-bar - shift))


@dataclass(frozen=True)
class Number:
    """A number with its Monte Carlo standard error."""

    value: float
    se: float


@dataclass(frozen=True)
class Operating:
    """What to expect of trials of one design, over the effects that were drawn.

    `power`: share that show an effect at 5 %. `bias`: mean estimate less mean effect. `exaggerates` (type M): by what
    factor the size of estimates that show an effect exceeds that of their effects. `reverses` (type S): share of these
    that have the wrong sign (Gelman and Carlin 2014, Perspectives on Psychological Science 9, 641-651).
    """

    power: Number
    bias: Number
    effect: Number
    exaggerates: float
    reverses: float


def operating(tested: Tested, effect: Floats, group: Ints) -> Operating:
    """Of trials with their effects, shape (trials,). Those of one `group` share draws and luck."""
    shown = tested.p < LEVEL
    power = over_groups(shown.astype(float), group)
    bias = over_groups(tested.estimate - effect, group)
    exaggerates = reverses = math.nan
    size = float(np.abs(effect[shown]).mean()) if shown.any() else 0.0
    if size > 0:
        exaggerates = float(np.abs(tested.estimate[shown]).mean()) / size
        reverses = float((np.sign(tested.estimate[shown]) != np.sign(effect[shown])).mean())
    return Operating(power, bias, over_groups(effect, group), exaggerates, reverses)


def over_groups(values: Floats, group: Ints) -> Number:
    """Mean, and its error from the spread of the means of groups, shape (trials,)."""
    _, at, counts = np.unique(group, return_inverse=True, return_counts=True)
    means = np.bincount(at, weights=values) / counts
    se = float(means.std(ddof=1)) / math.sqrt(len(means)) if len(means) > 1 else math.nan
    return Number(float(values.mean()), se)
