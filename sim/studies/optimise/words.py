"""An answer in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.language import marked, tr
from sim.scenario import terms
from sim.statistics.pareto.dominance import Verdict
from sim.statistics.pareto.front import Method
from sim.statistics.pareto.marginal_values import Step
from sim.statistics.pareto.problem import Mix, Problem
from sim.statistics.pareto.reevaluation import Optimism
from sim.studies.optimise.answer import Answer, Crosscheck

UNITS = {"yuan": marked("yuan"), "staff_hours": marked("staff hours")}


def answer_in_words(answer: Answer) -> str:
    """Which mixes at which budget, what each step buys, and how far the front survives fresh luck."""
    return "\n".join(
        [
            _tried(answer),
            _nothing(answer),
            *_budgets(answer),
            *_believed(answer),
            *(_greedy(answer, each) for each in answer.greedy),
        ]
    )


def number(value: float) -> str:
    """Three significant digits, or whole numbers with thousands separated; a true minus sign."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}".replace("-", "−")


def _tried(answer: Answer) -> str:
    front = answer.front
    n = len(front.points)
    points = (
        tr("{n} of them is beaten by no other.", n=n)
        if n == 1
        else tr("{n} of them are beaten by no other.", n=n)
    )
    if front.method is Method.ALL:
        return tr("All {n:,} mixes that the budget pays were tried; {points}", n=front.tried, points=points)
    return tr(
        "A search (NSGA-II, seed {seed}) tried {n:,} mixes of the {size:,} that the bounds allow, so better ones may "
        "exist; {points}",
        seed=front.seed,
        n=front.tried,
        size=answer.problem.size,
        points=points,
    )


def _nothing(answer: Answer) -> str:
    nothing = answer.fresh.nothing
    parts = [
        tr("{metric} {x} (standard error {se})", metric=terms.metric(name), x=number(mean), se=number(error))
        for name, mean, error in zip(answer.problem.objectives, nothing.means, nothing.errors, strict=True)
        if name in answer.problem.simulated
    ]
    on = answer.problem.nothing in {p.mix for p in answer.front.points}
    said = marked("Doing nothing: {list}.") if on else marked("Doing nothing: {list}; the front beats it.")
    return tr(said, list=tr(", ").join(parts))


def _budgets(answer: Answer) -> Iterator[str]:
    runs = len(answer.fresh.samples.replications)
    for cost in answer.problem.costs:
        for objective in answer.problem.simulated:
            said = marked("{metric} by {unit}, valued on {n} fresh replications:")
            yield tr(said, metric=terms.metric(objective), unit=tr(UNITS[cost]), n=runs)
            steps = [s for s in answer.steps if (s.resource, s.objective) == (cost, objective)]
            yield from (_step(answer, s) for s in steps)
            if not steps:
                yield tr("  nothing that the budget pays lowers it.")
    if not answer.problem.costs:
        yield tr("No cost is among the objectives; the mixes are:")
        for point in answer.fresh.points:
            values = zip(answer.problem.objectives, point.means, strict=True)
            listed = tr(", ").join(f"{terms.metric(o)} {number(m)}" for o, m in values)
            yield tr("  {mix}: {list}", mix=mix_in_words(answer.problem, point.mix), list=listed)


def _step(answer: Answer, step: Step) -> str:
    value = step.value.means[answer.problem.objectives.index(step.objective)]
    since = tr("doing nothing") if step.before is None else tr("the mix for {x:,.0f}", x=step.before)
    return tr(
        "  with {budget:,.0f} {unit}: {mix} (costs {cost}): {value}, {gain} ({level} {low} to {high}) less than "
        "{since}{sure}.",
        budget=step.budget,
        unit=tr(UNITS[step.resource]),
        mix=mix_in_words(answer.problem, step.mix),
        cost=f"{step.value.spending[step.resource]:,.0f}".replace("-", "−"),
        value=number(value),
        gain=number(step.gain),
        level=_percent(answer.fresh.level),
        low=number(step.low),
        high=number(step.high),
        since=since,
        sure="" if step.low > 0 else tr(", which may be luck"),
    )


def _believed(answer: Answer) -> Iterator[str]:
    fresh = answer.fresh
    gains = {o.objective: o for o in fresh.optimism if o.gain}
    for each in fresh.optimism:
        if not each.gain:
            yield tr(
                "{metric} on fresh luck minus in the search, over the front's points: {whole}; as a difference to "
                "doing nothing {gain}. More than zero means that the search was too hopeful.",
                metric=terms.metric(each.objective),
                whole=_limits(each, fresh.level),
                gain=_limits(gains[each.objective], fresh.level),
            )
    yield tr(
        "On fresh luck {fallen:.0%} of the {n} points are beaten by another; at {level} confidence each, {stay:.0%} "
        "surely stay, {fall:.0%} surely fall, and {open:.0%} stay open.",
        fallen=fresh.fallen,
        n=len(fresh.checked),
        level=_percent(fresh.level),
        stay=fresh.share(Verdict.STAYS),
        fall=fresh.share(Verdict.FALLS),
        open=fresh.share(Verdict.OPEN),
    )


def _limits(optimism: Optimism, level: float) -> str:
    low, high = number(optimism.low), number(optimism.high)
    said = marked("{x} ({level} {low} to {high})")
    return tr(said, x=number(optimism.mean), level=_percent(level), low=low, high=high)


def _percent(level: float) -> str:
    return tr("{x} %", x=f"{level * 100:.4g}")


def _greedy(answer: Answer, check: Crosscheck) -> str:
    path = check.path
    about = {"metric": terms.metric(path.objective), "unit": tr(UNITS[path.resource])}
    if not path.purchases:
        return tr("One purchase after another, for {metric} by {unit}: no single unit surely helps.", **about)
    switches = {v.name for v in answer.problem.variables if v.is_switch}
    bought = tr(", then ").join(
        _bought(p.variable, None if p.variable in switches else p.change) for p in path.purchases
    )
    short = tr(" (the search was too short: give it more evaluations)") if check.better else ""
    return tr(
        "One purchase after another, for {metric} by {unit}: {bought}. Of these {n} mixes {on} on the front, {beaten} "
        "beaten by it, {better} better than a point of it{short}.",
        **about,
        bought=bought,
        n=len(path.purchases),
        on=check.on_front,
        beaten=check.beaten,
        better=check.better,
        short=short,
    )


def _bought(name: str, change: int | None) -> str:
    """A mechanism by its name, staff with a signed number."""
    if change is None:
        return terms.mechanism(name)
    return f"{terms.staff(name)} {change:+d}".replace("-", "−")


def mix_in_words(problem: Problem, mix: Mix) -> str:
    """What a mix buys: mechanisms by name, staff with a signed number."""
    bought = [
        _bought(v.name, None if v.is_switch else n) for v, n in zip(problem.variables, mix, strict=True) if n
    ]
    return tr(", ").join(bought) if bought else tr("doing nothing")
