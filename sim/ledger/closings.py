"""What a register of two dates says of each dispute: how long it took, how it ended, and who had it in the end.

It says nothing of attempts that failed on the way, so no rate of success is made of it: the share of disputes whose
end is a settlement is what the clerk wrote down, and is called so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.export.activities import KNOWN
from sim.language import Message, Text, marked
from sim.ledger.durations import of_group
from sim.ledger.estimate import Estimate
from sim.ledger.ledger import MINUTES_PER_DAY, REGISTER_ENDS, Case, Ledger
from sim.ledger.routing import OVER_BY
from sim.ledger.spans import END_WORDS, STAGE_NAMES
from sim.statistics.rates import share_interval
from sim.statistics.survival import time_until_over

ENOUGH = 20
NOT_SAID = marked("stage not said")


class Closing(NamedTuple):
    """A dispute from its receipt: minutes to its end, or to the end of the window; `how` is empty while it is open.

    `stage` is who had it at its end, or has it now.
    """

    case: Case
    begun: float
    minutes: float
    how: str
    stage: str


def closings(ledger: Ledger) -> list[Closing]:
    """All disputes received in the window whose end can be dated, and those that are open."""
    out = []
    for case in ledger.cases:
        known = next((e for e in case.events if e.what == KNOWN), None)
        if known is None or not case.dated:
            continue
        end = next((e for e in case.events if e.what in END_WORDS or e.what in REGISTER_ENDS), None)
        last = end or known
        until = end.minute if end is not None else ledger.close
        out.append(
            Closing(
                case, known.minute, until - known.minute, end.what if end else "", last.stage or known.stage
            )
        )
    return out


def of_closings(ledger: Ledger, found: Sequence[Closing]) -> list[Estimate]:
    """Shares of ends and of stages at the end, and times from receipt to the end."""
    return [*_shares(found, ledger.close), *_times(found, daily=ledger.daily)]


def _shares(found: Sequence[Closing], close: float) -> list[Estimate]:
    """Among disputes received so long ago that all but 0.5 % are over, for short ones end otherwise than long ones."""
    if not found:
        return []
    minutes, over = np.array([c.minutes for c in found]), np.array([bool(c.how) for c in found])
    allowed = time_until_over(minutes, over, OVER_BY)
    old = [c for c in found if close - c.begun >= allowed]
    chosen = [c for c in old if c.how]
    if len(chosen) < ENOUGH:
        return []
    note = Message(
        "{n} disputes received {days:.0f} days before the end or earlier, {open} of them open",
        n=len(old),
        days=allowed / MINUTES_PER_DAY,
        open=len(old) - len(chosen),
    )
    out = []
    for how, n in Counter(c.how for c in chosen).most_common():
        out.append(_share(Message("end: {how}", how=Message(how)), n, len(chosen), note))
    order = {name: i for i, name in enumerate(STAGE_NAMES)}
    stages = Counter(c.stage for c in chosen)
    for stage in sorted(stages, key=lambda s: order.get(s, 99)):
        name = Message("in charge at the end: {stage}", stage=Message(stage or NOT_SAID))
        out.append(_share(name, stages[stage], len(chosen), note))
    for stage in sorted(stages, key=lambda s: order.get(s, 99)):
        here = [c for c in chosen if c.stage == stage]
        if stage and len(here) >= ENOUGH:
            settled = sum(c.how == "settled" for c in here)
            name = Message("written down as settled, of those closed at {stage}", stage=Message(stage))
            out.append(_share(name, settled, len(here), note))
    return out


def _share(name: Text, hits: int, n: int, note: Text) -> Estimate:
    low, high = share_interval(hits, n)
    return Estimate("closings", name, hits / n, low, high, "share", n, Message("Jeffreys"), note=note)


def _times(found: Sequence[Closing], *, daily: bool) -> list[Estimate]:
    out = _time(Message("receipt to end"), found, daily=daily)
    for stage in STAGE_NAMES:
        here = [c for c in found if c.stage == stage]
        out += _time(
            Message("receipt to end, in charge at last: {stage}", stage=Message(stage)), here, daily=daily
        )
    return out


def _time(name: Message, found: Sequence[Closing], *, daily: bool) -> list[Estimate]:
    days = np.array([c.minutes for c in found]) / MINUTES_PER_DAY
    over = np.array([bool(c.how) for c in found], dtype=bool)
    return of_group(name, days, over, daily=daily)
