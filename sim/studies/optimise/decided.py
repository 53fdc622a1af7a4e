"""The decision of a search for mixes in words, by the rules of docs/decision_rules.md."""

from __future__ import annotations

from sim.language import Message, Text
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.terms import Term
from sim.statistics.pareto.marginal_values import Step
from sim.studies.decision import figure
from sim.studies.optimise.answer import Answer
from sim.studies.optimise.words import UNITS, mix_in_words


def decided(answer: Answer, *, drawn: bool) -> list[Text]:
    """What to buy by the first objective and cost: the last step that is surely more than luck.

    `drawn`: parameters vary over draws of a posterior.
    """
    problem = answer.problem
    if not problem.costs or not problem.simulated:
        return []
    objective, cost = problem.simulated[0], problem.costs[0]
    steps = [s for s in answer.steps if (s.resource, s.objective) == (cost, objective)]
    metric = Term("words", objective) if objective in KNOWN_METRICS else objective
    if not steps:
        return [
            Message("Buy nothing: nothing that the budget pays is found to lower {metric}.", metric=metric)
        ]
    sure = [step for step in steps if step.low > 0]
    if not sure:
        return [
            Message(
                "Wait: {mix} looks best by {metric}, and what it gains may be chance.",
                mix=mix_in_words(problem, steps[-1].mix),
                metric=metric,
            )
        ]
    return [_best(answer, sure[-1], metric), *_hangs(drawn)]


def _best(answer: Answer, step: Step, metric: object) -> Message:
    unit = KNOWN_METRICS[step.objective].unit if step.objective in KNOWN_METRICS else ""
    said: dict[str, object] = {
        "mix": mix_in_words(answer.problem, step.mix),
        "metric": metric,
        "cost": figure(step.value.spending[step.resource]),
        "money": Message(UNITS[step.resource]),
        "gain": figure(step.gain),
        "low": figure(step.low),
        "high": figure(step.high),
        "unit": Term("unit", unit, step.objective) if unit else "",
        "level": f"{100 * answer.fresh.level:.4g}",
    }
    if step.before is None:
        return Message(
            "By {metric} look at {mix} next: it costs {cost} {money} a year and lowers it by {gain} {unit} ({level} % "
            "{low} to {high}), on replications that the search had not seen.",
            **said,
        )
    return Message(
        "By {metric} look at {mix} next: it costs {cost} {money} a year and lowers it by {gain} {unit} ({level} % "
        "{low} to {high}) more than the mix before it, on replications that the search had not seen.",
        **said,
    )


def _hangs(drawn: bool) -> list[Text]:
    after = Message("Before it is adopted, compare says how sure that is and on which assumption it hangs.")
    if drawn:
        return [after]
    return [
        Message("Parameters stand at their central values: only Monte Carlo error is accounted for."),
        after,
    ]
