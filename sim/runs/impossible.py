"""Points at which a case is impossible: staff lack the hours that measures take there, or numbers do not fit together.

One rule for every question: such parameter draws count for no policy of the place, so that all are compared on the same
draws. A policy for which they are more than a quarter is left out instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.language import Message
from sim.runs.case import Case
from sim.runs.outcomes import Outcomes
from sim.scenario.errors import Fault, ScenarioError

MOSTLY = 0.25
LOOK = 40  # draws by which a policy is judged that is met on the way, in a race or a search


def mostly(bad: int, draws: int) -> bool:
    """Whether a policy is left out that is impossible in so many draws."""
    return bad > MOSTLY * draws


def nothing_left(policy: str, bad: int, draws: int) -> ScenarioError:
    """What to say where no two draws, or no two policies, are left."""
    problem = Message(
        "staff lack the hours that it takes in {bad} of {draws} parameter draws", bad=bad, draws=draws
    )
    return ScenarioError(
        [Fault("policy", 0, policy, problem, Message("Lower its strength or hours, or add staff."))]
    )


def sorted_out(labels: Sequence[str], bad: NDArray[np.bool_]) -> tuple[list[int], NDArray[np.bool_]]:
    """The policies that stay, the first always among them, and the draws that count for none; (policies, draws).

    Raises ScenarioError where fewer than two of either are left.
    """
    draws = bad.shape[1]
    kept = [i for i, row in enumerate(bad) if i == 0 or not mostly(int(row.sum()), draws)]
    out = np.asarray(bad[kept].any(axis=0))
    if (~out).sum() < min(2, draws) or len(kept) < 2:
        worst = int(bad.sum(axis=1).argmax())
        raise nothing_left(labels[worst], int(bad[worst].sum()), draws)
    return kept, out


def filtered(outcomes: Outcomes) -> tuple[Outcomes, list[int], dict[str, int]]:
    """Outcomes without what is impossible, the cases that are left, and how many draws are impossible, by policy.

    The first case is the baseline. Rows of draws that count for none are NaN. Raises what `sorted_out` raises.
    """
    draws = len(np.unique(outcomes.draw))
    possible = outcomes.possible.reshape(len(outcomes.cases), draws, -1)
    bad = np.asarray(~possible.all(axis=2))
    counts = {name: int(row.sum()) for name, row in zip(outcomes.cases, bad, strict=True) if row.any()}
    if not counts:
        return outcomes, list(range(len(outcomes.cases))), {}
    kept, out = sorted_out(outcomes.cases, bad)
    return outcomes.kept(kept, out), kept, counts


@dataclass(frozen=True)
class Dealt:
    """Draws that are possible under every policy, in their order, of so many that were `looked` at.

    `left_out` are those that are not, `impossible` counts them by policy.
    """

    draws: tuple[int, ...]
    left_out: tuple[int, ...]
    impossible: dict[str, int]
    looked: int


def dealt(cases: Sequence[Case], draws: Iterable[int], wanted: int, least: int = 0) -> Dealt:
    """Look at draws in turn, at the first `least` and until `wanted` are possible under every case.

    Raises ScenarioError where most of them are impossible under one, or the values that an analyst wrote.
    """
    good: list[int] = []
    out: list[int] = []
    bad: dict[str, int] = {case.policy: 0 for case in cases}
    looked = 0
    for draw in draws:
        if looked >= least and len(good) >= wanted:
            break
        short = [case.policy for case in cases if case.impossible(draw)]
        for policy in short:
            bad[policy] += 1
        looked += 1
        (out if short else good).append(draw)
    worst = max(bad, key=lambda policy: bad[policy])
    if not good or mostly(bad[worst], looked):
        raise nothing_left(worst, bad[worst], looked)
    return Dealt(tuple(good), tuple(out), {policy: n for policy, n in bad.items() if n}, looked)
