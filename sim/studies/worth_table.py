"""What it is worth to know more before a choice, and which policy is best at which worth of the objective."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import marked
from sim.scenario.metrics import KNOWN_METRICS
from sim.statistics.value_of_information import acceptability, perfect
from sim.studies.assemble import PlacePanel
from sim.studies.effect_table import believed_of

Floats = NDArray[np.float64]
READING = marked("which reading of the record is right")
EVERYTHING = marked("all parameters")
STEPS = 13  # values of a unit of the objective, around those at which a policy pays


def gains(place: PlacePanel) -> Floats:
    """Samples of what each policy gains in the objective, baseline first, shape (policies, draws, samples)."""
    objective = place.panel.columns[0]
    samples = -KNOWN_METRICS[objective.metric].worse * believed_of(place, objective).samples
    return np.concatenate([np.zeros((1, *samples.shape[1:])), samples])


def known(place: PlacePanel) -> pd.DataFrame:
    """The worth of knowing the reading, and all parameters, in the unit of the objective; costs are left out of it.

    Empty at central values, where nothing is known to be unknown.
    """
    if place.panel.draws < 2:
        return pd.DataFrame()
    every = gains(place)
    objective = place.panel.columns[0]
    rows = [(EVERYTHING, perfect(every.reshape(len(every), -1)).value)]
    parts = _by_reading(place)
    if parts:
        rows.insert(0, (READING, min(_of_reading(parts), rows[0][1])))
    unit = KNOWN_METRICS[objective.metric].unit
    return pd.DataFrame(
        [{"objective": objective.metric, "known": name, "worth": worth, "unit": unit} for name, worth in rows]
    )


def _by_reading(place: PlacePanel) -> list[tuple[float, Floats]]:
    """Of each reading its share of the draws, and the mean gain of each policy under it."""
    groups, objective = place.groups, place.panel.columns[0]
    if groups is None or len(set(groups)) < 2:
        return []
    sign, out = -KNOWN_METRICS[objective.metric].worse, []
    for number in sorted(set(groups)):
        found = believed_of(place, objective, np.array(groups) == number)
        out.append((float(found.draws), np.concatenate([[0.0], sign * found.samples.mean(axis=(1, 2))])))
    total = sum(n for n, _ in out)
    return [(n / total, means) for n, means in out]


def _of_reading(parts: list[tuple[float, Floats]]) -> float:
    """What one gains by choosing under each reading for itself, instead of once for both."""
    apart = sum(share * float(means.max()) for share, means in parts)
    once = np.sum([share * means for share, means in parts], axis=0)
    return max(0.0, apart - float(once.max()))


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
    rows = []
    for step, value in enumerate(values):
        for i, policy in enumerate(place.labels):
            rows.append(
                {
                    "yuan_per_unit": value,
                    "policy": policy,
                    "p_best": float(found.accept[step, i]),
                    "frontier": bool(found.frontier[step] == i),
                    "expected_loss": float(found.loss[step]),
                }
            )
    return pd.DataFrame(rows)


def _values(gain: Floats, costs: Floats) -> list[float]:
    """Nothing, and a geometric grid of three digits around the prices at which policies break even."""
    ratios = [c / g for c, g in zip(costs.tolist(), gain.tolist(), strict=True) if g > 0 and c > 0]
    if not ratios:
        return [0.0, 1.0, 10.0, 100.0, 1000.0]
    grid = np.geomspace(min(ratios) / 10, 10 * max(ratios), STEPS)
    return [0.0, *dict.fromkeys(float(f"{x:.2g}") for x in grid if math.isfinite(x))]
