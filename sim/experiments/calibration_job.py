"""The job of a calibration: replications of a place at points of its parameter space."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.experiments.job import canonical, canonical_measures, code_digest
from sim.model import Model, build
from sim.outcomes.cases import closed_cases, recorded
from sim.outcomes.figures import figures
from sim.outcomes.reading import read
from sim.scenario.errors import ScenarioError
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import measures_at, place_at, unknowns

WINDOW_END = "window.end"
RECORDING = "recording."
FEASIBLE = "feasible"
MIDDLE = 0.5
RECORDED = ("mediated", "succeeded", "success_rate")


def recorded_name(metric: str) -> str:
    """The name under which the recorded value of a metric is found, beside the true one."""
    return f"recorded {metric}"


def coordinates(place: Place, measures: tuple[Measure, ...]) -> tuple[str, ...]:
    """The names of what a calibration of a place varies, all but what only its record depends on.

    An end of the window that is not known is one of them.
    """
    names = [n for n in unknowns(place, measures) if not n.startswith(RECORDING)]
    if place.window.end_earliest < place.window.end_latest:
        names.append(WINDOW_END)
    return tuple(names)


def at_scores(
    place: Place, measures: tuple[Measure, ...], scores: dict[str, float]
) -> tuple[Place, tuple[Measure, ...]]:
    """Place and measures with each number at a normal score of its prior: 0 is its value, ±∞ the ends of its range."""
    chances = {name: float(ndtr(z)) for name, z in scores.items()}

    def chance(name: str) -> float:
        return chances.get(name, MIDDLE)

    if WINDOW_END in chances:
        window = place.window
        days = (window.end_latest - window.end_earliest).days + 1
        end = window.end_earliest + timedelta(days=min(days - 1, int(chances[WINDOW_END] * days)))
        place = place.model_copy(update={"window": window.model_copy(update={"end": end})})
    return place_at(place, chance), measures_at(measures, chance)


@dataclass(frozen=True)
class CalibrationJob:
    """Replication i has its parameters at the normal scores of row i // repeats, and luck of its own.

    `scores` has shape (points, coordinates). A point at which the numbers do not fit together, or staff lack the hours
    that measures take, gives one row: not feasible. With a `reading`, what the place writes down is found, too, under
    the names of `recorded_name`.
    """

    place: Place
    measures: tuple[Measure, ...]
    names: tuple[str, ...]
    scores: NDArray[np.float64]
    seed: int
    repeats: int = 1
    reading: str = ""
    engine: str = "compiled"

    @cached_property
    def key(self) -> str:
        """Names the results by all that decides them."""
        h = hashlib.sha256(np.ascontiguousarray(self.scores).tobytes())
        text = f"{canonical(self.place)} {canonical_measures(self.measures)} {self.names} seed={self.seed}"
        text += f" repeats={self.repeats} {self.reading}"
        h.update(f"calibration {text} code={code_digest()}".encode())
        return h.hexdigest()[:16]

    def prepare(self) -> dict[int, Model | None]:
        """Nothing yet: the model of a point is built when its first replication is run, and kept until the next's."""
        return {}

    def model(self, point: int) -> Model | None:
        """The model of a point; None if there is none."""
        scores = dict(zip(self.names, self.scores[point].tolist(), strict=True))
        try:
            return build(*at_scores(self.place, self.measures, scores))
        except ScenarioError:
            return None

    def run(self, prepared: Any, replication: int) -> list[dict[str, Any]]:
        """The figures of one replication by metric."""
        point = replication // self.repeats
        if point not in prepared:
            prepared.clear()
            prepared[point] = self.model(point)
        model = prepared[point]
        if model is None:
            return [{"metric": FEASIBLE, "value": 0.0}]
        luck = Draws(self.seed, replication)
        reading = read(simulator(self.engine)(model, luck))
        found = figures(reading, model, luck)
        if self.reading:
            spec = model.recording
            cases = closed_cases(reading, basis=spec.basis, counts_returns=spec.counts_returns)
            record = recorded(cases, reading.trace, model, luck, reading=self.reading)
            values = (float(record.mediated), float(record.succeeded), float(record.rate))
            found |= {recorded_name(m): v for m, v in zip(RECORDED, values, strict=True)}
        return [{"metric": FEASIBLE, "value": 1.0}, *({"metric": m, "value": v} for m, v in found.items())]
