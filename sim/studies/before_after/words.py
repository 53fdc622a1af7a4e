"""What a county would conclude from before and after, and what it should, by the rules of docs/decision_rules.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from sim.language import Message, Text
from sim.scenario.terms import Term
from sim.studies.decision import figure

if TYPE_CHECKING:
    from sim.studies.before_after.found import Asked

REGRESSION = -10.0  # percent by which chosen villages fall anyway, from which it is said


def sentences_of(changes: pd.DataFrame, compared: pd.DataFrame, asked: Asked) -> Iterator[Text]:
    """Of the metric that is claimed, or that villages are chosen by: seen, anyway, effect; and what to do next."""
    claimed = changes[changes["claimed"].notna()]
    chosen = claimed if len(claimed) else changes[changes["metric"] == asked.by]
    for _, row in chosen.iterrows():
        yield from _of_row(row, asked)
    if not len(chosen):
        return
    metrics = set(chosen["metric"])
    for _, row in compared[compared["metric"].isin(metrics)].iterrows() if len(compared) else ():
        yield from _of_comparison(row)
    shown = (chosen["effect_low"] > 0) | (chosen["effect_high"] < 0)
    if shown.all():
        yield Message(
            "The effect is the policy's as the model assumes it: villages that begin later, drawn by lot, would show "
            "it in the place itself."
        )
    else:
        yield Message(
            "Do not judge the policy by before and after: compare villages that begin with villages that begin later, "
            "drawn by lot."
        )


def _of_comparison(row: pd.Series) -> Iterator[Text]:
    """What a difference in differences would show, and what it cannot."""
    said = {
        "metric": Term("words", str(row["metric"])),
        "what": Term("word", str(row["compared_with"])),
        "seen": figure(float(row["seen_median"])),
        "a": figure(float(row["anyway_low"])),
        "b": figure(float(row["anyway_high"])),
    }
    yield Message(
        "Compared with {what}, {metric} would change by {seen} %; though nothing were done, by {a} to {b} %.",
        **said,
    )
    if float(row["anyway_low"]) <= float(row["seen_median"]) <= float(row["anyway_high"]):
        yield Message("One place and one start can not tell the two apart.")
    else:
        yield Message(
            "That is more than chance explains; whatever else began there on the same day would look the same.",
        )


def _of_row(row: pd.Series, asked: Asked) -> Iterator[Text]:
    said: dict[str, object] = {
        "metric": Term("words", str(row["metric"])),
        "policy": Term("policy", asked.policy),
        "which": row["villages"] if not isinstance(row["villages"], str) else Term("word", row["villages"]),
        "seen": figure(float(row["seen_median"])),
        "a": figure(float(row["anyway_low"])),
        "b": figure(float(row["anyway_high"])),
        "anyway": figure(float(row["anyway_median"])),
        "x": figure(float(row["effect_median"])),
        "c": figure(float(row["effect_low"])),
        "d": figure(float(row["effect_high"])),
    }
    yield Message(
        "{metric} (villages: {which}): with {policy} the county would see {seen} % after the date; without it {anyway} "
        "% (90 % {a} to {b}).",
        **said,
    )
    if row["effect_low"] > 0 or row["effect_high"] < 0:
        yield Message(
            "Against the same time without it the policy changes it by {x} % (90 % {c} to {d}), as assumed.",
            **said,
        )
    else:
        yield Message(
            "An effect of the policy is not shown: {x} % (90 % of replications {c} to {d}).",
            **said,
        )
    if str(row["villages"]).endswith(f"with most {asked.by}"):
        if asked.earlier:
            yield Message(
                "These villages are chosen by the {n} days before the base, so that their fall from a chance high is "
                "no part of the change.",
                n=asked.earlier,
            )
        elif float(row["anyway_median"]) <= REGRESSION:
            yield Message(
                "These villages were chosen because much happened there: {anyway} % is what they would see if nothing "
                "were done (regression to the mean).",
                **said,
            )
    if pd.notna(row["claimed"]):
        yield _of_claim(row)


def _of_claim(row: pd.Series) -> Message:
    x = figure(float(row["claimed"]))
    if float(row["anyway_low"]) <= float(row["claimed"]) <= float(row["anyway_high"]):
        return Message(
            "The claimed {x} % would be seen without the policy, too: it is no evidence for it.", x=x
        )
    return Message("The claimed {x} % is not what would be seen without the policy.", x=x)
