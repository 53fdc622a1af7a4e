"""An answer in plain English."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.analysis.optimise.answer import Answer, Crosscheck
from sim.analysis.optimise.dominance import Verdict
from sim.analysis.optimise.fresh import Optimism
from sim.analysis.optimise.front import Method
from sim.analysis.optimise.steps import Step

UNITS = {"yuan": "yuan", "staff_hours": "staff hours"}


def words(answer: Answer) -> str:
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
    points = f"{len(front.points)} of them {'is' if len(front.points) == 1 else 'are'} beaten by no other."
    if front.method is Method.ALL:
        return f"All {front.tried:,} mixes that the budget pays were tried; {points}"
    return (
        f"A search (NSGA-II, seed {front.seed}) tried {front.tried:,} mixes of the {answer.problem.size:,} that the "
        f"bounds allow, so better ones may exist; {points}"
    )


def _nothing(answer: Answer) -> str:
    nothing = answer.fresh.nothing
    parts = [
        f"{name} {number(mean)} (standard error {number(error)})"
        for name, mean, error in zip(answer.problem.objectives, nothing.means, nothing.errors, strict=True)
        if name in answer.problem.simulated
    ]
    on = "" if answer.problem.nothing in {p.mix for p in answer.front.points} else "; the front beats it"
    return f"Doing nothing: {', '.join(parts)}{on}."


def _budgets(answer: Answer) -> Iterator[str]:
    runs = len(answer.fresh.samples.replications)
    for cost in answer.problem.costs:
        for objective in answer.problem.simulated:
            yield f"{objective} by {UNITS[cost]}, valued on {runs} fresh replications:"
            steps = [s for s in answer.steps if (s.resource, s.objective) == (cost, objective)]
            yield from (_step(answer, s) for s in steps)
            if not steps:
                yield "  nothing that the budget pays lowers it."
    if not answer.problem.costs:
        yield "No cost is among the objectives; the mixes are:"
        for point in answer.fresh.points:
            values = zip(answer.problem.objectives, point.means, strict=True)
            yield f"  {answer.problem.describe(point.mix)}: " + ", ".join(
                f"{o} {number(m)}" for o, m in values
            )


def _step(answer: Answer, step: Step) -> str:
    value = step.value.means[answer.problem.objectives.index(step.objective)]
    sure = "" if step.low > 0 else ", which may be luck"
    since = "doing nothing" if step.before is None else f"the mix for {step.before:,.0f}"
    return (
        f"  with {step.budget:,.0f} {UNITS[step.resource]}: {answer.problem.describe(step.mix)} "
        f"(costs {step.value.spending[step.resource]:,.0f}): {number(value)}, {number(step.gain)} "
        f"({_percent(answer.fresh.level)} {number(step.low)} to {number(step.high)}) less than {since}{sure}."
    ).replace("costs -", "costs −")


def _believed(answer: Answer) -> Iterator[str]:
    fresh = answer.fresh
    gains = {o.objective: o for o in fresh.optimism if o.gain}
    for each in fresh.optimism:
        if not each.gain:
            yield (
                f"{each.objective} on fresh luck minus in the search, over the front's points: "
                f"{_limits(each, fresh.level)}; as a difference to doing nothing "
                f"{_limits(gains[each.objective], fresh.level)}. More than zero means that the search was too hopeful."
            )
    yield (
        f"On fresh luck {fresh.fallen:.0%} of the {len(fresh.checked)} points are beaten by another; "
        f"at {_percent(fresh.level)} confidence each, {fresh.share(Verdict.STAYS):.0%} surely stay, "
        f"{fresh.share(Verdict.FALLS):.0%} surely fall, and {fresh.share(Verdict.OPEN):.0%} stay open."
    )


def _limits(optimism: Optimism, level: float) -> str:
    low, high = number(optimism.low), number(optimism.high)
    return f"{number(optimism.mean)} ({_percent(level)} {low} to {high})"


def _percent(level: float) -> str:
    return f"{level * 100:.4g} %"


def _greedy(answer: Answer, check: Crosscheck) -> str:
    path = check.path
    start = f"One purchase after another, for {path.objective} by {UNITS[path.resource]}: "
    if not path.purchases:
        return start + "no single unit surely helps."
    switches = {v.name for v in answer.problem.variables if v.is_switch}
    bought = ", then ".join(
        p.variable if p.variable in switches else f"{p.variable} {p.change:+d}".replace("-", "−")
        for p in path.purchases
    )
    verdict = f"{check.on_front} on the front, {check.beaten} beaten by it, {check.better} better than a point of it"
    short = " (the search was too short: give it more evaluations)" if check.better else ""
    return f"{start}{bought}. Of these {len(path.purchases)} mixes {verdict}{short}."
