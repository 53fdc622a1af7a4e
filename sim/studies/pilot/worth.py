"""What a trial is worth beside what it costs, where the analyst says what outcomes are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message
from sim.model import build
from sim.runs.case import Case
from sim.scenario.errors import UserError
from sim.scenario.metrics import BORNE_DAYS, FOLLOWED, KNOWN_METRICS
from sim.scenario.prices import Prices
from sim.statistics.cluster_trials import over_groups
from sim.statistics.value_of_information import expected
from sim.studies.cost_table import yuan_of
from sim.studies.costs import cost_of
from sim.studies.net_benefit import VALUED, YUAN, Values
from sim.studies.pilot.trials import Looked, Sample
from sim.studies.pilot.worlds import DAYS_PER_MONTH, Simulated, worlds_of

Floats = NDArray[np.float64]
BY_NAME = {  # of what `compare` values, what is counted village by village
    name: BORNE_DAYS if name == "unresolved_day" else valued.metric
    for name, valued in VALUED.items()
    if name == "unresolved_day" or valued.metric in FOLLOWED
}
HALF = 0.5  # of the villages of a trial have the policy, on average over its months


@dataclass(frozen=True)
class Stakes:
    """What hangs on the choice: yuan by unit of outcomes, yuan a year that the policy costs, and for how many years."""

    values: Mapping[str, float]
    cost: float
    years: float


def by_metric(values: Values) -> dict[str, float]:
    """Yuan by metric. Raises UserError for what a trial does not count, and for another unit."""
    if values.unit != YUAN:
        raise UserError(Message("--value: a trial is weighed in yuan; leave out in={unit}", unit=values.unit))
    for name in values.each:
        if name not in BY_NAME:
            raise UserError(
                Message(
                    "--value: {name} is not counted village by village; a trial takes {list}",
                    name=name,
                    list=", ".join(BY_NAME),
                )
            )
    return {BY_NAME[name]: x for name, x in values.each.items()}


def yearly_cost(without: Case, with_it: Case, prices: Prices, months: int) -> float:
    """Yuan a year that the policy takes in the whole place, at central values and stated prices."""
    models = [build(case.place, case.in_force) for case in (without, with_it)]
    _, yuan, _ = yuan_of(cost_of(models[1]), cost_of(models[0]), prices)
    return yuan / (months * DAYS_PER_MONTH / 365.0)


def benefits(found: Simulated, sample: Sample, stakes: Stakes, months: int) -> Floats:
    """Yuan a year by which the whole place is better off with the policy, of each sample the mean of its draw."""
    total = np.full(len(sample.draw), -stakes.cost)
    persons = found.persons[sample.taken].sum(axis=1)
    for metric, value in stakes.values.items():
        worse = KNOWN_METRICS[metric].worse if metric in KNOWN_METRICS else 1.0
        worlds = worlds_of(found, metric, sample.reading, sample.taken)
        per_year = (worlds.cells[1] - worlds.cells[0])[:, :, :months].sum(axis=(1, 2)) * 12.0 / months
        total -= worse * value * per_year
    assert len(persons) == len(total)
    _, at, counts = np.unique(sample.draw, return_inverse=True, return_counts=True)
    means: Floats = (np.bincount(at, weights=total) / counts)[at]
    return means


def worth(
    looked: Sequence[Looked], found: Simulated, samples: Sequence[Sample], stakes: Stakes, months: int
) -> pd.DataFrame:
    """Value and net value of each trial by lot, in yuan over the years; a row per reading, outcome and design.

    Before the trial one would do what is better on average; after it, what is better on average for those who have
    seen its estimate (regression on trials, see `value_of_information`). The trial takes its months, in which half of
    its villages have the policy, and pay for it, and the others wait. `net` is what is left of `value` after that; its
    error is over draws.
    """
    rows = []
    for sample in samples:
        own = benefits(found, sample, stakes, months)
        now = float(own.mean())
        for one in looked:
            if one.reading != sample.reading or one.trial.design.chosen != "lot":
                continue
            every = np.repeat(own, len(one.tested.estimate) // len(own))
            fitted = expected(np.stack([np.zeros_like(every), every]), one.tested.estimate[:, None])[1]
            duration = one.trial.design.months / 12.0
            rest = max(0.0, stakes.years - duration)
            share = HALF * one.trial.villages / found.villages
            taught = np.maximum(fitted, 0.0) - (every if now > 0 else 0.0)
            net = rest * taught + duration * (share * every - (every if now > 0 else 0.0))
            if stakes.years < duration:
                net = duration * share * every - stakes.years * (every if now > 0 else 0.0)
            value, left = over_groups(stakes.years * taught, one.draw), over_groups(net, one.draw)
            rows.append(
                {
                    "reading": one.reading,
                    "metric": one.metric,
                    **_named(one),
                    "value": max(0.0, value.value),
                    "value_se": value.se,
                    "net": left.value,
                    "net_se": left.se,
                }
            )
    return pd.DataFrame(rows)


def _named(one: Looked) -> dict[str, object]:
    design = one.trial.design
    steps = design.steps if design.kind == "wedge" else 0
    return {
        "design": design.kind,
        "villages": one.trial.villages,
        "months": design.months,
        "steps": steps,
        "chosen": design.chosen,
    }
