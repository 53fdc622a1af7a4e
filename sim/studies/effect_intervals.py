"""Effects of policies as tables: what is believed of each, and what Monte Carlo error adds to the doubt."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message, marked
from sim.scenario.comparison import Comparison
from sim.scenario.metrics import KNOWN_METRICS, Column
from sim.statistics.effect import LEVEL, Effects
from sim.statistics.effect import effects as believed
from sim.statistics.margins import Finding, finding
from sim.statistics.paired import paired
from sim.statistics.simultaneous import Simultaneous, simultaneous
from sim.studies.assemble import PlacePanel
from sim.studies.groups import clusters
from sim.studies.panel import labels_of
from sim.studies.varied import is_null

Floats = NDArray[np.float64]
# As tables have it.
VERDICTS = {
    Finding.HIGHER: marked("higher"),
    Finding.LOWER: marked("lower"),
    Finding.PROBABLY_HIGHER: marked("probably higher"),
    Finding.PROBABLY_LOWER: marked("probably lower"),
    Finding.EQUIVALENT: marked("equivalent"),
    Finding.UNRESOLVED: marked("no difference shown"),
    Finding.NOTHING: marked("no effect in any replication"),
}
BY_CONSTRUCTION = marked("no effect by construction")
CREDIBLE = marked("credible interval")  # over the draws of a posterior
ASSUMED = marked("range over assumed parameters")  # over draws from the ranges of a scenario
CONFIDENCE = marked("confidence interval")  # at central values: about Monte Carlo error only
DEFAULT_MARGIN = (
    0.01  # of the baseline: which effect on the objective is worth while, unless the analyst says
)
MOST_ERROR = 0.2  # of the spread over parameters: how large the Monte Carlo error may be


def margin_of(comparison: Comparison, column: Column, base: float = math.nan) -> float:
    """The margin that matters in a metric: the one that the analyst stated; 1 % of the baseline for the objective.

    NaN for other metrics. Both readings of a record share theirs.
    """
    stated = comparison.margins.get(column.metric, math.nan)
    if math.isnan(stated) and column.metric == comparison.objective:
        return DEFAULT_MARGIN * abs(base)
    return stated


def kind_of(place: PlacePanel) -> str:
    """What the intervals of a place are."""
    if place.panel.draws < 2:
        return CONFIDENCE
    return ASSUMED if place.cells[0].posterior is None else CREDIBLE


def believed_of(place: PlacePanel, column: Column, draws: NDArray[np.bool_] | None = None) -> Effects:
    """What is believed of the differences of all policies to the baseline in a metric; under some draws, if named."""
    panel = place.panel
    values = np.stack([panel.difference(policy, column) for policy in panel.policies[1:]])
    groups = place.groups
    if draws is not None:
        values = values[:, draws]
        groups = None if groups is None else [g for g, kept in zip(groups, draws, strict=True) if kept]
    return believed(values, groups)


def effects(place: PlacePanel, comparison: Comparison) -> pd.DataFrame:
    """Differences to the baseline: a row per policy and metric; of a record over the draws of its reading.

    Over parameter draws `difference` is the median, and `low`, `high` are the central 90 % of what is believed of the
    effect, with Monte Carlo noise taken off. At central values it is the mean over replications with a confidence
    interval; these hold together for all rows with 90 % probability. `mc_se` is the Monte Carlo error of the mean;
    `spread` the standard deviation over parameters, NaN where too few replications were run to tell it from Monte
    Carlo error.
    """
    panel = place.panel
    if len(panel.policies) < 2:
        return pd.DataFrame()
    own = {column: place.own(column.reading) for column in panel.columns}
    every = {column: believed_of(place, column, own[column]) for column in panel.columns}
    joint = _at_central_values(place) if panel.draws < 2 else {}
    null = [is_null(cell, place.cells[0]) for cell in place.cells[1:]]
    rows = []
    for i, policy in enumerate(panel.policies[1:]):
        for column in panel.columns:
            found = every[column]
            before = panel.of(panel.policies[0], column)[own[column]]
            one = paired(before, panel.of(policy, column)[own[column]])
            base = float(np.nanmean(before)) if not np.isnan(before).all() else math.nan
            margin = margin_of(comparison, column, base)
            told = _row(found, i, margin, joint.get((policy, column)))
            if null[i] and told["verdict"] == VERDICTS[Finding.NOTHING]:
                told["verdict"] = BY_CONSTRUCTION
            middle = float(str(told["difference"]))
            rows.append(
                {
                    "policy": policy,
                    **labels_of(column),
                    "unit": KNOWN_METRICS[column.metric].unit,
                    "baseline": base,
                    **told,
                    "relative": 100.0 * middle / base if base else math.nan,
                    "interval": kind_of(place),
                    "mean": one.mean,
                    "mc_se": float(found.mc_se[i]),
                    "spread": float(found.spread[i]),
                    "monte_carlo": large_error(float(found.mc_se[i]), float(found.spread[i]), panel.draws),
                    "correlation": one.correlation,
                    "variance_ratio": one.variance_ratio,
                    "clusters": one.clusters,
                    "dropped": one.dropped,
                }
            )
    return pd.DataFrame(rows)


def large_error(mc_se: float, spread: float, draws: int) -> str:
    """Whether enough replications were run: Monte Carlo error beside the spread over parameters."""
    if draws < 2 or mc_se == 0.0:
        return ""
    if math.isnan(spread):
        return marked("spread not estimable: more replications needed")
    return (
        "" if mc_se <= MOST_ERROR * spread else marked("Monte Carlo error is large: more replications needed")
    )


def _row(found: Effects, i: int, margin: float, alone: tuple[float, float] | None) -> dict[str, object]:
    """The interval of an effect with its probabilities and verdict."""
    low, middle, high = found.interval(i)
    below, above = found.below(i), found.above(i)
    under, over = (
        (math.nan, math.nan) if math.isnan(margin) else (found.below(i, -margin), found.above(i, margin))
    )
    if alone is None:
        verdict = finding(below, above, 1.0 - under - over)
    else:
        (low, high), middle = alone, float(found.mean[i])
        verdict = _by_interval(low, high, margin)
    return {
        "difference": middle,
        "low": low,
        "high": high,
        "p_lower": below,
        "p_higher": above,
        "margin": margin,
        "p_lower_by_margin": under,
        "p_higher_by_margin": over,
        "verdict": VERDICTS[verdict],
    }


def _by_interval(low: float, high: float, margin: float) -> Finding:
    """The verdict of a confidence interval, which is about Monte Carlo error only."""
    if low == high == 0.0:
        return Finding.NOTHING
    if not math.isnan(margin) and -margin < low and high < margin:
        return Finding.EQUIVALENT
    if low > 0:
        return Finding.HIGHER
    return Finding.LOWER if high < 0 else Finding.UNRESOLVED


def _at_central_values(place: PlacePanel) -> dict[tuple[str, Column], tuple[float, float]]:
    """Confidence limits at central values that hold together, by policy and metric."""
    panel = place.panel
    keys = [(policy, column) for policy in panel.policies[1:] for column in panel.columns]
    found = limits_at_once([clusters(panel.difference(*key)) for key in keys])
    return {key: (float(found.low[i]), float(found.high[i])) for i, key in enumerate(keys)}


def limits_at_once(columns: Sequence[Floats]) -> Simultaneous:
    """Simultaneous intervals; clusters that are undefined somewhere are left out, columns without any stay NaN."""
    n = min(len(c) for c in columns)
    values = np.stack([c[:n] for c in columns], axis=1)
    usable = ~np.isnan(values).all(axis=0)
    kept = ~np.isnan(values[:, usable]).any(axis=1)
    k = values.shape[1]
    mean, low, high, p = (np.full(k, np.nan) for _ in range(4))
    critical = math.nan
    if usable.any() and kept.sum() >= 2:
        found = simultaneous(values[kept][:, usable], LEVEL)
        mean[usable], low[usable], high[usable], p[usable] = found.mean, found.low, found.high, found.p
        critical = found.critical
    return Simultaneous(mean, low, high, p, critical)


def by_reading(place: PlacePanel, comparison: Comparison) -> pd.DataFrame:
    """The same differences under each reading of the record alone; empty without a posterior of both."""
    groups = place.groups
    if groups is None or len(set(groups)) < 2:
        return pd.DataFrame()
    panel, rows = place.panel, []
    for number, record in enumerate(place.readings):
        mine = np.array(groups) == number
        for column in panel.columns:
            found = believed_of(place, column, mine)
            before = panel.of(panel.policies[0], column)
            base = float(np.nanmean(before[mine])) if not np.isnan(before[mine]).all() else math.nan
            margin = margin_of(comparison, column, float(np.nanmean(before)))
            for i, policy in enumerate(panel.policies[1:]):
                rows.append(
                    {
                        "policy": policy,
                        **labels_of(column),
                        "record": record,
                        "draws": found.draws,
                        "unit": KNOWN_METRICS[column.metric].unit,
                        "baseline": base,
                        **_row(found, i, margin, None),
                    }
                )
    frame = pd.DataFrame(rows)
    order = {policy: i for i, policy in enumerate(panel.policies)}
    return frame.sort_values("policy", key=lambda c: c.map(order), kind="stable").reset_index(drop=True)


def not_precise(frame: pd.DataFrame, objective: str) -> Message | None:
    """That more replications are needed to know an effect on the objective, if so."""
    if frame.empty:
        return None
    mine = frame[(frame["metric"] == objective) & (frame["monte_carlo"] != "")]
    if mine.empty:
        return None
    said = marked(
        "In {n} of {m} effects on the objective Monte Carlo error is not small beside what is "
        "unknown: run more replications."
    )
    return Message(said, n=len(mine), m=int((frame["metric"] == objective).sum()))
