"""The villages of a place: their sizes, their townships, and which of them a mechanism covers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.model.tables import read_only
from sim.scenario.place import Place

# The golden ratio's fractional part: multiples of it modulo 1 spread evenly, so that big villages, covered villages
# and townships are not correlated by construction (a deterministic stand-in for shuffling).
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Villages:
    """`persons`, `township` and `expected` (grievances over the whole run, superset included) have shape (count,)."""

    count: int
    townships: int
    persons: NDArray[np.float64]
    township: NDArray[np.int64]
    expected: NDArray[np.float64]
    dispersion: float

    def covered(self, share: float) -> NDArray[np.bool_]:
        """Which villages belong to a coverage of `share`: a larger share contains the smaller one."""
        covered: NDArray[np.bool_] = _ranks(self.count, 0.25) < round(share * self.count)
        return covered


@lru_cache(maxsize=256)
def _ranks(count: int, shift: float) -> NDArray[np.int64]:
    """Numbers 0 to count - 1, scattered evenly over the villages."""
    return read_only(np.argsort(np.argsort((np.arange(count) * _GOLDEN + shift) % 1.0, kind="stable")))


@lru_cache(maxsize=256)
def _scores(count: int) -> NDArray[np.float64]:
    """Standard normal scores of as many villages."""
    return read_only(special.ndtri((_ranks(count, 0.0) + 0.5) / count))


def build_villages(place: Place, days: int) -> Villages:
    """Sizes follow a lognormal with the stated coefficient of variation, scaled to the reported population."""
    n = int(place.villages.count.value)
    townships = int(place.townships.count.value)
    sigma = np.sqrt(np.log1p(float(place.villages.size_cv.value) ** 2))
    sizes = np.exp(sigma * _scores(n))
    persons = float(place.population.persons.value) * sizes / sizes.sum()
    rate = float(place.incidence.latent_rate.value) / 1000.0 * float(place.incidence.superset.value)
    return Villages(
        count=n,
        townships=townships,
        persons=persons,
        township=np.arange(n, dtype=np.int64) * townships // n,
        expected=persons * rate * days / 365.0,
        dispersion=float(place.incidence.village_dispersion.value),
    )
