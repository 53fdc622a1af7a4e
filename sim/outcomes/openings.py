"""Every opening of a dispute, a row of a complete register: receipt, end, suit, where it is when; and its sessions.

A dispute is opened when it becomes known and each time that it returns; so does `rows_of` of sim/outcomes/register.py
count. Here nothing is cut off: it is seen from what day to what day a row is open, as the run has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.model import Model
from sim.model.pools import UNLIMITED
from sim.outcomes import spans
from sim.outcomes.minutes import available_minutes
from sim.outcomes.reading import Ints, Reading, merged, stable_order
from sim.traces import Trace
from sim.vocabulary import End, EventKind

Floats = NDArray[np.float64]
NEVER = 1 << 30  # the day of what does not happen before the run ends: later than any other
_DAY = 1440
_ROWS = (EventKind.KNOWN, EventKind.REOPEN, EventKind.CLIMB, EventKind.FILED, EventKind.END)
_BEGINS = (EventKind.KNOWN, EventKind.REOPEN)


@dataclass(frozen=True)
class Openings:
    """Openings in the order of disputes and time, an entry each; days count from the first day of the run.

    `ended` and `suit` (the day on which a suit is filed) are `NEVER` where that does not happen, `how` is then
    `End.OPEN`. Of each stay there are the number of its opening, the tier and the day on which it begins.
    """

    dispute: Ints
    kind: Ints
    received: Ints
    ended: Ints
    how: Ints
    suit: Ints
    stay: Ints
    stay_tier: Ints
    stay_day: Ints

    def __len__(self) -> int:
        return len(self.dispute)

    def since(self, day: int) -> Openings:
        """The same with days counted from a day of the run."""
        ended, suit = (np.where(x == NEVER, NEVER, x - day) for x in (self.ended, self.suit))
        return replace(
            self, received=self.received - day, ended=ended, suit=suit, stay_day=self.stay_day - day
        )

    def open_on(self, day: int) -> NDArray[np.bool_]:
        """Which are open as the day begins: received before it, and not over before it."""
        return np.asarray((self.received < day) & (self.ended >= day))

    def tier_on(self, day: int) -> Ints:
        """The tier where each is, or was last, as the day begins; -1 before it is received."""
        out = np.full(len(self), -1, dtype=np.int64)
        before = self.stay_day < day
        out[self.stay[before]] = self.stay_tier[
            before
        ]  # the last of them stays: they are in the order of time
        return out


def openings(reading: Reading) -> Openings:
    """All openings of a replication."""
    rows = merged(*map(reading.rows, _ROWS))
    rows = rows.take(stable_order(rows["dispute"], len(reading.trace.disputes)))
    event, dispute, day = rows["event"], rows["dispute"].astype(np.int64), rows["minute"] // _DAY
    begins = np.isin(event, _BEGINS)
    starts = np.flatnonzero(begins)
    number = np.cumsum(begins) - 1
    # An end unseen, before anybody knew, belongs to no opening.
    own = (number >= 0) & (dispute == dispute[starts[np.maximum(number, 0)]]) if len(starts) else begins
    n = len(starts)
    ended, how, suit = (np.full(n, x, dtype=np.int64) for x in (NEVER, End.OPEN, NEVER))
    # What is filed while it is open; the first end counts.
    for kind, column in ((EventKind.END, ended), (EventKind.FILED, suit)):
        at = np.flatnonzero(own & (event == kind))[::-1]
        column[number[at]] = day[at]
        if kind == EventKind.END:
            how[number[at]] = rows["detail"][at]
    stays = np.flatnonzero(own & (begins | (event == EventKind.CLIMB)))
    tier = np.where(event == EventKind.CLIMB, rows["detail"], rows["tier"])
    kinds = reading.trace.dispute_column("kind")[dispute[starts]]
    return Openings(
        dispute[starts],
        kinds.astype(np.int64),
        day[starts].astype(np.int64),
        ended,
        how,
        suit,
        *(number[stays].astype(np.int64), tier[stays].astype(np.int64), day[stays].astype(np.int64)),
    )


@dataclass(frozen=True)
class Effort:
    """Working minutes from a day on, until each of several later days (the first axis of all).

    `own` are those of openings that are open on the day, `opening` which: shape (days, openings, groups).
    `busy` are all minutes and `available` those that staff have, by staff group: shape (days, groups); `available` is
    infinite for groups that are not limited.
    """

    opening: Ints
    own: Floats
    busy: Floats
    available: Floats


def effort(reading: Reading, model: Model, found: Openings, day: int, until: tuple[int, ...]) -> Effort:
    """Minutes of staff from the beginning of `day` to the beginning of each day of `until`."""
    trace, pools = reading.trace, model.pools
    held = np.flatnonzero(found.open_on(day))
    of_dispute = np.full(len(trace.disputes), -1, dtype=np.int64)
    of_dispute[found.dispute[held]] = np.arange(len(held))
    last = np.where(found.ended[held] == NEVER, trace.horizon, (found.ended[held] + 1) * _DAY)
    sessions = spans.sessions(reading)
    number = of_dispute[sessions.dispute]
    mine = (number >= 0) & (sessions.start < last[np.maximum(number, 0)]) if len(held) else number >= 0
    group, groups = pools.group[sessions.what], len(pools.groups)
    low = np.full(len(group), day * _DAY)
    own, busy, available = [], [], []
    for end in until:
        high = np.full(len(group), end * _DAY)
        a, b = np.clip(sessions.start, low, high), np.clip(sessions.end, low, high)
        minutes = (spans.worked(model, sessions.what, b) - spans.worked(model, sessions.what, a)).astype(
            float
        )
        busy.append(np.bincount(group, weights=minutes, minlength=groups))
        cell = number[mine] * groups + group[mine]
        own.append(
            np.bincount(cell, weights=minutes[mine], minlength=len(held) * groups).reshape(len(held), groups)
        )
        available.append(_available(trace, reading, model, day * _DAY, end * _DAY))
    return Effort(held, np.array(own), np.array(busy), np.array(available))


def _available(trace: Trace, reading: Reading, model: Model, low: int, high: int) -> Floats:
    """Minutes that staff have between two minutes of the run, by group."""
    changes = reading.rows(EventKind.CAPACITY)
    rows = np.stack([changes["minute"], changes["pool"], changes["detail"]], axis=1)
    inside = Trace(trace.rows, trace.disputes, high, low)
    minutes = available_minutes(inside, rows[rows[:, 0] < high], model)
    minutes = np.where(model.pools.servers < UNLIMITED, minutes, np.inf)
    out: Floats = np.bincount(model.pools.group, weights=minutes, minlength=len(model.pools.groups)).astype(
        float
    )
    return out
