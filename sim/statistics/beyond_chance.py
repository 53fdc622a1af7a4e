"""The worth of knowing a group of many parameters from few draws, and what chance alone would make of it.

With more columns than draws a regression fits anything. So a group is first brought down to the columns that go most
with the benefits, and the same is done with benefits whose draws were shuffled: what is worth less than 19 of 20 of
these shows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.statistics.value_of_information import Worth, partial, plain

Floats = NDArray[np.float64]
SHUFFLES = 40
LEVEL = 0.95
DRAWS_PER_COLUMN = 12
MOST_COLUMNS = 6
SEED = 20_261_130


@dataclass(frozen=True)
class Told:
    """A worth, and the worth that knowing nothing stays below in 95 of 100 cases; same unit."""

    worth: Worth
    floor: float

    @property
    def beyond(self) -> bool:
        """Whether it is more than chance would make."""
        return self.worth.value > self.floor


def of_group(benefits: Floats, known: Floats) -> Told:
    """The worth of knowing columns of `known`, shape (draws, columns); benefits of shape (options, draws)."""
    rng = np.random.default_rng(SEED)
    draws = benefits.shape[1]
    shuffled = [benefits[:, rng.permutation(draws)] for _ in range(SHUFFLES)]
    by_chance = [plain(b, foremost(b, known)) for b in shuffled]
    return Told(partial(benefits, foremost(benefits, known)), float(np.quantile(by_chance, LEVEL)))


def foremost(benefits: Floats, known: Floats) -> Floats:
    """The columns that go most with the differences between options, one for each dozen draws, six at most."""
    most = min(MOST_COLUMNS, max(1, len(known) // DRAWS_PER_COLUMN))
    if known.shape[1] <= most:
        return known
    x, y = (_standard(v) for v in (known, (benefits[1:] - benefits[:1]).T))
    along = np.abs(x.T @ y).max(axis=1)
    kept = np.sort(np.argsort(-along, kind="stable")[:most])
    return np.asarray(known[:, kept])


def _standard(values: Floats) -> Floats:
    """Columns with a mean of 0 and a length of 1; those that do not vary are 0."""
    centered = values - values.mean(axis=0)
    size = np.linalg.norm(centered, axis=0)
    out: Floats = centered / np.where(size > 0, size, 1.0)
    return out
