"""Who gains and who loses: paired differences by kind, township, language and size of the village."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import marked
from sim.statistics.paired import by_draw
from sim.statistics.simultaneous import simultaneous

Floats = NDArray[np.float64]
Key = tuple[str, str, str]  # metric, by, group
COLUMNS = ("by", "group", "metric", "baseline", "difference", "low", "high", "share", "verdict")


def clusters(difference: Floats) -> Floats:
    """Differences of shape (draws, replications) as independent values: means of draws, or replications of one."""
    if difference.shape[0] > 1:
        return by_draw(difference).means
    out: Floats = difference[0]
    return out


def gains(before: Mapping[Key, Floats], after: Mapping[Key, Floats]) -> pd.DataFrame:
    """What a policy changes in each group, from sums over its disputes of shape (draws, replications).

    Intervals are simultaneous over the groups of one breakdown and metric. `share` is the group's part of the whole
    difference (NaN where the whole is zero); `verdict` says "loses" where the burden rises, "gains" where it falls.
    """
    rows = []
    for metric, by in sorted({key[:2] for key in before}):
        keys = [key for key in before if key[:2] == (metric, by)]
        values = np.stack([clusters(after[k] - before[k]) for k in keys], axis=1)
        found = simultaneous(values)
        whole = float(found.mean.sum())
        for key, mean, low, high in zip(keys, found.mean, found.low, found.high, strict=True):
            said = (
                marked("loses") if low > 0 else marked("gains") if high < 0 else marked("no difference shown")
            )
            share = float(mean) / whole if whole else float("nan")
            base = float(np.nanmean(before[key]))
            row = (by, key[2], metric, base, float(mean), float(low), float(high), share, said)
            rows.append(dict(zip(COLUMNS, row, strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS))
