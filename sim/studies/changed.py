"""Dispute by dispute: whose path a policy changed, and from where to where. The same disputes with the same luck."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.language import marked
from sim.model import Model
from sim.outcomes.groups import burdens
from sim.outcomes.reading import read
from sim.trace import Trace
from sim.vocabulary import End, EventKind, Tier

# How a dispute ends, as a reader would say it, in the order of a figure: from nothing happening to judgment.
FATES = (
    *(
        marked("never arises"),
        marked("settles by itself unseen"),
        marked("borne unseen"),
        marked("still latent"),
    ),
    *(marked("settled in hamlet or village"), marked("settled by police"), marked("settled in township")),
    *(marked("settled at county"), marked("settles by itself"), marked("withdrawn"), marked("borne")),
    *(marked("still open"), marked("decided"), marked("settled at court"), marked("judged")),
)
_SETTLED = {
    Tier.HAMLET: 4,
    Tier.VILLAGE: 4,
    Tier.POLICE: 5,
    Tier.TOWNSHIP: 6,
    Tier.COUNTY: 7,
    Tier.DECISION: 12,
    Tier.COURT_MEDIATION: 13,
    Tier.TRIAL: 13,
}
_ENDED = {End.SELF_SETTLED: 8, End.WITHDRAWN: 9, End.LUMPED: 10, End.DECIDED: 12, End.ADJUDICATED: 14}


def fates(trace: Trace) -> NDArray[np.int64]:
    """The fate of every dispute of the superset at the horizon, as a number of `FATES`; shape (disputes,)."""
    reading = read(trace)
    out = np.full(len(trace.disputes), 3, dtype=np.int64)
    out[trace.dispute_column("exists") == 0] = 0
    out[reading.rows(EventKind.KNOWN)["dispute"]] = 11
    ends = reading.rows(EventKind.END)  # in the order of time: the last end of a dispute stays
    how, tier, who = ends["detail"], ends["tier"], ends["dispute"]
    fate = np.zeros(len(who), dtype=np.int64)
    for t, f in _SETTLED.items():
        fate[(how == End.SETTLED) & (tier == t)] = f
    for e, f in _ENDED.items():
        fate[how == e] = f
    unseen = tier < 0
    fate[unseen & (how == End.SELF_SETTLED)] = 1
    fate[unseen & (how == End.LUMPED)] = 2
    out[who] = fate
    # A settlement that was breached and not taken up again is no settlement: its REOPEN has no later END, or one.
    again = reading.rows(EventKind.REOPEN)
    last_end = np.full(len(out), -1, dtype=np.int64)
    last_end[who] = ends.index
    late = again["dispute"][again.index > last_end[again["dispute"]]]
    out[late] = 11
    return out


@dataclass(frozen=True)
class Changed:
    """What a policy changed over some replications.

    `flows[a, b]` counts disputes with fate a without and b with the policy; `touched` those whose rows differ at all,
    `days` the change of their days in conflict by the pair of fates, summed; all over `replications`.
    """

    flows: NDArray[np.int64]
    days: NDArray[np.float64]
    disputes: int
    touched: int
    replications: int

    @classmethod
    def of(cls, table: pd.DataFrame) -> Changed:
        """From a table with the columns of `frame` and touched, of, replications."""
        first = table.iloc[0]
        n = int(first["replications"])
        flows = np.zeros((len(FATES), len(FATES)), dtype=np.int64)
        days = np.zeros(flows.shape)
        for row in table.to_dict("records"):
            where = FATES.index(row["from"]), FATES.index(row["to"])
            flows[where] = round(row["disputes"] * n)
            days[where] = row["days_in_conflict"] * n
        return cls(flows, days, int(first["of"]), int(first["touched"]), n)

    def frame(self) -> pd.DataFrame:
        """Flows between different fates, most frequent first; counts and days per replication."""
        rows = []
        for a, b in zip(*np.nonzero(self.flows), strict=True):
            if a != b:
                rows.append(
                    {
                        "from": FATES[a],
                        "to": FATES[b],
                        "disputes": self.flows[a, b] / self.replications,
                        "days_in_conflict": self.days[a, b] / self.replications,
                    }
                )
        frame = pd.DataFrame(rows, columns=["from", "to", "disputes", "days_in_conflict"])
        return frame.sort_values("disputes", ascending=False, kind="stable").reset_index(drop=True)


def changed(
    before: Model, after: Model, seed: int, replications: Iterable[int], engine: str = "compiled"
) -> Changed:
    """Compare two models of one place, dispute by dispute."""
    simulate = simulator(engine)
    flows = np.zeros((len(FATES), len(FATES)), dtype=np.int64)
    days = np.zeros(flows.shape)
    disputes = touched = count = 0
    for replication in replications:
        draws = Draws(seed, replication)
        a, b = simulate(before, draws), simulate(after, draws)
        if not np.array_equal(a.dispute_column("slot"), b.dispute_column("slot")):
            raise ValueError("the two models do not have the same disputes")
        fate_a, fate_b = fates(a), fates(b)
        np.add.at(flows, (fate_a, fate_b), 1)
        more = burdens(b, after)["days_in_conflict"] - burdens(a, before)["days_in_conflict"]
        np.add.at(days, (fate_a, fate_b), more)
        disputes += int((fate_a != 0).sum())
        touched += int((_prints(a) != _prints(b)).sum())
        count += 1
    return Changed(flows, days, disputes, touched, count)


def _prints(trace: Trace) -> NDArray[np.uint64]:
    """A fingerprint of each dispute's own rows, without the numbers of pools and servers' queues."""
    rows = trace.rows.astype(np.uint64)
    dispute = trace.column("dispute").astype(np.int64)
    weights = np.array([1000003, 8191, 0, 524287, 131071, 0, 6700417, 2147483647, 65537], dtype=np.uint64)
    with np.errstate(over="ignore"):
        code = (rows * weights).sum(axis=1, dtype=np.uint64)
        code = (code ^ (code >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        out = np.zeros(len(trace.disputes), dtype=np.uint64)
        own = dispute >= 0  # rows of capacity belong to nobody
        np.add.at(out, dispute[own], code[own])
    return out
