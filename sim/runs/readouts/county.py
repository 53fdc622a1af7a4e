"""Outcomes of one county of a nation, with what weighs them in the numbers of the whole."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sim.model import Model
from sim.outcomes import outcomes
from sim.outcomes.cases import closed_cases
from sim.runs.outcomes import rows_of
from sim.runs.readouts.seen import Seen
from sim.scenario.metrics import SERIES, Column

COUNTED = "counted"  # the layer of what is no outcome: weights, and how much was simulated
HOURS, CASES, DISPUTES, ROWS = "available_hours", "closed_cases", "disputes", "trace_rows"


def county(seen: Seen) -> pa.Table:
    """All outcomes but curves; available hours by staff group, closed cases, disputes of the superset, trace rows."""
    trace = seen.reading.trace
    found = [o for o in outcomes(seen.reading, seen.model, seen.luck()) if o.layer != SERIES]
    hours = dict(zip(seen.model.pools.groups, available_hours(seen.model), strict=True))
    columns = [o.column for o in found]
    columns += [Column(HOURS, COUNTED, "", "staff", group) for group in hours]
    columns += [Column(name, COUNTED) for name in (CASES, DISPUTES, ROWS)]
    counts = [len(closed_cases(seen.reading)), len(trace.disputes), len(trace.rows)]
    return rows_of(columns, np.array([*(o.value for o in found), *hours.values(), *counts], dtype=np.float64))


def available_hours(model: Model) -> list[float]:
    """Working hours of each staff group inside the window, for its utilisation in the whole nation."""
    pools, tables = model.pools, model.tables
    base = pools.calendar * (tables.days + 1)
    first, last = tables.warm_up // 1440, tables.horizon // 1440
    minutes = (pools.worked[base + last] - pools.worked[base + first]) * pools.servers
    hours = np.bincount(pools.group, weights=minutes, minlength=len(pools.groups)) / 60.0
    return [float(h) for h in hours]
