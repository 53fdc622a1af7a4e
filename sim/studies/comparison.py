"""What a comparison says of one place: effects with their doubts, costs, who gains and loses, and what to choose."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import marked
from sim.scenario.comparison import Comparison
from sim.scenario.metrics import CONFLICT, KNOWN_METRICS, READINGS, RECORDED, Column
from sim.scenario.prices import Prices
from sim.statistics.decision import Decision, decide
from sim.statistics.margins import Finding, beyond, finding
from sim.statistics.paired import paired
from sim.statistics.rank_correlation import kendall_tau
from sim.statistics.ratio import Ratio, per_cost
from sim.statistics.simultaneous import Simultaneous, simultaneous
from sim.studies.assemble import PlacePanel, group_sums, yuan
from sim.studies.groups import clusters, gains
from sim.studies.panel import labels_of

Floats = NDArray[np.float64]
# As the table of effects has it.
VERDICTS = {
    Finding.HIGHER: marked("higher"),
    Finding.LOWER: marked("lower"),
    Finding.EQUIVALENT: marked("equivalent"),
    Finding.UNRESOLVED: marked("no difference shown"),
}
PER_PERSONS, PER_YUAN, PER_HOURS = 10_000, 100_000, 1_000


def margin_of(comparison: Comparison, column: Column) -> float:
    """The margin that the analyst stated for a metric, NaN for none. Both readings of a record share theirs."""
    return comparison.margins.get(column.metric, math.nan)


def own_draws(place: PlacePanel, reading: str) -> slice:
    """The parameter draws under which a record is read: those that were calibrated under its reading.

    What would be recorded under one reading at the draws of the other is a number that no reading gives.
    """
    posterior = place.cells[0].posterior
    if not reading or posterior is None or len(posterior.parts) < 2:
        return slice(None)
    names = [name for name, _, _ in posterior.parts]
    return slice(names.index(reading), None, len(names)) if reading in names else slice(None)


def effects(place: PlacePanel, comparison: Comparison) -> pd.DataFrame:
    """Paired differences to the baseline: a row per policy and metric, of a record over the draws of its reading.

    `low`, `high` are simultaneous over all rows about what happened, and over those of each reading of the record;
    `alone_low`, `alone_high` are for one row by itself.
    """
    panel = place.panel
    pairs = [(p, c) for p in panel.policies[1:] for c in panel.columns]
    own = [own_draws(place, c.reading) for _, c in pairs]
    differences = [panel.difference(p, c)[mine] for (p, c), mine in zip(pairs, own, strict=True)]
    together = _by_reading(pairs, differences)
    rows = []
    for i, ((policy, column), difference) in enumerate(zip(pairs, differences, strict=True)):
        before = panel.of(panel.policies[0], column)[own[i]]
        one = paired(before, panel.of(policy, column)[own[i]])
        low, high = float(together.low[i]), float(together.high[i])
        margin = margin_of(comparison, column)
        against = beyond(difference, 0.0 if math.isnan(margin) else margin)
        base = float(np.nanmean(before))
        rows.append(
            {
                "policy": policy,
                **labels_of(column),
                "unit": KNOWN_METRICS[column.metric].unit,
                "baseline": base,
                "difference": one.mean,
                "low": low,
                "high": high,
                "relative": 100.0 * one.mean / base if base else math.nan,
                "alone_low": one.low,
                "alone_high": one.high,
                "p_adjusted": float(together.p[i]),
                "mc_se": one.mc_se,
                "parameter_sd": one.parameter_sd,
                "parameter_low": one.parameter_low,
                "parameter_high": one.parameter_high,
                "correlation": one.correlation,
                "variance_ratio": one.variance_ratio,
                "margin": margin,
                "p_below": against.below,
                "p_above": against.above,
                "no_larger_than": against.smallest,
                "verdict": VERDICTS[finding(low, high, margin)],
                "clusters": one.clusters,
                "dropped": one.dropped,
            }
        )
    return pd.DataFrame(rows)


def _by_reading(pairs: Sequence[tuple[str, Column]], differences: Sequence[Floats]) -> Simultaneous:
    """`_together` of all that lies on the same draws: readings of the record that have their own stand apart."""
    every = [clusters(d) for d in differences]
    mean, low, high, p = (np.full(len(every), np.nan) for _ in range(4))
    critical = math.nan
    full = max(len(d) for d in differences)
    families = ["" if len(d) == full else c.reading for (_, c), d in zip(pairs, differences, strict=True)]
    for family in dict.fromkeys(families):
        rows = [i for i, name in enumerate(families) if name == family]
        found = _together([every[i] for i in rows])
        mean[rows], low[rows], high[rows], p[rows] = found.mean, found.low, found.high, found.p
        critical = found.critical if not family else critical
    return Simultaneous(mean, low, high, p, critical)


def _together(columns: Sequence[Floats]) -> Simultaneous:
    """Simultaneous intervals; clusters that are undefined somewhere are left out, columns without any stay NaN."""
    n = min(len(c) for c in columns)
    values = np.stack([c[:n] for c in columns], axis=1)
    usable = ~np.isnan(values).all(axis=0)
    kept = ~np.isnan(values[:, usable]).any(axis=1)
    k = values.shape[1]
    mean, low, high, p = (np.full(k, np.nan) for _ in range(4))
    critical = math.nan
    if usable.any() and kept.sum() >= 2:
        found = simultaneous(values[kept][:, usable])
        mean[usable], low[usable], high[usable], p[usable] = found.mean, found.low, found.high, found.p
        critical = found.critical
    return Simultaneous(mean, low, high, p, critical)


def costs(place: PlacePanel, prices: Prices) -> pd.DataFrame:
    """What each policy costs in the window beside the baseline: hours of mechanisms, of disputes, persons, money."""
    rows = []
    base = place.costs[0]
    before = _column(place, 0, "staff_hours_total")
    for i, (label, cost) in enumerate(zip(place.labels, place.costs, strict=True)):
        if i == 0:
            continue
        on_disputes = float(np.nanmean(_column(place, i, "staff_hours_total") - before))
        persons = sum(cost.person_years.values()) - sum(base.person_years.values())
        rows.append(
            {
                "policy": label,
                "hours_of_mechanisms": cost.hours_total - base.hours_total,
                "hours_on_disputes": on_disputes,
                "person_years": persons,
                "yuan_with_a_source": cost.yuan - base.yuan,
                "yuan_at_assumed_prices": yuan(cost, prices) - yuan(base, prices),
            }
        )
    return pd.DataFrame(rows)


def _column(place: PlacePanel, policy: int, metric: str) -> Floats:
    """A metric of a policy, whether it is among the compared ones or not."""
    draws = place.panel.draws
    return place.found.values(Column(metric), policy).reshape(draws, -1)


def per_head_and_cost(place: PlacePanel, comparison: Comparison, prices: Prices) -> pd.DataFrame:
    """Effects on counts per 10,000 people and year, per 100,000 yuan and per 1,000 staff hours.

    A negative number of hours or yuan is a saving: then a ratio says what is gained per unit saved.
    """
    panel = place.panel
    where = place.cells[0].place
    years = ((where.window.end - where.window.start).days + 1) / 365.0
    heads = float(where.population.persons) / PER_PERSONS * years
    rows = []
    for i, policy in enumerate(panel.policies):
        if i == 0:
            continue
        hours = (
            clusters(_column(place, i, "staff_hours_total") - _column(place, 0, "staff_hours_total"))
            + place.costs[i].hours_total
            - place.costs[0].hours_total
        )
        spent = yuan(place.costs[i], prices) - yuan(place.costs[0], prices)
        for column in panel.columns:
            if column.metric != CONFLICT and KNOWN_METRICS[column.metric].unit != "count":
                continue
            difference = clusters(panel.difference(policy, column))
            if column.metric == CONFLICT:  # per 1,000 persons and year
                difference = difference * (float(where.population.persons) / 1000.0 * years)
            if np.isnan(difference).any():
                continue
            one_hours = per_cost(difference, hours, PER_HOURS)
            one_yuan = per_cost(difference, np.full(len(difference), spent), PER_YUAN)
            rows.append(
                {
                    "policy": policy,
                    **labels_of(column),
                    "per_10000_people_and_year": float(difference.mean()) / heads,
                    **_ratio("per_100000_yuan", one_yuan),
                    **_ratio("per_1000_hours", one_hours),
                }
            )
    return pd.DataFrame(rows)


def _ratio(name: str, ratio: Ratio) -> dict[str, float]:
    return {name: ratio.value, f"{name}_low": ratio.low, f"{name}_high": ratio.high}


def choice(place: PlacePanel, comparison: Comparison) -> tuple[Decision, pd.DataFrame]:
    """What to choose by the objective: means, probability of being best, expected regret.

    A regret is never below zero: `regret` is its estimate, or zero where luck takes that below (`regret_estimate`).
    """
    panel = place.panel
    objective = panel.column(comparison.objective)
    better = KNOWN_METRICS[comparison.objective].aim
    found = decide(panel.values[:, panel.columns.index(objective)], better)
    order = found.means if better == "lower" else -found.means
    frame = pd.DataFrame(
        {
            "policy": panel.policies,
            "objective": objective.metric,
            "layer": objective.layer,
            "reading": objective.reading,
            "mean": found.means,
            "rank": order.argsort(kind="stable").argsort(kind="stable") + 1,
            "p_best": found.best,
            "regret": np.maximum(found.regret, 0.0),
            "regret_estimate": found.regret,
            "regret_se": found.error,
        }
    )
    return found, frame.sort_values("rank", kind="stable").reset_index(drop=True)


def readings(place: PlacePanel, comparison: Comparison) -> pd.DataFrame:
    """How policies would be ranked by the record under both readings, each at its own draws, beside what is true.

    `agreement` is Kendall's tau between the ranking by the recorded success rate and that by the objective.
    """
    panel = place.panel
    objective = panel.column(comparison.objective)
    sign = KNOWN_METRICS[comparison.objective].worse
    rows = []
    for reading in READINGS:
        mine = own_draws(place, reading)
        true = sign * np.nanmean(panel.values[:, panel.columns.index(objective), mine], axis=(1, 2))
        recorded = place.found.grid([Column("success_rate", RECORDED, reading)])[:, 0, mine]
        rates = np.nanmean(recorded, axis=(1, 2))
        best = int(np.argmax(rates))
        rows.append(
            {
                "reading": reading,
                "best_by_record": panel.policies[best],
                "recorded_rate": float(rates[best]),
                "baseline_rate": float(rates[0]),
                "best_by_objective": panel.policies[int(np.argmin(true))],
                "agreement": kendall_tau(true, -rates),
            }
        )
    return pd.DataFrame(rows)


def who_gains(place: PlacePanel, comparison: Comparison) -> pd.DataFrame:
    """Gains and losses by group, for each policy; empty where groups were not asked for."""
    parts = []
    sums = [
        {
            (column.metric, column.by, column.group): values.reshape((comparison.draws or 1), -1)
            for column, values in group_sums(place.found, i).items()
        }
        for i in range(len(place.labels))
    ]
    for label, after in zip(place.labels[1:], sums[1:], strict=True):
        if after:
            frame = gains(sums[0], after)
            frame.insert(0, "policy", label)
            parts.append(frame)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
