"""Parameter draws under which staff lack the hours that a policy takes.

One rule for every analysis: such draws count for no policy of the place, so that all are compared on the same draws. A
policy for which they are more than a quarter is left out instead. The answer says how many they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from sim.language import Message, Text
from sim.scenario.terms import Term

T = TypeVar("T")


def without_hours(count: int) -> Message:
    """What a run says of draws that it leaves out."""
    return Message(
        "Parameter draws left out, since staff lack the hours that the policy takes under them: {n}.", n=count
    )


def too_often(count: int, draws: int) -> Message:
    """Why a policy is left out that is impossible in `count` of `draws`."""
    return Message("takes more hours than staff have in {n} of {draws} parameter draws", n=count, draws=draws)


def sentences(counts: Mapping[str, int], left_out: Sequence[str], draws: int) -> list[Text]:
    """What an answer says of impossible draws: `counts` by policy, of `draws` that were looked at."""
    said: list[Text] = [
        Message(
            "Left out: {policy}, for which staff lack the hours in {n} of {draws} parameter draws.",
            policy=Term("policy", policy),
            n=n,
            draws=draws,
        )
        for policy, n in counts.items()
        if policy in left_out
    ]
    short = [
        Message("{name} ({n})", name=Term("policy", policy), n=n)
        for policy, n in counts.items()
        if policy not in left_out
    ]
    if short:
        said.append(
            Message(
                "Parameter draws under which staff lack the hours that a policy takes count for none: {list} of "
                "{draws}.",
                list=short,
                draws=draws,
            )
        )
    return said


def summary(refused: int, gone: int, draws: int) -> list[Text]:
    """The same in short, for a search that has tried many mixes.

    `refused` cannot be; `gone` of so many draws count for none.
    """
    said: list[Text] = []
    if refused:
        said.append(Message("Left out: {n} mixes, for which staff lack the hours that they take.", n=refused))
    if gone:
        said.append(
            Message(
                "Parameter draws under which staff lack the hours that another mix takes count for none: {n} of {m}.",
                n=gone,
                m=draws,
            )
        )
    return said
