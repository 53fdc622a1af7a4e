"""Decision quantities over the probability that the record is proportional.

Figures hardly say which reading of a record is right, so that a result is shown for every weight of the two. Parameter
draws belong to the readings in turn; the means under each are mixed, and their errors with them.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
import pandas as pd

from sim.language import Message, Text
from sim.scenario.comparison import Comparison
from sim.scenario.metrics import KNOWN_METRICS, Column
from sim.scenario.terms import Term
from sim.statistics.intervals import mean_and_error
from sim.statistics.model_average import averaged
from sim.studies.assemble import PlacePanel
from sim.studies.panel import about, labels_of

WEIGHTS = (0.1, 0.3, 0.5, 0.7, 0.9)


def over_readings(place: PlacePanel, comparison: Comparison) -> pd.DataFrame:
    """A row per policy, metric and P(proportional): paired difference with a 95 % interval, and rank by the objective.

    Empty unless the draws come from the posteriors of both readings.
    """
    posterior = place.cells[0].posterior
    panel = place.panel
    if posterior is None or len(posterior.parts) != 2 or panel.draws < 4:
        return pd.DataFrame()
    first = {reading: i for i, (reading, _, _) in enumerate(posterior.parts)}
    rows = []
    for column in panel.columns:
        by_policy = {}
        for policy in panel.policies[1:]:
            difference = panel.difference(policy, column)  # draws without any outcome stay NaN
            known = ~np.isnan(difference)
            number = np.where(known.any(axis=1), known.sum(axis=1), np.nan)
            means = np.where(known, difference, 0.0).sum(axis=1) / number
            parts = {}
            for reading, offset in first.items():
                parts[reading] = mean_and_error(means[offset::2])
            by_policy[policy] = parts
        worse = KNOWN_METRICS[column.metric].worse
        for weight in WEIGHTS:
            mixed = {}
            for policy, parts in by_policy.items():
                both = parts["proportional"], parts["target_driven"]
                middle, error = averaged(both, (weight, 1 - weight))
                mixed[policy] = middle, 1.96 * error
            order = sorted(mixed, key=lambda p: worse * mixed[p][0])
            for policy, (middle, half) in mixed.items():
                rows.append(
                    {
                        **labels_of(column),
                        "policy": policy,
                        "p_proportional": weight,
                        "difference": middle,
                        "low": middle - half,
                        "high": middle + half,
                        "rank": order.index(policy) + 1,
                    }
                )
    return pd.DataFrame(rows)


def words(frame: pd.DataFrame, column: Column) -> Text:
    """How far a metric's effects hang on the reading, in a sentence; empty where nothing is known."""
    if frame.empty:
        return ""
    part = about(frame, column)
    ranks = part.groupby("policy")["rank"].nunique()
    told: list[Text] = [
        Message(
            "{policy} {first:.3g} to {last:.3g}",
            policy=Term("policy", str(policy)),
            first=one["difference"].iloc[0],
            last=one["difference"].iloc[-1],
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
        list=reduce(_beside, told[:6]),
        same=Message("the order of policies stays") if stays else Message("the order of policies changes"),
    )


def _beside(first: Text, following: Text) -> Text:
    return Message("{first}; {next}", first=first, next=following)
