"""The sentences of a decision about net benefits and about studies, from their tables as they are shown."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sim.language import Message, Text, marked
from sim.scenario.terms import Term
from sim.studies.decision import chance, figure
from sim.studies.net_benefit import VALUED, Values
from sim.studies.study_value import CALL_BACK, EVERYTHING, LOG, REGISTER, SURVEY

SIZED = {  # a study and its size
    CALL_BACK: marked("ring the parties of {n} closed files"),
    SURVEY: marked("ask {n} households"),
    LOG: marked("write down the petitions of {n} months"),
    REGISTER: marked("keep a register of disputes for {n} months"),
}


def sized(study: str, n: int) -> Message:
    """A study of a size."""
    return Message(SIZED[study], n=f"{n:,}")


def paying_study(studies: pd.DataFrame) -> Text:
    """The study with the highest net benefit, if that is above nothing and more than chance would make."""
    best = _best(studies)
    return "" if best is None else sized(str(best["study"]), int(best["size"]))


def _best(studies: pd.DataFrame) -> pd.Series | None:
    if studies.empty:
        return None
    rows = studies[studies["told"] & (studies["net_benefit"] > 0)]
    return None if rows.empty else rows.sort_values("net_benefit").iloc[-1]


def valued(net: pd.DataFrame, values: Values) -> Iterator[tuple[str, Text]]:
    """Which option has the highest expected net benefit at the stated values."""
    if net.empty:
        return
    stated = [
        Message("{what} {x}", what=Message(VALUED[name].about), x=figure(x))
        for name, x in values.each.items()
    ]
    first = net[net["frontier"]].iloc[0]
    shown = (
        first if first["policy"] != net["policy"].iloc[0] else net.iloc[1:].nlargest(1, "net_benefit").iloc[0]
    )
    said: dict[str, object] = {
        "list": stated,
        "policy": Term("policy", str(shown["policy"])),
        "x": figure(float(shown["net_benefit"])),
        "low": figure(float(shown["low"])),
        "high": figure(float(shown["high"])),
        "unit": Message(values.unit),
        "p": chance(float(shown["p_above_nothing"])),
    }
    if shown is not first:
        yield (
            "value",
            Message(
                "At the stated values (in {unit}: {list}) no policy is expected to be worth its cost; {policy} comes "
                "nearest, with a net benefit of {x} {unit} in the window (90 % {low} to {high}), above nothing with "
                "{p}.",
                **said,
            ),
        )
        return
    highest, loss = chance(float(first["p_highest"])), figure(float(first["expected_loss"]))
    yield (
        "value",
        Message(
            "At the stated values (in {unit}: {list}) {policy} has the highest expected net benefit: {x} {unit} in the "
            "window (90 % {low} to {high}), above nothing with {p}; it is the highest with {highest}, and to choose it "
            "now loses {loss} {unit} on average against knowing all parameters.",
            **said,
            highest=highest,
            loss=loss,
        ),
    )


def learnt(known: pd.DataFrame, studies: pd.DataFrame, priced: bool) -> Iterator[tuple[str, Text]]:
    """What it would be worth to know more, and which study would tell it."""
    if known.empty:
        return
    most = known[known["known"] == EVERYTHING].iloc[0]
    unit = Term("unit", str(most["unit"]), "" if priced else str(most["objective"]))
    x = figure(float(most["worth"]))
    if float(most["worth"]) <= 0:
        yield "study", Message("Nothing that could be learnt would change the choice.")
        return
    best = _best(studies)
    if best is not None:
        yield (
            "study",
            Message(
                "Before the choice it pays to {study}: what one would choose better is worth {x} {unit}, and it costs "
                "{c}.",
                study=sized(str(best["study"]), int(best["size"])),
                x=figure(float(best["worth"])),
                unit=unit,
                c=figure(float(best["cost"])),
            ),
        )
        return
    if priced:
        yield (
            "study",
            Message(
                "No study in the table is shown to be worth what it costs; to know all parameters before choosing "
                "would be worth {x} {unit}.",
                x=x,
                unit=unit,
            ),
        )
        return
    yield from _without_values(known, studies, x, unit)


def _without_values(
    known: pd.DataFrame, studies: pd.DataFrame, x: str, unit: Text
) -> Iterator[tuple[str, Text]]:
    """What is most worth knowing, costs left out."""
    parts = known[(known["known"] != EVERYTHING) & known["told"]]
    if parts.empty:
        yield (
            "study",
            Message(
                "To know all parameters before choosing would be worth {x} {unit}, costs left out; of no group of them "
                "alone is it shown to be worth anything.",
                x=x,
                unit=unit,
            ),
        )
        return
    top = parts.sort_values("worth").iloc[-1]
    yield (
        "study",
        Message(
            "To know all parameters before choosing would be worth {x} {unit}, costs left out; of its parts, most "
            "worth knowing is {what} ({y}).",
            x=x,
            unit=unit,
            what=Message(str(top["known"])),
            y=figure(float(top["worth"])),
        ),
    )
    shown = studies[studies["best"] & studies["told"] & (studies["worth"] > 0)] if len(studies) else studies
    if len(shown):
        first = shown.sort_values("worth").iloc[-1]
        yield (
            "study",
            Message(
                "To {study} would be worth {x} of it, and cost {c} {money}.",
                study=sized(str(first["study"]), int(first["size"])),
                x=figure(float(first["worth"])),
                c=figure(float(first["cost"])),
                money=Message(str(first["cost_unit"])),
            ),
        )
