"""What a sensitivity analysis says in words, by the rules of docs/decision_rules.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from sim.language import Message, Text
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.terms import Term
from sim.studies.decision import figure
from sim.studies.panel import columns_in
from sim.studies.sensitivity.indices import ValueOfKnowing

NAMED = 3  # parameters that a sentence names
ASSUMED = "assumed"


def sentences_of(
    moved: pd.DataFrame, known: ValueOfKnowing | None, statuses: Mapping[str, str], objective: str
) -> Iterator[Text]:
    """What the objective hangs on, and the choice; which of it is assumed, and what to do next.

    `statuses` has how each parameter is known, by name.
    """
    mine = [c for c in columns_in(moved) if c.metric == objective]
    first = mine[0] if mine else columns_in(moved)[0]
    part = moved[(moved["metric"] == first.metric) & (moved["reading"] == first.reading)]
    above = part[part["above"]].sort_values("index", ascending=False, kind="stable")
    names = [str(name) for name in above["parameter"].head(NAMED)]
    metric = Term("words", first.metric)
    if names:
        yield Message(
            "{metric} hangs most on {list}: together they explain about {share} % of its variance between draws.",
            metric=metric,
            list=names,
            share=figure(min(100.0, 100.0 * float(above["index"].head(NAMED).sum()))),
        )
    else:
        yield Message("No single parameter moves {metric} by more than chance would.", metric=metric)
    turning = [] if known is None else _turning(known)
    if known is not None:
        yield _of_choice(known, turning, objective)
    open_ones = [name for name in dict.fromkeys([*turning, *names]) if statuses.get(name) == ASSUMED]
    if open_ones:
        yield Message(
            "Assumed, with no source: {list}. Figures of the place on them would tell most.",
            list=open_ones[:NAMED],
        )
    elif names or turning:
        yield Message("All of these have a source; better figures of the place would narrow them.")


def _turning(known: ValueOfKnowing) -> list[str]:
    """Parameters that are worth more to know than chance would make, most first."""
    above = known.frame[known.frame["above"]].sort_values("value", ascending=False, kind="stable")
    return [str(name) for name in above["parameter"].head(NAMED)]


def _of_choice(known: ValueOfKnowing, turning: list[str], objective: str) -> Message:
    said: dict[str, object] = {
        "best": Term("policy", known.best),
        "x": figure(known.perfect),
        "unit": Term("unit", KNOWN_METRICS[objective].unit, objective),
        "list": turning,
    }
    if known.perfect <= 0:
        return Message("The choice does not hang on any of them: {best} is best in every draw.", **said)
    if not turning:
        return Message(
            "{best} is best on average; no parameter alone is shown to turn that, and to know all of them would be "
            "worth {x} {unit}.",
            **said,
        )
    return Message(
        "{best} is best on average; what turns that is {list}. To know all parameters before choosing would be worth "
        "{x} {unit}.",
        **said,
    )
