"""The assumptions that an answer hangs on, the heaviest first, and what they were ranked by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sim.language import marked, tr
from sim.scenario.explain import Row, explain, explain_measures
from sim.scenario.place import Place
from sim.scenario.policy import practice
from sim.show.report.folder import table_of

MOST = 15
BY_SENSITIVITY = marked(
    "share of the variance of an outcome that each explains, from the sensitivity analysis beside it"
)
BY_WIDTH = marked(
    "how wide their ranges are beside their values; the command sensitivity {place} ranks them by effect"
)


@dataclass(frozen=True)
class Ranked:
    """Assumed numbers in order. `by` says by what, in words."""

    by: str
    frame: pd.DataFrame


def ranked(place: Place, results: Path) -> Ranked:
    """By a sensitivity analysis of the place beside the folder, else by how wide the assumed ranges are."""
    rows = [r for r in (*explain(place), *explain_measures(practice(place))) if r.status == "assumed"]
    by_name = {r.path.replace(":", "."): r for r in rows}
    found = _moved(results / f"sensitivity-{place.name}")
    if found is not None:
        kept = found[found["parameter"].isin(by_name)].head(MOST)
        frame = pd.DataFrame(
            [_told(by_name[p], share) for p, share in zip(kept["parameter"], kept["share"], strict=True)]
        )
        return Ranked(tr(BY_SENSITIVITY), frame)
    width = sorted(rows, key=_width, reverse=True)[:MOST]
    said = tr(BY_WIDTH, place=place.name)
    return Ranked(said, pd.DataFrame([_told(r, _width(r)) for r in width]))


def _moved(folder: Path) -> pd.DataFrame | None:
    """Parameter and largest first-order index over outcomes, in falling order; None without a finished analysis."""
    frame = table_of(folder, "indices.csv")
    if frame is None or not {"parameter", "index"} <= set(frame.columns):
        return None
    best = frame.groupby("parameter")["index"].max().sort_values(ascending=False)
    return best.rename("share").reset_index()


def _width(row: Row) -> float:
    """Logarithm of high over low; of log-odds and log-ratios, which are logarithms already, the range itself.

    Where the low end is nothing, twice that of high over value.
    """
    if row.unit.startswith("log"):
        return float(row.high - row.low)
    if row.low > 0:
        return float(np.log(row.high / row.low))
    return float(2 * np.log(row.high / row.value)) if row.value > 0 else 0.0


def _told(row: Row, weight: float) -> dict[str, object]:
    return {
        "assumption": row.path,
        "value": row.value,
        "low": row.low,
        "high": row.high,
        "unit": row.unit,
        "weight": float(weight),
        "note": tr(row.note),
    }
