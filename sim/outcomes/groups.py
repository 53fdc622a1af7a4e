"""Who bears what: days in conflict, suits, fights and petitions by kind, township, language and size of the village."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.outcomes.reading import Reading, read
from sim.outcomes.table import Outcome, true
from sim.outcomes.tally import tally_of
from sim.scenario.metrics import BORNE, KNOWN_METRICS
from sim.traces import Trace
from sim.vocabulary import Kind

GROUPINGS = ("kind", "township", "language", "village_size")
SIZES = ("smallest third", "middle third", "largest third")
LANGUAGES = ("majority language", "minority language")


def burdens(trace: Trace | Reading, model: Model) -> dict[str, NDArray[np.float64]]:
    """What each dispute brought inside the window, by metric of `BORNE`; shape (disputes,)."""
    tally = tally_of(trace, model)
    days = (tally.latent_minutes + tally.stay_minutes + tally.unresolved_minutes) / 1440.0
    out = {}
    for metric in BORNE:
        event = KNOWN_METRICS[metric].event if metric in KNOWN_METRICS else None
        out[metric] = days if event is None else tally.of_each(event).astype(float)
    return out


def memberships(trace: Trace, model: Model) -> dict[str, tuple[NDArray[np.int64], tuple[str, ...]]]:
    """For each grouping the group of every dispute, and the names of the groups."""
    village = trace.dispute_column("village")
    order = np.argsort(np.argsort(model.villages.persons, kind="stable"), kind="stable")
    size = order * len(SIZES) // model.villages.count
    townships = tuple(f"township {t + 1}" for t in range(model.villages.townships))
    every = (
        (trace.dispute_column("kind"), tuple(k.name.lower() for k in Kind)),
        (model.villages.township[village], townships),
        (np.maximum(trace.dispute_column("language"), 0), LANGUAGES),
        (size[village], SIZES),
    )
    return dict(zip(GROUPINGS, every, strict=True))


def group_outcomes(trace: Trace | Reading, model: Model) -> Iterator[Outcome]:
    """What each group bears in one replication: sums over its disputes."""
    reading = read(trace)
    borne = burdens(reading, model)
    exists = reading.trace.dispute_column("exists") == 1
    for by, (member, names) in memberships(reading.trace, model).items():
        for metric, values in borne.items():
            sums = np.bincount(member[exists], weights=values[exists], minlength=len(names))
            for name, value in zip(names, sums.tolist(), strict=True):
                yield true(metric, value, by, name)
