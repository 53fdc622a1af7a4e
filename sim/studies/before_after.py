"""Before and after: what a county sees when a policy starts on a date, and what it would have seen without it.

Two runs share everything until the date: the same disputes, the same luck, the same backlog. A county can only compare
after with before; the model can compare after with after. Villages chosen because much happened there before are
followed, too: in them less happens afterwards even if nothing is done (regression to the mean).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draws
from sim.engines.choose import simulator
from sim.language import Message
from sim.model import Model
from sim.outcomes import spans
from sim.outcomes.reading import read
from sim.runs.impossible import LOOK, mostly, nothing_left
from sim.runs.policy_job import PolicyJob
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.metrics import BORNE_DAYS, FOLLOWED, KNOWN_METRICS
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.statistics.quantiles import central
from sim.trace import Trace

RUNS = ("baseline", "policy")


@dataclass(frozen=True)
class Periods:
    """Counts by village in both periods, with and without the policy.

    `counts[metric]` has shape (replications, 2 runs: without and with, 2 periods: before and after, villages); `days`
    are the lengths of the periods. `impossible` has by run (`RUNS`) the parameter draws, of `looked`, under which staff
    lack the hours that it takes; no replication is of them.
    """

    counts: dict[str, NDArray[np.float64]]
    days: tuple[int, int]
    start: date
    impossible: dict[str, int] = field(default_factory=dict)
    looked: int = 0


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
    draws: int = 1,
    engine: str = "compiled",
    posterior: ParameterDraws | None = None,
) -> Periods:
    """Run a place with `measures` from `start` on, and without them, over `before` and `after` days around the date.

    `draws` parameter draws, of the posterior if there is one, share the replications, which are dealt out to them in
    turn; 1 means the central values. Draws that are impossible with or without the policy get none; ScenarioError where
    these are most.
    """
    if before < 1 or after < 1:
        raise ScenarioError(
            [Fault("before", 0, "", Message("both periods need a day"), Message("Write at least 1."))]
        )
    longer = stretched(place, start, before, after)
    dated = tuple(m.model_copy(update={"start": start}) for m in measures if m not in without)
    kept = tuple(m for m in measures if m in without)
    simulate = simulator(engine)
    jobs = [PolicyJob(longer, m, seed, engine, False, posterior) for m in (tuple(without), (*kept, *dated))]
    dealing = Dealing(jobs, draws)
    counts: dict[str, list[NDArray[np.float64]]] = {m: [] for m in FOLLOWED}
    for replication in range(replications):
        luck, models = Draws(seed, replication), dealing.models(replication)
        one = [_counts(simulate(model, luck), model, before) for model in models]
        for metric in FOLLOWED:
            counts[metric].append(np.stack([f[metric] for f in one]))
    values = {m: np.stack(x) for m, x in counts.items()}
    return Periods(values, (before, after), start, dealing.impossible, dealing.looked)


class Dealing:
    """Models for the replications, which are dealt out in turn to the parameter draws that both runs can have.

    Raises ScenarioError where most of the first draws are impossible, or the central values.
    """

    def __init__(self, jobs: Sequence[PolicyJob], draws: int) -> None:
        self._jobs = jobs
        self._left = iter(range(1, draws + 1) if draws > 1 else [0])
        self._good: list[int] = []
        self._held: dict[int, list[Model]] = {}
        self._bad = [0] * len(jobs)
        self.looked = 0  # draws
        for draw in islice(self._left, LOOK):
            self._look(draw)
        worst = int(np.argmax(self._bad))
        if not self._good or mostly(self._bad[worst], self.looked):
            raise nothing_left(RUNS[worst], self._bad[worst], self.looked)

    @property
    def impossible(self) -> dict[str, int]:
        """The draws under which staff lack the hours that a run takes, of those that were looked at."""
        return {run: n for run, n in zip(RUNS, self._bad, strict=True) if n}

    def models(self, replication: int) -> list[Model]:
        """One for each run."""
        while replication >= len(self._good) and (draw := next(self._left, None)) is not None:
            self._look(draw)
        draw = self._good[replication % len(self._good)]
        if draw not in self._held:
            self._held = {
                **(self._held if len(self._held) < 4 else {}),
                draw: [j.model(draw) for j in self._jobs],
            }
        return self._held[draw]

    def _look(self, draw: int) -> None:
        short = [job.possible(draw) is None for job in self._jobs]
        self._bad = [n + s for n, s in zip(self._bad, short, strict=True)]
        self.looked += 1
        if not any(short):
            self._good.append(draw)


def stretched(place: Place, start: date, before: int, after: int) -> Place:
    """The place with a window of `before` days up to the date and `after` days from it on."""
    first, last = start - timedelta(days=before), start + timedelta(days=after - 1)
    dates = {"start": first, "end": last, "end_earliest": last, "end_latest": last}
    return place.model_copy(update={"window": place.window.model_copy(update=dates)})


def _counts(trace: Trace, model: Model, before: int) -> dict[str, NDArray[np.float64]]:
    """What happened in each village before and after the date, by metric; shape (2, villages)."""
    reading = read(trace)
    switch = trace.warm_up + before * 1440
    village = trace.dispute_column("village")
    n = model.villages.count
    out = {}
    for metric in (KNOWN_METRICS[m] for m in FOLLOWED if m in KNOWN_METRICS):
        assert metric.event is not None  # what is followed village by village is counted by events
        rows = reading.recent(metric.event)
        every = np.ones(len(rows), dtype=bool)
        chosen = np.isin(rows["detail"], metric.details) if metric.details else every
        late = (rows["minute"] >= switch).astype(np.int64)
        cell = late * n + village[rows["dispute"]]
        out[metric.name] = np.bincount(cell[chosen], minlength=2 * n).reshape(2, n).astype(float)
    days = np.zeros((2, n))
    for piece in (spans.latent(reading), spans.stays(reading)):
        for period, (low, high) in enumerate(((trace.warm_up, switch), (switch, trace.horizon))):
            within = piece.within(low, high) / 1440.0
            days[period] += np.bincount(village[piece.dispute], weights=within, minlength=n)
    out[BORNE_DAYS] = days
    return out


def change(found: Periods, metric: str, *, villages: int | None = None, by: str | None = None) -> Change:
    """Relative changes of a metric of `FOLLOWED`, in all villages, or in those that had most of `by` before the date.

    Before and after are brought to the same length. Villages are chosen anew in each replication, as a county would:
    by what it counted (ties by number of the village).
    """
    counts = found.counts[metric]
    if villages is None:
        sums = counts.sum(axis=3)
    else:
        rank = found.counts[by or metric][:, 0, 0, :]  # before the date both runs are the same
        chosen = np.argsort(-rank, axis=1, kind="stable")[:, :villages]
        sums = np.take_along_axis(counts, chosen[:, None, None, :], axis=3).sum(axis=3)
    rates = sums / np.array(found.days, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = 100.0 * (rates[:, :, 1] / rates[:, :, 0] - 1.0)
        effect = 100.0 * (rates[:, 1, 1] / rates[:, 0, 1] - 1.0)
    relative[rates[:, :, 0] == 0.0] = np.nan
    effect[rates[:, 0, 1] == 0.0] = np.nan
    return Change(relative[:, 1], relative[:, 0], effect)


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
