"""Outcomes of several policies on the same disputes with the same random numbers, and tables that name them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.scenario.metrics import TRUE, Column

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """`values` has shape (policies, columns, draws, replications); the first policy is the baseline.

    Draws are parameter draws; one draw stands for the central values. Replication r of draw d has the same random
    numbers under every policy. NaN is an outcome that a replication does not have, such as the age of a backlog that
    is empty. Raises ValueError where names and shape do not fit.
    """

    policies: tuple[str, ...]
    columns: tuple[Column, ...]
    values: Floats

    def __post_init__(self) -> None:
        shape = (len(self.policies), len(self.columns))
        if self.values.ndim != 4 or self.values.shape[:2] != shape:
            raise ValueError(
                f"values have shape {self.values.shape}, expected {shape} + (draws, replications)"
            )
        for names in (self.policies, [" ".join(filter(None, c.labels.values())) for c in self.columns]):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ValueError(f"named twice: {', '.join(twice)}")
        if self.values.shape[2] == 1 and self.values.shape[3] < 2:
            raise ValueError("one replication of one draw has no spread; run at least two")

    @property
    def draws(self) -> int:
        """Number of parameter draws."""
        return int(self.values.shape[2])

    @property
    def replications(self) -> int:
        """Replications of each draw."""
        return int(self.values.shape[3])

    def column(self, metric: str) -> Column:
        """The column of a metric; of one that is recorded the first: that of the first reading."""
        return next(c for c in self.columns if c.metric == metric)

    def of(self, policy: str, column: Column) -> Floats:
        """The outcomes of a policy, shape (draws, replications)."""
        out: Floats = self.values[self.policies.index(policy), self.columns.index(column)]
        return out

    def difference(self, policy: str, column: Column, to: str | None = None) -> Floats:
        """Paired differences to another policy (default: the baseline), shape (draws, replications)."""
        return self.of(policy, column) - self.of(self.policies[0] if to is None else to, column)


def labels_of(column: Column) -> dict[str, str]:
    """What a table of effects says of a column that is about the place as a whole."""
    return {"metric": column.metric, "layer": column.layer, "reading": column.reading}


def columns_in(frame: pd.DataFrame) -> list[Column]:
    """The columns that the rows of a table are about, in their order. Tables need not name a layer or reading."""
    layers, readings = (_texts(frame, "layer", TRUE), _texts(frame, "reading", ""))
    return list(dict.fromkeys(map(Column, frame["metric"].astype(str), layers, readings)))


def about(frame: pd.DataFrame, column: Column) -> pd.DataFrame:
    """The rows of a table that are about a column, by metric and reading."""
    return frame[(frame["metric"] == column.metric) & (_texts(frame, "reading", "") == column.reading)]


def _texts(frame: pd.DataFrame, name: str, without: str) -> pd.Series:
    """A column of texts, as it is made or read from a file; `without` where the table has none."""
    found = frame[name] if name in frame else pd.Series(without, index=frame.index, dtype=object)
    return found.astype(object).where(found.notna(), "").astype(str)
