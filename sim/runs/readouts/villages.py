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


def periods(seen: Seen, before: int) -> pa.Table:
    """Counts by village in the first `before` days of the window and in the others."""
    found = _counts(seen, before)
    columns = [
        Column(metric, TRUE, "", by, str(village))
        for metric, counts in found.items()
        for by in PERIODS
        for village in range(counts.shape[1])
    ]
    return rows_of(columns, np.concatenate([counts.ravel() for counts in found.values()]))


def _counts(seen: Seen, before: int) -> dict[str, NDArray[np.float64]]:
    """What happened in each village before and after the date, by metric; shape (2, villages)."""
    reading, trace, model = seen.reading, seen.reading.trace, seen.model
    switch = trace.warm_up + before * 1440
    village = trace.dispute_column("village")
    n = model.villages.count
    out = {}
    for metric in (KNOWN_METRICS[m] for m in FOLLOWED if m in KNOWN_METRICS):
        assert metric.event is not None  # what is followed village by village is counted by events
        rows = reading.recent(metric.event)
        every = np.ones(len(rows), dtype=bool)
        chosen = np.isin(rows["detail"], metric.details) if metric.details else every
        late = (rows["minute"] >= switch).astype(np.int64)
        cell = late * n + village[rows["dispute"]]
        out[metric.name] = np.bincount(cell[chosen], minlength=2 * n).reshape(2, n).astype(float)
    days = np.zeros((2, n))
    for piece in (spans.latent(reading), spans.stays(reading)):
        for period, (low, high) in enumerate(((trace.warm_up, switch), (switch, trace.horizon))):
            within = piece.within(low, high) / 1440.0
            days[period] += np.bincount(village[piece.dispute], weights=within, minlength=n)
    out[BORNE_DAYS] = days
    return out
