"""The answer of a comparison for one place: all its tables together, and the break-even effects on demand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.runs.batch import Batch, Progress, pairs, quiet
from sim.runs.case import Case
from sim.runs.executors.local import Executor
from sim.scenario.comparison import Cell, Comparison, Design
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.policy import Measure
from sim.scenario.prices import Prices
from sim.statistics.break_even import BreakEven, break_even
from sim.statistics.decision import Decision
from sim.studies.assemble import PlacePanel, busiest, case_of
from sim.studies.break_even_words import NO_EFFECT, break_even_words
from sim.studies.compare.choice import choice, readings, who_gains
from sim.studies.cost_table import costs, per_head_and_cost
from sim.studies.decided import decision_of
from sim.studies.decision import Decision as Decided
from sim.studies.drawn_numbers import drawn_points
from sim.studies.effect_intervals import by_reading, effects
from sim.studies.groups import clusters
from sim.studies.mixture import over_readings
from sim.studies.multiplier import has_effect, multiplier_prior
from sim.studies.net_benefit import Values, benefits_of, over_multiples
from sim.studies.net_benefit import table as net_table
from sim.studies.record_and_truth import record_and_truth
from sim.studies.selective import over_selectivity
from sim.studies.study_value import knowing, studies, window_years
from sim.studies.study_words import learnt, paying_study, valued
from sim.studies.varied import varied
from sim.studies.worth_table import over_values

GRID = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
Floats = NDArray[np.float64]


@dataclass
class Answer:
    """What a comparison says of a place."""

    place: PlacePanel
    comparison: Comparison
    effects: pd.DataFrame
    by_reading: pd.DataFrame
    costs: pd.DataFrame
    per: pd.DataFrame
    decision: Decision
    choice: pd.DataFrame
    readings: pd.DataFrame
    groups: pd.DataFrame
    loaded: pd.DataFrame
    mixture: pd.DataFrame
    selective: pd.DataFrame
    decided: Decided
    target: pd.DataFrame
    worth: pd.DataFrame
    over_values: pd.DataFrame
    studies: pd.DataFrame = field(default_factory=pd.DataFrame)
    net: pd.DataFrame = field(default_factory=pd.DataFrame)
    over_multiples: pd.DataFrame = field(default_factory=pd.DataFrame)
    break_even: pd.DataFrame = field(default_factory=pd.DataFrame)

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that have rows, by name of their file."""
        every = {
            "in_words": self.decided.table(),
            "advice": self.decided.advised(),
            "effects": self.effects,
            "by_reading": self.by_reading,
            "costs": self.costs,
            "per_head_and_cost": self.per,
            "choice": self.choice,
            "readings": self.readings,
            "p_proportional": self.mixture,
            "over_selectivity": self.selective,
            "record_and_truth": self.target,
            "worth_of_knowing": self.worth,
            "what_a_study_would_tell": self.studies,
            "acceptability": self.over_values,
            "net_benefit": self.net,
            "acceptability_of_values": self.over_multiples,
            "groups": self.groups,
            "most_loaded": self.loaded,
            "break_even": self.break_even,
        }
        return {name: frame for name, frame in every.items() if len(frame)}


def answer(place: PlacePanel, comparison: Comparison, prices: Prices, values: Values | None = None) -> Answer:
    """Analyse what was found for one place; `values` are what outcomes are worth, where they are stated."""
    decision, chosen = choice(place, comparison)
    found, apart = effects(place, comparison), by_reading(place, comparison)
    price = costs(place, prices, found)
    values = values or Values()
    points = drawn_points(place, comparison.seed) if place.panel.draws > 1 else []
    benefits = benefits_of(place, values, price)
    to_know = knowing(place, points, benefits, place.panel.columns[0].metric)
    to_study = studies(place, points, benefits, prices, window_years(place))
    net = net_table(place, benefits, price, values.unit) if values else pd.DataFrame()
    told = [*valued(net, values), *learnt(to_know, to_study, bool(values))]
    loaded = pd.DataFrame(
        [
            {"policy": label, "staff": staff, "unit": unit, "utilisation": use}
            for i, label in enumerate(place.labels)
            for staff, unit, use in busiest(place.found, i)
        ]
    )
    return Answer(
        place,
        comparison,
        found,
        apart,
        price,
        per_head_and_cost(place, price),
        decision,
        chosen,
        readings(place, comparison),
        who_gains(place, comparison),
        loaded,
        over_readings(place),
        over_selectivity(place),
        decision_of(
            place,
            comparison,
            prices,
            found,
            apart,
            price,
            chosen,
            net=net,
            study=paying_study(to_study),
            told=told,
        ),
        record_and_truth(place),
        to_know,
        over_values(place, price),
        to_study,
        net,
        over_multiples(benefits) if values else pd.DataFrame(),
    )


