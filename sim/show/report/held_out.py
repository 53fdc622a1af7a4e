"""Held-out figures beside what was predicted, in words: the table that `predict` prints and a report shows."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from sim.language import tr, tr_as
from sim.scenario import terms
from sim.studies.decision import figure

BAND = ("p05", "p50", "p95")


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of held_out.csv, without the place, in the language in use; every cell is text."""
    rows = [
        {
            tr("reading"): terms.reading(str(r["reading"])),
            tr("figure"): terms.metric(str(r["figure"])),
            tr("unit"): terms.unit(str(r["unit"]), str(r["figure"])),
            tr("reported"): str(r["reported"]).replace("-", "−"),
            tr("predicted 5–50–95 %"): _band(r, "with"),
            tr_as("predict", "without"): terms.spelled(str(r["mechanism"])),
            tr("5–50–95 %"): _band(r, "without"),
            tr("verdict"): tr(str(r["verdict"])),
        }
        for r in frame.to_dict("records")
    ]
    return pd.DataFrame(rows)


def _band(row: Mapping[Hashable, Any], which: str) -> str:
    return " – ".join(_number(float(row[f"{which}_{q}"])) for q in BAND)


def _number(x: float) -> str:
    """Whole numbers are counts and stay whole."""
    whole = math.isfinite(x) and x == int(x)
    return f"{int(x):,}".replace("-", "−") if whole else figure(x)
