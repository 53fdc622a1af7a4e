"""An audit in sentences, from its tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.language import Message, Text
from sim.scenario.metrics import READINGS
from sim.scenario.terms import Term
from sim.studies.decision import chance, figure

if TYPE_CHECKING:
    from sim.studies.audit.found import Audit

FEW = 10.0  # effective draws below which an updated answer hangs on too little
APART, LEANS = 10.0, 3.0  # odds from which the readings are told apart, or one is favoured


def sentences_of(found: Audit) -> list[Text]:
    """What parties would say, how many to ring; with an answer what it tells, and what to do next."""
    out: list[Text] = [_heard(found), *_needed(found)]
    if found.observed is not None:
        out += [_told(found), *_updated(found), _next(found), *_goes_back(found)]
    return out


def _heard(found: Audit) -> Message:
    one, other = (found.heard.iloc[i] for i in range(2))
    return Message(
        "Of 100 parties of files that are called successful, {a} to {b} would say that the matter is settled if the "
        "record is {one}, {c} to {d} if it is {other} (90 % of draws; {n} such files in the window).",
        a=f"{one['low']:.0f}",
        b=f"{one['high']:.0f}",
        c=f"{other['low']:.0f}",
        d=f"{other['high']:.0f}",
        one=Term("reading", READINGS[0]),
        other=Term("reading", READINGS[1]),
        n=f"{found.files.called:,}",
    )


def _needed(found: Audit) -> Iterator[Message]:
    """Of each odds how many files to ring; where they cannot be had, with which probability they can."""
    beyond: set[float] = set()
    for row in found.needed.to_dict("records"):
        said = {"odds": f"{row['odds']:g}", "p": chance(row["probability"])}
        if row["odds"] in beyond:
            continue
        if not math.isnan(row["files"]):
            yield Message(
                "Ring {n} files, and whichever reading is right will be ahead at odds of {odds} to 1 with {p} or more; "
                "that costs about {yuan} yuan at the stated prices.",
                **said,
                n=f"{row['files']:.0f}",
                yuan=figure(row["yuan"]),
            )
            continue
        beyond.add(row["odds"])
        reached = [row[f"reached_{reading}"] for reading in READINGS]
        yield Message(
            "Not even {n} files separate the readings at odds of {odds} to 1 with {p}: if the record is {reading}, the "
            "odds are reached with {q}, for what parties would say is too much alike.",
            **said,
            n=row["looked_up_to"],
            reading=Term("reading", READINGS[int(np.argmin(reached))]),
            q=chance(min(reached)),
        )


def _told(found: Audit) -> Message:
    assert found.observed is not None
    yes, asked = found.observed
    ratio = found.odds if found.odds >= 1 else 1 / max(found.odds, 1e-300)
    first = READINGS[0] if found.odds >= 1 else READINGS[1]
    said = {
        "yes": yes,
        "n": asked,
        "odds": figure(min(ratio, 1e6)),
        "reading": Term("reading", first),
        "p": chance(ratio / (1 + ratio)),
    }
    if ratio >= APART:
        return Message(
            "{yes} of {n} said that it is settled: if both readings were as probable before, the odds are now {odds} "
            "to 1 that the record is {reading} ({p}); the readings are told apart.",
            **said,
        )
    if ratio >= LEANS:
        return Message(
            "{yes} of {n} said that it is settled: if both readings were as probable before, the odds are now {odds} "
            "to 1 that the record is {reading} ({p}); that favours it, and does not tell them apart.",
            **said,
        )
    return Message(
        "{yes} of {n} said that it is settled: if both readings were as probable before, the odds are now {odds} to 1 "
        "that the record is {reading} ({p}); that does not tell the readings apart.",
        **said,
    )


def _updated(found: Audit) -> Iterator[Message]:
    """The true rate, and each policy, before and after."""
    for row in found.updated.to_dict("records"):
        said = {
            "before": figure(row["before_median"]),
            "a": figure(row["before_low"]),
            "b": figure(row["before_high"]),
            "after": figure(row["after_median"]),
            "c": figure(row["after_low"]),
            "d": figure(row["after_high"]),
        }
        if row["policy"]:
            yield Message(
                "{policy}: P(better) was {p} and is now {q}; its effect on {metric} was {before} {unit} (90 % {a} to "
                "{b}) and is now {after} ({c} to {d}).",
                **said,
                policy=Term("policy", row["policy"]),
                metric=Term("words", row["metric"]),
                unit=Term("unit", row["unit"], row["metric"]),
                p=chance(row["before_p_better"]),
                q=chance(row["after_p_better"]),
            )
        elif row["metric"] == "true_success_rate":
            yield Message(
                "The true success rate of closed cases was put at {before} % (90 % {a} to {b}), and is now at "
                "{after} % ({c} to {d}).",
                **said,
            )


def _next(found: Audit) -> Message:
    """What to do next."""
    assert found.observed is not None
    ratio = max(found.odds, 1 / max(found.odds, 1e-300))
    if ratio >= APART:
        return Message("Compare policies under that reading from now on: --reading {name}.",
                       name=READINGS[0] if found.odds >= 1 else READINGS[1])  # fmt: skip
    enough = found.needed["files"].dropna()
    more = enough[enough > found.observed[1]]
    if len(more):
        return Message("Ring more: {n} files in all, and count these with them.", n=f"{more.min():.0f}")
    return Message(
        "More calls of this kind are not likely to tell: look for other evidence of how the record is made."
    )


def _goes_back(found: Audit) -> Iterator[Message]:
    """The command by which the answers are used from now on, where there is a posterior that they can go into."""
    cell = found.design.cells[0]
    if cell.posterior is None or found.observed is None:
        return
    yes, asked = found.observed
    yield Message(
        "To use these answers in every command: run_sim.py calibrate {place} --observed call_back={yes}/{n}",
        place=found.design.comparison.places[0],
        yes=yes,
        n=asked,
    )
