"""Policies asked for one after the other, as a race or a search does: nobody knows beforehand what will be asked.

What is asked goes through the same loop and the same stores as everything else. Which parameter draws count is known
only as impossible ones are met (`impossible.py` has the rule), so that a search may have to begin anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.runs.batch import run
from sim.runs.case import Case
from sim.runs.executors.local import Executor
from sim.runs.impossible import LOOK, mostly, nothing_left
from sim.runs.outcomes import Pair
from sim.runs.points import CENTRAL
from sim.runs.readouts import NOTHING
from sim.runs.store import Stores
from sim.scenario.metrics import Column

Floats = NDArray[np.float64]
T = TypeVar("T")


class Changed(Exception):
    """The draws that count, or the policies that stay, are others than when the analysis began."""


class LeftOut(Changed):
    """A policy is impossible in most draws."""


class _Known(NamedTuple):
    values: Floats
    reason: str


def in_turn(draws: int, replications: Sequence[int], gone: set[int]) -> list[Pair]:
    """Replications dealt out in turn to the draws that count: few already span them. 0 draws are the central values."""
    if not draws:
        return [(CENTRAL, r) for r in replications]
    kept = [d for d in range(1, draws + 1) if d not in gone]
    return [(kept[r % len(kept)], r // len(kept)) for r in replications]


@dataclass
class Search:
    """Outcomes of cases on demand, over those of so many parameter `draws` that count; 0 are the central values.

    `impossible` holds the impossible draws of each policy, among the first `LOOK` draws and those that were simulated;
    `left_out` the policies that are impossible in most of the first; `simulated` counts replications that were not in
    the store. The `baseline` stays, whatever its draws. Between questions an executor that stays warm saves its start.
    """

    draws: int
    baseline: str
    executor: Executor
    folder: Path | None = None
    impossible: dict[str, set[int]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    simulated: int = 0

    def __post_init__(self) -> None:
        self._stores = Stores(self.folder)
        self._held: dict[tuple[str, tuple[Column, ...]], dict[Pair, _Known]] = {}

    @property
    def looked(self) -> int:
        """Draws that every policy is judged by."""
        return min(LOOK, self.draws)

    @property
    def counts(self) -> dict[str, int]:
        """Impossible draws of each policy among the first `looked`."""
        found = {p: sum(d <= self.looked for d in bad) for p, bad in self.impossible.items()}
        return {policy: n for policy, n in found.items() if n}

    @property
    def gone(self) -> set[int]:
        """Draws that count for none."""
        return {d for policy, bad in self.impossible.items() if policy not in self.left_out for d in bad}

    def values(self, case: Case, columns: Sequence[Column], replications: Sequence[int]) -> Floats:
        """Outcomes of replications dealt out to the draws that count, shape (columns, replications).

        Raises Changed where one of them turns out not to; LeftOut where the policy does not stay; ScenarioError where
        the baseline leaves fewer than two; what `Batch.complete` raises.
        """
        if case.policy in self.left_out:
            raise LeftOut(case.policy)
        wanted = in_turn(self.draws, replications, self.gone)
        held = self._held.setdefault((case.key, tuple(columns)), {})
        missing = [pair for pair in wanted if pair not in held]
        if missing:
            held |= self._ask(case, columns, missing)
        known = [held[pair] for pair in wanted]
        bad = {draw for (draw, _), one in zip(wanted, known, strict=True) if one.reason}
        if bad:
            self._met(case, bad)
        return np.array([one.values for one in known]).T.reshape(len(columns), len(wanted))

    def _ask(self, case: Case, columns: Sequence[Column], missing: list[Pair]) -> dict[Pair, _Known]:
        new: list[int] = []
        found = run(
            [case],
            missing,
            executor=self.executor,
            folder=self._stores,
            chunk=-(-len(missing) // self.executor.workers),
            progress=lambda done, total: new.append(total - done),
            keep_models=True,
            columns=columns,
        )
        self.simulated += new[0]
        values = np.array([found[column] for column in columns]).T
        return {
            pair: _Known(row, str(why))
            for pair, row, why in zip(missing, values, found.reasons.tolist(), strict=True)
        }

    def _met(self, case: Case, bad: set[int]) -> None:
        """Look at the first draws of a policy of which some are impossible, and say what that changes."""
        first = set(self.impossible_of(case, range(1, self.looked + 1)))
        self.impossible.setdefault(case.policy, set()).update(first | bad)
        left = self.draws - len(self.gone)
        if case.policy != self.baseline and (mostly(len(first), self.looked) or left < 2):
            self.left_out.append(case.policy)
            raise LeftOut(case.policy)
        if left < 2:
            raise nothing_left(case.policy, len(first), self.looked)
        raise Changed(case.policy)

    def impossible_of(self, case: Case, draws: Sequence[int]) -> list[int]:
        """Those of the draws that are impossible under a policy."""
        look = replace(case, readout=NOTHING, options=())
        pairs = [(draw, 0) for draw in draws]
        found = run([look], pairs, executor=self.executor, folder=self._stores, keep_models=True)
        return [int(draw) for draw in found.draw[~found.possible]]


def until_known(attempt: Callable[[], T]) -> T:
    """What `attempt` returns once the draws that count are known. What ran before is kept and not run again."""
    while True:
        try:
            return attempt()
        except Changed:
            continue
