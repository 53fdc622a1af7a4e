"""The disputes that could arise in one replication: a fixed superset, numbered before any policy acts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.draws import MAX_PER_VILLAGE, SLOT_SHIFT, Draws
from sim.model import Model
from sim.vocabulary import DecisionPoint


def village_counts(model: Model, draws: Draws) -> NDArray[np.int64]:
    """Size of the superset in each village, shape (villages,): negative binomial, as a gamma mixture of Poissons.

    The gamma multiplier of a village has mean 1 and shape `village_dispersion`. Both steps invert a distribution
    function at the village's own uniforms, so that more grievances per head only add disputes at the end.
    """
    villages = model.villages
    slots = np.arange(villages.count, dtype=np.int64)
    shape = villages.dispersion
    multiplier = special.gammaincinv(shape, draws.column(DecisionPoint.VILLAGE_RATE, 0, slots)) * (1 / shape)
    mean = villages.expected * multiplier
    counts = np.nan_to_num(_poisson_quantile(draws.column(DecisionPoint.VILLAGE_COUNT, 0, slots), mean))
    counts = counts.astype(np.int64)
    if counts.max(initial=0) >= MAX_PER_VILLAGE:
        raise OverflowError(f"a village has {counts.max()} disputes, more than {MAX_PER_VILLAGE - 1} per run")
    return np.asarray(counts, dtype=np.int64)


def _poisson_quantile(u: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """As scipy.stats.poisson.ppf, which takes a while to import and to call."""
    above = np.ceil(special.pdtrik(u, mean))
    below = np.maximum(above - 1, 0)
    out: NDArray[np.float64] = np.where(special.pdtr(below, mean) >= u, below, above)
    return out


def slots_of(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Slots of all disputes, by village and number: the keys of their luck. A further dispute shifts no other."""
    village = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    first = np.repeat(np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    number = np.arange(len(village), dtype=np.int64) - first
    out: NDArray[np.int64] = (village << SLOT_SHIFT) | number
    return out
