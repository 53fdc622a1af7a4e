"""Which parameters move which outcome, and which the choice between policies: indices with their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message
from sim.statistics.sensitivity import first_order, information

Floats = NDArray[np.float64]


class ExtraMissing(RuntimeError):
    """SALib is not installed."""


@dataclass(frozen=True)
class ValueOfKnowing:
    """`frame`: parameter, value, floor, above; `perfect` is the value of knowing all, `best` the policy to choose."""

    frame: pd.DataFrame
    perfect: float
    best: str


def indices_of(names: Sequence[str], scores: Floats, outcome: Floats, seed: int) -> pd.DataFrame:
    """First-order indices of an outcome (draws,), a row per parameter. Raises ExtraMissing without SALib."""
    try:
        found = first_order(scores, outcome, seed)
    except ImportError as error:
        raise ExtraMissing(
            Message("sensitivity needs SALib; install it with: pip install 'village-disputes[sensitivity]'")
        ) from error
    return pd.DataFrame(
        {
            "parameter": [names[i] for i in found.parameters],
            "index": found.index,
            "half": found.half,
            "limit": found.limit,
            "above": found.above,
        }
    )


def value_of_knowing(
    names: Sequence[str], scores: Floats, policies: Sequence[str], objective: Floats, better: str, seed: int
) -> ValueOfKnowing:
    """What knowing a parameter before choosing a policy is worth; `objective` (policies, draws, replications)."""
    found = information(scores, objective, better, seed)
    frame = pd.DataFrame(
        {
            "parameter": [names[i] for i in found.parameters],
            "value": found.value,
            "floor": found.floor,
            "above": found.above,
        }
    )
    return ValueOfKnowing(frame, found.perfect, policies[found.best])
