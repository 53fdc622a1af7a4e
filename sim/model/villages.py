"""The villages of a place: their sizes, their townships, and which of them a mechanism covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

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
        order = np.argsort(np.argsort((np.arange(self.count) * _GOLDEN + 0.25) % 1.0, kind="stable"))
        covered: NDArray[np.bool_] = order < round(share * self.count)
        return covered


def build_villages(place: Place, days: int) -> Villages:
    """Sizes follow a lognormal with the stated coefficient of variation, scaled to the reported population."""
    n = int(place.villages.count.value)
    townships = int(place.townships.count.value)
    sigma = np.sqrt(np.log1p(float(place.villages.size_cv.value) ** 2))
    rank = np.argsort(np.argsort((np.arange(n) * _GOLDEN) % 1.0, kind="stable"))
    sizes = np.exp(sigma * special.ndtri((rank + 0.5) / n))
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
