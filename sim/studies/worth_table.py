"""Which policy is best at which worth of the objective: acceptability curves and frontier."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.scenario.metrics import KNOWN_METRICS
from sim.statistics.value_of_information import Curve, acceptability
from sim.studies.assemble import PlacePanel
from sim.studies.effect_intervals import believed_of

Floats = NDArray[np.float64]
STEPS = 13  # values of a unit of the objective, around those at which a policy pays


def gains(place: PlacePanel) -> Floats:
    """Samples of what each policy gains in the objective, baseline first, shape (policies, draws, samples)."""
    objective = place.panel.columns[0]
    samples = -KNOWN_METRICS[objective.metric].worse * believed_of(place, objective).samples
    return np.concatenate([np.zeros((1, *samples.shape[1:])), samples])


def over_values(place: PlacePanel, costs: pd.DataFrame) -> pd.DataFrame:
    """Acceptability curves and frontier over what one unit of the objective is worth in the window, in yuan.

    `p_best` is the probability that a policy has the highest net benefit, `frontier` whether its expected one is the
    highest, `expected_loss` what a choice by it loses on average, which is the worth of perfect information in yuan.
    """
    every = gains(place)
    flat = every.reshape(len(every), -1)
    priced = np.concatenate(
        [[0.0], costs.set_index("policy").loc[place.labels[1:], "yuan"].to_numpy(dtype=float)]
    )
    values = _values(flat.mean(axis=1), priced)
    found = acceptability(flat, priced, values)
    return curve_rows("yuan_per_unit", values, place.labels, found)


def curve_rows(over: str, values: Sequence[float], labels: Sequence[str], found: Curve) -> pd.DataFrame:
    """A row per value and policy: how surely it is best there, whether it is on the frontier, and the expected loss."""
    return pd.DataFrame(
        {
            over: value,
            "policy": policy,
            "p_best": float(found.accept[step, i]),
            "frontier": bool(found.frontier[step] == i),
            "expected_loss": float(found.loss[step]),
        }
        for step, value in enumerate(values)
        for i, policy in enumerate(labels)
    )


def _values(gain: Floats, costs: Floats) -> list[float]:
    """Nothing, and a geometric grid of three digits around the prices at which policies break even."""
    ratios = [c / g for c, g in zip(costs.tolist(), gain.tolist(), strict=True) if g > 0 and c > 0]
    if not ratios:
        return [0.0, 1.0, 10.0, 100.0, 1000.0]
    grid = np.geomspace(min(ratios) / 10, 10 * max(ratios), STEPS)
    return [0.0, *dict.fromkeys(float(f"{x:.2g}") for x in grid if math.isfinite(x))]
