"""An answer in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import reduce

from sim.language import Message, Text, marked
from sim.scenario.terms import Term
from sim.statistics.pareto.dominance import Verdict
from sim.statistics.pareto.front import Method
from sim.statistics.pareto.marginal_values import Step
from sim.statistics.pareto.problem import Mix, Problem
from sim.statistics.pareto.reevaluation import Optimism
from sim.studies.optimise.answer import Answer, Crosscheck

UNITS = {"yuan": marked("yuan"), "staff_hours": marked("staff hours")}


def answer_in_words(answer: Answer) -> list[Text]:
    """Which mixes at which budget, what each step buys, and what of the front survives fresh replications; by line."""
    return [
        tried(answer),
        _nothing(answer),
        *_budgets(answer),
        *_believed(answer),
        *(_greedy(answer, each) for each in answer.greedy),
    ]


def number(value: float) -> str:
    """Three significant digits, or whole numbers with thousands separated; a true minus sign."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}".replace("-", "−")


def tried(answer: Answer) -> Text:
    """How many mixes were looked at, and how many of them are on the front."""
    front = answer.front
    n = len(front.points)
    points = (
        Message("{n} of them is beaten by no other.", n=n)
        if n == 1
        else Message("{n} of them are beaten by no other.", n=n)
    )
    if front.method is Method.ALL:
        return Message(
            "All {n:,} mixes that the budget pays were tried; {points}", n=front.tried, points=points
        )
    return Message(
        "A search (NSGA-II, seed {seed}) tried {n:,} mixes of the {size:,} that the bounds allow, so better ones may "
        "exist; {points}",
        seed=front.seed,
        n=front.tried,
        size=answer.problem.size,
        points=points,
    )


def _nothing(answer: Answer) -> Text:
    nothing = answer.fresh.nothing
    parts = [
        Message("{metric} {x} (standard error {se})", metric=_metric(name), x=number(mean), se=number(error))
        for name, mean, error in zip(answer.problem.objectives, nothing.means, nothing.errors, strict=True)
        if name in answer.problem.simulated
    ]
    if answer.problem.nothing in {p.mix for p in answer.front.points}:
        return Message("Doing nothing: {list}.", list=parts)
    return Message("Doing nothing: {list}; the front beats it.", list=parts)


def _budgets(answer: Answer) -> Iterator[Text]:
    runs = len(answer.fresh.samples.replications)
    for cost in answer.problem.costs:
        for objective in answer.problem.simulated:
            yield Message(
                "{metric} by {unit}, valued on {n} fresh replications:",
                metric=_metric(objective),
                unit=_unit(cost),
                n=runs,
            )
            steps = [s for s in answer.steps if (s.resource, s.objective) == (cost, objective)]
            yield from (_step(answer, s) for s in steps)
            if not steps:
                yield Message("  nothing that the budget pays lowers it.")
    if not answer.problem.costs:
        yield Message("No cost is among the objectives; the mixes are:")
        for point in answer.fresh.points:
            values = zip(answer.problem.objectives, point.means, strict=True)
            told = [Message("{metric} {x}", metric=_metric(o), x=number(m)) for o, m in values]
            yield Message("  {mix}: {list}", mix=mix_in_words(answer.problem, point.mix), list=told)


def _step(answer: Answer, step: Step) -> Text:
    value = step.value.means[answer.problem.objectives.index(step.objective)]
    since = (
        Message("doing nothing") if step.before is None else Message("the mix for {x:,.0f}", x=step.before)
    )
    return Message(
        "  with {budget:,.0f} {unit}: {mix} (costs {cost}): {value}, {gain} ({level} {low} to {high}) less than "
        "{since}{sure}.",
        budget=step.budget,
        unit=_unit(step.resource),
        mix=mix_in_words(answer.problem, step.mix),
        cost=f"{step.value.spending[step.resource]:,.0f}".replace("-", "−"),
        value=number(value),
        gain=number(step.gain),
        level=_percent(answer.fresh.level),
        low=number(step.low),
        high=number(step.high),
        since=since,
        sure="" if step.low > 0 else Message(", which may be chance"),
    )


def _believed(answer: Answer) -> Iterator[Text]:
    fresh = answer.fresh
    gains = {o.objective: o for o in fresh.optimism if o.gain}
    for each in fresh.optimism:
        if not each.gain:
            yield Message(
                "How far the search overestimated its own picks in {metric}, on fresh replications: "
                "{whole}; as a difference "
                "to doing nothing {gain}. More than zero means that it was too hopeful.",
                metric=_metric(each.objective),
                whole=_limits(each, fresh.level),
                gain=_limits(gains[each.objective], fresh.level),
            )
    yield Message(
        "On fresh replications {fallen:.0%} of the {n} points are beaten by another; at {level} "
        "confidence each, {stay:.0%} "
        "surely stay, {fall:.0%} surely fall, and {open:.0%} stay open.",
        fallen=fresh.fallen,
        n=len(fresh.checked),
        level=_percent(fresh.level),
        stay=fresh.share(Verdict.STAYS),
        fall=fresh.share(Verdict.FALLS),
        open=fresh.share(Verdict.OPEN),
    )


def _limits(optimism: Optimism, level: float) -> Text:
    low, high = number(optimism.low), number(optimism.high)
    return Message(
        "{x} ({level} {low} to {high})", x=number(optimism.mean), level=_percent(level), low=low, high=high
    )


def _metric(name: str) -> Text:
    return Term("metric", name)


def _unit(resource: str) -> Text:
    return Message(UNITS[resource])


def _percent(level: float) -> Text:
    return Message("{x} %", x=f"{level * 100:.4g}")


def _greedy(answer: Answer, check: Crosscheck) -> Text:
    path = check.path
    about = {"metric": _metric(path.objective), "unit": _unit(path.resource)}
    if not path.purchases:
        return Message(
            "One purchase after another, for {metric} by {unit}: no single unit surely helps.", **about
        )
    switches = {v.name for v in answer.problem.variables if v.is_switch}
    bought = [_bought(p.variable, None if p.variable in switches else p.change) for p in path.purchases]
    short = Message(" (the search was too short: give it more evaluations)") if check.better else ""
    return Message(
        "One purchase after another, for {metric} by {unit}: {bought}. Of these {n} mixes {on} on the front, {beaten} "
        "beaten by it, {better} better than a point of it{short}.",
        **about,
        bought=reduce(_then, bought),
        n=len(path.purchases),
        on=check.on_front,
        beaten=check.beaten,
        better=check.better,
        short=short,
    )


def _then(first: Text, following: Text) -> Text:
    return Message("{first}, then {next}", first=first, next=following)


def _bought(name: str, change: int | None) -> Text:
    """A mechanism by its name, staff with a signed number."""
    if change is None:
        return Term("mechanism", name)
    return Message("{staff} {n}", staff=Term("staff", name), n=f"{change:+d}".replace("-", "−"))


def mix_in_words(problem: Problem, mix: Mix) -> Text:
    """What a mix buys: mechanisms by name, staff with a signed number."""
    bought = [
        _bought(v.name, None if v.is_switch else n) for v, n in zip(problem.variables, mix, strict=True) if n
    ]
    return Message("{mix}", mix=bought) if bought else Message("doing nothing")
