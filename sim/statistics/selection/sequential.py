"""The best of several systems with a promised probability, dropping the worse ones on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.statistics.selection.asking import Better, Chosen, Simulate, ask, check_systems, sign

Variance = Literal["first", "update"]


@dataclass(frozen=True)
class Dropped:
    """A system that left the race after `replications` of it, because `by` was that much better."""

    system: int
    replications: int
    by: int


@dataclass(frozen=True)
class Selection(Chosen):
    """What `kn` chose. Systems are numbers into `systems`; `means` and `delta` are in the metric's unit.

    `dropped` is in the order of leaving. `left` are the systems that were still in the race at the end, the selected
    one among them: several if the budget ended it (`stopped`; then nothing is promised), or if they had the same value
    in every replication, so that no number of replications would tell them apart. `replications` and `means` have one
    entry per system; means of systems that left earlier are from fewer replications.
    """

    left: tuple[int, ...]
    dropped: tuple[Dropped, ...]
    stopped: bool
    delta: float
    alpha: float
    better: Better
    variance: Variance
    first: int
    batch: int
    most: int | None


def kn(
    simulate: Simulate,
    systems: Sequence[str],
    *,
    delta: float,
    alpha: float = 0.05,
    better: Better = "lower",
    first: int = 20,
    batch: int = 1,
    most: int | None = None,
    variance: Variance = "first",
) -> Selection:
    """Select the system with the best mean, fully sequentially, with common random numbers.

    After `first` batches of `batch` replications of every system, one more batch of each system in the race is run at a
    time. At r batches, system i leaves when a system l in the race has a mean better by more than

        W_il(r) = max(0, delta / (2 r) · (h² S²_il / delta² - r)),

    where S²_il is the variance of the differences of batch means of i and l. The region narrows to nothing at
    r = h² S²_il / delta², so the race ends. Kim & Nelson (2001), "A fully sequential procedure for indifference-zone
    selection in simulation", ACM TOMACS 11(3), procedure KN with c = 1, which they recommend. h² is in `h_squared`.

    What is promised: if the best mean is better than every other by `delta` or more, it is selected with a
    probability of at least 1 - alpha. Closer ones count as indifferent, and the promise is silent about which of them
    is selected. Systems may depend on one another in any way, since alpha is divided among the k - 1 comparisons with
    the best (Bonferroni). The more luck systems share, the smaller S²_il and the fewer the replications.

    `variance` says which S²_il is used, and with that what kind of promise it is.

    - "first" (the default): that of the first batches, once and for all: procedure KN. The promise holds for any
      `first` if the batch means are jointly normal, since the first variance is then independent of all the means.
    - "update": that of all batches so far: KN++ of Kim & Nelson (2006), "On the asymptotic validity of fully sequential
      selection procedures for steady-state simulation", Operations Research 54(3), here with independent batches.
      The promise holds in the limit of a small delta, without normality. It takes fewer replications, but a variance
      that happens to come out small can end the race at once.

    Measured on slippage configurations (the best is `delta` better than all others, which are equal), alpha = 0.05, as
    share of right selections and mean replications of all systems. Normal values, `delta` 0.35 standard deviations of a
    paired difference, 2,000 races of each:

        systems  first   "first"        "update"
           5        5    0.969   294    0.873    87
           5       10    0.969   164    0.923    99
           5       20    0.971   142    0.953   122
          10       10    0.964   398    0.905   216
          10       20    0.966   325    0.945   261

    Over 4,000 races at `delta` 0.21 with `first` 20, updated variances gave 0.936 for two systems and 0.939 for five,
    which is short of 0.95 beyond chance, and the first ones 0.951 and 0.966; with `first` 40, or at `delta` 0.07,
    updated ones gave 0.951 and 0.949. Hence the default: it keeps the promise, for about a fifth more replications.

    Skewed values (five exponential systems, correlated 0.8 before the transformation, `delta` 0.14, 1,000 races) gave
    0.927 and 0.960 with `first` 10, 0.946 and 0.963 with 20, and 0.960 and 0.947 with 20 batches of 5: where the metric
    is skewed, use batches of five or more.

    `most` is the largest number of replications of all systems together; a round that would go beyond it is not begun,
    and the result then says that nothing is promised. Replications are numbered from 0; see `Simulate`.

    Raises ValueError for settings that make no sense, and with the system's name for a value that is missing.
    """
    check_systems(systems)
    k, direction = len(systems), sign(better)
    _check(k, delta, alpha, first, batch, most, variance)
    start = range(first * batch)
    begun = [ask(simulate, systems, i, start).reshape(first, batch).mean(axis=1) for i in range(k)]
    values = direction * np.stack(begun)  # (k, first); lower is better from here on

    r = first
    sums = values.sum(axis=1)
    mean, squares = _pairs(values)
    reach = h_squared(k, alpha, first, variance) / delta**2
    limit = reach * squares / (r - 1)  # batches after which the region of a pair is closed, (k, k)
    batches = np.full(k, first)
    racing = np.arange(k)
    dropped: list[Dropped] = []
    stopped = False
    while True:
        means = sums[racing] / r
        width = np.maximum(0.0, delta / (2 * r) * (limit[np.ix_(racing, racing)] - r))
        behind = means[:, None] - means[None, :] - width
        out = behind.max(axis=1) > 0  # never the lowest mean: widths are not negative
        for place in np.flatnonzero(out):
            by = int(racing[behind[place].argmax()])
            dropped.append(Dropped(int(racing[place]), r * batch, by))
        racing = racing[~out]
        # With every region closed only exact ties are left.
        if len(racing) == 1 or limit[np.ix_(racing, racing)].max() <= r:
            break
        if most is not None and (int(batches.sum()) + len(racing)) * batch > most:
            stopped = True
            break
        more = range(r * batch, (r + 1) * batch)
        new = np.zeros(k)
        for i in racing:
            new[i] = direction * ask(simulate, systems, int(i), more).mean()
        r += 1
        sums += new
        batches[racing] = r
        if variance == "update":
            # Welford's recursion on the differences themselves: exact for ties, where a difference of variances is not.
            # Rows of systems that have left are wrong from here on, and never looked at.
            apart = new[:, None] - new[None, :]
            before = apart - mean
            mean += before / r
            squares += before * (apart - mean)
            limit = reach * squares / (r - 1)

    averages = direction * sums / batches
    best = int(racing[(direction * averages[racing]).argmin()])
    return Selection(
        systems=tuple(systems),
        selected=best,
        left=tuple(int(i) for i in racing),
        dropped=tuple(dropped),
        replications=tuple(int(n) * batch for n in batches),
        means=tuple(float(each) for each in averages),
        stopped=stopped,
        delta=delta,
        alpha=alpha,
        better=better,
        variance=variance,
        first=first,
        batch=batch,
        most=most,
    )


def h_squared(k: int, alpha: float, first: int, variance: Variance) -> float:
    """The constant h² of the continuation region, without unit, for k systems.

    With b = alpha / (k - 1): (first - 1) ((2 b)^(-2 / (first - 1)) - 1) for variances of `first` batches (Kim & Nelson
    2001, h² = 2 c eta (first - 1) and g(eta) = b with c = 1), and -2 ln(2 b), its limit for many batches, for
    variances that are updated (Kim & Nelson 2006). The smaller `first`, the more the first one asks for.
    """
    tail = 2 * alpha / (k - 1)
    if variance == "update":
        return -2 * math.log(tail)
    return (first - 1) * math.expm1(-2 / (first - 1) * math.log(tail))


def _pairs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and sum of squared deviations of the differences of every pair of rows, each (k, k)."""
    apart = values[:, None, :] - values[None, :, :]
    mean = apart.mean(axis=2)
    return mean, ((apart - mean[:, :, None]) ** 2).sum(axis=2)


def _check(
    k: int, delta: float, alpha: float, first: int, batch: int, most: int | None, variance: Variance
) -> None:
    if not (delta > 0 and math.isfinite(delta)):
        raise ValueError(f"delta, the difference that matters, must be above zero, got {delta}")
    if not 0 < alpha < 1 - 1 / k:
        raise ValueError(
            f"alpha must lie between 0 and {1 - 1 / k:.4g}, since a blind choice among {k} "
            f"is right with a probability of {1 / k:.4g}; got {alpha}"
        )
    if first < 2:
        raise ValueError(f"a variance takes at least two first batches, got {first}")
    if batch < 1:
        raise ValueError(f"a batch is at least one replication, got {batch}")
    if most is not None and most < k * first * batch:
        raise ValueError(
            f"the first {first} batches of {batch} of {k} systems take {k * first * batch} replications, "
            f"more than the budget of {most}"
        )
    if variance not in ("first", "update"):
        raise ValueError(f"variance must be 'first' or 'update', got {variance!r}")
