"""From the disputes that are open today to how many will be open: the register carried forward by itself.

Open disputes last on as those did that were as old; new ones come as they came in the weeks of the last year, and last
as the others. Nothing but the register goes in, so it says nothing of policies, staff or what nobody wrote down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.language import Message
from sim.ledger.closings import closings
from sim.ledger.files import fault
from sim.ledger.ledger import MINUTES_PER_DAY, Ledger, minute_of
from sim.ledger.words import OPEN_STILL
from sim.scenario.errors import ScenarioError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HORIZONS = (30, 91, 182)  # days
WEEKS = 52  # of receipts that new ones are drawn from
BLOCK = 4  # weeks that are drawn together
LEAST_CLOSED, LEAST_WEEKS = 30, 8
LIMIT = 30  # days after which a dispute is overdue that has no limit of its own
TAIL = 10  # closings of the longest times that tell how fast still older disputes end
BAND = (0.1, 0.9)


@dataclass(frozen=True)
class Horizon:
    """Draws of one horizon: shapes (draws,), and (draws, townships) for open disputes by township."""

    days: int
    open: Ints
    overdue: Ints
    received: Ints
    closed: Ints
    by_town: Ints


@dataclass(frozen=True)
class Forecast:
    """Disputes open at `start`, with their ages in days, and what is forecast for each horizon."""

    start: datetime
    ages: Floats
    overdue: int
    towns: tuple[str, ...]
    horizons: tuple[Horizon, ...]


def as_of(ledger: Ledger, end: datetime) -> Ledger:
    """The ledger as it was before a day: what happened later was not known."""
    close, cases = minute_of(end), []
    for case in ledger.cases:
        events = [e for e in case.events if e.minute < close]
        if events:
            late = len(events) < len(case.events)
            cases.append(replace(case, events=events, outcome=OPEN_STILL if late else case.outcome))
    return replace(ledger, cases=tuple(cases), end=end)


def forecast_open(
    ledger: Ledger, horizons: Sequence[int] = HORIZONS, *, draws: int = 1000, seed: int = 1
) -> Forecast:
    """The forecast from the end of the ledger's window. Raises ScenarioError where there is too little to go by."""
    found = closings(ledger)
    over = np.array([bool(c.how) for c in found], dtype=bool)
    begun = np.array([c.begun for c in found])
    days = np.array([c.minutes for c in found]) / MINUTES_PER_DAY
    weeks = _weeks(begun, ledger)
    if over.sum() < LEAST_CLOSED or len(weeks) < LEAST_WEEKS:
        raise _too_little(ledger, int(over.sum()), len(weeks))
    still = np.flatnonzero(~over)
    ages = (ledger.close - begun[still]) / MINUTES_PER_DAY
    limits = np.array(
        [
            LIMIT if found[i].case.limit is None else (found[i].case.limit - found[i].begun) / MINUTES_PER_DAY  # type: ignore[operator]
            for i in still
        ]
    )
    every = [c.case.town for c in found if c.case.town]
    towns = tuple(sorted(set(every)))
    at = {town: i for i, town in enumerate(towns)}
    town_of = np.array([at.get(found[i].case.town, -1) for i in still], dtype=np.int64)
    shares = np.array([Counter(every)[t] for t in towns], dtype=float) / max(1, len(found))
    luck = np.random.default_rng(seed)
    top = max(horizons)
    out: dict[int, list[tuple[int, int, int, int, Ints]]] = {h: [] for h in horizons}
    order = np.argsort(days)
    for _ in range(draws):
        curve = _Curve.of(days[order], over[order], luck)
        ends = curve.last(ages, luck) - ages
        comes = _arrivals(weeks, top, luck)
        lasts = curve.last(np.zeros(len(comes)), luck)
        new_town = _towns(len(comes), shares, luck)
        for h in horizons:
            old, new = ends > h, (comes <= h) & (comes + lasts > h)
            late = int((old & (ages + h > limits)).sum() + (new & (h - comes > LIMIT)).sum())
            received = int((comes <= h).sum())
            open_ = int(old.sum() + new.sum())
            where = np.concatenate([town_of[old], new_town[new]])
            by_town = np.bincount(where[where >= 0], minlength=len(towns)).astype(np.int64)
            out[h].append((open_, late, received, len(ages) + received - open_, by_town))
    late_now = int((ages > limits).sum())
    return Forecast(ledger.end, ages, late_now, towns, tuple(_at_horizon(h, rows) for h, rows in out.items()))


