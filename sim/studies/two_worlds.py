"""The same disputes in two worlds: where each of them is on every day that is looked at, without and with a policy.

One replication at central values, seen dispute by dispute: both worlds have the same disputes and random numbers, so
that a dispute that stands elsewhere on some day does so because of the policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.clock import MINUTES_PER_DAY
from sim.language import marked
from sim.runs.single import single
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.traces import Trace
from sim.vocabulary import End, EventKind, Job, Tier

ABSENT = -1  # has not arisen yet
STATES = (
    *(marked("nobody knows of them"), marked("in hamlet or village"), marked("with the police")),
    *(marked("in the township"), marked("at the county"), marked("at court")),
    *(marked("settled"), marked("judged or decided"), marked("over by themselves")),
    marked("dropped without a settlement"),
)
UNKNOWN, SETTLED, DECIDED, OVER, DROPPED = 0, 6, 7, 8, 9
OPEN = range(1, 6)  # the states of a dispute that somebody has in hand
OF_TIER = {
    **{Tier.HAMLET: 1, Tier.VILLAGE: 1, Tier.POLICE: 2, Tier.TOWNSHIP: 3, Tier.COUNTY: 4, Tier.DECISION: 4},
    **{Tier.COURT_MEDIATION: 5, Tier.TRIAL: 5},
}
OF_END = {
    **{End.SETTLED: SETTLED, End.ADJUDICATED: DECIDED, End.DECIDED: DECIDED, End.SELF_SETTLED: OVER},
    **{End.WITHDRAWN: DROPPED, End.LUMPED: DROPPED},
}
MOST_DAYS = 60  # that are looked at

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class TwoWorlds:
    """Where disputes are on each of some days. `moved[d, a, b]` counts those in state a without and b with the policy.

    States are by their position in `STATES`; the disputes are those that have arisen in either world by that day and
    were not over all along in both. `of` is their number on the last day.
    """

    policy: str
    days: tuple[date, ...]
    moved: Counts
    of: int

    @property
    def without(self) -> Counts:
        """Disputes by day and state without the policy, shape (days, states)."""
        return np.asarray(self.moved.sum(axis=2))

    @property
    def with_it(self) -> Counts:
        """The same with the policy."""
        return np.asarray(self.moved.sum(axis=1))

    def elsewhere(self, day: int) -> int:
        """Disputes that stand elsewhere in the two worlds on a day, by its position."""
        return int(self.moved[day].sum() - np.trace(self.moved[day]))

    def paths(self, day: int) -> list[tuple[int, int, int]]:
        """State without, state with the policy, number of disputes: those that differ, most frequent first."""
        apart = self.moved[day].copy()
        np.fill_diagonal(apart, 0)
        found = [(int(a), int(b), int(apart[a, b])) for a, b in zip(*np.nonzero(apart), strict=True)]
        return sorted(found, key=lambda one: (-one[2], one[:2]))

    def frame(self) -> pd.DataFrame:
        """A row a day and state: disputes without and with the policy."""
        return pd.DataFrame(
            [
                {
                    "day": str(day),
                    "state": STATES[s],
                    "without": int(self.without[d, s]),
                    "with": int(self.with_it[d, s]),
                }
                for d, day in enumerate(self.days)
                for s in range(len(STATES))
            ]
        )


def two_worlds(
    place: Place,
    without: Sequence[Measure],
    with_it: Sequence[Measure],
    policy: str,
    seed: int = 1,
    replication: int = 0,
) -> TwoWorlds:
    """Follow every dispute of one replication in both worlds. Raises ScenarioError for what cannot be in force."""
    traces = [single(place, measures, seed, replication, "compiled")[1] for measures in (without, with_it)]
    if not np.array_equal(traces[0].dispute_column("slot"), traces[1].dispute_column("slot")):
        raise ValueError("the two models do not have the same disputes")
    days = _days(place)
    minutes = np.array(
        [traces[0].warm_up + (day - place.window.start).days * MINUTES_PER_DAY for day in days]
    )
    before, after = (_states(trace, minutes) for trace in traces)
    over = ((before >= SETTLED) & (after >= SETTLED)).all(axis=0)
    before, after = before[:, ~over], after[:, ~over]
    moved = np.zeros((len(days), len(STATES), len(STATES)), dtype=np.int64)
    for d in range(len(days)):
        there = (before[d] != ABSENT) & (after[d] != ABSENT)
        np.add.at(moved[d], (before[d, there], after[d, there]), 1)
    return TwoWorlds(policy, tuple(days), moved, int(moved[-1].sum()))


def _days(place: Place) -> list[date]:
    """From the first day of the window to the day after its last, in steps of whole weeks that keep them few."""
    start, end = place.window.start, place.window.end + timedelta(days=1)
    step = 7 * max(1, -(-(end - start).days // (7 * MOST_DAYS)))
    days = [start + timedelta(days=d) for d in range(0, (end - start).days, step)]
    return [*days, end]


def _states(trace: Trace, minutes: NDArray[np.int64]) -> Counts:
    """The state of each dispute before each of some minutes, shape (minutes, disputes)."""
    kind, who, tier, job, minute, detail = (
        trace.column(c) for c in ("event", "dispute", "tier", "job", "minute", "detail")
    )
    code = np.full(len(kind), ABSENT, dtype=np.int64)
    code[kind == EventKind.ARISE] = UNKNOWN
    in_hand = np.isin(kind, (EventKind.ENTER, EventKind.START, EventKind.KNOWN)) & (job <= Job.CASE)
    for where, state in OF_TIER.items():
        code[in_hand & (tier == where)] = state
    for end, state in OF_END.items():
        code[(kind == EventKind.END) & (detail == end)] = state
    code[kind == EventKind.UNRESOLVED] = DROPPED
    code[kind == EventKind.RESOLVED] = OVER
    told = np.flatnonzero((code != ABSENT) & (who >= 0))
    until = np.searchsorted(minute[told], minutes, side="left")
    now = np.full(len(trace.disputes), ABSENT, dtype=np.int64)
    found, done = np.empty((len(minutes), len(now)), dtype=np.int64), 0
    for d, upto in enumerate(until.tolist()):
        rows = told[done:upto]
        now[who[rows]] = code[rows]  # in the order of events: the last one of a dispute holds
        found[d], done = now, upto
    return found


__all__ = ["STATES", "TwoWorlds", "two_worlds"]
