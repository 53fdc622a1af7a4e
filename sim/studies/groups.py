"""Who gains and who loses: paired differences by kind, township, language and size of the village."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import marked
from sim.statistics.effect import LEVEL, effects
from sim.statistics.margins import SURE
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


def gains(
    before: Mapping[Key, Floats], after: Mapping[Key, Floats], readings: Sequence[int] | None = None
) -> pd.DataFrame:
    """What a policy changes in each group, from sums over its disputes of shape (draws, replications).

    Over parameter draws the difference is the median with the central 90 % of what is believed of it, and `verdict`
    says "loses" where the burden rises with a probability of 95 % or more, "gains" where it falls. At central values
    it is the mean with 90 % confidence intervals, which are simultaneous over the groups of one breakdown and metric.
    `share` is the group's part of the whole difference (NaN where the whole is zero).
    """
    rows = []
    for metric, by in sorted({key[:2] for key in before}):
        keys = [key for key in before if key[:2] == (metric, by)]
        differences = np.stack([after[k] - before[k] for k in keys])
        found = (
            _over_draws(differences, readings)
            if differences.shape[1] > 1
            else _at_central_values(differences)
        )
        whole = float(np.nanmean(differences, axis=(1, 2)).sum())
        for key, values, (mean, low, high, said) in zip(keys, differences, found, strict=True):
            share = float(np.nanmean(values)) / whole if whole else float("nan")
            base = float(np.nanmean(before[key]))
            row = (by, key[2], metric, base, mean, low, high, share, said)
            rows.append(dict(zip(COLUMNS, row, strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


Told = tuple[float, float, float, str]
_SAID = (marked("loses"), marked("gains"), marked("no difference shown"))


def _over_draws(differences: Floats, readings: Sequence[int] | None) -> list[Told]:
    found = effects(differences, readings)
    out = []
    for i in range(len(differences)):
        low, middle, high = found.interval(i)
        said = _SAID[0] if found.above(i) >= SURE else _SAID[1] if found.below(i) >= SURE else _SAID[2]
        out.append((middle, low, high, said))
    return out


def _at_central_values(differences: Floats) -> list[Told]:
    found = simultaneous(np.stack([clusters(d) for d in differences], axis=1), LEVEL)
    out = []
    for mean, low, high in zip(found.mean.tolist(), found.low.tolist(), found.high.tolist(), strict=True):
        out.append((mean, low, high, _SAID[0] if low > 0 else _SAID[1] if high < 0 else _SAID[2]))
    return out
