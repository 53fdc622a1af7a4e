"""What happens in each village in each of several periods, and what is written down of it: what a trial looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.model import Model
from sim.outcomes import spans
from sim.outcomes.cases import closings, written
from sim.runs.outcomes import numeric
from sim.runs.readouts.seen import Seen
from sim.scenario.metrics import BORNE_DAYS, FOLLOWED, KNOWN_METRICS, READINGS
from sim.vocabulary import Tier

MONTH = 43_800  # minutes: a twelfth of 365 days
MEDIATED, SUCCEEDED = "mediated", "succeeded"


def recorded_as(metric: str, reading: str) -> str:
    """The column of what is recorded under a reading."""
    return f"{metric} {reading}"


def trial(seen: Seen, months: Sequence[int]) -> pa.Table:
    """A row for each village and period, villages by number, periods between `months` from the start of the window.

    Columns: persons, township; counts and days by metric of `FOLLOWED`; recorded cases and successes by reading, where
    invented files are shared out by successes. What happens after the last month is left out.
    """
    n, k = seen.model.villages.count, len(months) - 1
    edges = seen.reading.trace.warm_up + MONTH * np.asarray(months, dtype=np.int64)
    found = {**_happened(seen, edges), **_recorded(seen, edges)}
    villages = seen.model.villages
    columns = {
        "township": numeric(np.repeat(np.asarray(villages.township, dtype=np.int64), k)),
        "persons": numeric(np.repeat(np.asarray(villages.persons, dtype=np.float64), k)),
    }
    return pa.table({**columns, **{name: numeric(x.reshape(n * k)) for name, x in found.items()}})


def _binned(
    village: NDArray[np.integer], minute: NDArray[np.integer], edges: NDArray[np.int64], n: int
) -> NDArray[np.float64]:
    """Counts, shape (villages, periods)."""
    return _summed(village, minute, np.ones(len(village)), edges, n)


def _summed(
    village: NDArray[np.integer],
    minute: NDArray[np.integer],
    weights: NDArray[np.float64],
    edges: NDArray[np.int64],
    n: int,
) -> NDArray[np.float64]:
    k = len(edges) - 1
    period = np.searchsorted(edges, minute, side="right") - 1
    inside = (period >= 0) & (period < k)
    cell = village[inside].astype(np.int64) * k + period[inside]
    return np.bincount(cell, weights=weights[inside], minlength=n * k).astype(float).reshape(n, k)


def _happened(seen: Seen, edges: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    reading, n = seen.reading, seen.model.villages.count
    village = reading.trace.dispute_column("village")
    out = {}
    for metric in (KNOWN_METRICS[m] for m in FOLLOWED if m in KNOWN_METRICS):
        assert metric.event is not None  # what is followed village by village is counted by events
        rows = reading.recent(metric.event)
        chosen = np.isin(rows["detail"], metric.details) if metric.details else np.ones(len(rows), dtype=bool)
        out[metric.name] = _binned(village[rows["dispute"]][chosen], rows["minute"][chosen], edges, n)
    days = np.zeros((n, len(edges) - 1))
    for piece in (spans.latent(reading), spans.stays(reading), spans.unresolved(reading)):
        where = village[piece.dispute]
        for p, (low, high) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
            days[:, p] += np.bincount(where, weights=piece.within(low, high) / 1440.0, minlength=n)
    out[BORNE_DAYS] = days
    return out


def _recorded(seen: Seen, edges: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    trace, model = seen.reading.trace, seen.model
    spec = model.recording
    cases, minute = closings(seen.reading, basis=spec.basis, counts_returns=spec.counts_returns)
    mine = _kept_there(cases.tier, model)
    cases, minute = cases.pick(mine), minute[mine]
    village = trace.dispute_column("village")[cases.dispute]
    out = {}
    for reading in READINGS:
        mediated, succeeded, ratio = written(cases, trace, model, seen.luck(), reading=reading)
        invented = ratio * (mediated & cases.success)
        for name, flags in ((MEDIATED, mediated), (SUCCEEDED, succeeded)):
            weights = flags + invented
            out[recorded_as(name, reading)] = _summed(village, minute, weights, edges, model.villages.count)
    return out


def _kept_there(tier: NDArray[np.integer[Any]], model: Model) -> NDArray[np.bool_]:
    """Cases in the place's own record, as in `Tally.record_of`: not what another place's county settles."""
    below = int(Tier.COUNTY if model.place.county.outside else Tier.DECISION)
    if model.recording.basis == "village":
        below = Tier.VILLAGE + 1
    kept: NDArray[np.bool_] = tier < below
    return kept
