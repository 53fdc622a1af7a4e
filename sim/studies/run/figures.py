"""The figures of a run: one set at central values or under one reading of the record, else a set for each reading."""

from __future__ import annotations

import numpy as np

from sim.runs.outcomes import Outcomes
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.studies.study import Sketch

FIGURES = ("flow", "settlement", "load", "staff", "spread")


def run_figures(
    numbers: Outcomes, place: Place, seed: int, posterior: ParameterDraws | None
) -> dict[str, Sketch]:
    """By the name of its file: `flow`, or `flow_proportional` and `flow_target_driven` of a run with both readings.

    What happens differs between readings, so that no picture is a mean over two of them.
    """
    data = {"place": place, "seed": seed, "calibrated": posterior is not None}
    if posterior is None:
        return {name: Sketch(name, {**data, "outcomes": numbers, "reading": ""}) for name in FIGURES}
    reading = np.array([posterior.reading(int(draw)) for draw in numbers.draw], dtype=object)
    found = list(dict.fromkeys(reading.tolist()))
    parts = {one: numbers if len(found) == 1 else numbers.where(reading == one) for one in found}
    return {
        name if len(found) == 1 else f"{name}_{one}": Sketch(
            name, {**data, "outcomes": parts[one], "reading": one}
        )
        for name in FIGURES
        for one in found
    }
