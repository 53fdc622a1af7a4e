"""The decision about a trial in words, by rules that docs/pilot.md writes down."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import numpy as np
import pandas as pd

from sim.language import Message, Text, marked
from sim.scenario.terms import Term
from sim.statistics.cluster_trials import Number
from sim.studies.decision import chance, figure
from sim.studies.pilot.choice import Recommended
from sim.studies.pilot.worlds import RATE, rate_of

TOUCH = 0.1  # a share of the effect from which on it is said that neighbours share staff


class Verdict(Enum):
    """What to do about a trial."""

    HOLD = marked("Hold this trial.")
    HOLD_WEAK = marked(
        "Hold it only if it is wanted for other reasons: it misses the effect nearly as often as it shows it, so that "
        "a trial that shows nothing does not speak against the policy."
    )
    HOLD_WORTH = marked(
        "Hold it all the same: at the stated values what it teaches, and does meanwhile, is worth more than it takes. "
        "A trial that shows nothing does not speak against the policy."
    )
    DO_NOT = marked(
        "Do not hold a trial to learn whether the policy works: it would probably show nothing even if it does."
    )
    NOT_WORTH = marked(
        "Do not hold a trial: what it could teach is worth less than the months and the money it takes."
    )
    NOTHING = marked("There is nothing to try out: the policy changes nothing.")
    NONE = marked("No trial that was looked at keeps its false alarms in bounds.")


def verdict(chosen: Recommended | None, effect_is_nothing: bool, net: Number | None) -> Verdict:
    """The first rule that fits. `net` is the worth of the trial in yuan, of the reading where it is least, if known."""
    if effect_is_nothing:
        return Verdict.NOTHING
    if chosen is None:
        return Verdict.NONE
    if net is not None and net.value + 2 * np.nan_to_num(net.se) < 0:
        return Verdict.NOT_WORTH
    if chosen.enough:
        return Verdict.HOLD
    if net is not None and net.value - 2 * np.nan_to_num(net.se) > 0:
        return Verdict.HOLD_WORTH
    return Verdict.DO_NOT if chosen.weak else Verdict.HOLD_WEAK


_DESIGNS = {
    "parallel": marked("{villages} villages by lot, half of them with the policy, over {months} months"),
    "townships": marked(
        "{clusters} townships by lot ({villages} villages), half of them with the policy, over {months} months"
    ),
    "pairs": marked(
        "{pairs} pairs of villages that were alike in the year before, one of each by lot with the policy, over "
        "{months} months"
    ),
    "wedge": marked(
        "{villages} villages, to which the policy comes by lot in {steps} steps, over {months} months"
    ),
}


def in_words(row: Mapping[str, object]) -> Message:
    """A design as a clause."""
    numbers = {name: int(str(row[name])) for name in ("villages", "clusters", "months", "steps")}
    return Message(_DESIGNS[str(row["design"])], **numbers, pairs=numbers["clusters"] // 2)


def sentences(
    place: Text,
    policy: str,
    metric: str,
    designs: pd.DataFrame,
    touched: pd.DataFrame,
    chosen: Recommended | None,
    net: Number | None,
) -> list[Text]:
    """What the policy changes, which trial could show it, how it could deceive, and what to do."""
    own = designs[designs["metric"] == metric]
    effects = own[own["months"] == own["months"].max()].drop_duplicates("reading")
    nothing = bool((own["true_effect"] == 0).all() and (own["exaggerates"].isna()).all())
    out: list[Text] = [_effect(place, policy, metric, effects)]
    found = verdict(chosen, nothing, net)
    if chosen is not None and not nothing:
        out += [_trial(chosen), _deceives(chosen), *_touching(chosen, touched, metric)]
        out += [*_chosen(own, metric), *_record(designs, chosen)]
        if net is not None:
            out.append(
                Message(
                    "At the stated values the trial leaves {x} ± {se} yuan, under the reading where that is least.",
                    x=figure(net.value),
                    se=figure(net.se),
                )
            )
    out.append(Message(found.value))
    if chosen is not None and not nothing and found is not Verdict.HOLD:
        out.append(_change(chosen, own, metric))
    return out


def _effect(place: Text, policy: str, metric: str, rows: pd.DataFrame) -> Message:
    one = marked("{x} ({reading} record)")
    said = [
        Message(one, x=figure(float(r["true_effect"])), reading=Term("reading", str(r["reading"])))
        for _, r in rows.iterrows()
    ]
    return Message(
        "{place}: in all villages, {policy} is expected to change {metric} by {list}, {unit}.",
        place=place,
        policy=Term("policy", policy),
        metric=Term("words", metric),
        list=said,
        unit=Message(rate_of(metric)),
    )


def _by_reading(rows: pd.DataFrame, column: str) -> list[Message]:
    one = marked("{p} ({reading} record)")
    return [
        Message(one, p=chance(float(r[column])), reading=Term("reading", str(r["reading"])))
        for _, r in rows.iterrows()
    ]


def _trial(chosen: Recommended) -> Message:
    said = {"design": in_words(chosen.first), "list": _by_reading(chosen.rows, "power")}
    if chosen.enough:
        return Message(
            "The smallest trial that shows this in 80 % of cases or more: {design}; it shows it in {list}.",
            **said,
        )
    return Message(
        "No trial looked at shows this in 80 % of cases; the most precise is {design}, which shows it in {list}.",
        **said,
    )


def _deceives(chosen: Recommended) -> Message:
    rows = chosen.rows
    return Message(
        "Without any effect it raises a false alarm in {alarms}; an effect that it shows is {times} times as large as "
        "the true one on average, and has the wrong sign in {wrong} (worst reading).",
        alarms=chance(float(rows["false_alarms"].max())),
        times=figure(float(rows["exaggerates"].max())),
        wrong=chance(float(rows["reverses"].max())),
    )


def _touching(chosen: Recommended, touched: pd.DataFrame, metric: str) -> list[Message]:
    """Whether villages with and without the policy touch each other over staff that they share."""
    split = "townships" if chosen.design == "townships" else "villages"
    rows = touched[(touched["metric"] == metric) & (touched["cluster"] == split)]
    if rows.empty:
        return []
    worst = rows.iloc[int(np.argmax(rows["contamination"].abs()))]
    said: dict[str, object] = {
        "clusters": Message(split),
        "seen": figure(float(worst["seen"])),
        "effect": figure(float(worst["effect"])),
        "se": figure(float(worst["contamination_se"])),
        "unit": Message(rate_of(metric)),
    }
    gap = abs(float(worst["contamination"]))
    if gap > 2 * float(worst["contamination_se"]) and gap > TOUCH * abs(float(worst["effect"])):
        return [
            Message(
                "Staff are shared: with the policy in half of the {clusters} the difference between them is {seen}, "
                "not {effect} as when all have it (± {se}, {unit}); the powers above leave this out.",
                **said,
            )
        ]
    return [
        Message(
            "That staff are shared changes little: with the policy in half of the {clusters} the difference between "
            "them is {seen}, when all have it {effect} (± {se}, {unit}).",
            **said,
        )
    ]


def _chosen(own: pd.DataFrame, metric: str) -> list[Message]:
    """What it would seem to do if it went where there was most disorder."""
    longest = own[(own["design"] == "parallel") & (own["months"] == own["months"].max())]
    by_base, earlier = (longest[longest["chosen"] == chosen] for chosen in ("base", "earlier"))
    if by_base.empty or earlier.empty:
        return []
    worst = by_base.iloc[int(np.argmax(by_base["false_alarms"]))]
    other = earlier[earlier["reading"] == worst["reading"]].iloc[0]
    return [
        Message(
            "Do not choose villages for their disorder in the year before: they would seem to change by {x} ({unit}) "
            "without any policy, a false alarm in {alarms}. Chosen by an earlier year, they would by {y}; by lot, not "
            "at all.",
            x=figure(float(worst["seems_without"])),
            y=figure(float(other["seems_without"])),
            unit=Message(rate_of(metric)),
            alarms=chance(float(worst["false_alarms"])),
        )
    ]


def _record(designs: pd.DataFrame, chosen: Recommended) -> list[Message]:
    """What the same trial would show in the record."""
    same = designs["metric"] == RATE
    for name in ("design", "villages", "months", "steps", "chosen"):
        same &= designs[name] == chosen.one(name)
    rows = designs[same]
    if rows.empty:
        return []
    return [
        Message(
            "Recorded success is no measure of it: the same trial shows a change of it in {list}, whatever is true of "
            "the disputes.",
            list=_by_reading(rows, "power"),
        )
    ]


def _change(chosen: Recommended, own: pd.DataFrame, metric: str) -> Message:
    return Message(
        "What would change that: an effect of {x} ({unit}) would be shown in 80 % of such trials; or villages and "
        "months beyond the {villages} and {months} that were looked at.",
        x=figure(float(chosen.rows["detectable"].max())),
        unit=Message(rate_of(metric)),
        villages=int(own["villages"].max()),
        months=int(own["months"].max()),
    )
