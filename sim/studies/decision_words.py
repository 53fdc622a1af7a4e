"""The sentences of a decision: what is better, by how much, how sure, at what cost, on what it hangs, what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.language import Message, Text, marked
from sim.scenario.effects_file import effects
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.terms import Term
from sim.studies.decision import SOME, Advice, Asked, Decision, Doubt, Judged, Option, chance, figure, judge

MOST_SENTENCES = 4  # options that the paragraph has a sentence for; the table has all


def decide(asked: Asked, options: Sequence[Option], told: Sequence[tuple[str, Text]] = ()) -> Decision:
    """Judge all options and write the paragraph; options are in the order in which they are to be named.

    `told` are sentences about net benefits and studies, with the part of the paragraph that each belongs to.
    """
    judged = tuple(judge(option, asked) for option in options)
    sentences: list[tuple[str, Text]] = []
    for option in options:
        if option.takes_away:
            sentences.append(("warning", taken_away(option.name, option.takes_away)))
    sentences.append(("baseline", _baseline(asked)))
    first = judged[:MOST_SENTENCES]
    sentences += [("effect", _effect(one.option, asked)) for one in first]
    sentences += [("cost", _cost(one.option)) for one in first]
    sentences += [("best", text) for text in _best(options, asked)]
    sentences += [one for one in told if one[0] == "value"]
    sentences += [("assumption", text) for text in _hangs(options, asked)]
    sentences += [("advice", _advice(one)) for one in first]
    if len(judged) > len(first):
        more = Message("{n} further policies are in the table of advice.", n=len(judged) - len(first))
        sentences.append(("advice", more))
    sentences += [("change", text) for text in _changes(first)]
    sentences += [one for one in told if one[0] != "value"]
    return Decision(asked, judged, tuple(sentences))


def taken_away(policy: str, mechanisms: Sequence[str]) -> Message:
    """That a policy drops what the place does."""
    return Message(
        "{policy} stands without + and therefore replaces what the place does: it takes away {list}. "
        "Write +{policy} to add it to the practice.",
        policy=Term("policy", policy),
        list=[Term("mechanism", m) for m in mechanisms],
    )


def _baseline(asked: Asked) -> Message:
    unit = Term("unit", KNOWN_METRICS[asked.metric].unit, asked.metric)
    said: dict[str, object] = {
        "place": asked.place,
        "metric": Term("words", asked.metric),
        "x": figure(asked.value),
        "unit": unit,
        "baseline": Term("policy", asked.baseline),
        "margin": figure(asked.margin),
    }
    if asked.stated:
        return Message(
            "{place}: {metric} is {x} {unit} under {baseline}; a change of {margin} or more counts as worthwhile.",
            **said,
        )
    return Message(
        "{place}: {metric} is {x} {unit} under {baseline}; a change of {margin} (1 %) or more counts as worthwhile, "
        "unless --margin says otherwise.",
        **said,
    )


def _effect(option: Option, asked: Asked) -> Message:
    """What an option changes, and how sure that is."""
    policy = Term("policy", option.name)
    if option.null:
        return Message("{policy}: no effect by construction.", policy=policy)
    if option.nothing:
        return Message("{policy}: no effect in any replication.", policy=policy)
    said: dict[str, object] = {
        "policy": policy,
        "x": figure(option.effect),
        "unit": Term("unit", KNOWN_METRICS[asked.metric].unit, asked.metric),
        "low": figure(option.low),
        "high": figure(option.high),
    }
    if option.doubt is Doubt.MONTE_CARLO:
        return Message(
            "{policy}: {x} {unit} at central values (90 % confidence interval {low} to {high}, about "
            "Monte Carlo error only).",
            **said,
        )
    said |= {
        "better": chance(option.chances.better),
        "worthwhile": chance(option.chances.worthwhile),
    }
    if option.doubt is Doubt.POSTERIOR:
        return Message(
            "{policy}: {x} {unit} (90 % credible interval {low} to {high}); P(better) {better}, P(worthwhile) "
            "{worthwhile}.",
            **said,
        )
    return Message(
        "{policy}: {x} {unit} (90 % range over assumed parameters {low} to {high}); P(better) {better}, P(worthwhile) "
        "{worthwhile}.",
        **said,
    )


def _cost(option: Option) -> Message:
    price, policy = option.price, Term("policy", option.name)
    said: dict[str, object] = {
        "policy": policy,
        "yuan": figure(abs(price.yuan)),
        "low": figure(min(abs(price.low), abs(price.high))),
        "high": figure(max(abs(price.low), abs(price.high))),
        "hours": figure(abs(price.hours)),
        "who": price.who,
    }
    if price.yuan == 0 and price.hours == 0 and not price.who:
        return Message("{policy} costs nothing that the model counts.", policy=policy)
    if price.yuan < 0:
        if price.who:
            return Message(
                "{policy} saves {yuan} yuan ({low} to {high}) and {hours} hours, with {who}.", **said
            )
        return Message("{policy} saves {yuan} yuan ({low} to {high}) and {hours} hours.", **said)
    if price.who:
        return Message("{policy} costs {yuan} yuan ({low} to {high}) and {hours} hours, with {who}.", **said)
    return Message("{policy} costs {yuan} yuan ({low} to {high}) and {hours} hours.", **said)


def _best(options: Sequence[Option], asked: Asked) -> list[Message]:
    """Which is best, where that is more than the first of one."""
    known = [
        option for option in options if not math.isnan(option.best) and option.doubt is not Doubt.MONTE_CARLO
    ]
    if len(known) < 2:
        return []
    if all(option.null for option in known):
        return []
    first = max(known, key=lambda option: option.best)
    base = 1.0 - sum(option.best for option in known)
    if base >= first.best:
        return [Message("Most probably {policy} is best ({p}).", policy=Term("policy", asked.baseline),
                        p=chance(base))]  # fmt: skip
    return [Message("Most probably {policy} is best ({p}).", policy=Term("policy", first.name),
                    p=chance(first.best))]  # fmt: skip


def _hangs(options: Sequence[Option], asked: Asked) -> list[Message]:
    """On which assumption it hangs: effects without a source, the reading of the record, too few replications."""
    out = []
    assumed = list(dict.fromkeys(name for option in options for name in option.assumed))
    if assumed:
        studied = [name for name in assumed if name in effects() and effects()[name].found]
        for names, said in (
            (
                studied,
                marked("What {list} achieves was studied elsewhere, not here: its range follows from that."),
            ),
            (
                [name for name in assumed if name not in studied],
                marked("No study was found of what {list} achieves: that is assumed, within a range."),
            ),
        ):
            if names:
                out.append(Message(said, list=[Term("mechanism", name) for name in names]))
    apart = [
        (
            option,
            max(option.by_reading, key=lambda r: r[1].better),
            min(option.by_reading, key=lambda r: r[1].better),
        )
        for option in options
        if len(option.by_reading) > 1
    ]
    if apart:
        option, most, least = max(apart, key=lambda a: a[1][1].better - a[2][1].better)
        if most[1].better - least[1].better >= SOME:
            out.append(
                Message(
                    "It hangs on the reading of the record: for {policy} P(better) is {most} if it is {one}, {least} "
                    "if it is {other}.",
                    policy=Term("policy", option.name),
                    most=chance(most[1].better),
                    one=Term("reading", most[0]),
                    least=chance(least[1].better),
                    other=Term("reading", least[0]),
                )
            )
        elif all(_spread([c.worthwhile for _, c in one.by_reading]) < SOME for one, _, _ in apart):
            out.append(Message("Under each reading of the record P(better) is nearly the same."))
    if any(option.noisy for option in options):
        out.append(
            Message(
                "Monte Carlo error is not yet small beside what is unknown: more replications would "
                "narrow the intervals."
            )
        )
    return out


def _spread(x: Sequence[float]) -> float:
    """How far numbers lie apart; 0 where one is not known."""
    apart = max(x) - min(x)
    return 0.0 if math.isnan(apart) else apart


_SAID = {
    Advice.ADOPT: marked("Adopt {policy}: {why}."),
    Advice.TRY_OUT: marked("Try {policy} out: {why}."),
    Advice.WAIT: marked("Wait with {policy}: {why}."),
    Advice.DO_NOT: marked("Do not adopt {policy}: {why}."),
}


def _advice(one: Judged) -> Message:
    return Message(_SAID[one.advice], policy=Term("policy", one.option.name), why=one.why)


def _changes(judged: Sequence[Judged]) -> list[Message]:
    """What would change the advice, option by option."""
    said = marked("What would change that for {policy}: {change}.")
    return [Message(said, policy=Term("policy", j.option.name), change=j.change) for j in judged if j.change]
