"""Outcomes of several policies on the same disputes with the same luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """`values` has shape (policies, metrics, draws, replications); the first policy is the baseline.

    Draws are parameter draws; one draw stands for the central values. Replication r of draw d has the same luck under
    every policy. NaN is an outcome that a replication does not have, such as the age of a backlog that is empty.
    Raises ValueError where names and shape do not fit.
    """

    policies: tuple[str, ...]
    metrics: tuple[str, ...]
    units: dict[str, str]
    values: Floats

    def __post_init__(self) -> None:
        shape = (len(self.policies), len(self.metrics))
        if self.values.ndim != 4 or self.values.shape[:2] != shape:
            raise ValueError(
                f"values have shape {self.values.shape}, expected {shape} + (draws, replications)"
            )
        for names in (self.policies, self.metrics):
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

    def of(self, policy: str, metric: str) -> Floats:
        """The outcomes of a policy, shape (draws, replications)."""
        out: Floats = self.values[self.policies.index(policy), self.metrics.index(metric)]
        return out

    def difference(self, policy: str, metric: str, to: str | None = None) -> Floats:
        """Paired differences to another policy (default: the baseline), shape (draws, replications)."""
        return self.of(policy, metric) - self.of(self.policies[0] if to is None else to, metric)
