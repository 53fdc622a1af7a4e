"""What a part of a large place says otherwise than the whole, measured on the kept draws."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.language import Message
from sim.model import build
from sim.scenario.part import can_be_parted
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.scenario.terms import Term
from sim.studies.calibration.diagnosis import Diagnosis
from sim.studies.calibration.observe import Figures
from sim.studies.calibration.watched import watched
from sim.studies.calibration.waves import Wave

LIMIT = 0.25  # of the predictive standard deviation of the whole: a smaller bias hardly moves a posterior


LARGE = 13_000  # disputes of a superset that a part of a large place may have


def parts_of(place: Place, measures: Sequence[Measure]) -> int:
    """Into how many parts a large place may be divided: one of them has at most `LARGE` disputes; 1 for most places."""
    if not can_be_parted(measures):
        return 1
    disputes = float(build(place, measures).villages.expected.sum())
    villages = int(place.villages.count.value)
    return max(1, min(math.ceil(disputes / LARGE), villages))


@dataclass(frozen=True)
class Bias:
    """Mean of a figure over the kept draws: of the place as a whole and of a part; standard errors are Monte Carlo
    errors.

    `spread` is the standard deviation of the figure of the whole place over draws and luck: how far it was known.
    """

    figure: str
    whole: float
    part: float
    error: float
    spread: float

    @property
    def difference(self) -> float:
        """Part minus whole."""
        return self.part - self.whole

    def numbers(self) -> dict[str, float]:
        """For the posterior file, to six digits."""
        found = {"whole": self.whole, "part": self.part, "error": self.error, "spread": self.spread}
        return {k: float(f"{x:.6g}") for k, x in found.items()}


def biases_of(place: Place, part: Figures, whole: Wave, repeats: int) -> Iterator[Bias]:
    """Of every watched figure. `part` has `repeats` replications of each draw in a row, `whole` one.

    Draws at which the whole place cannot be built count for neither.
    """
    for figure in watched(place):
        by_draw = part[figure].reshape(-1, repeats)
        pairs = np.column_stack([whole.found[figure], by_draw.mean(axis=1)])[whole.feasible]
        pairs = pairs[~np.isnan(pairs).any(axis=1)]
        if len(pairs) < 2:
            continue
        apart = pairs[:, 1] - pairs[:, 0]
        error = float(apart.std(ddof=1)) / math.sqrt(len(apart))
        mean = pairs.mean(axis=0)
        yield Bias(figure, float(mean[0]), float(mean[1]), error, float(pairs[:, 0].std(ddof=1)))


def judged(biases: Sequence[Bias]) -> Iterator[Diagnosis]:
    """The largest bias, in predictive standard deviations."""
    found = {b.figure: abs(b.difference) / b.spread for b in biases if b.spread > 0}
    if found:
        worst = max(found, key=lambda k: found[k])
        name = Message("bias of a part of the place in {name} (predictive sd)", name=Term("figure", worst))
        below = Message("below {x}", x=LIMIT)
        yield Diagnosis(name, found[worst], below, found[worst] < LIMIT)
