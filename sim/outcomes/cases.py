"""Cases: disputes as the mediation statistics count them, and how a place records them (docs/model.md, Recording)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draws
from sim.model import Model
from sim.trace import Trace
from sim.vocabulary import DecisionPoint, End, EventKind, Tier

MEDIATORS = (
    Tier.HAMLET,
    Tier.VILLAGE,
    Tier.TOWNSHIP,
    Tier.COUNTY,
)  # police mediation is counted by the police


@dataclass(frozen=True)
class Cases:
    """Closed cases inside the window, one entry each: dispute, opening, tier of the closing, success."""

    dispute: NDArray[np.int64]
    opening: NDArray[np.int64]
    tier: NDArray[np.int64]
    success: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.dispute)


def closed_cases(trace: Trace, *, basis: str = "dispute", counts_returns: bool = False) -> Cases:
    """Cases with at least one completed attempt at mediation that closed in the window.

    A case closes when the dispute ends at a mediators' tier or passes to decision, court or trial. Refused, bypassed
    and open ones are not counted. `basis="committee"` counts each stay at a tier as a case of its own.
    """
    event, dispute, tier, minute = (trace.column(c) for c in ("event", "dispute", "tier", "minute"))
    mediated = np.isin(tier, MEDIATORS)
    opening = _openings(event, dispute, len(trace.disputes))
    leaves = (event == EventKind.END) | (event == EventKind.CLIMB)
    if basis == "dispute":
        leaves &= (event == EventKind.END) | ~np.isin(trace.column("detail"), MEDIATORS)
        unit = dispute * 16 + opening
    else:
        unit = (dispute * 16 + opening) * 16 + tier
    settled = (event == EventKind.END) & (trace.column("detail") == End.SETTLED) & mediated
    attempted = np.isin(unit, unit[(event == EventKind.FAILED) & mediated]) | settled
    closing = np.flatnonzero(leaves & mediated & attempted)
    if basis == "dispute":  # one closing for each opening: the first
        _, first = np.unique(unit[closing], return_index=True)
        closing = closing[np.sort(first)]
    if not counts_returns:
        closing = closing[opening[closing] == 0]
    closing = closing[minute[closing] >= trace.warm_up]
    return Cases(dispute[closing], opening[closing], tier[closing], settled[closing])


def _openings(event: NDArray[np.int64], dispute: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """How often the dispute of each row had returned by then."""
    out = np.zeros(len(event), dtype=np.int64)
    reopened = np.flatnonzero(event == EventKind.REOPEN)
    if len(reopened) == 0:
        return out
    order = np.argsort(dispute, kind="stable")
    count = np.cumsum(event[order] == EventKind.REOPEN)
    start = np.searchsorted(dispute[order], np.arange(-1, n), side="left")
    before = np.where(start > 0, count[np.minimum(start, len(count)) - 1], 0)
    out[order] = count - before[dispute[order] + 1]
    return np.minimum(out, 15)


@dataclass(frozen=True)
class Record:
    """What the place would report of its cases (counts)."""

    mediated: int
    succeeded: int

    @property
    def rate(self) -> float:
        """Success rate in percent; NaN without cases."""
        return 100.0 * self.succeeded / self.mediated if self.mediated else float("nan")


def recorded(trace: Trace, model: Model, draws: Draws) -> Record:
    """The record of the window under the reading that the scenario names."""
    spec = model.place.recording
    cases = closed_cases(trace, basis=spec.basis, counts_returns=spec.counts_returns)
    slots = trace.dispute_column("slot")[cases.dispute]
    key = cases.opening * 16 + (cases.tier + 1 if spec.basis == "committee" else 0)
    u = draws.column(DecisionPoint.RECORDING, key, slots)
    if spec.reading == "proportional":
        kept = u < float(spec.proportional.recorded.value)
        return Record(int(kept.sum()), int((kept & cases.success).sum()))
    reading = spec.target_driven
    failures = float(reading.failures.value)
    success = cases.success & (u < float(reading.recorded.value))
    failure = ~cases.success & (u < failures)
    relabelled = failure & (u < failures * float(reading.relabelled.value))
    files = float(reading.invented.value) * int(success.sum())
    invented = int(files + draws.u(DecisionPoint.INVENTED, 0, 0))  # rounded up or down by chance
    return Record(
        int(success.sum() + failure.sum()) + invented,
        int(success.sum() + relabelled.sum()) + invented,
    )
