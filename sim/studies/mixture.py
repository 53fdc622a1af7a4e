"""Effects over the probability that the record is proportional.

Figures hardly say which reading of a record is right, so that a result is shown for every weight of the two. Parameter
draws belong to the readings in turn; what is believed of an effect under each is mixed.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message, Text
from sim.scenario.metrics import KNOWN_METRICS, Column
from sim.scenario.terms import Term
from sim.statistics.effect import LEVEL
from sim.statistics.quantiles import weighted_quantiles
from sim.studies.assemble import PlacePanel
from sim.studies.decision import figure
from sim.studies.effect_intervals import believed_of
from sim.studies.panel import about, labels_of

Floats = NDArray[np.float64]
WEIGHTS = (0.1, 0.3, 0.5, 0.7, 0.9)
PROPORTIONAL = "proportional"


def over_readings(place: PlacePanel) -> pd.DataFrame:
    """A row per policy, metric and P(proportional): the effect with a 90 % credible interval, and rank by its mean.

    Empty unless the draws come from the posteriors of both readings.
    """
    groups = place.groups
    if groups is None or len(place.readings) != 2 or place.panel.draws < 4:
        return pd.DataFrame()
    panel, first = place.panel, place.readings.index(PROPORTIONAL)
    rows = []
    for column in panel.columns:
        parts = [believed_of(place, column, np.array(groups) == g).samples for g in (first, 1 - first)]
        sign = KNOWN_METRICS[column.metric].worse
        for weight in WEIGHTS:
            means = [weight * a.mean() + (1 - weight) * b.mean() for a, b in zip(*parts, strict=True)]
            ranks = np.argsort(np.argsort(sign * np.array(means), kind="stable"), kind="stable") + 1
            for i, policy in enumerate(panel.policies[1:]):
                low, middle, high, below, above = _mixed(parts[0][i].ravel(), parts[1][i].ravel(), weight)
                rows.append(
                    {
                        **labels_of(column),
                        "policy": policy,
                        "p_proportional": weight,
                        "difference": middle,
                        "low": low,
                        "high": high,
                        "p_lower": below,
                        "p_higher": above,
                        "rank": int(ranks[i]),
                    }
                )
    return pd.DataFrame(rows)


def _mixed(one: Floats, other: Floats, weight: float) -> tuple[float, float, float, float, float]:
    """Low, median, high, P(below 0) and P(above 0) of samples under two readings, the first of which has `weight`."""
    every = np.concatenate([one, other])
    weights = np.concatenate(
        [np.full(len(one), weight / len(one)), np.full(len(other), (1 - weight) / len(other))]
    )
    tail = (1 - LEVEL) / 2
    low, middle, high = weighted_quantiles(every, weights, (tail, 0.5, 1 - tail))
    return low, middle, high, float(weights[every < 0].sum()), float(weights[every > 0].sum())


def words(frame: pd.DataFrame, column: Column) -> Text:
    """How far a metric's effects hang on the reading, in a sentence; empty where nothing is known."""
    if frame.empty:
        return ""
    part = about(frame, column)
    ranks = part.groupby("policy")["rank"].nunique()
    told: list[Text] = [
        Message(
            "{policy} {first} to {last}",
            policy=Term("policy", str(policy)),
            first=figure(float(one["difference"].iloc[0])),
            last=figure(float(one["difference"].iloc[-1])),
        )
        for policy, one in part.groupby("policy", sort=False)
    ]
    about_metric: Text = Term("metric", column.metric)
    if column.reading:
        about_metric = Message(
            "{metric} ({reading})", metric=about_metric, reading=Term("reading", column.reading)
        )
    stays = bool((ranks == 1).all())
    return Message(
        "Over P(proportional record) from 0.1 to 0.9, {metric} ({unit}): {list}; {same}.",
        metric=about_metric,
        unit=Term("unit", KNOWN_METRICS[column.metric].unit, column.metric),
        list=reduce(beside, told[:6]),
        same=Message("the order of policies stays") if stays else Message("the order of policies changes"),
    )


def beside(first: Text, following: Text) -> Text:
    """Two parts of a list."""
    return Message("{first}; {next}", first=first, next=following)
