"""Cases: disputes as the mediation statistics count them, and how a place records them (docs/model.md, Recording)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.draws import Draws
from sim.model import Model
from sim.outcomes.reading import Flags, Ints, Reading, Rows, merged, places, read, stable_order, table_of
from sim.traces import Trace
from sim.vocabulary import DecisionPoint, End, EventKind, Tier

MEDIATORS = (
    Tier.HAMLET,
    Tier.VILLAGE,
    Tier.TOWNSHIP,
    Tier.COUNTY,
)  # police mediation is counted by the police
OPENINGS = 16  # more than a dispute can have: returns are limited to 7


@dataclass(frozen=True)
class Cases:
    """Closed cases inside the window in the order of time, one entry each.

    `opening` is how often the dispute had returned before, `tier` that of the closing.
    """

    dispute: Ints
    opening: Ints
    tier: Ints
    success: Flags

    def __len__(self) -> int:
        return len(self.dispute)

    def pick(self, chosen: Flags) -> Cases:
        """Some of the cases, in the same order."""
        i = places(chosen)
        return Cases(self.dispute.take(i), self.opening.take(i), self.tier.take(i), self.success.take(i))


def closed_cases(trace: Trace | Reading, *, basis: str = "dispute", counts_returns: bool = False) -> Cases:
    """Cases with at least one completed attempt at mediation that closed in the window; see `closings`."""
    return closings(trace, basis=basis, counts_returns=counts_returns)[0]


def closings(
    trace: Trace | Reading, *, basis: str = "dispute", counts_returns: bool = False
) -> tuple[Cases, Ints]:
    """Cases with at least one completed attempt at mediation that closed in the window, and in which minute.

    A case closes when the dispute ends at a mediators' tier or passes to decision, court or trial. Refused, bypassed
    and open ones are not counted. `basis="committee"` counts each stay at a tier as a case of its own.
    """
    reading = read(trace)
    by_dispute = basis == "dispute"
    failed = reading.rows(EventKind.FAILED).pick_at(MEDIATORS)
    tried = np.zeros(
        len(reading.trace.disputes) * OPENINGS, dtype=np.uint16
    )  # a bit for each tier, by `_unit`
    np.bitwise_or.at(tried, _unit(reading, failed), np.left_shift(1, failed["tier"]).astype(np.uint16))
    climbs = reading.rows(EventKind.CLIMB).pick_at(MEDIATORS)
    if by_dispute:
        climbs = climbs.pick(~table_of(MEDIATORS)[climbs["detail"]])
    ends = reading.rows(EventKind.END).pick_at(MEDIATORS)
    leaving = merged(climbs, ends)
    settled = (leaving["event"] == EventKind.END) & (leaving["detail"] == End.SETTLED)
    unit = _unit(reading, leaving)
    attempts = tried[unit] if by_dispute else (tried[unit] >> leaving["tier"]) & 1
    closing = np.flatnonzero((attempts > 0) | settled)
    if by_dispute:  # one closing for each opening: the first
        closing = closing[_first_of_each(unit[closing], len(tried))]
    if not counts_returns:
        closing = closing[unit[closing] % OPENINGS == 0]
    closing = closing[leaving["minute"][closing] >= reading.trace.warm_up]
    rows = leaving.take(closing)
    cases = Cases(rows["dispute"], unit[closing] % OPENINGS, rows["tier"], settled[closing])
    return cases, rows["minute"]


def _unit(reading: Reading, rows: Rows) -> Ints:
    """A number for each opening of each dispute: dispute * OPENINGS + how often it had returned by that row."""
    returned = reading.rows(EventKind.REOPEN)
    returns = np.bincount(returned["dispute"], minlength=len(reading.trace.disputes))
    unit = rows["dispute"].astype(np.int64) * OPENINGS
    late = np.flatnonzero(returns[rows["dispute"]])  # few: of the others every row is of the first opening
    width = len(reading.trace.rows)
    order = np.sort(returned["dispute"].astype(np.int64) * width + returned.index)
    own = rows["dispute"][late].astype(np.int64) * width
    unit[late] += np.searchsorted(order, own + rows.index[late]) - np.searchsorted(order, own)
    return unit


def _first_of_each(key: Ints, top: int) -> Ints:
    """Where each number, of those below `top`, is met for the first time."""
    order = stable_order(key, top)
    return np.sort(order[np.diff(key[order], prepend=-1) != 0])


@dataclass(frozen=True)
class Record:
    """What the place would report of its cases (counts)."""

    mediated: int
    succeeded: int

    @property
    def rate(self) -> float:
        """Success rate in percent; NaN without cases."""
        return 100.0 * self.succeeded / self.mediated if self.mediated else float("nan")


def recorded(cases: Cases, trace: Trace, model: Model, draws: Draws, *, reading: str = "") -> Record:
    """The record of the window under a reading (default: the one that the scenario names), from its cases."""
    mediated, succeeded, ratio = written(cases, trace, model, draws, reading=reading)
    files = ratio * int((cases.success & mediated).sum())
    invented = int(files + draws.u(DecisionPoint.INVENTED, 0, 0))  # rounded up or down by chance
    return Record(int(mediated.sum()) + invented, int(succeeded.sum()) + invented)


def written(
    cases: Cases, trace: Trace, model: Model, draws: Draws, *, reading: str = ""
) -> tuple[Flags, Flags, float]:
    """Case by case, under a reading: whether it is in the record, and as a success.

    And how many files are invented for each success that is one.
    """
    spec = model.recording
    slots = trace.dispute_column("slot")[cases.dispute]
    key = cases.opening * 16 + (cases.tier + 1 if spec.basis != "dispute" else 0)
    u = draws.column(DecisionPoint.RECORDING, key, slots)
    if (reading or spec.reading) == "proportional":
        kept = u < float(spec.proportional.recorded.value)
        return kept, kept & cases.success, 0.0
    successes, failures, turned, invented = spec.target_driven.in_effect
    success = cases.success & (u < successes)
    failure = ~cases.success & (u < failures)
    relabelled = failure & (u < failures * turned)
    return success | failure, success | relabelled, invented
