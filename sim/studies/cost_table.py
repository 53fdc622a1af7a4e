"""What policies cost beside the baseline: people, hours and yuan at stated prices, and what that brings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import Message, Text, marked
from sim.model.pools import COUNTY, STAFF_LEVEL, TOWNSHIP, VILLAGE
from sim.scenario.metrics import CONFLICT, KNOWN_METRICS, Column
from sim.scenario.place import Place
from sim.scenario.prices import Prices
from sim.scenario.quantity import Quantity
from sim.scenario.terms import Term
from sim.statistics.margins import PROBABLE
from sim.statistics.ratio import Ratio, per_cost
from sim.studies.assemble import PlacePanel
from sim.studies.costs import Cost
from sim.studies.groups import clusters
from sim.studies.panel import labels_of

Floats = NDArray[np.float64]
PER_PERSONS, PER_YUAN, PER_HOURS = 10_000, 100_000, 1_000
BETTER_DEARER = marked("better and dearer")
BETTER_CHEAPER = marked("better and cheaper")
WORSE_DEARER = marked("worse and dearer")
WORSE_CHEAPER = marked("worse and cheaper")
BETTER_FREE = marked("better at no cost")
WORSE_FREE = marked("worse at no cost")
UNKNOWN_DEARER = marked("effect not known, dearer")
UNKNOWN_CHEAPER = marked("effect not known, cheaper")
UNKNOWN_FREE = marked("effect not known, no cost")
NOTHING_DEARER = marked("no effect, dearer")
NOTHING_CHEAPER = marked("no effect, cheaper")
NOTHING_FREE = marked("no effect, no cost")
QUADRANTS = (
    (BETTER_CHEAPER, BETTER_FREE, BETTER_DEARER),
    (UNKNOWN_CHEAPER, UNKNOWN_FREE, UNKNOWN_DEARER),
    (WORSE_CHEAPER, WORSE_FREE, WORSE_DEARER),
)
NOTHING = (NOTHING_CHEAPER, NOTHING_FREE, NOTHING_DEARER)


def costs(place: PlacePanel, prices: Prices, effects: pd.DataFrame) -> pd.DataFrame:
    """A row per policy: what it takes in the window beside the baseline, and its quadrant by the objective.

    `people` are in the whole place, whatever the unit of the parameter that hires them. `hours` are those of mechanisms
    and of the people hired; `hours_on_disputes`, which staff spend more or less on cases, are an outcome, not in them.
    Yuan are money, hours and people at the stated prices, `yuan_low` and `yuan_high` at the ends of these.
    """
    rows = []
    base = place.costs[0]
    before = hours_on_disputes(place, 0)
    objective = place.panel.columns[0]
    for i, (label, cost) in enumerate(zip(place.labels, place.costs, strict=True)):
        if i == 0:
            continue
        low, middle, high = yuan_of(cost, base, prices)
        mechanisms = cost.hours_total - base.hours_total
        hired = (sum(cost.person_years.values()) - sum(base.person_years.values())) * float(
            prices.hours_per_person_year.value
        )
        rows.append(
            {
                "policy": label,
                "people": sum(cost.people.values()) - sum(base.people.values()),
                "who": who(_more(cost.people, base.people), place.cells[0].place),
                "hours": mechanisms + hired,
                "hours_of_mechanisms": mechanisms,
                "hours_of_people": hired,
                "hours_on_disputes": float(np.nanmean(hours_on_disputes(place, i) - before)),
                "yuan": middle,
                "yuan_low": low,
                "yuan_high": high,
                "yuan_with_a_source": cost.yuan - base.yuan,
                "quadrant": quadrant(_row_of(effects, label, objective), objective, middle),
            }
        )
    return pd.DataFrame(rows)


def _row_of(effects: pd.DataFrame, policy: str, column: Column) -> Mapping[str, float]:
    mine = (effects["policy"] == policy) & (effects["metric"] == column.metric)
    found = effects[mine & (effects["reading"] == column.reading)].iloc[0]
    return {"lower": float(found["p_lower"]), "higher": float(found["p_higher"])}


def quadrant(chances: Mapping[str, float], objective: Column, yuan: float) -> str:
    """Better or worse, cheaper or dearer. A direction needs a probability of 80 %; exactly nothing is none."""
    better, worse = chances["lower"], chances["higher"]
    if KNOWN_METRICS[objective.metric].worse < 0:
        better, worse = worse, better
    price = 0 if yuan < 0 else 2 if yuan > 0 else 1
    if better == worse == 0.0:
        return NOTHING[price]
    return QUADRANTS[0 if better >= PROBABLE else 2 if worse >= PROBABLE else 1][price]


def _more(after: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """People more by staff group; fewer are negative."""
    every = dict.fromkeys([*before, *after])
    found = {staff: after.get(staff, 0.0) - before.get(staff, 0.0) for staff in every}
    return {staff: round(n, 6) for staff, n in found.items() if abs(n) > 1e-9}


def who(people: Mapping[str, float], place: Place) -> Text:
    """Who is hired, in the whole place, and how many that is in each unit: "12 township mediators (2 in each of 6)"."""
    units = {
        VILLAGE: (int(place.villages.count.value), marked("village")),
        TOWNSHIP: (int(place.townships.count.value), marked("township")),
        COUNTY: (1, marked("county")),
    }
    said = []
    for staff, n in people.items():
        count, unit = units[STAFF_LEVEL[staff]]
        one = Message("{n:+g} {staff} in all", n=n, staff=Term("staff", staff))
        if count > 1:
            one = Message(
                "{n:+g} {staff} in all ({each:+.3g} for each {unit} on average)",
                n=n,
                staff=Term("staff", staff),
                each=n / count,
                unit=Message(unit),
            )
        said.append(one)
    if not said:
        return ""
    return said[0] if len(said) == 1 else Message("{list}", list=said)


def yuan_of(cost: Cost, base: Cost, prices: Prices) -> tuple[float, float, float]:
    """Yuan more than the baseline in the window: at the low, stated and high end of all prices."""
    hours, years = _more(cost.hours, base.hours), _more(cost.person_years, base.person_years)
    found = []
    for end, other in (("low", "high"), ("value", "value"), ("high", "low")):

        def at(quantity: Quantity, amount: float, more: str = end, less: str = other) -> float:
            return float(getattr(quantity, more if amount >= 0 else less))

        total = cost.yuan - base.yuan
        total += sum(n * at(prices.yuan_per_hour[staff], n) for staff, n in hours.items())
        for staff, n in years.items():
            total += n * at(prices.yuan_per_hour[staff], n) * at(prices.hours_per_person_year, n)
        found.append(total)
    return found[0], found[1], found[2]


def hours_on_disputes(place: PlacePanel, policy: int) -> Floats:
    """Hours of staff on cases, shape (draws, replications), whether they are among the compared metrics or not."""
    return place.found.values(Column("staff_hours_total"), policy).reshape(place.panel.draws, -1)


def per_head_and_cost(place: PlacePanel, costs: pd.DataFrame) -> pd.DataFrame:
    """Effects on counts per 10,000 people and year; for what is better and dearer per 100,000 yuan and 1,000 hours.

    A harm over a saving is no cost-effectiveness: such ratios are left empty, and `quadrant` says why.
    """
    panel = place.panel
    where = place.cells[0].place
    years = ((where.window.end - where.window.start).days + 1) / 365.0
    heads = float(where.population.persons) / PER_PERSONS * years
    rows = []
    for policy in panel.policies[1:]:
        priced = costs[costs["policy"] == policy].iloc[0]
        shown = priced["quadrant"] == BETTER_DEARER
        for column in panel.columns:
            if column.metric != CONFLICT and KNOWN_METRICS[column.metric].unit != "count":
                continue
            difference = clusters(panel.difference(policy, column))
            if column.metric == CONFLICT:  # per 1,000 persons and year
                difference = difference * (float(where.population.persons) / 1000.0 * years)
            if np.isnan(difference).any():
                continue
            useful = shown and KNOWN_METRICS[column.metric].worse * float(difference.mean()) < 0
            rows.append(
                {
                    "policy": policy,
                    **labels_of(column),
                    "quadrant": priced["quadrant"],
                    "per_10000_people_and_year": float(difference.mean()) / heads,
                    **_ratio("per_100000_yuan", difference, float(priced["yuan"]), PER_YUAN, useful),
                    **_ratio("per_1000_hours", difference, float(priced["hours"]), PER_HOURS, useful),
                }
            )
    return pd.DataFrame(rows)


def _ratio(name: str, effect: Floats, cost: float, unit: float, useful: bool) -> dict[str, float]:
    none = Ratio(float("nan"), float("nan"), float("nan"))
    found = per_cost(effect, np.full(len(effect), cost), unit, 0.9) if useful and cost > 0 else none
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
