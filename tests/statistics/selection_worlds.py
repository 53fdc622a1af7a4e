"""Worlds in which the best system is known: correlated values with given means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr
from scipy.stats import beta

from sim.statistics.selection import Selection, Simulate, Variance, kn


def luck(run: int, k: int, length: int, correlation: float, skewed: bool = False) -> np.ndarray:
    """Values of mean 0 and variance 1, shape (k, length), with common luck in every column.

    Skewed ones are exponential, correlated before the transformation.
    """
    # Seeded by the correlation too: with the same draws differences would merely be scaled by it.
    rng = np.random.default_rng([2024, run, round(1000 * correlation)])
    own = rng.standard_normal((k, length))
    z = np.sqrt(1 - correlation) * own + np.sqrt(correlation) * rng.standard_normal(length)
    return -np.log(ndtr(-z)) - 1 if skewed else z


def world(values: np.ndarray) -> Simulate:
    return lambda system, replications: values[system, replications.start : replications.stop]


def names(k: int) -> list[str]:
    return [f"s{i}" for i in range(k)]


def slippage(k: int, delta: float, correlation: float) -> tuple[list[float], float]:
    """Means of which the first is best by delta, for lower is better, and delta scaled to the paired differences."""
    scaled = delta * np.sqrt(1 - correlation)
    return [0.0] + [scaled] * (k - 1), scaled


def races(
    runs: int,
    means: Sequence[float],
    delta: float,
    *,
    correlation: float = 0.0,
    skewed: bool = False,
    spread: Sequence[float] | np.ndarray | None = None,
    length: int = 3000,
    first: int = 20,
    batch: int = 1,
    variance: Variance = "first",
) -> list[Selection]:
    """Races between systems with these means; standard deviations are 1 unless `spread` says otherwise."""
    scale = np.ones(len(means)) if spread is None else np.asarray(spread)
    k, shift = len(means), np.asarray(means)[:, None]
    return [
        kn(
            world(shift + scale[:, None] * luck(run, k, length, correlation, skewed)),
            names(k),
            delta=delta,
            first=first,
            batch=batch,
            variance=variance,
        )
        for run in range(runs)
    ]


def right(found: Sequence[Selection]) -> int:
    return sum(each.selected == 0 for each in found)


def upper(hits: int, runs: int, level: float = 0.99) -> float:
    """One-sided Clopper–Pearson bound: shares above it are refuted by the count."""
    return 1.0 if hits == runs else float(beta.ppf(level, hits + 1, runs - hits))


def lower(hits: int, runs: int, level: float = 0.99) -> float:
    return 1 - upper(runs - hits, runs, level)
