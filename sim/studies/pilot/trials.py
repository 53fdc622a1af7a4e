"""What every design is good for, outcome by outcome and reading by reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from sim.scenario.metrics import READINGS
from sim.scenario.parameter_draws import ParameterDraws
from sim.statistics.cluster_trials import LEVEL, Number, Tested, Variance, operating, over_groups
from sim.statistics.trial_designs import Worlds, group_of, lots, trials
from sim.studies.pilot.grid import Trial
from sim.studies.pilot.worlds import (
    HAPPENED,
    TOWNSHIPS,
    VILLAGES,
    WRITTEN,
    Simulated,
    level_of,
    rate_of,
    worlds_of,
)

RESAMPLES = 5  # lots for each simulated pair of worlds
POWER = 0.8  # a trial that shows its effect as often is called strong enough


@dataclass(frozen=True)
class Sample:
    """Which samples a reading of the record has, and the draw of each of them."""

    reading: str
    taken: NDArray[np.bool_]
    draw: NDArray[np.int64]


def samples_of(found: Simulated, posterior: ParameterDraws | None) -> list[Sample]:
    """By reading: of a posterior those of its draws; without one all, recorded under each."""
    if posterior is None:
        every = np.ones(len(found.draw), dtype=bool)
        return [Sample(reading, every, found.draw) for reading in READINGS]
    named = np.array([posterior.reading(int(draw)) for draw in found.draw])
    return [Sample(r, named == r, found.draw[named == r]) for r in READINGS if (named == r).any()]


@dataclass(frozen=True)
class Looked:
    """Trials of a design in an outcome under a reading; `tested` those with the policy, as `ENBS` needs them."""

    trial: Trial
    metric: str
    reading: str
    tested: Tested = field(repr=False)
    draw: NDArray[np.int64] = field(repr=False)


def look(
    found: Simulated,
    grid: Sequence[Trial],
    samples: Sequence[Sample],
    seed: int,
    progress: Callable[[int, int], None],
) -> tuple[pd.DataFrame, pd.DataFrame, list[Looked]]:
    """A row per reading, outcome and design; a row per reading, outcome and kind of cluster; the trials themselves."""
    rows, icc, every = [], [], []
    months = max(t.design.months for t in grid)
    outcomes = (*HAPPENED, *WRITTEN)
    total, done = len(samples) * len(outcomes), 0
    for sample in samples:
        for metric in outcomes:
            for by_township in sorted({t.design.kind == "townships" for t in grid}):
                own = [t for t in grid if (t.design.kind == "townships") == by_township]
                worlds = worlds_of(found, metric, sample.reading, sample.taken, townships=by_township)
                parts = worlds.variance(months)
                level = level_of(found, metric, sample.reading, sample.taken, worlds)
                icc.append(_correlation(sample.reading, metric, by_township, level, parts))
                order = lots(worlds.there, RESAMPLES, np.random.default_rng([seed, by_township]))
                for trial in own:
                    row, tested = _row(trial, worlds, parts, order, sample)
                    rows.append({"reading": sample.reading, "metric": metric, **row})
                    group = group_of(sample.draw, RESAMPLES)
                    every.append(Looked(trial, metric, sample.reading, tested, group))
            done += 1
            progress(done, total)
    return pd.DataFrame(rows), pd.DataFrame(icc), every


def _correlation(
    reading: str, metric: str, by_township: bool, level: float, parts: Variance
) -> Mapping[str, object]:
    return {
        "reading": reading,
        "metric": metric,
        "cluster": TOWNSHIPS if by_township else VILLAGES,
        "unit": rate_of(metric),
        "mean": level,
        "sd_between": parts.between**0.5,
        "sd_within": parts.within**0.5,
        "icc": parts.icc,
    }


def _row(
    trial: Trial, worlds: Worlds, parts: Variance, order: NDArray[np.int64], sample: Sample
) -> tuple[dict[str, object], Tested]:
    design = trial.design
    periods = design.steps + 1 if design.kind == "wedge" else 1
    weight = parts.weight(periods, design.months / periods)
    with_it = trials(design, worlds, order, weight)
    nothing = trials(design, worlds, order, weight, policy=False)
    group = group_of(sample.draw, RESAMPLES)
    effect = _of_draw(worlds.effect(design.months), sample.draw)
    alarms = over_groups((nothing.p < LEVEL).astype(float), group)
    seems = over_groups(nothing.estimate, group)
    # What a lot adds or takes is nothing on average, and is left out; what a choice by disorder adds, is not.
    alone = with_it.estimate - nothing.estimate if design.chosen == "lot" else with_it.estimate
    truth = np.repeat(effect, RESAMPLES)
    bias = over_groups(alone - truth, group)
    found = operating(with_it, truth, group)
    freedom = design.clusters // 2 - 1 if design.kind == "pairs" else design.clusters - 2
    reach = float(stats.t.isf(LEVEL / 2, freedom) + stats.t.isf(1 - POWER, freedom))
    row: dict[str, object] = {
        "design": design.kind,
        "villages": trial.villages,
        "clusters": design.clusters,
        "months": design.months,
        "steps": design.steps if design.kind == "wedge" else 0,
        "chosen": design.chosen,
        "power": found.power.value,
        "power_se": found.power.se,
        "false_alarms": alarms.value,
        "false_alarms_se": alarms.se,
        "true_effect": found.effect.value,
        "bias": bias.value,
        "bias_se": bias.se,
        "seems_without": seems.value,
        "seems_without_se": seems.se,
        "exaggerates": found.exaggerates,
        "reverses": found.reverses,
        "detectable": reach * float(np.sqrt((with_it.se**2).mean())),
    }
    return row, with_it


def _of_draw(values: NDArray[np.float64], draw: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each sample the mean over the samples of its draw: the effect of its parameters, with less luck in it."""
    _, at, counts = np.unique(draw, return_inverse=True, return_counts=True)
    found: NDArray[np.float64] = (np.bincount(at, weights=values) / counts)[at]
    return found


