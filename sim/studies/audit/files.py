"""Draws with the chance that parties of a file called successful say that it is settled, by reading of the record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario.metrics import READINGS
from sim.scenario.parameter_draws import Drawn
from sim.scenario.prices import CallBackPrice
from sim.statistics.call_back import weights
from sim.studies.assemble import PlacePanel
from sim.studies.call_back import answers, files, settled

Floats = NDArray[np.float64]
TINY = 1e-9


@dataclass(frozen=True)
class Files:
    """By row: the draw, among those that count, the number of its reading in `READINGS`, and the chance of a yes.

    Draws of a posterior belong to one reading; without one each stands for both. `called` is how many files are called
    successful in a middling draw.
    """

    draw: NDArray[np.int64]
    reading: NDArray[np.int64]
    chance: Floats
    called: int

    def of(self, number: int) -> Floats:
        """The chances of the draws of a reading."""
        found: Floats = self.chance[self.reading == number]
        return found

    def by_reading(self) -> list[Floats]:
        """The chances under each reading."""
        return [self.of(number) for number in range(len(READINGS))]

    def weights(self, yes: int, asked: int) -> tuple[Floats, Floats]:
        """The weight of each draw after so many answers, and before them, shape (draws,). ValueError: see `weights`."""
        n = int(self.draw.max()) + 1
        after = weights(yes, asked, self.chance, self.reading.tolist())
        before = np.array([1.0 / (self.reading == r).sum() for r in self.reading]) / len(READINGS)
        return self._by_draw(after, n), self._by_draw(before, n)

    def _by_draw(self, weights: Floats, n: int) -> Floats:
        out: Floats = np.bincount(self.draw, weights=weights, minlength=n).astype(float)
        return out


def files_of(place: PlacePanel, points: list[Drawn], price: CallBackPrice) -> Files:
    """Of the draws of a place that count, at their points."""
    n, groups = len(points), place.groups
    if groups is not None and len(set(groups)) > 1:
        number = np.array(groups)[place.counted]
        readings = [READINGS[g] for g in number]
        chance = answers(settled(place, points, readings), price)
        return Files(np.arange(n), number, np.clip(chance, TINY, 1 - TINY), files(place, readings))
    each = [answers(settled(place, points, [reading] * n), price) for reading in READINGS]
    called = files(place, [drawn.recording.reading for drawn, _ in points])
    chance = np.clip(np.concatenate(each), TINY, 1 - TINY)
    return Files(np.tile(np.arange(n), 2), np.repeat([0, 1], n), chance, called)
