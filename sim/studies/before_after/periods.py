"""Before and after: what a county sees when a policy starts on a date, and what it would have seen without it.

Two runs share everything until the date: the same disputes, the same random numbers, the same backlog. A county can
only compare after with before; the model can compare after with after. Villages chosen because much happened there
before are followed, too: in them less happens afterwards even if nothing is done (regression to the mean).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.language import Message
from sim.model.plan import covered
from sim.model.villages import build_villages
from sim.runs.batch import Progress, quiet, run, through
from sim.runs.case import Case
from sim.runs.executors.local import Executor
from sim.runs.impossible import LOOK, dealt
from sim.runs.outcomes import Outcomes
from sim.runs.points import CENTRAL, points_of
from sim.runs.readouts.villages import EARLIER, PERIODS
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.metrics import FOLLOWED
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.statistics.quantiles import central

RUNS = ("baseline", "policy")
YEAR = 365.0  # days


@dataclass(frozen=True)
class Periods:
    """Counts by village in both periods, with and without the policy.

    `counts[metric]` has shape (replications, 2 runs: without and with, 2 periods: before and after, villages); `days`
    are the lengths of the periods. `impossible` has by run (`RUNS`) the parameter draws, of `looked`, under which staff
    lack the hours that it takes; no replication is of them. `earlier` are counts of an earlier period, by which
    villages are chosen, shape (replications, villages); without it they are chosen by the period before. `treated` are
    the villages in which the policy begins, shape (villages,), where that is some and not all.
    """

    counts: dict[str, NDArray[np.float64]]
    days: tuple[int, int]
    start: date
    impossible: dict[str, int] = field(default_factory=dict)
    looked: int = 0
    earlier: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    treated: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Change:
    """Relative changes in percent, one entry per replication; NaN where nothing happened before.

    `seen` is after against before with the policy, `anyway` the same without it, `effect` after with against after
    without.
    """

    seen: NDArray[np.float64]
    anyway: NDArray[np.float64]
    effect: NDArray[np.float64]


def periods(
    place: Place,
    measures: Sequence[Measure],
    without: Sequence[Measure],
    start: date,
    *,
    before: int,
    after: int,
    seed: int,
    replications: int,
    executor: Executor,
    folder: Path | None = None,
    draws: int = 1,
    engine: str = "compiled",
    posterior: ParameterDraws | None = None,
    progress: Progress = quiet,
    earlier: int = 0,
) -> Periods:
    """Run a place with `measures` from `start` on, and without them, over `before` and `after` days around the date.

    `draws` parameter draws, of the posterior if there is one, share the replications, which are dealt out to them in
    turn; 1 means the central values. Draws that are impossible with or without the policy get none; ScenarioError where
    these are most. `earlier` days before them are counted apart, to choose villages by. Raises what `batch.run`
    raises.
    """
    if before < 1 or after < 1:
        raise ScenarioError(
            [Fault("before", 0, "", Message("both periods need a day"), Message("Write at least 1."))]
        )
    longer = stretched(place, start, earlier + before, after)
    dated = tuple(m.model_copy(update={"start": start}) for m in measures if m not in without)
    kept = tuple(m for m in measures if m in without)
    own = (m.start for m in measures if m not in without)
    # What begins later by itself, as in the steps of a trial, keeps its day.
    dated = tuple(
        m.model_copy(update={"start": max(start, day or start)}) for m, day in zip(dated, own, strict=True)
    )
    cases = [
        Case(
            longer,
            in_force,
            seed,
            "periods",
            points_of(posterior),
            (("before", before), *((("earlier", earlier),) if earlier else ())),
            numbering="through",
            engine=engine,
            policy=name,
        )
        for name, in_force in zip(RUNS, (tuple(without), (*kept, *dated)), strict=True)
    ]
    found = dealt(cases, range(1, draws + 1) if draws > 1 else [CENTRAL], replications, LOOK)
    wanted = through(found.draws[r % len(found.draws)] for r in range(replications))
    outcomes = run(cases, wanted, executor=executor, folder=folder, progress=progress)
    counts: dict[str, NDArray[np.float64]] = {metric: _counts(outcomes, metric) for metric in FOLLOWED}
    first = {metric: _of(outcomes, metric, (EARLIER,))[:, 0, 0] for metric in FOLLOWED} if earlier else {}
    return Periods(
        counts, (before, after), start, found.impossible, found.looked, first, _treated(longer, dated)
    )


def _treated(place: Place, measures: Sequence[Measure]) -> NDArray[np.bool_] | None:
    """The villages in which measures begin; None where that is all of them or none."""
    villages = build_villages(place, (place.window.end - place.window.start).days + 1)
    found = np.zeros(villages.count, dtype=bool)
    for measure in measures:
        found |= covered(measure, villages)
    return found if 0 < found.sum() < villages.count else None


def _counts(outcomes: Outcomes, metric: str) -> NDArray[np.float64]:
    """Shape (replications, runs, periods, villages)."""
    return _of(outcomes, metric, PERIODS)


def _of(outcomes: Outcomes, metric: str, periods: Sequence[str]) -> NDArray[np.float64]:
    """Shape (replications, runs, periods, villages)."""
    first = [c for c in outcomes.columns if c.metric == metric and c.by == PERIODS[0]]
    counts = np.array(
        [
            [[outcomes.values(c._replace(by=by), run) for c in first] for run in range(len(outcomes.cases))]
            for by in periods
        ]
    )  # period, run, village, replication: draws may have unequal numbers of these
    return np.ascontiguousarray(counts.transpose(3, 1, 0, 2))


def stretched(place: Place, start: date, before: int, after: int) -> Place:
    """The place with a window of `before` days up to the date and `after` days from it on."""
    first, last = start - timedelta(days=before), start + timedelta(days=after - 1)
    dates = {"start": first, "end": last, "end_earliest": last, "end_latest": last}
    return place.model_copy(update={"window": place.window.model_copy(update=dates)})


def change(
    found: Periods,
    metric: str,
    *,
    villages: int | None = None,
    by: str | None = None,
    treated: bool = False,
    trend: NDArray[np.float64] | float = 0.0,
) -> Change:
    """Relative changes of a metric of `FOLLOWED`, in all villages, or in those that had most of `by` before the date.

    Before and after are brought to the same length. Villages are chosen anew in each replication, as a county would:
    by what it counted (ties by number of the village), in the earlier period where there is one. With `treated` it is
    the villages in which the policy begins. `trend`, of no policy, is in percent a year; it is part of what is seen and
    of what changes anyway, with and without the policy.
    """
    counts = found.counts[metric]
    if treated and found.treated is not None:
        sums = counts[..., found.treated].sum(axis=3)
    elif villages is None:
        sums = counts.sum(axis=3)
    else:
        # Before the date both runs are the same.
        rank = found.earlier[by or metric] if found.earlier else found.counts[by or metric][:, 0, 0, :]
        chosen = np.argsort(-rank, axis=1, kind="stable")[:, :villages]
        sums = np.take_along_axis(counts, chosen[:, None, None, :], axis=3).sum(axis=3)
    rates = sums / np.array(found.days, dtype=float)
    grown = (1.0 + np.asarray(trend, dtype=float) / 100.0) ** (sum(found.days) / 2.0 / YEAR)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = 100.0 * (rates[:, :, 1] / rates[:, :, 0] * np.reshape(grown, (-1, 1)) - 1.0)
        effect = 100.0 * (rates[:, 1, 1] / rates[:, 0, 1] - 1.0)
    relative[rates[:, :, 0] == 0.0] = np.nan
    effect[rates[:, 0, 1] == 0.0] = np.nan
    return Change(relative[:, 1], relative[:, 0], effect)


@dataclass(frozen=True)
class Compared:
    """A difference in differences in percent, one entry per replication, with the policy and without it.

    The second is what the comparison shows though nothing is done: its bias and its luck.
    """

    with_it: NDArray[np.float64]
    without: NDArray[np.float64]


def against_others(found: Periods, metric: str) -> Compared:
    """How much more the villages in which the policy begins changed than the others, percent; NaN without both."""
    if found.treated is None:
        nothing = np.full(len(found.counts[metric]), np.nan)
        return Compared(nothing, nothing)
    with np.errstate(divide="ignore", invalid="ignore"):
        with_it, without = (
            100.0
            * (_ratio(found, metric, run, found.treated) / _ratio(found, metric, run, ~found.treated) - 1.0)
            for run in (1, 0)
        )
    return Compared(*(np.where(np.isfinite(x), x, np.nan) for x in (with_it, without)))


def against_trend(found: Periods, metric: str) -> Compared:
    """The change of the villages in which the policy begins (of all, if it is all) less the trend of the province.

    What a county and its province share, such as a trend, is taken off exactly; luck and what is the county's own stay.
    """
    one = change(found, metric, treated=True)
    return Compared(one.seen, one.anyway)


def _ratio(found: Periods, metric: str, run: int, which: NDArray[np.bool_]) -> NDArray[np.float64]:
    """After against before in some villages, of the same length, shape (replications,)."""
    sums = found.counts[metric][:, run][..., which].sum(axis=2)
    out: NDArray[np.float64] = (sums[:, 1] / found.days[1]) / (sums[:, 0] / found.days[0])
    return out


@dataclass(frozen=True)
class Verdict:
    """How a claimed change compares with what happens anyway and what the policy brings about (percent)."""

    claimed: float
    anyway: tuple[float, float, float]  # 5 %, median, 95 %
    seen: tuple[float, float, float]
    effect: tuple[float, float, float]
    share_anyway: float  # of replications in which the change without the policy is at least as large
    share_seen: float
    undefined: int

    @property
    def words(self) -> Message:
        """One sentence."""
        low, _, high = self.anyway
        if low <= self.claimed <= high:
            return Message(
                "cannot test: without the policy the change would lie between {low:+.0f} % and {high:+.0f} % "
                "in nine of ten runs, and the claimed {x:+.4g} % lies inside",
                low=low,
                high=high,
                x=self.claimed,
            )
        beyond = self.claimed > high if self.claimed < 0 else self.claimed < low
        if beyond:
            return Message(
                "less than happens by itself: without the policy the change would lie between {low:+.0f} % and "
                "{high:+.0f} % in nine of ten runs",
                low=low,
                high=high,
            )
        low, _, high = self.seen
        if low <= self.claimed <= high:
            return Message(
                "in accord with the policy as assumed ({low:+.0f} % to {high:+.0f} %), not with nothing at all",
                low=low,
                high=high,
            )
        return Message(
            "outside what the model expects, without the policy and with it ({low:+.0f} % to {high:+.0f} %)",
            low=low,
            high=high,
        )


def verdict(found: Change, claimed: float) -> Verdict:
    """Compare a claim with the distributions of changes."""
    low = claimed < 0

    def share(x: NDArray[np.float64]) -> float:
        kept = x[~np.isnan(x)]
        return float(np.mean(kept <= claimed if low else kept >= claimed)) if len(kept) else float("nan")

    return Verdict(
        claimed,
        central(found.anyway),
        central(found.seen),
        central(found.effect),
        share(found.anyway),
        share(found.seen),
        int(np.isnan(found.anyway).sum()),
    )
