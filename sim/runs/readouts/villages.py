"""What happens in each village before and after a date."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.outcomes import spans
from sim.runs.outcomes import rows_of
from sim.runs.readouts.seen import Seen
from sim.scenario.metrics import BORNE_DAYS, FOLLOWED, KNOWN_METRICS, TRUE, Column

PERIODS = ("village_before", "village_after")  # what columns are by
EARLIER = "village_earlier"  # and in a period before these, by which a county may have chosen villages


def periods(seen: Seen, before: int, earlier: int = 0) -> pa.Table:
    """Counts by village in `before` days and in those after them; and in the first `earlier` days of the window."""
    named = (EARLIER, *PERIODS) if earlier else PERIODS
    found = _counts(seen, [earlier, earlier + before] if earlier else [before])
    columns = [
        Column(metric, TRUE, "", by, str(village))
        for metric, counts in found.items()
        for by in named
        for village in range(counts.shape[1])
    ]
    return rows_of(columns, np.concatenate([counts.ravel() for counts in found.values()]))


def _counts(seen: Seen, switches: list[int]) -> dict[str, NDArray[np.float64]]:
    """What happened in each village between some days of the window, by metric; shape (periods, villages)."""
    reading, trace, model = seen.reading, seen.reading.trace, seen.model
    edges = [trace.warm_up, *(trace.warm_up + day * 1440 for day in switches), trace.horizon]
    village = trace.dispute_column("village")
    k, n = len(edges) - 1, model.villages.count
    out = {}
    for metric in (KNOWN_METRICS[m] for m in FOLLOWED if m in KNOWN_METRICS):
        assert metric.event is not None  # what is followed village by village is counted by events
        rows = reading.recent(metric.event)
        every = np.ones(len(rows), dtype=bool)
        chosen = np.isin(rows["detail"], metric.details) if metric.details else every
        period = np.searchsorted(edges[1:-1], rows["minute"], side="right")
        cell = period * n + village[rows["dispute"]]
        out[metric.name] = np.bincount(cell[chosen], minlength=k * n).reshape(k, n).astype(float)
    days = np.zeros((k, n))
    for piece in (spans.latent(reading), spans.stays(reading), spans.unresolved(reading)):
        for number in range(k):
            within = piece.within(edges[number], edges[number + 1]) / 1440.0
            days[number] += np.bincount(village[piece.dispute], weights=within, minlength=n)
    out[BORNE_DAYS] = days
    return out
