"""How much stronger or weaker a mechanism may be than assumed: the prior of its effect as a multiplier of 1.

An effect is assumed by several parameters with ranges. Each is turned into the multiplier that would give the same
dose: factors by their logarithms, probabilities of finding by their hazards, everything else in proportion. The
multiplier of a mechanism is the mean over its parameters, all at one quantile: high for one, high for all.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import quantile
from sim.scenario.quantity import Quantity

QUANTILES = (np.arange(400) + 0.5) / 400


def effect_parameters(measure: Measure, place: Place) -> dict[str, Quantity]:
    """The parameters that say how much a mechanism achieves: those that change its effects, and vary."""
    mechanism = MECHANISMS[measure.mechanism]
    values = {**mechanism.parameters(), **measure.parameters}
    plain = _effects(measure, place, {})
    out = {}
    for name, q in values.items():
        if q.low == q.high:
            continue
        ends = [q.model_copy(update={"value": x}) for x in (q.low, q.high)]
        if any(_effects(measure, place, {name: end}) != plain for end in ends):
            out[name] = q
    return out


def has_effect(measure: Measure, place: Place) -> bool:
    """Whether a measure achieves something by assumption, which rules, people and hours do not."""
    return bool(_effects(measure, place, {}))


def _effects(measure: Measure, place: Place, changed: dict[str, Quantity]) -> list[object]:
    made = MECHANISMS[measure.mechanism].made({**measure.parameters, **changed})
    return [edit for edit in made.edits(place) if edit.effect]


def dose(q: Quantity, x: float) -> float:
    """The dose that a value of a parameter stands for, on a scale on which doses add up."""
    if q.unit == "ratio":
        return math.log(max(x, 1e-9))
    if q.unit in ("probability", "share"):
        return -math.log1p(-min(x, 1 - 1e-9))
    return x


def multiplier_prior(measure: Measure, place: Place) -> NDArray[np.float64]:
    """Multipliers of the assumed effect at evenly spaced probabilities, ascending; all 1 if nothing is uncertain."""
    columns = []
    for q in effect_parameters(measure, place).values():
        middle = dose(q, float(q.value))
        if middle == 0.0:
            continue
        column = np.array([dose(q, quantile(q, float(u))) / middle for u in QUANTILES])
        columns.append(np.sort(np.maximum(column, 0.0)))
    return np.mean(columns, axis=0) if columns else np.ones(len(QUANTILES))
