"""Dispute by dispute: whose path a policy changed, and from where to where, on the same disputes and random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.language import marked
from sim.runs.batch import Batch, Progress, pairs, quiet
from sim.runs.case import Case
from sim.runs.executors.local import Executor
from sim.runs.points import Prior

COLUMNS = ("slot", "fate", "days_in_conflict", "fingerprint")  # of the readout

# How a dispute ends, as a reader would say it, in the order of a figure: from nothing happening to judgment.
FATES = (
    *(
        marked("never arises"),
        marked("settles by itself unseen"),
        marked("given up unseen"),
        marked("still latent"),
    ),
    *(marked("settled in hamlet or village"), marked("settled by police"), marked("settled in township")),
    *(marked("settled at county"), marked("settles by itself"), marked("withdrawn"), marked("given up")),
    *(marked("still open"), marked("decided"), marked("settled at court"), marked("judged")),
)


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


def paths_of(cases: Sequence[Case]) -> list[Case]:
    """The same cases at central values, read dispute by dispute."""
    return [replace(case, readout="paths", points=Prior(), options=()) for case in cases]


def changed(
    cases: Sequence[Case],
    replications: int,
    *,
    executor: Executor,
    folder: Path | None = None,
    progress: Progress = quiet,
) -> list[Changed]:
    """What each policy after the first changes against that, the baseline; the cases are those of `paths_of`.

    Raises ValueError where they do not have the same disputes, and what `Batch.complete` raises.
    """
    batch = Batch(cases, [pairs(1, replications)] * len(cases), folder)
    batch.complete(executor=executor, progress=progress)
    found = [_Sums() for _ in cases[1:]]
    for blocks in zip(*(batch.blocks(i, 1) for i in range(len(cases))), strict=True):
        before, *others = ({c: block.rows[c].to_numpy() for c in COLUMNS} for block in blocks)
        for sums, after in zip(found, others, strict=True):
            sums.add(before, after)
    return [Changed(s.flows, s.days, s.disputes, s.touched, replications) for s in found]


class _Sums:
    """Over replications."""

    def __init__(self) -> None:
        self.flows = np.zeros((len(FATES), len(FATES)), dtype=np.int64)
        self.days = np.zeros(self.flows.shape)
        self.disputes = self.touched = 0

    def add(self, before: Mapping[str, NDArray[Any]], after: Mapping[str, NDArray[Any]]) -> None:
        """One replication without and with the policy."""
        if not np.array_equal(before["slot"], after["slot"]):
            raise ValueError("the two models do not have the same disputes")
        pair = before["fate"], after["fate"]
        np.add.at(self.flows, pair, 1)
        np.add.at(self.days, pair, after["days_in_conflict"] - before["days_in_conflict"])
        self.disputes += int((before["fate"] != 0).sum())
        self.touched += int((before["fingerprint"] != after["fingerprint"]).sum())
