"""What a policy does to the record and what it does to the truth, and what a target alone would do (Goodhart's law).

Under a target-driven record cases are closed as successes because a share is wanted; the disputes are the same. So the
row of the target compares the two readings of one record: what the rate gains, and that the truth gains nothing.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import marked
from sim.scenario.metrics import KNOWN_METRICS, RECORDED, Column
from sim.statistics.effect import Effects, effects
from sim.studies.assemble import PlacePanel
from sim.studies.panel import labels_of

Floats = NDArray[np.float64]
TARGET = marked("98 % and above as a target")
OF_RECORD, OF_TRUTH = "success_rate", "true_success_rate"
LEFT = ("backlog", "lumped")  # unresolved at the end of the window, given up in it
GIVEN_UP = "ended_lumped"  # by the tier that had it
PROPORTIONAL, DRIVEN = "proportional", "target_driven"


def record_and_truth(place: PlacePanel) -> pd.DataFrame:
    """Rows by policy: rate of the record under each reading, true rate, what stays open, what is given up and where.

    Differences to the baseline, median and central 90 % of what is believed; of one draw they are about Monte Carlo
    error alone.
    """
    columns = [*KNOWN_METRICS[OF_RECORD].columns(), Column(OF_TRUTH), *map(Column, LEFT)]
    columns += [c for c in place.found.columns if c.metric == GIVEN_UP and c.by == "tier"]
    rows = []
    for column in columns:
        before = _values(place, 0, column)
        if before is None:
            continue
        after = [_values(place, i, column) for i in range(1, len(place.labels))]
        known = [(label, x) for label, x in zip(place.labels[1:], after, strict=True) if x is not None]
        if not known:
            continue
        own = place.own(column.reading)  # a record is told over the draws of its reading
        before = before[own]
        found = effects(np.stack([x[own] - before for _, x in known]), _groups(place, own))
        rows += [_row(label, column, before, found, i) for i, (label, _) in enumerate(known)]
    order = {label: i for i, label in enumerate(place.labels)}
    rows.sort(key=lambda row: order[str(row["policy"])])
    return pd.DataFrame([*rows, *_of_target(place)])


def _of_target(place: PlacePanel) -> list[dict[str, object]]:
    """What the target alone does to a place that records as it is: to its rate, and to the truth, which stays.

    Over the draws of proportional recording: those of the other reading have the target already.
    """
    plain, driven = (_values(place, 0, Column(OF_RECORD, RECORDED, r)) for r in (PROPORTIONAL, DRIVEN))
    truth, rows, own = _values(place, 0, Column(OF_TRUTH)), [], place.own(PROPORTIONAL)
    if plain is not None and driven is not None:
        plain = plain[own]
        found = effects((driven[own] - plain)[None], _groups(place, own))
        rows.append(_row(TARGET, Column(OF_RECORD, RECORDED, DRIVEN), plain, found, 0))
    if truth is not None:
        truth = truth[own]
        rows.append(
            _row(TARGET, Column(OF_TRUTH), truth, effects((truth - truth)[None], _groups(place, own)), 0)
        )
    return rows


def _groups(place: PlacePanel, draws: NDArray[np.bool_]) -> list[int] | None:
    """The readings of some draws."""
    groups = place.groups
    return None if groups is None else [g for g, kept in zip(groups, draws, strict=True) if kept]


def _values(place: PlacePanel, policy: int, column: Column) -> Floats | None:
    """Outcomes of shape (draws, replications); None where the policy does not have them."""
    if not place.found.has(column, policy):
        return None
    return place.found.values(column, policy).reshape(place.panel.draws, -1)


def _row(policy: str, column: Column, before: Floats, found: Effects, i: int) -> dict[str, object]:
    low, middle, high = found.interval(i)
    return {
        "policy": policy,
        **labels_of(column),
        "by": column.by,
        "group": column.group,
        "unit": KNOWN_METRICS[column.metric].unit,
        "baseline": float(np.nanmean(before)) if not np.isnan(before).all() else math.nan,
        "difference": middle,
        "low": low,
        "high": high,
    }
