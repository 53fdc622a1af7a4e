"""What happens in each village before and after a date."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.outcomes import spans
from sim.runs.outcomes import TRUE, Column, rows_of
from sim.runs.readouts.seen import Seen
from sim.vocabulary import EventKind

PERIODS = ("village_before", "village_after")  # what columns are by
CRIMES = (1, 3)  # details of an eruption, see sim/vocabulary.py
_EVENTS = {
    "filings": EventKind.FILED,
    "eruptions": EventKind.ERUPTION,
    "crimes": EventKind.ERUPTION,
    "petitions": EventKind.PETITION,
    "known_disputes": EventKind.KNOWN,
}


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
    for metric, event in _EVENTS.items():
        rows = reading.recent(event)
        chosen = np.isin(rows["detail"], CRIMES) if metric == "crimes" else np.ones(len(rows), dtype=bool)
        late = (rows["minute"] >= switch).astype(np.int64)
        cell = late * n + village[rows["dispute"]]
        out[metric] = np.bincount(cell[chosen], minlength=2 * n).reshape(2, n).astype(float)
    days = np.zeros((2, n))
    for piece in (spans.latent(reading), spans.stays(reading)):
        for period, (low, high) in enumerate(((trace.warm_up, switch), (switch, trace.horizon))):
            within = piece.within(low, high) / 1440.0
            days[period] += np.bincount(village[piece.dispute], weights=within, minlength=n)
    out["days_in_conflict"] = days
    return out
