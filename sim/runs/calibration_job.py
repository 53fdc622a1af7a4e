"""The job of a calibration: replications of a place, or of a part of it, at points of its parameter space."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.model import Model, build
from sim.outcomes.cases import Record, closed_cases, recorded
from sim.outcomes.figures import BY_COMMITTEE, FAILURES, RAISED, RESOLVED, SUCCESSES, figures
from sim.outcomes.reading import Reading, read
from sim.runs.fingerprint import code_digest
from sim.runs.job import canonical, canonical_measures
from sim.scenario.copies import changed
from sim.scenario.errors import ScenarioError
from sim.scenario.metrics import KNOWN_METRICS, READ
from sim.scenario.part import can_be_parted, part_of
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import measures_at, place_at, unknowns

WINDOW_END = "window.end"
RECORDING = "recording."
FEASIBLE = "feasible"
MIDDLE = 0.5
LARGE = 13_000  # disputes of a superset that a part of a large place may have
CASES = {name + suffix for name in (SUCCESSES, FAILURES) for suffix in ("", f" {BY_COMMITTEE}")}
AGAIN = (
    1 << 24
)  # replications between the lucks of records of the same cases; larger than any number of points


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


def parts_of(place: Place, measures: Sequence[Measure]) -> int:
    """Into how many parts a large place may be divided: one of them has at most `LARGE` disputes; 1 for most places."""
    if not can_be_parted(measures):
        return 1
    disputes = float(build(place, measures).villages.expected.sum())
    villages = int(place.villages.count.value)
    return max(1, min(math.ceil(disputes / LARGE), villages))


def grows(name: str) -> bool:
    """Whether a figure of a whole place is so many times that of a part."""
    metric = KNOWN_METRICS.get(name)
    return name in CASES or name in (RAISED, RESOLVED) or (metric is not None and metric.summed)


def at_scores(
    place: Place, measures: tuple[Measure, ...], scores: dict[str, float]
) -> tuple[Place, tuple[Measure, ...]]:
    """Place and measures with each number at a normal score of its prior: 0 is its value, ±∞ the ends of its range."""
    values = ndtr(np.array(list(scores.values()), dtype=float)).tolist()
    chances: dict[str, float] = dict(zip(scores, values, strict=True))

    def chance(name: str) -> float:
        return chances.get(name, MIDDLE)

    drawn = place_at(place, chance)
    if WINDOW_END in chances:
        window = place.window
        days = (window.end_latest - window.end_earliest).days + 1
        end = window.end_earliest + timedelta(days=min(days - 1, int(chances[WINDOW_END] * days)))
        drawn = changed(drawn, {"window": changed(window, {"end": end})})
    return drawn, measures_at(measures, chance)


@dataclass(frozen=True)
class CalibrationJob:
    """Replication i has its parameters at the normal scores of row i // repeats, and luck of its own.

    `scores` has shape (points, coordinates). A point at which the numbers do not fit together, or staff lack the hours
    that measures take, gives one row: not feasible. With a `reading`, what the place writes down is found, too, under
    the names of `recorded_name`.

    With `parts` above 1 one of so many parts of the place is simulated, its counts are taken so many times, and its
    cases are recorded so many times, each with luck of its own.
    """

    place: Place
    measures: tuple[Measure, ...]
    names: tuple[str, ...]
    scores: NDArray[np.float64]
    seed: int
    repeats: int = 1
    reading: str = ""
    parts: int = 1
    engine: str = "compiled"

    @cached_property
    def key(self) -> str:
        """Names the results by all that decides them."""
        h = hashlib.sha256(np.ascontiguousarray(self.scores).tobytes())
        text = f"{canonical(self.place)} {canonical_measures(self.measures)} {self.names} seed={self.seed}"
        text += f" repeats={self.repeats} {self.reading}" + (f" parts={self.parts}" if self.parts > 1 else "")
        h.update(f"calibration {text} code={code_digest()}".encode())
        return h.hexdigest()[:16]

    def prepare(self) -> dict[bytes, Model | None]:
        """Nothing yet: the model of a point is built when its first replication is run, and kept until another's."""
        return {}

    def model(self, point: int) -> Model | None:
        """The model of a point; None if there is none."""
        scores = dict(zip(self.names, self.scores[point].tolist(), strict=True))
        try:
            place, measures = at_scores(self.place, self.measures, scores)
            return build(part_of(place, self.parts), measures)
        except ScenarioError:
            return None

    def run(self, prepared: Any, replication: int) -> list[dict[str, Any]]:
        """The figures of one replication by metric."""
        point = replication // self.repeats
        where = self.scores[point].tobytes()  # rows may be given several times
        if where not in prepared:
            prepared.clear()
            prepared[where] = self.model(point)
        model = prepared[where]
        if model is None:
            return [{"metric": FEASIBLE, "value": 0.0}]
        luck = Draws(self.seed, replication)
        reading = read(simulator(self.engine)(model, luck))
        found = {k: v * (self.parts if grows(k) else 1) for k, v in figures(reading, model, luck).items()}
        if self.reading:
            record = self._record(reading, model, replication)
            values = (float(record.mediated), float(record.succeeded), float(record.rate))
            found |= {recorded_name(m): v for m, v in zip(READ, values, strict=True)}
        return [{"metric": FEASIBLE, "value": 1.0}, *({"metric": m, "value": v} for m, v in found.items())]

    def _record(self, reading: Reading, model: Model, replication: int) -> Record:
        """What the place writes down of the cases, those of a part as often as there are parts."""
        spec = model.recording
        cases = closed_cases(reading, basis=spec.basis, counts_returns=spec.counts_returns)
        every = [
            recorded(
                cases, reading.trace, model, Draws(self.seed, replication + n * AGAIN), reading=self.reading
            )
            for n in range(self.parts)
        ]
        return Record(sum(r.mediated for r in every), sum(r.succeeded for r in every))