def contamination(found: Simulated, samples: Sequence[Sample], months: int) -> pd.DataFrame:
    """What a trial sees of an effect when every other village, or township, has the policy, with no luck of its lot.

    `effect`: in villages that have the policy, when all have it. `seen`: the change in those that have it less the
    change in those that do not, when half have it. `spill`: the latter. Villages that share staff touch each other.
    """
    rows = []
    for sample in samples:
        for metric in HAPPENED:
            for world, split in enumerate(found.worlds):
                if split not in (VILLAGES, TOWNSHIPS):
                    continue
                own = found.with_policy(split)[sample.taken]
                full = worlds_of(found, metric, sample.reading, sample.taken)
                half = worlds_of(found, metric, sample.reading, sample.taken, of=(0, world))
                before, after, part = (
                    full.rates(0, 0, months),
                    full.rates(1, 0, months),
                    half.rates(1, 0, months),
                )
                given, other = own & full.there, ~own & full.there
                effect = _mean(after - before, given)
                spill = _mean(part - before, other)
                seen = _mean(part - before, given) - spill
                numbers = {
                    "effect": over_groups(effect, sample.draw),
                    "seen": over_groups(seen, sample.draw),
                    "spill": over_groups(spill, sample.draw),
                    "contamination": over_groups(seen - effect, sample.draw),
                }
                rows.append({"reading": sample.reading, "metric": metric, "cluster": split, **_flat(numbers)})
    return pd.DataFrame(rows)


def _mean(values: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Over the villages of each sample that are meant."""
    out: NDArray[np.float64] = np.where(where, values, 0.0).sum(axis=1) / where.sum(axis=1)
    return out


def _flat(numbers: Mapping[str, Number]) -> dict[str, float]:
    out: dict[str, float] = {}
    for name, number in numbers.items():
        out |= {name: number.value, f"{name}_se": number.se}
    return out
