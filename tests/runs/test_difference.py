"""Differences of two results: one row per metric that both have, and no others."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from sim.runs.numbers import numbers_of
from sim.scenario.metrics import Column
from sim.studies.difference import difference
from sim.studies.results import Result

SAME = ("population", "villages", "townships", "incidence", "window", "kinds")


def result(shift: float) -> Result:
    """Three replications of three metrics, one of them not defined anywhere."""
    rows = [
        {"replication": r, **key.labels, "value": value}
        for r in range(3)
        for key, value in (
            (Column("backlog", by="tier", group="village"), r * r + shift),
            (Column("filings"), 2.0 * r),
            (Column("success_rate", "recorded"), math.nan),
            (Column("unsettled", "series"), 1.0),
        )
    ]
    manifest = {"seed": 1, "scenario": {section: {} for section in SAME}}
    return Result(Path(), manifest, numbers_of(pd.DataFrame(rows)), pd.DataFrame())


def test_only_metrics_that_exist_are_compared() -> None:
    frame = difference(result(0.0), result(0.5))
    assert list(frame["metric"]) == ["backlog", "filings", "success_rate"]
    assert list(frame["group"]) == ["village", "", ""]
    assert frame["difference"].tolist()[:2] == [0.5, 0.0]
    assert math.isnan(frame["difference"][2])
