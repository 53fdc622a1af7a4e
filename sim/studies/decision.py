"""The decision in words: adopt, try out, wait or do not, by rules that `docs/decision_rules.md` writes down.

A command fills an `Option` for each thing that could be done; `judge` applies the rules, and `decide` of
`decision_words.py` says in sentences what is better, by how much, how sure, at what cost, on what it hangs, what to do
next, and what would change that. Nothing here knows of tables: numbers come in as they are shown, so that no sentence
can say another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import pandas as pd

from sim.language import Message, Text, marked
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.terms import Term
from sim.statistics.margins import PROBABLE

SMALL = 0.05  # below this P(worthwhile) an effect is too small to matter
SOME = 0.2  # from this P(worthwhile) on it is worth learning more before a choice


class Advice(Enum):
    """What to do next."""

    ADOPT = marked("adopt")
    TRY_OUT = marked("try out")
    WAIT = marked("wait")
    DO_NOT = marked("do not adopt")


class Doubt(Enum):
    """What an interval covers."""

    POSTERIOR = "credible interval"
    RANGES = "range over assumed parameters"
    MONTE_CARLO = "confidence interval"


@dataclass(frozen=True)
class Chances:
    """P(better), P(worse), P(better by the margin that matters); under one reading of the record, or over all."""

    better: float
    worse: float
    worthwhile: float


@dataclass(frozen=True)
class Price:
    """What an option takes beside the baseline in the window: people, hours, and yuan with the range of prices."""

    people: float = 0.0
    who: Text = ""
    hours: float = 0.0
    yuan: float = 0.0
    low: float = 0.0
    high: float = 0.0
    cheap: float = 0.0  # yuan up to which something is cheap: a year of one mediator's work


@dataclass(frozen=True)
class Net:
    """Net benefit at stated values: expected, P(above nothing), unit; and the study that pays, if there is one."""

    expected: float
    above: float
    unit: str
    study: Text = ""


@dataclass(frozen=True)
class Option:
    """One thing that could be done. Effects are in the unit of the objective, margins at least 0.

    `assumed` names mechanisms whose achievement no source reports. `takes_away` are mechanisms of the practice that the
    option drops without saying so. `noisy` says that Monte Carlo error is not small beside the doubt.
    """

    name: str
    effect: float
    low: float
    high: float
    chances: Chances
    doubt: Doubt
    price: Price = Price()
    by_reading: tuple[tuple[str, Chances], ...] = ()
    assumed: tuple[str, ...] = ()
    takes_away: tuple[str, ...] = ()
    noisy: bool = False
    null: bool = False  # nothing in it acts or costs
    best: float = math.nan
    net: Net | None = None  # where outcomes have values

    @property
    def nothing(self) -> bool:
        """Whether it changed nothing in any replication."""
        return self.chances.better == 0.0 and self.chances.worse == 0.0


@dataclass(frozen=True)
class Asked:
    """What is decided about: a place, its baseline, the objective and the margin that matters in it."""

    place: Text
    baseline: str
    metric: str
    reading: str
    value: float
    margin: float
    stated: bool  # whether the analyst stated the margin
    draws: int


@dataclass(frozen=True)
class Judged:
    """An option with what to do about it, why, and what would change that."""

    option: Option
    advice: Advice
    why: Text
    change: Text


@dataclass(frozen=True)
class Decision:
    """All options judged, and the paragraph that says so."""

    asked: Asked
    judged: tuple[Judged, ...]
    sentences: tuple[tuple[str, Text], ...]  # the part of the paragraph that each belongs to

    @property
    def words(self) -> list[Text]:
        """The sentences in their order."""
        return [text for _, text in self.sentences]

    def table(self) -> pd.DataFrame:
        """The paragraph, a row per sentence."""
        return pd.DataFrame([{"part": part, "sentence": text} for part, text in self.sentences])

    def advised(self) -> pd.DataFrame:
        """A row per option: chances, advice, why, and what would change it."""
        return pd.DataFrame(
            [
                {
                    "policy": one.option.name,
                    "p_better": one.option.chances.better,
                    "p_worthwhile": one.option.chances.worthwhile,
                    "p_worse": one.option.chances.worse,
                    "advice": one.advice.value,
                    "why": one.why,
                    "change": one.change,
                }
                for one in self.judged
            ]
        )


def figure(x: float) -> str:
    """A number with three significant digits, or all before the point."""
    if not math.isfinite(x):
        return "–"
    size = abs(x)
    if size >= 1e9:
        return f"{x:.2e}".replace("-", "−")
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 3
    text = f"{x:,.{decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) != 0 else f"{0:.{decimals}f}"


def chance(p: float) -> str:
    """A probability in whole percent, never 0 or 100: what a finite number of draws shows is not certain."""
    if math.isnan(p):
        return "–"
    if 0.0 < p < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 < p < 1.0 else f"{100 * p:.0f} %"


def judge(option: Option, asked: Asked) -> Judged:
    """The first rule that fits, in the order of docs/decision_rules.md."""
    change = _change(option, asked)
    if option.null:
        return Judged(option, Advice.DO_NOT, Message("it has no effect by construction"), "")
    if option.nothing:
        return Judged(option, Advice.DO_NOT, Message("it changed nothing in any replication"), change)
    if option.doubt is Doubt.MONTE_CARLO:
        said = Message(
            "parameters stand at their central values, so that only Monte Carlo error is accounted for"
        )
        after = Message("draws from a posterior of the place (calibrate), or from its ranges (--draws 40)")
        return Judged(option, Advice.WAIT, said, after)
    if option.chances.worse >= PROBABLE:
        harm, saving = Message("it probably does harm"), Message("it probably does harm, whatever it saves")
        return Judged(option, Advice.DO_NOT, saving if option.price.yuan < 0 else harm, change)
    if option.net is not None:
        return _by_value(option, option.net)
    every = {reading: _by_chances(replace(option, chances=c))[0] for reading, c in option.by_reading}
    for_it = {advice in (Advice.ADOPT, Advice.TRY_OUT) for advice in every.values()}
    if len(for_it) == 2 and _far_apart([c for _, c in option.by_reading]):
        after = Message(
            "knowing which reading is right: `audit` says whether a call-back of closed files could tell"
        )
        return Judged(option, Advice.WAIT, _apart(every), after)
    advice, reason = _by_chances(option)
    return Judged(option, advice, reason, change)


def _by_value(option: Option, net: Net) -> Judged:
    """The rules where outcomes have values: net benefit, and whether a study is worth more than it costs."""
    sure = Advice.TRY_OUT if option.assumed or option.doubt is Doubt.RANGES else Advice.ADOPT
    x, unit = figure(abs(net.expected)), Message(net.unit)
    dearer = Message(
        "a benefit that is higher, or a cost that is lower, by {x} {unit} in the window", x=x, unit=unit
    )
    lower = Message(
        "a benefit that is lower, or a cost that is higher, by {x} {unit} in the window", x=x, unit=unit
    )
    if net.above >= PROBABLE:
        return Judged(option, sure, Message("it is probably worth more than it costs"), lower)
    if net.study:
        said = Message(
            "whether it is worth its cost is open, and a study of that is worth more than it costs"
        )
        return Judged(option, Advice.WAIT, said, net.study)
    if net.expected > 0:
        said = Message(
            "it is expected to be worth more than it costs, though that is not sure, and no study pays"
        )
        return Judged(option, Advice.TRY_OUT, said, lower)
    return Judged(option, Advice.DO_NOT, Message("it is not expected to be worth its cost"), dearer)


def _far_apart(readings: Sequence[Chances]) -> bool:
    """Whether chances under the readings differ by much; 4 % and 6 %, on either side of a limit, do not."""
    every = [[c.better for c in readings], [c.worthwhile for c in readings]]
    return any(max(chances) - min(chances) >= SOME for chances in every)


def _apart(every: Mapping[str, Advice]) -> Message:
    """That the readings of the record advise differently."""
    one = marked("{advice} if it is {reading}")
    said = [
        Message(one, advice=Message(a.value), reading=Term("reading", reading))
        for reading, a in every.items()
    ]
    return Message("it hangs on the reading of the record: {list}", list=said)


def _by_chances(option: Option) -> tuple[Advice, Text]:
    """The rules that look at chances and price alone."""
    found, price = option.chances, option.price
    sure = Advice.TRY_OUT if option.assumed or option.doubt is Doubt.RANGES else Advice.ADOPT
    if found.worthwhile >= PROBABLE:
        return sure, Message("it probably changes as much as matters")
    if found.better >= PROBABLE and price.yuan <= 0:
        return sure, Message("it probably helps and costs nothing more")
    if found.worthwhile < SMALL:
        return Advice.DO_NOT, Message("it hardly changes as much as matters")
    cheap = price.yuan <= price.cheap
    if found.better >= PROBABLE and cheap:
        return Advice.TRY_OUT, Message("it probably helps, though perhaps little, and a trial is cheap")
    if found.worthwhile >= SOME:
        return Advice.WAIT, Message("it may change as much as matters, and more knowledge would tell")
    if found.better >= PROBABLE:
        return Advice.DO_NOT, Message("it probably helps, but hardly as much as matters, and is dear")
    return Advice.DO_NOT, Message("nothing shows that it helps")


def _change(option: Option, asked: Asked) -> Text:
    """What would turn the advice."""
    unit, worse = (
        Term("unit", KNOWN_METRICS[asked.metric].unit, asked.metric),
        KNOWN_METRICS[asked.metric].worse,
    )
    gain = -worse * option.effect
    if option.chances.worse >= PROBABLE:
        return Message("evidence that the model has its effect the wrong way round")
    if option.price.yuan > 0 and gain > 0:
        return Message(
            "it pays if one unit of {metric} ({unit}) is worth more than {x} yuan in the window",
            metric=Term("words", asked.metric),
            unit=unit,
            x=figure(option.price.yuan / gain),
        )
    return Message(
        "a trial, or figures of the place, that show a change of {x} {unit}",
        x=figure(asked.margin),
        unit=unit,
    )
