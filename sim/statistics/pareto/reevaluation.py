"""The front seen again with luck that the search has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.statistics.intervals import welch
from sim.statistics.pareto.dominance import Verdict, dominates, verdicts
from sim.statistics.pareto.estimates import Estimate, Floats, Samples
from sim.statistics.pareto.front import Front, front_of
from sim.statistics.pareto.problem import Mix


@dataclass(frozen=True)
class Optimism:
    """By how much the search promised too much, in the objective's unit, on average over the points of the front.

    Fresh mean minus search mean: objectives are minimised, so positive means that the search was too hopeful. With
    `gain` the same for the difference to doing nothing, from which the luck that all mixes share drops out; what
    is left is due to picking the best of many. `low` and `high` are limits of Welch's interval over replications.
    """

    objective: str
    gain: bool
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Checked:
    """A point of the front of the search: before, on fresh replications, and what became of it.

    `beaten_by` is a point that dominates it by the fresh means, or None; `verdict` says what is sure.
    """

    before: Estimate
    after: Estimate
    beaten_by: Mix | None
    verdict: Verdict


@dataclass(frozen=True)
class Fresh:
    """The front on fresh replications. `points` are those of the search that stay non-dominated by the fresh means.

    Each point's fresh mean is unbiased. Choosing among the points by fresh means would let a little optimism in
    again: where that matters, look at `checked` and its verdicts. `optimism` is empty when doing nothing is the
    only point.
    """

    points: tuple[Estimate, ...]
    checked: tuple[Checked, ...]
    nothing: Estimate
    optimism: tuple[Optimism, ...]
    level: float
    samples: Samples = field(repr=False, compare=False)

    @property
    def fallen(self) -> float:
        """The share of the front's points that another point dominates by the fresh means."""
        return sum(c.beaten_by is not None for c in self.checked) / len(self.checked)

    def share(self, verdict: Verdict) -> float:
        """The share of the front's points with a verdict."""
        return sum(c.verdict is verdict for c in self.checked) / len(self.checked)


def reevaluate(front: Front, replications: Sequence[int], *, level: float = 0.95) -> Fresh:
    """Simulate the front, and doing nothing, on replications that the search has not used.

    Raises ValueError when a replication was used by the search, or `level` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"the confidence level must lie between 0 and 1, got {level}")
    known = sorted(set(front.replications) & set(replications))
    if known:
        raise ValueError(f"replications {known} were used by the search: on them its choice looks too good")
    problem, samples = front.problem, Samples(front.problem, replications)
    mixes = [p.mix for p in front.points]
    with_nothing = [*mixes, *([] if problem.nothing in mixes else [problem.nothing])]
    after = samples.estimates(with_nothing)
    costs = np.array([[e.spending[c] for c in problem.costs] for e in after]).reshape(len(after), -1)
    said = verdicts(costs, samples.stacked(with_nothing), level)
    checked = [
        Checked(before, now, next((o.mix for o in after if dominates(o.means, now.means)), None), said[i])
        for i, (before, now) in enumerate(zip(front.points, after, strict=False))
    ]
    staying = [c.after for c in checked if c.beaten_by is None]
    return Fresh(
        points=front_of(staying, problem.objectives),
        checked=tuple(checked),
        nothing=samples.estimate(problem.nothing),
        optimism=tuple(_optimism(front, samples, level)),
        level=level,
        samples=samples,
    )


def _optimism(front: Front, fresh: Samples, level: float) -> list[Optimism]:
    problem = front.problem
    mixes = [p.mix for p in front.points if p.mix != problem.nothing]
    if not mixes:
        return []
    found = []
    for gain in (False, True):
        search, new = (_averages(s, mixes, gain) for s in (front.samples, fresh))
        for row, objective in enumerate(problem.simulated):
            less = welch(new[row], search[row], level)
            found.append(Optimism(objective, gain, less.mean, less.low, less.high))
    return found


def _averages(samples: Samples, mixes: list[Mix], gain: bool) -> Floats:
    """Average over mixes, shape (simulated objectives, replications); as a difference to doing nothing with `gain`."""
    average: Floats = samples.stacked(mixes).mean(axis=0)
    return average - samples.of(samples.problem.nothing) if gain else average
