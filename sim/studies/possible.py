"""Parameter draws under which staff lack the hours that a policy takes.

One rule for every analysis: such draws count for no policy of the place, so that all are compared on the same draws. A
policy for which they are more than a quarter is left out instead. The answer says how many they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.language import Message, Text
from sim.model import build
from sim.runs.impossible import LOOK, mostly, nothing_left
from sim.runs.job import PlaceJob
from sim.runs.policy_job import DRAW_SHIFT, IMPOSSIBLE, PolicyJob, dealt
from sim.runs.warm import Warm
from sim.scenario.errors import ScenarioError
from sim.scenario.metrics import Column
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.policy import practice
from sim.scenario.terms import Term

T = TypeVar("T")


def feasible(job: PlaceJob, policy: str | None, sets: Sequence[str], replications: int) -> PlaceJob:
    """The job without the draws under which staff lack hours, where a `policy` or `sets` change what they have to do.

    Otherwise the draws were looked at when the place was calibrated. Only as many are looked at as the replications
    need. Raises ScenarioError where more than a quarter of them are impossible.
    """
    if job.posterior is None or (policy is None and not sets):
        return job
    wanted = -(-replications // job.per_draw)
    measures = practice(job.place) if job.measures is None else job.measures
    bad: list[int] = []
    looked = 0
    while looked < job.posterior.count and looked - len(bad) < wanted:
        looked += 1
        try:
            build(*job.posterior.model(job.place, measures, job.seed, looked))
        except ScenarioError:
            bad.append(looked)
    if mostly(len(bad), looked):
        raise nothing_left(policy or "practice", len(bad), looked)
    return replace(job, left_out=tuple(bad))


def without_hours(count: int) -> Message:
    """What a run says of draws that it leaves out."""
    return Message(
        "Parameter draws left out, since staff lack the hours that the policy takes under them: {n}.", n=count
    )


def too_often(count: int, draws: int) -> Message:
    """Why a policy is left out that is impossible in `count` of `draws`."""
    return Message("takes more hours than staff have in {n} of {draws} parameter draws", n=count, draws=draws)


def sentences(counts: Mapping[str, int], left_out: Sequence[str], draws: int) -> list[Text]:
    """What an answer says of impossible draws: `counts` by policy, of `draws` that were looked at."""
    said: list[Text] = [
        Message(
            "Left out: {policy}, for which staff lack the hours in {n} of {draws} parameter draws.",
            policy=Term("policy", policy),
            n=n,
            draws=draws,
        )
        for policy, n in counts.items()
        if policy in left_out
    ]
    short = [
        Message("{name} ({n})", name=Term("policy", policy), n=n)
        for policy, n in counts.items()
        if policy not in left_out
    ]
    if short:
        said.append(
            Message(
                "Parameter draws under which staff lack the hours that a policy takes count for none: {list} of "
                "{draws}.",
                list=short,
                draws=draws,
            )
        )
    return said


class Changed(Exception):
    """The draws that count, or the policies that stay, are others than when the analysis began."""


class LeftOut(Changed):
    """A policy is impossible in most draws."""


@dataclass
class Counted:
    """The draws that count where policies are simulated on demand: known only as impossible ones are met.

    `impossible` holds the impossible draws of each policy, among the first `LOOK` draws and those that were simulated;
    `left_out` the policies that are impossible in most of the first.
    """

    draws: ParameterDraws | None
    baseline: str
    impossible: dict[str, set[int]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def looked(self) -> int:
        """Draws that every policy is judged by."""
        return min(LOOK, self.draws.count) if self.draws else 0

    @property
    def counts(self) -> dict[str, int]:
        """Impossible draws of each policy among the first `looked`."""
        found = {p: sum(d <= self.looked for d in bad) for p, bad in self.impossible.items()}
        return {policy: n for policy, n in found.items() if n}

    @property
    def gone(self) -> set[int]:
        """Draws that count for none."""
        return {d for policy, bad in self.impossible.items() if policy not in self.left_out for d in bad}

    def values(
        self, warm: Warm, job: PolicyJob, policy: str, keys: Sequence[Column], replications: Sequence[int]
    ) -> NDArray[np.float64]:
        """Outcomes of replications dealt out to the draws that count, shape (keys, replications).

        Raises Changed where one of them turns out not to; LeftOut where the policy does not stay; ScenarioError where
        the baseline leaves fewer than two.
        """
        if policy in self.left_out:
            raise LeftOut(policy)
        numbers = dealt(self.draws, replications, self.gone)
        found = warm.values(job, [*keys, IMPOSSIBLE], numbers)
        bad = {n >> DRAW_SHIFT for n, said in zip(numbers, found[-1], strict=True) if said == 1.0}
        if bad:
            self._met(warm, job, policy, bad)
        return found[:-1]

    def _met(self, warm: Warm, job: PolicyJob, policy: str, bad: set[int]) -> None:
        first = set(warm.impossible(job, range(1, self.looked + 1)))
        self.impossible.setdefault(policy, set()).update(first | bad)
        left = self.draws.count - len(self.gone) if self.draws else 0
        if policy != self.baseline and (mostly(len(first), self.looked) or left < 2):
            self.left_out.append(policy)
            raise LeftOut(policy)
        if left < 2:
            raise nothing_left(policy, len(first), self.looked)
        raise Changed(policy)

    def sentences(self) -> list[Text]:
        """What the answer says of them, policy by policy."""
        return sentences(self.counts, self.left_out, self.looked)

    def summary(self, refused: int) -> list[Text]:
        """The same in short, for a search that has tried many; `refused` of its mixes cannot be."""
        said: list[Text] = []
        if refused:
            said.append(
                Message("Left out: {n} mixes, for which staff lack the hours that they take.", n=refused)
            )
        if self.gone and self.draws:
            said.append(
                Message(
                    "Parameter draws under which staff lack the hours that another mix takes count for none: {n} of "
                    "{m}.",
                    n=len(self.gone),
                    m=self.draws.count,
                )
            )
        return said


def settled(attempt: Callable[[], T]) -> T:
    """What `attempt` returns once the draws that count are known. What ran before is kept and not run again."""
    while True:
        try:
            return attempt()
        except Changed:
            continue
