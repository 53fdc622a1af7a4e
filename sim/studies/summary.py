"""A summary of replications: mean and interval of every metric, and the reported figure beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.runs.outcomes import Outcomes
from sim.scenario.metrics import KNOWN_METRICS, Column
from sim.scenario.place import Exactness, Place, Target
from sim.statistics.expected import at_one_point, expected
from sim.statistics.quantiles import central

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Readings = NDArray[np.object_] | None

_SIGNS = {Exactness.AT_LEAST: "≥ ", Exactness.AT_MOST: "≤ "}


def summarise(outcomes: Outcomes, place: Place, readings: Readings = None) -> pd.DataFrame:
    """One row per key (sim/scenario/metrics.py), in the order in which they first appear.

    Columns: unit, n (replications where the metric is defined), mean, low, high, mc_se (standard error of the mean by
    luck alone), sd, p05 and p95 (spread over replications: how one such year differs from another), reported,
    exactness, role. At central values low and high are the 90 % confidence interval of the mean. Where replications
    come from parameter draws, `readings` says for each replication, shape (replications,), under which reading of the
    record its draw was made; there is a row for each of them and never one over several; low and high are then the
    central 90 % of what is believed of the expected value, and further columns say more: median (of the same), draws,
    sd_parameters (NaN where it cannot be told from luck) and sd_monte_carlo.
    """
    rows = []
    parts = (
        [("", None)] if readings is None else [(r, readings == r) for r in dict.fromkeys(readings.tolist())]
    )
    for key, every in outcomes.items():
        for reading, mine in parts:
            values = every if mine is None else every[mine]
            draws = None if mine is None else outcomes.draw[mine]
            named = key.labels if mine is None else {**key.labels, "reading": reading}
            rows.append({**named, **_row(key, values, draws, place)})
    return pd.DataFrame(rows)


def _row(key: Column, values: Floats, draws: Ints | None, place: Place) -> dict[str, object]:
    """The numbers of one outcome under one reading."""
    target = None if key.by else targets_of(place).get(key.metric)
    unit = KNOWN_METRICS[key.metric].unit if key.metric in KNOWN_METRICS else ""
    kept = values[~np.isnan(values)]
    bounds = (0.0, 100.0 if unit == "%" and (kept <= 100.0).all() else math.inf)
    found = at_one_point(values, bounds) if draws is None else expected(_by_draw(values, draws), bounds)
    p05, _, p95 = central(kept)
    more = {
        "median": found.median,
        "draws": found.draws,
        "sd_parameters": found.spread,
        "sd_monte_carlo": found.luck,
    }
    return {
        "unit": unit,
        "n": len(kept),
        "mean": found.mean,
        "low": found.low,
        "high": found.high,
        "mc_se": found.mc_error,
        "sd": float(kept.std(ddof=1)) if len(kept) > 1 else math.nan,
        "p05": p05,
        "p95": p95,
        "reported": target.value if target else math.nan,
        "exactness": target.exactness.value if target else "",
        "role": target.role if target else "",
        **({} if draws is None else more),
    }


def targets_of(place: Place) -> dict[str, Target]:
    """Reported figures by metric, but for those of changes."""
    return {t.metric: t for t in place.targets if t.exactness != Exactness.CHANGE}


def _by_draw(values: Floats, draws: Ints) -> Floats:
    """Values as (draws, replications of each), NaN where a draw has fewer than another."""
    _, row, counts = np.unique(draws, return_inverse=True, return_counts=True)
    out = np.full((len(counts), int(counts.max(initial=0))), np.nan)
    order = np.argsort(row, kind="stable")
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    out[row[order], within] = values[order]
    return out


def readings_in(summary: pd.DataFrame) -> list[str]:
    """The readings under which a summary has rows; one empty name at central values."""
    return list(dict.fromkeys(summary["reading"].astype(str)))


def reported_text(target: Target) -> str:
    """A reported figure as the place prints it."""
    if target.high is not None:
        return f"{target.value:,.{target.decimals}f}–{target.high:,.{target.decimals}f}"
    return f"{_SIGNS.get(target.exactness, '')}{target.value:,.{target.decimals}f}"


@dataclass(frozen=True)
class Idle:
    """A staff group whose pools stand idle, in percent of their hours: the most under any reading of the record."""

    staff: str
    utilisation: float
    busiest: float


def idle_staff(summary: pd.DataFrame, threshold: float = 20.0) -> list[Idle]:
    """Staff groups whose busiest pool stays under the threshold: there, capacity cannot matter."""
    found = summary[summary["metric"].isin(["utilisation", "utilisation_busiest"])]
    table = found.pivot_table(index="group", columns="metric", values="mean", sort=False, aggfunc="max")
    out = []
    for staff, row in table.iterrows():
        if row["utilisation_busiest"] < threshold:
            out.append(Idle(str(staff), float(row["utilisation"]), float(row["utilisation_busiest"])))
    return out


@dataclass(frozen=True)
class Full:
    """A staff group with a pool that is busy all the time in a share of replications: the most under any reading."""

    staff: str
    share: float


def full_staff(
    numbers: Outcomes, readings: Readings = None, threshold: float = 95.0, often: float = 0.05
) -> list[Full]:
    """Staff groups whose busiest pool is above the threshold in more than so large a share of replications.

    Above it a queue does not come to rest within a window: waits and backlogs grow as long as one looks.
    """
    out = []
    for column, values in numbers.items():
        if (column.metric, column.by) != ("utilisation_busiest", "staff"):
            continue
        parts = [values] if readings is None else [values[readings == r] for r in np.unique(readings)]
        known = [part[~np.isnan(part)] for part in parts]
        share = max((float(np.mean(part > threshold)) for part in known if len(part)), default=0.0)
        if share > often:
            out.append(Full(column.group, share))
    return out
