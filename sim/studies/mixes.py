"""Mixes of mechanisms and staff for one place, as a problem that `optimise` can solve."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.language import Message, Text
from sim.model import build
from sim.model.pools import COUNTY, STAFF_LEVEL, TOWNSHIP, VILLAGE
from sim.runs.case import Case
from sim.runs.points import CENTRAL, points_of
from sim.runs.search import LeftOut, Search
from sim.scenario.errors import Fault, ScenarioError, listed, nearest, shown
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.metrics import Column
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.policy import Measure
from sim.scenario.policy import names as mechanisms_of
from sim.scenario.prices import Prices
from sim.statistics.pareto import Budget, CannotBe, Mix, Problem, Variable
from sim.studies.costs import DAYS_PER_YEAR, cost_of

STAFFING = "more_staff"
_STAFF = re.compile(r"([a-z_]+):(-?\d+):(-?\d+)")


@dataclass(frozen=True)
class Choice:
    """One thing that may be bought: a mechanism, taken up or not, or persons of a staff group in the whole place."""

    name: str
    low: int
    high: int
    staff: bool


def choices_of(place: Place, there: Sequence[Measure], texts: Sequence[str]) -> tuple[Choice, ...]:
    """What may be bought, from `whistle` or `judges:-2:10`; nothing named means every mechanism not in force."""
    if not texts:
        have = mechanisms_of(there)
        texts = [name for name, m in MECHANISMS.items() if m.exchanged and name not in have]
    out = []
    for text in texts:
        staff = _STAFF.fullmatch(text)
        if staff and staff[1] in STAFF_LEVEL:
            low, high = int(staff[2]), int(staff[3])
            if not low <= 0 <= high or low == high:
                raise _wrong(
                    text,
                    Message("the range must contain 0, today's number, and something else"),
                    Message("Write judges:0:10."),
                )
            out.append(Choice(staff[1], low, high, True))
        elif text in MECHANISMS:
            if text in mechanisms_of(there):
                raise _wrong(
                    text,
                    Message("is in force already"),
                    Message("Take it out of the baseline: --baseline -{text}.", text=text),
                )
            out.append(Choice(text, 0, 1, False))
        else:
            name = text.split(":")[0]
            near = nearest(name, [*MECHANISMS, *STAFF_LEVEL])
            known = f"Write a mechanism, or a staff group with a range, such as judges:0:10 ({listed(STAFF_LEVEL)})."
            raise _wrong(
                text,
                Message("{name} is neither a mechanism nor a staff group with a range", name=shown(name)),
                (
                    Message("Did you mean {near}?", near=f"{near}:0:10" if near in STAFF_LEVEL else near)
                    if near
                    else known
                ),
            )
        if out[-1].name in [choice.name for choice in out[:-1]]:
            raise _wrong(text, Message("{name} is named twice", name=out[-1].name), Message("Keep one."))
    return tuple(out)


def _wrong(text: str, problem: Text, remedy: Text) -> ScenarioError:
    return ScenarioError([Fault(f"choice {text!r}", 0, "", problem, remedy)])


def measures_of(
    place: Place, there: Sequence[Measure], options: Sequence[Choice], mix: Mix
) -> tuple[Measure, ...]:
    """The measures of a mix. Persons are spread evenly over the units where the group works."""
    units = {
        VILLAGE: int(place.villages.count.value),
        TOWNSHIP: int(place.townships.count.value),
        COUNTY: 1,
    }
    added = [o.name for o, n in zip(options, mix, strict=True) if n and not o.staff]
    staff = {
        o.name: n / units[STAFF_LEVEL[o.name]] for o, n in zip(options, mix, strict=True) if n and o.staff
    }
    expression = "none" + "".join(f"+{name}" for name in added)
    if staff:
        expression += f"+{STAFFING}" + "".join(f":{name}={number:.9f}" for name, number in staff.items())
    return (*there, *parse(expression, place))


def problem_of(
    place: Place,
    there: Sequence[Measure],
    options: Sequence[Choice],
    budget: Budget,
    objectives: Sequence[str],
    prices: Prices,
    search: Search,
    seed: int,
    posterior: ParameterDraws | None,
) -> Problem:
    """The problem of a place, over the draws of its posterior that count (see `search`), if there is one.

    Costs are per year: what mechanisms take, and what further staff cost.
    """
    columns = [Column(o) for o in objectives]

    def evaluate(mix: Mix, replications: Sequence[int]) -> np.ndarray:
        measures = measures_of(place, there, options, mix)
        name = problem.describe(mix) if any(mix) else search.baseline
        points, asked = points_of(posterior), (("groups", False),)
        case = Case(place, measures, seed, points=points, options=asked, policy=name)
        try:
            if posterior is None:
                case.model(CENTRAL)
        except ScenarioError:
            raise CannotBe(name) from None
        try:
            return search.values(case, columns, replications)
        except LeftOut:
            raise CannotBe(name) from None

    base = yearly(place, there, prices)
    variables = []
    for i, option in enumerate(options):
        one = tuple(1 if j == i else 0 for j in range(len(options)))
        if option.high < 1:
            one = tuple(-x for x in one)
        more = yearly(place, measures_of(place, there, options, one), prices)
        sign = -1.0 if option.high < 1 else 1.0
        unit = {k: sign * (more[k] - base[k]) for k in more}
        variables.append(Variable(option.name, option.low, option.high, unit))
    problem = Problem(tuple(variables), budget, (_cost(budget), *objectives), evaluate)
    return problem


def _cost(budget: Budget) -> str:
    return "yuan" if budget.yuan is not None else "staff_hours"


def yearly(place: Place, measures: Sequence[Measure], prices: Prices) -> dict[str, float]:
    """What measures cost in a year, in yuan (money, priced hours and persons) and in staff hours."""
    model = build(place, measures)
    cost = cost_of(model)
    scale = DAYS_PER_YEAR / model.window_days
    year = float(prices.hours_per_person_year.value)
    yuan = cost.yuan + prices.hours(cost.hours) + prices.persons(cost.person_years)
    hours = cost.hours_total + year * sum(cost.person_years.values())
    return {"yuan": yuan * scale, "staff_hours": hours * scale}