def _at_horizon(days: int, rows: list[tuple[int, int, int, int, Ints]]) -> Horizon:
    open_, late, received, closed, by_town = (
        np.array([row[i] for row in rows], dtype=np.int64) for i in range(5)
    )
    return Horizon(days, open_, late, received, closed, by_town)


def _too_little(ledger: Ledger, closed: int, weeks: int) -> ScenarioError:
    problem = Message(
        "{closed} closed disputes in {weeks} weeks are too few to go by", closed=closed, weeks=weeks
    )
    remedy = Message(
        "A forecast needs {closed} closed disputes and {weeks} weeks.", closed=LEAST_CLOSED, weeks=LEAST_WEEKS
    )
    return fault(Path(ledger.file), 0, problem, remedy)


def _weeks(begun: Floats, ledger: Ledger) -> Ints:
    """Disputes received in each whole week of the last year before the end."""
    n = min(WEEKS, int(ledger.days // 7))
    edges = ledger.close - np.arange(n, -1, -1) * 7 * MINUTES_PER_DAY
    return np.histogram(begun, edges)[0].astype(np.int64) if n else np.zeros(0, dtype=np.int64)


def _arrivals(weeks: Ints, days: int, luck: np.random.Generator) -> Floats:
    """Days at which new disputes come. Weeks of the last year are drawn in blocks of four: busy ones follow busy ones.

    The blocks have weights of the Bayesian bootstrap (Rubin 1981): the mean is known as well as the weeks tell it.
    """
    n = -(-days // 7)
    first = len(weeks) - BLOCK + 1
    starts = luck.choice(first, size=-(-n // BLOCK), p=luck.dirichlet(np.full(first, 1.0 / BLOCK)))
    counts = weeks[(starts[:, None] + np.arange(BLOCK)).ravel()[:n]]
    begins = np.repeat(np.arange(n) * 7.0, counts)
    return np.asarray(begins + 7.0 * luck.random(len(begins)))


def _towns(n: int, shares: Floats, luck: np.random.Generator) -> Ints:
    if not len(shares):
        return np.full(n, -1, dtype=np.int64)
    place = np.searchsorted(np.cumsum(shares), luck.random(n), side="right")
    return np.where(place < len(shares), place, -1).astype(np.int64)


@dataclass(frozen=True)
class _Curve:
    """How long disputes last: a Kaplan-Meier curve of cases with random weights, and a constant hazard beyond it."""

    times: Floats
    survival: Floats  # after each time
    hazard: float  # per day, beyond the last time

    @classmethod
    def of(cls, days: Floats, over: NDArray[np.bool_], luck: np.random.Generator) -> _Curve:
        """Of times in ascending order; `over` whether they have ended."""
        weights = luck.exponential(size=len(days))
        at_risk = np.cumsum(weights[::-1])[::-1]
        hazard = np.where(over, weights / at_risk, 0.0)
        ended = np.flatnonzero(over)
        first = int(ended[-min(TAIL, len(ended))])
        exposed = float((weights[first:] * (days[first:] - days[first])).sum())
        events = float(weights[first:][over[first:]].sum())
        last = float(days[ended[-1]])
        keep = days <= last
        survival = np.cumprod(1.0 - np.minimum(hazard, 1.0))[keep]
        tail = events / max(exposed, 1.0)
        # Where the longest time of all has ended nothing would be left: what is left ends at the hazard of the tail.
        floor = survival[survival > 1e-9]
        survival = np.maximum(survival, float(floor[-1]) / 2 if len(floor) else 1e-3)
        return cls(days[keep], survival, tail)

    def at(self, days: Floats) -> Floats:
        """The share that lasts longer."""
        i = np.searchsorted(self.times, days, side="right") - 1
        inside = np.where(i >= 0, self.survival[np.maximum(i, 0)], 1.0)
        beyond = np.exp(-self.hazard * np.maximum(days - self.times[-1], 0.0))
        return np.asarray(inside * beyond)

    def last(self, ages: Floats, luck: np.random.Generator) -> Floats:
        """Times that disputes of these ages last in all, given that they have lasted so long."""
        level = self.at(ages) * luck.random(len(ages))
        i = np.searchsorted(-self.survival, -level, side="left")
        end = self.survival[-1]
        beyond = self.times[-1] + np.log(end / np.maximum(level, 1e-300)) / max(self.hazard, 1e-9)
        inside = self.times[np.minimum(i, len(self.times) - 1)]
        return np.asarray(np.maximum(np.where(i < len(self.times), inside, beyond), ages))


# --- Looking back --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backtest:
    """A forecast made on an earlier day, and what came: open disputes, and what naive forecasts would have said."""

    day: datetime
    days: int
    low: float
    median: float
    high: float
    actual: int
    last_value: float
    smoothed: float
    seasonal: float

    @property
    def inside(self) -> bool:
        """Whether the band holds what came."""
        return self.low <= self.actual <= self.high


def open_at(ledger: Ledger, when: datetime) -> int:
    """How many disputes were open at a moment."""
    minute = minute_of(when)
    return sum(c.begun < minute and not (c.how and c.begun + c.minutes < minute) for c in closings(ledger))


def looked_back(ledger: Ledger, day: datetime, horizon: int, band: tuple[float, float, float]) -> Backtest:
    """A band that was forecast on a day, beside what came and what naive forecasts say."""
    then, year_ago = day + timedelta(days=horizon), day + timedelta(days=horizon - 365)
    months = [ledger.start + timedelta(days=30 * k) for k in range(1, 1 + (day - ledger.start).days // 30)]
    series = [float(open_at(ledger, m)) for m in months] or [0.0]
    known = year_ago > ledger.start + timedelta(days=60)
    seasonal = open_at(ledger, year_ago if known else day)
    told = {
        "last_value": float(open_at(ledger, day)),
        "smoothed": _smoothed(series),
        "seasonal": float(seasonal),
    }
    return Backtest(day, horizon, *band, actual=open_at(ledger, then), **told)


def backtests(ledger: Ledger, days: Sequence[datetime], horizon: int, *, draws: int = 500) -> list[Backtest]:
    """Forecasts from earlier days for `horizon` days later, where the ledger is long enough before and after."""
    out = []
    for i, day in enumerate(days):
        then = day + timedelta(days=horizon)
        if then > ledger.end or (day - ledger.start).days < 7 * LEAST_WEEKS:
            continue
        (found,) = forecast_open(as_of(ledger, day), [horizon], draws=draws, seed=1 + i).horizons
        low, median, high = np.quantile(found.open, [BAND[0], 0.5, BAND[1]])
        out.append(looked_back(ledger, day, horizon, (float(low), float(median), float(high))))
    return out


def _smoothed(series: Sequence[float]) -> float:
    """Simple exponential smoothing (Brown 1959), its weight the one that would have predicted the series best."""

    def run(weight: float) -> tuple[float, float]:
        level, error = series[0], 0.0
        for x in series[1:]:
            error += (x - level) ** 2
            level += weight * (x - level)
        return error, level

    return min((run(w / 20) for w in range(1, 21)), key=lambda x: x[0])[1]
