"""Where a case takes its parameters from: a point is a number, and gives a place and the measures in force there.

Points are numbered as it suits their kind; every kind says which of its numbers are values that an analyst wrote. What
cannot be at such a point is a mistake in a scenario; at any other it is a point that is impossible (`impossible.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.scenario.copies import copied
from sim.scenario.parameter_draws import Drawn, ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.prior import drawn_measures, drawn_place, measures_at, place_at, shared_names, unknowns

CENTRAL = 0  # the draw that has the central values, of the prior and of a posterior
WINDOW_END = "window.end"
RECORDING = "recording."
MIDDLE = 0.5

Floats = NDArray[np.float64]


class Points(Protocol):
    """A kind of points. It is pickled with a case."""

    @property
    def key(self) -> str:
        """All that decides the points, as one text."""
        ...

    @property
    def called(self) -> str:
        """What one of them is called in a message."""
        ...

    def written(self, draw: int) -> bool:
        """Whether a point has the values that an analyst wrote."""
        ...

    def where(self, draw: int) -> Hashable:
        """The same for two numbers of one point."""
        ...

    def at(self, place: Place, measures: Sequence[Measure], seed: int, draw: int) -> Drawn:
        """Place and measures at a point. Raises ScenarioError where the numbers do not fit together."""
        ...


@dataclass(frozen=True)
class Prior:
    """Draws from the ranges of the scenario, numbered from 1; 0 are the central values."""

    key: ClassVar[str] = "prior"
    called: ClassVar[str] = "draw"

    def written(self, draw: int) -> bool:
        """See `Points`."""
        return draw == CENTRAL

    def where(self, draw: int) -> Hashable:
        """See `Points`."""
        return draw

    def at(self, place: Place, measures: Sequence[Measure], seed: int, draw: int) -> Drawn:
        """See `Points`."""
        return drawn_place(place, seed, draw), drawn_measures(tuple(measures), seed, draw)


@dataclass(frozen=True)
class Posterior:
    """Draws of a posterior, numbered from 1; 0 are the central values."""

    draws: ParameterDraws
    called: ClassVar[str] = "draw"

    @property
    def key(self) -> str:
        """See `Points`."""
        return f"posterior {self.draws.key}"

    def written(self, draw: int) -> bool:
        """See `Points`."""
        return draw == CENTRAL

    def where(self, draw: int) -> Hashable:
        """See `Points`."""
        return draw

    def at(self, place: Place, measures: Sequence[Measure], seed: int, draw: int) -> Drawn:
        """See `Points`."""
        if draw == CENTRAL:
            return place, tuple(measures)
        return self.draws.model(place, tuple(measures), seed, draw)


@dataclass(frozen=True)
class Scores:
    """Points at normal scores of the prior, shape (points, names), numbered from 0. See `at_scores`."""

    names: tuple[str, ...]
    scores: Floats
    called: ClassVar[str] = "point"

    @cached_property
    def key(self) -> str:
        """See `Points`."""
        content = hashlib.sha256(np.ascontiguousarray(self.scores).tobytes())
        return f"scores {self.names} {content.hexdigest()}"

    def written(self, draw: int) -> bool:
        """See `Points`."""
        return False

    def where(self, draw: int) -> Hashable:
        """See `Points`."""
        content: bytes = self.scores[draw].tobytes()
        return content

    def at(self, place: Place, measures: Sequence[Measure], seed: int, draw: int) -> Drawn:
        """See `Points`."""
        scores = dict(zip(self.names, self.scores[draw].tolist(), strict=True))
        return at_scores(place, tuple(measures), scores)


def points_of(draws: ParameterDraws | None) -> Points:
    """Of a posterior, or of the prior where there is none."""
    return Prior() if draws is None else Posterior(draws)


def coordinates(place: Place, measures: tuple[Measure, ...]) -> tuple[str, ...]:
    """The names of what a calibration of a place varies, all but what only its record depends on.

    What numbers of one name have in common, and an end of the window that is not known, are among them.
    """
    names = [n for n in unknowns(place, measures) if not n.startswith(RECORDING)]
    names += shared_names(place, names)
    if place.window.end_earliest < place.window.end_latest:
        names.append(WINDOW_END)
    return tuple(names)


def at_scores(place: Place, measures: tuple[Measure, ...], scores: dict[str, float]) -> Drawn:
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
        drawn = copied(drawn, {"window": copied(window, {"end": end})})
    return drawn, measures_at(measures, chance)
