"""A forecast by the calibrated county: its simulations from the day on, without a policy and with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.language import Message, tr
from sim.ledger.forecast import BAND, Backtest, looked_back
from sim.ledger.ledger import Ledger
from sim.model.pools import STAFF_LEVEL, TOWNSHIP
from sim.runs.case import Case
from sim.runs.impossible import dealt
from sim.runs.points import points_of
from sim.runs.posterior import load, path_of
from sim.scenario.copies import copied
from sim.scenario.errors import UserError
from sim.scenario.parameter_draws import ParameterDraws
from sim.scenario.place import Place
from sim.scenario.policies import parse
from sim.scenario.policy import Measure, practice
from sim.studies.county import Where, as_county
from sim.studies.forecast.matched import NUMBERS, YEAR, Foreseen, foreseen, stock_of
from sim.studies.forecast.watched import Watched, watched
from sim.studies.posteriors import AUTO, draws_for
from sim.studies.study import Work

Floats = NDArray[np.float64]
PRACTICE = "practice"
EACH = 5  # replications of each draw, among whose open disputes those that stand for real ones are found


@dataclass(frozen=True)
class Future:
    """All replications under one policy; axes: replication, horizon, and then as `Foreseen` has them."""

    policy: str
    numbers: Floats
    by_town: Floats
    hours: Floats
    town_hours: Floats
    limits: Floats

    @classmethod
    def of(cls, policy: str, found: Sequence[Foreseen]) -> Future:
        """Of the replications."""
        names = ("numbers", "by_town", "hours", "town_hours", "limits")
        return cls(policy, *(np.array([getattr(f, name) for f in found]) for name in names))

    def number(self, name: str) -> Floats:
        """One of `NUMBERS`, shape (replications, horizons)."""
        out: Floats = self.numbers[:, :, NUMBERS.index(name)]
        return out


@dataclass(frozen=True)
class Simulated:
    """What the simulations forecast: of the practice first, then of the policy, in the same replications.

    `groups` are the staff groups, `townships` how many there are in the place, `draws` the parameter draws (None: prior
    ranges), `tests` forecasts of the same kind from earlier days, for which it is known what came.
    `by_register` says whether the draws come of a calibration by this very register.
    """

    place: Place
    futures: tuple[Future, ...]
    horizons: tuple[int, ...]
    towns: tuple[str, ...]
    groups: tuple[str, ...]
    townships: int
    draws: ParameterDraws | None = field(repr=False)
    replications: int
    starts: date | None
    by_register: bool
    tests: tuple[Backtest, ...] = field(default=(), repr=False)

    @property
    def staffed(self) -> list[int]:
        """Numbers of the staff groups of townships whose hours are limited."""
        limited = np.asarray(np.isfinite(self.futures[0].limits[:, -1]).all(axis=0))
        return [g for g, name in enumerate(self.groups) if STAFF_LEVEL[name] == TOWNSHIP and limited[g]]

    def load(self, future: Future) -> Floats:
        """Hours that the disputes of each township take, as a share of those that its staff have.

        Shape (replications, horizons, townships, groups), groups as in `staffed`. Townships have as many staff each.
        """
        limits = np.maximum(future.limits[:, :, None, self.staffed] / self.townships, 1e-9)
        out: Floats = future.town_hours[:, :, :, self.staffed] / limits
        return out

    def binds_first(self, future: Future) -> list[tuple[str, str, float, Floats]]:
        """Township, staff group, chance that they are the first to be short, and load at the last horizon.

        The first to be short are those with the highest load; the likeliest come first.
        """
        load = self.load(future)[:, -1]
        if not load.size:
            return []
        n = len(load)
        first = load.reshape(n, -1).argmax(axis=1)
        chance = np.bincount(first, minlength=load[0].size) / n
        out = []
        for cell in np.argsort(-chance, kind="stable"):
            j, g = divmod(int(cell), len(self.staffed))
            out.append((self.towns[j], self.groups[self.staffed[g]], float(chance[cell]), load[:, j, g]))
        return out


@dataclass(frozen=True)
class Ahead:
    """A forecast by simulation that was checked: the place, what is in force from when, and its parameter draws."""

    place: Place
    ledger: Ledger = field(repr=False)
    start: datetime
    horizons: tuple[int, ...]
    policies: tuple[tuple[str, tuple[Measure, ...]], ...]
    starts: date | None
    draws: ParameterDraws | None = field(repr=False)
    replications: int
    seed: int
    by_register: bool
    tests: tuple[datetime, ...] = ()
    test_days: int = 91

    @property
    def cases(self) -> list[Watched]:
        """What is simulated: the practice, and the policy."""
        back = (self.start - min([self.start, *self.tests])).days + YEAR
        points = points_of(self.draws)
        return [
            Watched(
                Case(self.place, measures, self.seed, "nothing", points, policy=policy),
                self.start.date(),
                self.horizons,
                back,
            )
            for policy, measures in self.policies
        ]

    def carry_out(self, work: Work) -> Simulated:
        """Simulate, and find for each open dispute one that stands for it."""
        cases = self.cases
        count = self.draws.count if self.draws is not None else self.replications
        wanted = max(2, min(count, self.replications // EACH))
        kept = dealt([c.case for c in cases], range(1, count + 1), wanted)
        pairs = [(d, r) for d in kept.draws for r in range(EACH)]
        model = cases[0].case.model(kept.draws[0])
        stock = stock_of(self.ledger, self.start)
        earlier = [(day, stock_of(self.ledger, day)) for day in self.tests]
        luck = np.random.default_rng([self.seed, 91])
        found: list[list[Foreseen]] = []
        open_then: list[list[float]] = [[] for _ in earlier]
        with work.progress(tr("replications")) as report:
            blocks = watched(
                cases, pairs, EACH, len(model.pools.groups), executor=work.executor, progress=report
            )
            for block in blocks:
                found += foreseen(stock, block, 0, self.horizons, luck)
                for (day, then), out in zip(earlier, open_then, strict=True):
                    back = (day - self.start).days
                    for one in foreseen(then, block[:1], back, (self.test_days,), luck):
                        out.append(float(one[0].numbers[0, 0]))
        if not found:
            raise UserError(
                Message(
                    "{place} has nothing open on {day} in any simulation, the register has {n} disputes: they do not "
                    "go together",
                    place=self.place.name,
                    day=str(self.start.date()),
                    n=len(stock),
                )
            )
        futures = tuple(Future.of(name, [f[i] for f in found]) for i, (name, _) in enumerate(self.policies))
        return Simulated(
            *(self.place, futures, self.horizons, stock.towns, model.pools.groups, model.villages.townships),
            *(self.draws, len(found), self.starts, self.by_register),
            tuple(self._tests(open_then)),
        )

    def _tests(self, drawn: Sequence[Sequence[float]]) -> list[Backtest]:
        out = []
        for day, draws in zip(self.tests, drawn, strict=True):
            if draws:
                low, median, high = np.quantile(draws, [BAND[0], 0.5, BAND[1]])
                band = float(low), float(median), float(high)
                out.append(looked_back(self.ledger, day, self.test_days, band))
        return out


def ahead(
    held: Ledger,
    start: datetime,
    horizons: Sequence[int],
    place: Where,
    *,
    policy: str | None = None,
    policy_from: date | None = None,
    replications: int = 200,
    seed: int = 1,
    posterior: str = "auto",
    reading: str = "both",
) -> Ahead:
    """Check what was asked of a place. Raises UserError and ScenarioError for what cannot be."""
    county = as_county(place)
    found = county.place
    draws = draws_for(county.name, found, county.sets, posterior, reading)
    longer = _until(found, start, start + timedelta(days=max(horizons)))
    own = tuple(practice(longer))
    policies: list[tuple[str, tuple[Measure, ...]]] = [(PRACTICE, own)]
    begins = None
    if policy is not None:
        begins = policy_from or start.date()
        if not start.date() <= begins < (start + timedelta(days=max(horizons))).date():
            raise UserError(
                Message(
                    "--policy-from {day}: the forecast goes from {start} to {end}",
                    day=str(begins),
                    start=str(start.date()),
                    end=str((start + timedelta(days=max(horizons) - 1)).date()),
                )
            )
        policies.append((policy, _from_day(own, parse(policy, longer), begins)))
    elif policy_from is not None:
        raise UserError(Message("--policy-from is the first day of a policy; name it: --policy +whistle"))
    return Ahead(
        *(longer, held, start, tuple(horizons), tuple(policies), begins, draws),
        *(
            max(2 * EACH, replications),
            seed,
            draws is not None and _is_by(held, found, posterior),
        ),
    )


def _is_by(held: Ledger, place: Place, posterior: str) -> bool:
    """Whether the posterior of a place was made by this register."""
    about = load(path_of(place.name) if posterior == AUTO else Path(posterior)).about
    return bool(dict(about.get("ledger") or {}).get("sha256") == held.sha256)


def _until(place: Place, start: datetime, end: datetime) -> Place:
    """The place, simulated until a day begins. Raises UserError where its window does not go with the forecast."""
    window = place.window
    if start.date() <= window.start + timedelta(days=30):
        raise UserError(
            Message(
                "the window of {place} begins on {first}: a forecast from {day} needs a month of it before that day",
                place=place.name,
                first=str(window.start),
                day=str(start.date()),
            )
        )
    if start.date() > window.end + timedelta(days=2 * YEAR):
        raise UserError(
            Message(
                "the window of {place} ends on {last}, more than two years before {day}: calibrate it by newer figures",
                place=place.name,
                last=str(window.end),
                day=str(start.date()),
            )
        )
    last = end.date() - timedelta(days=1)  # as the day begins, it is forecast
    days = {"end": last, "end_earliest": last, "end_latest": last}
    return copied(place, {"window": copied(window, days)})


def _from_day(own: Sequence[Measure], new: Sequence[Measure], begins: date) -> tuple[Measure, ...]:
    """What is in force: new measures begin on the day, those that the policy takes away end on it."""
    out = [
        m if m in new or (m.stop is not None and m.stop <= begins) else copied(m, {"stop": begins})
        for m in own
    ]
    for measure in new:
        if measure not in own:
            out.append(measure if measure.start is not None else copied(measure, {"start": begins}))
    return tuple(out)