def _text(measure: Measure) -> str:
    return measure.model_dump_json()


def _at(cell: Cell, changed: Sequence[Measure], x: float) -> tuple[Measure, ...]:
    """The measures of a cell with the effects of some multiplied."""
    texts = set(map(_text, changed))
    return tuple(
        m.model_copy(update={"effect": m.effect * x}) if _text(m) in texts else m for m in cell.measures
    )


def break_evens(
    one: Answer, design: Design, folder: Path | None, *, executor: Executor, progress: Progress = quiet
) -> pd.DataFrame:
    """For each policy, how strong what it changes must be for the order to turn against the baseline and the best.

    The effects of the measures in which a policy differs from the baseline are multiplied, wherever they are in force
    (a policy that takes a mechanism away is judged by the baseline that has it). The rival is as it was assumed.
    """
    comparison = one.comparison
    cells = one.place.cells
    base, wanted = cells[0], pairs((comparison.draws or 1), comparison.replications)
    ranks = one.choice.set_index("policy")["rank"]
    best = str(ranks.idxmin())
    second = str(ranks[ranks.index != best].idxmin())
    plan: list[tuple[Cell, tuple[Measure, ...], list[Case], list[Case]]] = []
    without: list[str] = []
    for cell in cells[1:]:
        changed = tuple(m for m in varied(cell, base) if has_effect(m, cell.place))
        if not changed:
            without.append(cell.policy)
            continue
        mine = [_case(cell, _at(cell, changed, x), comparison) for x in GRID]
        zero = [_case(base, _at(base, changed, x), comparison) for x in GRID]
        plan.append((cell, changed, mine, zero))
    cases = {case.key: case for _, _, mine, zero in plan for case in (*mine, *zero)}
    column = KNOWN_METRICS[comparison.objective].columns()[0]
    batch = Batch(list(cases.values()), [wanted] * len(cases), folder)
    found = batch.complete(executor=executor, progress=progress).outcomes([column])
    number = {key: i for i, key in enumerate(cases)}
    sign = KNOWN_METRICS[comparison.objective].worse

    def values(case: Case) -> Floats:
        return sign * found.values(column, number[case.key]).reshape((comparison.draws or 1), -1)

    held = {
        cell.policy: sign * one.place.found.values(column, i).reshape((comparison.draws or 1), -1)
        for i, cell in enumerate(cells)
    }
    counts = one.place.counted
    rows: list[dict[str, object]] = [_without_effect(policy, base.policy) for policy in without]
    for cell, changed, mine, zero in plan:
        priors = [multiplier_prior(m, cell.place) for m in changed]
        prior = np.mean(priors, axis=0) if priors else None
        against: list[tuple[str, list[Case] | None]] = [(base.policy, zero)]
        rival = second if cell.policy == best else best
        if rival != base.policy:
            against.append((rival, None))
        for name, cases_of_rival in against:
            differences = []
            for i, case in enumerate(mine):
                other = values(cases_of_rival[i]) if cases_of_rival is not None else held[name]
                differences.append((values(case) - other)[counts])
            rows.append(
                {
                    "policy": cell.policy,
                    **_row(break_even(np.array(GRID), _clusters(differences), prior), name),
                }
            )
    return pd.DataFrame(rows)


def _clusters(differences: Sequence[Floats]) -> Floats:
    """Of each multiplier the independent values that are defined for all of them, shape (multipliers, clusters)."""
    defined = np.asarray(~np.isnan(differences).all(axis=2).any(axis=0))
    return np.array([clusters(d[defined] if len(defined) > 1 else d) for d in differences])


def _case(cell: Cell, measures: Sequence[Measure], comparison: Comparison) -> Case:
    plain = case_of(cell, comparison)
    return replace(plain, measures=tuple(measures))


def _without_effect(policy: str, rival: str) -> dict[str, object]:
    """The row of a policy that differs in rules, people and hours only."""
    numbers = dict.fromkeys(("multiplier", "low", "high", "prior_beyond"), math.nan)
    return {"policy": policy, "rival": rival, **numbers, "words": NO_EFFECT}


def _row(found: BreakEven, rival: str) -> dict[str, object]:
    return {
        "rival": rival,
        "multiplier": found.nearest,
        "low": found.low,
        "high": found.high,
        "prior_beyond": found.beyond,
        "words": break_even_words(found, rival),
        **{f"at_{x:g}": float(m) for x, m in zip(found.grid, found.means, strict=True)},
    }
