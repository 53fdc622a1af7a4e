"""What a call-back of closed files would hear: the chance, draw by draw, that a file called successful is settled.

Of a proportional record all files called successful were; of a target-driven one some are relabelled failures, and some
invented. Of those that were settled some have come apart since; and some answers are not what is so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.scenario.metrics import RECORDED, Column
from sim.scenario.parameter_draws import Drawn
from sim.scenario.place import Recording
from sim.scenario.prices import CallBackPrice
from sim.studies.assemble import PlacePanel

Floats = NDArray[np.float64]
PROPORTIONAL = "proportional"
GOLDEN = 0.6180339887498949


def settled_among_recorded(recording: Recording, reading: str, success: float, kept: float) -> float:
    """The share of files called successful that are settled, from the true share of successes and of what is kept."""
    if reading == PROPORTIONAL:
        return kept
    successes, failures, turned, invented = recording.target_driven.in_effect
    real = success * successes
    written = real * (1.0 + invented) + (1.0 - success) * failures * turned
    return kept * real / written if written > 0 else 0.0


def answers(settled: Floats, price: CallBackPrice) -> Floats:
    """The chance that somebody says it is settled, where a share of answers, by draw, is wrong.

    Shares are spread evenly over their range by the golden ratio: neighbouring draws, which have different readings,
    have different ones.
    """
    low, high = float(price.wrong_answers.low), float(price.wrong_answers.high)
    wrong = low + (high - low) * ((np.arange(len(settled)) + 0.5) * GOLDEN % 1.0)
    out: Floats = settled * (1.0 - wrong) + (1.0 - settled) * wrong
    return out


def readings_of(points: Sequence[Drawn]) -> list[str]:
    """The reading of each draw that counts."""
    return [drawn.recording.reading for drawn, _ in points]


def settled(place: PlacePanel, points: Sequence[Drawn], readings: Sequence[str]) -> Floats:
    """The share of files called successful that are settled, under the baseline, for each draw that counts."""
    success = mean_by_draw(place, Column("true_success_rate")) / 100.0
    kept = 1.0 - mean_by_draw(place, Column("breach_share")) / 100.0
    return np.array(
        [
            settled_among_recorded(drawn.recording, reading, s, k)
            for (drawn, _), reading, s, k in zip(points, readings, success, kept, strict=True)
        ]
    )


def mean_by_draw(place: PlacePanel, column: Column) -> Floats:
    """The mean of an outcome of the baseline over the replications of each draw that counts, shape (draws,).

    Where none of a draw has it, such as the share of nothing, it is that of all draws; 0 where none has.
    """
    values = place.found.values(column, 0).reshape(place.panel.draws, -1)[place.counted]
    known = ~np.isnan(values)
    sums = np.where(known, values, 0.0)
    middle = float(sums.sum() / max(1, known.sum()))
    out: Floats = np.where(known.any(axis=1), sums.sum(axis=1) / np.maximum(known.sum(axis=1), 1), middle)
    return out


def files(place: PlacePanel, readings: Sequence[str]) -> int:
    """How many files called successful there are in a middling draw."""
    by = {r: mean_by_draw(place, Column("succeeded", RECORDED, r)) for r in sorted(set(readings))}
    return int(np.median([by[reading][d] for d, reading in enumerate(readings)]))
