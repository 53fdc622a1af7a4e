"""What a county would conclude from before and after, and what it should, by the rules of docs/decision_rules.md."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sim.language import Message, Text
from sim.scenario.terms import Term
from sim.studies.decision import figure

REGRESSION = -10.0  # percent by which chosen villages fall anyway, from which it is said


def sentences_of(changes: pd.DataFrame, policy: str, by: str) -> Iterator[Text]:
    """Of the metric that is claimed, or that villages are chosen by: seen, anyway, effect; and what to do next."""
    claimed = changes[changes["claimed"].notna()]
    chosen = claimed if len(claimed) else changes[changes["metric"] == by]
    for _, row in chosen.iterrows():
        yield from _of_row(row, policy)
    if not len(chosen):
        return
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


def _of_row(row: pd.Series, policy: str) -> Iterator[Text]:
    said: dict[str, object] = {
        "metric": Term("words", str(row["metric"])),
        "policy": Term("policy", policy),
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
    if not isinstance(row["villages"], str) and float(row["anyway_median"]) <= REGRESSION:
        yield Message(
            "These villages were chosen because much happened there: {anyway} % is what they would see if nothing were "
            "done (regression to the mean).",
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
