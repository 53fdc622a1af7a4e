"""The job of a calibration: one replication of a place for each point of its parameter space."""

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
from sim.model import build
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
    """Replication i has its parameters at the normal scores of row i, and luck of its own.

    `scores` has shape (replications, coordinates). A point at which the numbers do not fit together, or staff lack the
    hours that measures take, gives one row: not feasible.
    """

    place: Place
    measures: tuple[Measure, ...]
    names: tuple[str, ...]
    scores: NDArray[np.float64]
    seed: int
    engine: str = "compiled"

    @cached_property
    def key(self) -> str:
        """Names the results by all that decides them."""
        h = hashlib.sha256(np.ascontiguousarray(self.scores).tobytes())
        text = f"{canonical(self.place)} {canonical_measures(self.measures)} {self.names} seed={self.seed}"
        h.update(f"calibration {text} code={code_digest()}".encode())
        return h.hexdigest()[:16]

    def prepare(self) -> None:
        """Nothing: every replication has a model of its own."""

    def run(self, prepared: Any, replication: int) -> list[dict[str, Any]]:
        """The figures of one replication by metric."""
        scores = dict(zip(self.names, self.scores[replication].tolist(), strict=True))
        try:
            model = build(*at_scores(self.place, self.measures, scores))
        except ScenarioError:
            return [{"metric": FEASIBLE, "value": 0.0}]
        luck = Draws(self.seed, replication)
        found = figures(read(simulator(self.engine)(model, luck)), model, luck)
        return [{"metric": FEASIBLE, "value": 1.0}, *({"metric": m, "value": v} for m, v in found.items())]
