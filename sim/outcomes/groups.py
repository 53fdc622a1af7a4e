"""Who bears what: days in conflict, suits, fights and petitions by kind, township, language and size of the village."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.outcomes import spans
from sim.outcomes.reading import Reading, read
from sim.trace import Trace
from sim.vocabulary import EventKind, Kind

GROUPED = ("days_in_conflict", "filings", "eruptions", "petitions")
SIZES = ("smallest third", "middle third", "largest third")
LANGUAGES = ("majority language", "minority language")


def burdens(trace: Trace | Reading, model: Model) -> dict[str, NDArray[np.float64]]:
    """What each dispute brought inside the window, by metric of `GROUPED`; shape (disputes,)."""
    reading = read(trace)
    n = len(reading.trace.disputes)
    days = np.zeros(n)
    for piece in (spans.latent(reading), spans.stays(reading)):
        within = piece.within(reading.trace.warm_up, reading.trace.horizon)
        days += np.bincount(piece.dispute, weights=within, minlength=n) / 1440.0
    out = {"days_in_conflict": days}
    for metric, event in (
        ("filings", EventKind.FILED),
        ("eruptions", EventKind.ERUPTION),
        ("petitions", EventKind.PETITION),
    ):
        out[metric] = np.bincount(reading.recent(event)["dispute"], minlength=n).astype(float)
    return out


def memberships(trace: Trace, model: Model) -> dict[str, tuple[NDArray[np.int64], tuple[str, ...]]]:
    """For each grouping the group of every dispute, and the names of the groups."""
    village = trace.dispute_column("village")
    order = np.argsort(np.argsort(model.villages.persons, kind="stable"), kind="stable")
    size = order * len(SIZES) // model.villages.count
    townships = tuple(f"township {t + 1}" for t in range(model.villages.townships))
    return {
        "kind": (trace.dispute_column("kind"), tuple(k.name.lower() for k in Kind)),
        "township": (model.villages.township[village], townships),
        "language": (np.maximum(trace.dispute_column("language"), 0), LANGUAGES),
        "village_size": (size[village], SIZES),
    }


def group_outcomes(trace: Trace | Reading, model: Model) -> Iterator[tuple[str, str, str, float]]:
    """Rows (grouping, group, metric, sum over its disputes) of one replication."""
    reading = read(trace)
    borne = burdens(reading, model)
    exists = reading.trace.dispute_column("exists") == 1
    for grouping, (member, names) in memberships(reading.trace, model).items():
        for metric, values in borne.items():
            sums = np.bincount(member[exists], weights=values[exists], minlength=len(names))
            for name, value in zip(names, sums.tolist(), strict=True):
                yield grouping, name, metric, value
