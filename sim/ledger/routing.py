"""Where disputes go from each stage: shares, among stays that began early enough to be seen to their end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from sim.language import Message, Text
from sim.ledger.estimate import Estimate
from sim.ledger.ledger import Ledger
from sim.ledger.spans import OPEN, STAGE_NAMES, Stay, steps
from sim.statistics.rates import share_interval
from sim.statistics.survival import time_until_over

OVER_BY = 0.995  # share of stays that must be over by the time that is allowed for
ENOUGH = 20

Leg = tuple[
    str, str, float, float
]  # stage, where to, minutes it lasted, minutes from its start to the ledger's end


def routing(ledger: Ledger, stays: Sequence[Stay]) -> list[Estimate]:
    """Shares of what follows on each stage (each activity, in a ledger of other words).

    Stays that began late are over only if they were short, and short stays go elsewhere than long ones. So only those
    count that began so long before the end that all but 0.5 % are over, by the Kaplan-Meier curve of the stay.
    """
    if not ledger.words:
        legs: list[Leg] = [(a, to, m, m) for a, to, m in steps(ledger)]
    else:
        legs = [(s.stage, s.to, s.minutes, ledger.close - s.start) for s in stays]
    order = {name: i for i, name in enumerate(STAGE_NAMES)}
    out: list[Estimate] = []
    for stage in sorted({leg[0] for leg in legs}, key=lambda s: (order.get(s, 99), s)):
        out += _of_stage(stage, [leg for leg in legs if leg[0] == stage], cohort=ledger.words)
    return out


def _of_stage(stage: str, legs: list[Leg], *, cohort: bool) -> Iterable[Estimate]:
    lasted = np.array([leg[2] for leg in legs])
    over = np.array([leg[1] != OPEN for leg in legs])
    allowed = time_until_over(lasted, over, OVER_BY) if cohort else 0.0
    chosen = [leg for leg in legs if leg[3] >= allowed and leg[1] != OPEN]
    if len(chosen) < ENOUGH:
        return
    begun = sum(leg[3] >= allowed for leg in legs)
    note: Text = ""
    if cohort:
        note = Message(
            "{n} stays, {begun} of them begun {days:.0f} days before the end or earlier, {open} of these open",
            n=len(legs),
            begun=begun,
            days=allowed / 1440,
            open=begun - len(chosen),
        )
    for to, hits in Counter(leg[1] for leg in chosen).most_common():
        low, high = share_interval(hits, len(chosen))
        value = hits / len(chosen)
        yield Estimate(
            "routing",
            Message("{stage} > {to}", stage=Message(stage), to=Message(to)),
            value,
            low,
            high,
            "share",
            len(chosen),
            Message("Jeffreys"),
            note=note,
        )
