"""Simulated values of mixes: each simulated once, kept, and summed up as means with standard errors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.language import Message
from sim.studies.optimise.problem import CannotBe, Mix, Problem

Floats = NDArray[np.float64]


class NotANumber(ValueError):
    """A simulated objective is NaN or infinite: comparing it would put the mix anywhere on the front."""


@dataclass(frozen=True)
class Estimate:
    """A mix with its objectives, in the problem's order: means, and standard errors (0 for costs, which are exact)."""

    mix: Mix
    spending: dict[str, float]
    means: tuple[float, ...]
    errors: tuple[float, ...]


class Samples:
    """The memory of what was simulated: mix -> array (simulated objectives, replications). Nothing is run twice."""

    def __init__(self, problem: Problem, replications: Sequence[int]) -> None:
        """Raises ValueError when fewer than two replications are given (no standard error) or one is given twice."""
        self.problem = problem
        self.replications = tuple(int(r) for r in replications)
        if len(set(self.replications)) != len(self.replications):
            raise ValueError("a replication is given twice")
        if len(self.replications) < 2:
            raise ValueError("at least two replications are needed: one has no standard error")
        self._kept: dict[Mix, Floats] = {}
        self.refused: set[Mix] = set()  # those that cannot be

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, mix: Mix) -> bool:
        return mix in self._kept

    def mixes(self) -> list[Mix]:
        """All mixes simulated so far, in the order of their first evaluation."""
        return list(self._kept)

    def of(self, mix: Mix) -> Floats:
        """Values of one mix, shape (simulated objectives, replications), read-only; simulated when first asked for.

        Raises ValueError, without simulating, when the mix is over the budget; NotANumber, naming the mix, when a
        value is NaN or infinite; ValueError when the array has another shape; CannotBe for a mix that is not to be had.
        """
        if mix in self.refused:
            raise CannotBe(self.problem.describe(mix))
        found = self._kept.get(mix)
        return self._simulated(mix) if found is None else found

    def can_be(self, mix: Mix) -> bool:
        """Whether a mix is to be had; it is simulated to find out."""
        try:
            self.of(mix)
        except CannotBe:
            return False
        return True

    def stacked(self, mixes: Sequence[Mix]) -> Floats:
        """Values of several mixes, shape (mixes, simulated objectives, replications)."""
        shape = (len(mixes), len(self.problem.simulated), len(self.replications))
        return np.array([self.of(m) for m in mixes], dtype=np.float64).reshape(shape)

    def estimate(self, mix: Mix) -> Estimate:
        """Means and standard errors of one mix over the replications."""
        values = self.of(mix)
        spending = self.problem.spending(mix)
        error = values.std(axis=1, ddof=1) / math.sqrt(values.shape[1])
        by_name = dict(zip(self.problem.simulated, zip(values.mean(axis=1), error, strict=True), strict=True))
        pairs = [(spending[o], 0.0) if o in spending else by_name[o] for o in self.problem.objectives]
        return Estimate(mix, spending, tuple(float(m) for m, _ in pairs), tuple(float(e) for _, e in pairs))

    def estimates(self, mixes: Iterable[Mix]) -> list[Estimate]:
        """Estimates of several mixes, in their order."""
        return [self.estimate(m) for m in mixes]

    def _simulated(self, mix: Mix) -> Floats:
        name = self.problem.describe(mix)
        if not self.problem.is_feasible(mix):
            raise ValueError(f"{name} is over the budget or outside the bounds and is not simulated: {mix}")
        try:
            values = np.array(self.problem.evaluate(mix, self.replications), dtype=np.float64)
        except CannotBe:
            self.refused.add(mix)
            raise
        expected = (len(self.problem.simulated), len(self.replications))
        if values.shape != expected:
            raise ValueError(
                f"evaluate must return an array (objectives without the costs, replications) = {expected}, "
                f"got {values.shape} for {name}"
            )
        if not np.isfinite(values).all():
            row, column = np.argwhere(~np.isfinite(values))[0]
            raise NotANumber(
                Message(
                    "{simulated} of {name} (mix {mix}) is {values} in replication {replications}",
                    simulated=self.problem.simulated[row],
                    name=name,
                    mix=mix,
                    values=values[row, column],
                    replications=self.replications[column],
                )
            )
        values.flags.writeable = False
        self._kept[mix] = values
        return values
