"""The gate on what a place reported: whether its calibrated model gives the reported figures, not only its own.

Pinned means say that nothing changed; a posterior that never fitted would pass them. Here the reported value must lie
in the central half of what the kept draws would print, and the expected number of failures near the reported one. Each
is looked at in one replication of each draw; the tolerance has the luck of these on top. A figure that a place is known
not to give has its reason in the scenario (`misfits`), and is named each time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.language import Message
from sim.scenario.place import Exactness, Place, Target
from sim.scenario.terms import Term
from sim.studies.calibration.gate_check import Check
from sim.studies.calibration.observe import Figures, calibrated, record_of
from sim.studies.calibration.predictive import ONE_SIDED, chance, printed, replicas
from sim.studies.calibration.record import MEDIATED, RATE, SUCCEEDED
from sim.studies.calibration.waves import recorded_name

Floats = NDArray[np.float64]
HALF = 0.25  # on each side of the central half; a bound must be met at least so often
NEAR = 0.15  # of the reported number of failures
FAR, TWICE = (
    0.495,
    1.0,
)  # the same where a misfit is named: the central 99 %, and twice as many failures at most


def aimed(
    place: Place, reading: str, figures: Figures, feasible: NDArray[np.bool_], seed: int
) -> Iterator[Check]:
    """A check of every target, and of the number of failures; Monte Carlo tolerances are one standard error."""
    kept = {name: x[feasible] for name, x in figures.items()}
    n = int(feasible.sum())
    if not n:
        return
    for target in calibrated(place):
        rng = np.random.default_rng([seed, 5])
        p = chance(target, printed(target, replicas(target, kept, rng)), rng)
        yield _of_target(place, reading, target, p, n)
    yield from _failures(place, reading, kept, n)


def _of_target(place: Place, reading: str, target: Target, p: float, n: int) -> Check:
    """Where the reported value lies in what would be printed: 0.5 is the middle; of a bound, how often it is met."""
    bound = target.exactness in ONE_SIDED
    middle, room = (1.0, 1.0 - HALF) if bound else (0.5, 0.5 - HALF)
    luck = math.sqrt(HALF * (1.0 - HALF) / n)
    shown = (
        f"{target.value:g}" if target.exactness != Exactness.BETWEEN else f"{target.value:g}–{target.high:g}"
    )
    said = (
        Message("chance of {metric}", metric=Term("metric", target.metric))
        if bound
        else Message("place of {metric} in what is predicted", metric=Term("metric", target.metric))
    )
    problem = Message("nothing is predicted") if math.isnan(p) else ""
    misfit = target.misfits.get(reading, "")  # type: ignore[call-overload]
    far = 0.5 + FAR if bound else FAR
    return Check(
        place.name,
        reading,
        said,
        shown,
        middle,
        p,
        luck,
        problem,
        kind="target",
        room=room,
        misfit=misfit,
        far=far,
    )


def _failures(place: Place, reading: str, kept: Figures, n: int) -> Iterator[Check]:
    """The expected number of recorded failures beside the reported one, where cases and successes are reported."""
    record = record_of(place)
    if not record.mediated or not record.succeeded:
        return
    reported = record.mediated - float(np.mean(record.succeeded))
    x = kept[recorded_name(MEDIATED)] - kept[recorded_name(SUCCEEDED)]
    x = x[~np.isnan(x)]
    misfit = next(
        (t.misfits[reading] for t in calibrated(place) if t.metric == RATE and reading in t.misfits),
        "",
    )
    yield Check(
        place.name,
        reading,
        Message("recorded failures"),
        f"{reported:.0f}",
        reported,
        float(x.mean()),
        float(x.std(ddof=1)) / math.sqrt(n),
        kind="target",
        room=NEAR * reported,
        misfit=misfit,
        far=TWICE * reported,
    )
