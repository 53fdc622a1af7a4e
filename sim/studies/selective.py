"""Effects over the selectivity of the record, one dimension from proportional (0) to target-driven (1).

Parameter draws were made at its two ends; the posterior file says how probable each of them is at points between, so
that they are weighed, not simulated, anew (`sim.studies.calibration.selectivity`).
"""

from __future__ import annotations

import math
from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message, Text
from sim.scenario.metrics import KNOWN_METRICS, TRUE, Column
from sim.scenario.terms import Term
from sim.statistics.effect import LEVEL, Effects, smoothed
from sim.statistics.quantiles import effective_size, weighted_quantiles
from sim.studies.assemble import PlacePanel
from sim.studies.decision import figure
from sim.studies.effect_intervals import believed_of
from sim.studies.mixture import beside
from sim.studies.panel import about, labels_of

Floats = NDArray[np.float64]
FEWEST = 10  # effective draws below which no interval is shown


def over_selectivity(place: PlacePanel) -> pd.DataFrame:
    """A row per policy, metric and selectivity: the effect with a central 90 % interval, and rank by its mean.

    Of what happens only: what would be recorded between the ends is no weighing of what is recorded at them. `ess` are
    the effective parameter draws behind a row; with fewer than `FEWEST` it has no figures. Empty unless the draws come
    from posteriors of both readings, in which nothing was changed.
    """
    weights = draw_weights(place)
    if weights is None:
        return pd.DataFrame()
    at, every = weights
    rows = []
    for column in (c for c in place.panel.columns if c.layer == TRUE):
        found = believed_of(place, column)
        samples = found.samples  # (policies, draws that have a value, samples of each)
        if samples.shape[1] != every.shape[1]:
            continue
        sign = KNOWN_METRICS[column.metric].worse
        for point, w in zip(at, every, strict=True):
            ess = effective_size(w)
            means = samples.mean(axis=2) @ w
            ranks = np.argsort(np.argsort(sign * means, kind="stable"), kind="stable") + 1
            end = _alone(place, column, w)
            for i, policy in enumerate(place.panel.policies[1:]):
                row = {**labels_of(column), "policy": policy, "selectivity": point, "ess": ess}
                of_row = _believed(samples[i], w, ess) if end is None else _at_end(end, i)
                rows.append({**row, **of_row, "rank": int(ranks[i])})
    return pd.DataFrame(rows)


def draw_weights(place: PlacePanel) -> tuple[tuple[float, ...], Floats] | None:
    """The points of selectivity, and the weights of the draws that count at each, shape (points, draws).

    At an end they are the draws of its reading, as everywhere; between, draws of both count by how many effective ones
    either has there. None where it is not known.
    """
    posterior, groups = place.cells[0].posterior, place.groups
    if posterior is None or groups is None or len(set(groups)) < 2 or not posterior.selectivity:
        return None
    at, logs = posterior.selectivity
    counted = place.counted
    out = []
    for point in range(len(at)):
        whole = np.zeros(place.panel.draws)
        own = [part for part in range(len(logs)) if all(x == 0.0 for x in logs[part][point])]
        for part in own[:1] or range(len(posterior.parts)):
            mine = (np.array(groups) == part) & counted
            rows = np.flatnonzero(mine) // len(posterior.parts)
            log = np.array([-math.inf if x is None else x for x in logs[part][point]])[rows]
            if not len(log) or not np.isfinite(log).any():
                continue
            w = np.exp(log - log[np.isfinite(log)].max())
            w /= w.sum()
            whole[mine] = w * effective_size(w)
        if not whole.any():
            return None
        out.append((whole / whole.sum())[counted])
    return at, np.array(out)


def _alone(place: PlacePanel, column: Column, weights: Floats) -> Effects | None:
    """What is believed under the draws of one reading, if all of these count alike."""
    draws = np.zeros(place.panel.draws, bool)
    draws[np.flatnonzero(place.counted)[weights > 0]] = True
    groups = np.array(place.groups)
    if not any(np.array_equal(draws, (groups == g) & place.counted) for g in set(groups.tolist())):
        return None
    mine = weights[weights > 0]
    return believed_of(place, column, draws) if np.allclose(mine, mine[0]) else None


def _at_end(found: Effects, i: int) -> dict[str, float]:
    low, middle, high = found.interval(i)
    below, above = found.below(i), found.above(i)
    return {"difference": middle, "low": low, "high": high, "p_lower": below, "p_higher": above}


def _believed(samples: Floats, weights: Floats, ess: float) -> dict[str, float]:
    """Median, central interval and probabilities of the samples of a policy, shape (draws, samples of each)."""
    if ess < FEWEST:
        return dict.fromkeys(("difference", "low", "high", "p_lower", "p_higher"), math.nan)
    tail = (1 - LEVEL) / 2
    each = np.repeat(weights / samples.shape[1], samples.shape[1])
    low, middle, high = weighted_quantiles(samples.ravel(), each, (tail, 0.5, 1 - tail))
    below, above = (float(each[which.ravel()].sum()) for which in (samples < 0, samples > 0))
    draws = max(2, round(ess))
    return {
        "difference": middle,
        "low": low,
        "high": high,
        "p_lower": float(smoothed(below, draws)) if samples.any() else 0.0,
        "p_higher": float(smoothed(above, draws)) if samples.any() else 0.0,
    }


def words(frame: pd.DataFrame, column: Column) -> Text:
    """How far a metric's effects hang on the selectivity of the record, in a sentence; empty where nothing is known."""
    if frame.empty:
        return ""
    part = about(frame, column).dropna(subset=["difference"])
    if part.empty:
        return ""
    points = sorted(part["selectivity"].unique())
    told: list[Text] = []
    for policy, one in part.groupby("policy", sort=False):
        first, last = (float(one["difference"].iloc[i]) for i in (0, -1))
        name = Term("policy", str(policy))
        told.append(
            Message("{policy} {first} to {last}", policy=name, first=figure(first), last=figure(last))
        )
    stays = bool(
        (part.groupby("policy")["rank"].agg("min") == part.groupby("policy")["rank"].agg("max")).all()
    )
    return Message(
        "From a record without selection ({low}) to a target-driven one ({high}), {metric} ({unit}): {list}; {same}.",
        low=f"{points[0]:g}",
        high=f"{points[-1]:g}",
        metric=Term("metric", column.metric),
        unit=Term("unit", KNOWN_METRICS[column.metric].unit, column.metric),
        list=reduce(beside, told[:6]),
        same=Message("the order of policies stays") if stays else Message("the order of policies changes"),
    )
