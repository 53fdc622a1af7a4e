"""What a forecast says: by the register alone and, of a calibrated place, by its simulations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sim.language import Message, Text
from sim.ledger.forecast import BAND, LIMIT, Backtest, Forecast, open_at
from sim.ledger.ledger import Ledger
from sim.scenario.terms import Term
from sim.studies.forecast.matched import NUMBERS
from sim.studies.forecast.simulated import EACH, Future, Simulated
from sim.studies.posteriors import words
from sim.studies.study import Sketch, Study, key_of

SHORT = 0.8  # of their hours, from which on staff are said to be short: queues grow fast beyond


@dataclass(frozen=True)
class Outlook(Study):
    """What is forecast from the last day of a register, or from an earlier one, and how such forecasts have done."""

    command: ClassVar[str] = "forecast"
    ledger: Ledger = field(repr=False)
    found: Forecast = field(repr=False)
    tests: tuple[Backtest, ...] = field(repr=False)
    seed: int
    simulated: Simulated | None = field(default=None, repr=False)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each number and horizon: median and band of 80 %; `came` where the register goes on so long."""
        out = []
        for f in self.found.horizons:
            then = self.found.start + timedelta(days=f.days)
            came = open_at(self.ledger, then) if then <= self.ledger.end else None
            for name, draws in (
                ("open", f.open),
                ("overdue", f.overdue),
                ("received", f.received),
                ("closed", f.closed),
            ):
                out.append(_row(f.days, name, "", draws, came if name == "open" else None))
            for i, town in enumerate(self.found.towns):
                out.append(_row(f.days, "open", town, f.by_town[:, i], None))
        return out

    def tables(self) -> dict[str, pd.DataFrame]:
        """`forecast`, `backtests` where the register is long enough; `simulated`, `hours` and `load` of a place."""
        by_day = {b.day: b for b in self.simulated.tests} if self.simulated is not None else {}
        tests = pd.DataFrame(
            [
                {
                    "day": str(b.day.date()),
                    **{n: getattr(b, n) for n in ("days", "low", "median", "high", "actual")},
                    **{n: getattr(b, n) for n in ("last_value", "smoothed", "seasonal", "inside")},
                    **_beside(by_day.get(b.day), given=self.simulated is not None),
                }
                for b in self.tests
            ]
        )
        out = {"forecast": pd.DataFrame(self.rows()), **({"backtests": tests} if len(tests) else {})}
        if self.simulated is not None:
            out["simulated"] = pd.DataFrame(self.simulated_rows())
            out["hours"] = pd.DataFrame(_hours(self.simulated))
            if load := list(_load(self.simulated)):
                out["load"] = pd.DataFrame(load)
        return out

    def simulated_rows(self) -> list[dict[str, Any]]:
        """A row for each horizon, policy and number, median and band of 80 %; with a policy its difference, too."""
        return [] if self.simulated is None else list(_simulated(self.simulated))

    def figures(self) -> dict[str, Sketch]:
        """`forecast`: open disputes so far, and the fan of what is forecast."""
        data = {"ledger": self.ledger, "found": self.found, "simulated": self.simulated}
        return {"forecast": Sketch("forecast", data)}

    @property
    def errors(self) -> dict[str, float]:
        """Mean absolute error of the forecasts that were looked back at, and of the naive ones."""
        ours = {
            "forecast": "median",
            "last value": "last_value",
            "smoothed": "smoothed",
            "a year ago": "seasonal",
        }
        out = {
            name: float(np.mean([abs(getattr(b, at) - b.actual) for b in self.tests]))
            for name, at in ours.items()
            if self.tests
        }
        if self.simulated is not None and self.simulated.tests:
            found = self.simulated.tests
            out = {"simulated": float(np.mean([abs(b.median - b.actual) for b in found])), **out}
        return out

    def sentences(self) -> list[Text]:
        """How many are open and will be, what a policy changes, and whose hands are short first."""
        return list(_said(self))

    def messages(self) -> list[Text]:
        """What the forecast rests on, and what it cannot say."""
        limit = Message("Overdue: past its own time limit, or past {n} days where it has none.", n=LIMIT)
        if self.simulated is None:
            return [
                Message(
                    "The register is carried forward by itself: open disputes last on as those did that were as old, "
                    "and new ones come as in the weeks of the last year. It knows no seasons beyond that, so that its "
                    "bands are too narrow where seasons matter, and no policies and no hours of staff. For these "
                    "calibrate the county and name it: --place FILE."
                ),
                limit,
            ]
        return [*_rests_on(self.simulated), limit]

    def manifest(self) -> dict[str, Any]:
        """Which ledger, and from which day."""
        ledger = {"file": self.ledger.file, "sha256": self.ledger.sha256}
        start = str(self.found.start.date())
        return {
            "command": self.command,
            "key": key_of(
                [ledger, start, self.seed, *([self._asked()] if self.simulated is not None else [])]
            ),
            "ledger": ledger,
            "start": start,
            "seed": self.seed,
            **({"simulated": self._asked()} if self.simulated is not None else {}),
        }

    def _asked(self) -> dict[str, Any] | None:
        """What was asked of the place."""
        s = self.simulated
        if s is None:
            return None
        return {
            "place": s.place.name,
            "policies": [f.policy for f in s.futures],
            "policy_from": None if s.starts is None else str(s.starts),
            "replications": s.replications,
            "posterior": None if s.draws is None else s.draws.key,
        }

    def answer(self) -> dict[str, Any]:
        """The forecast and how earlier ones have done, for programs."""
        return {
            "start": str(self.found.start.date()),
            "open_now": len(self.found.ages),
            "overdue_now": self.found.overdue,
            "forecast": self.rows(),
            "backtests": {
                "n": len(self.tests),
                "inside": sum(b.inside for b in self.tests),
                "errors": self.errors,
            },
            **self._told_of_place(),
        }

    def _told_of_place(self) -> dict[str, Any]:
        s = self.simulated
        if s is None:
            return {}
        tests = {"n": len(s.tests), "inside": sum(b.inside for b in s.tests)}
        parts = {"numbers": self.simulated_rows(), "hours": list(_hours(s)), "load": list(_load(s))}
        return {"simulated": {**(self._asked() or {}), **parts, "backtests": tests}}


def _row(days: int, name: str, town: str, draws: Any, came: int | None) -> dict[str, Any]:
    return {"days": days, "number": name, "township": town, **_banded(draws), "came": came}


def band(draws: Any) -> tuple[float, float, float]:
    """Lower end, median and upper end of the band of 80 %, each one of the draws: whole numbers stay whole."""
    low, median, high = (float(x) for x in np.quantile(draws, [BAND[0], 0.5, BAND[1]], method="inverted_cdf"))
    return low, median, high


def _banded(draws: Any) -> dict[str, float]:
    return dict(zip(("low", "median", "high"), band(draws), strict=True))


def _beside(test: Backtest | None, *, given: bool) -> dict[str, Any]:
    """Columns of a forecast of the same day by simulations; empty where none was made."""
    names = ("low", "median", "high", "inside")
    return {f"simulated_{n}": None if test is None else getattr(test, n) for n in names} if given else {}


def _simulated(s: Simulated) -> Iterator[dict[str, Any]]:
    first = s.futures[0]
    for i, days in enumerate(s.horizons):
        for future in s.futures:
            about = {"days": days, "policy": future.policy}
            for name in NUMBERS:
                yield {**about, "number": name, "township": "", **_banded(future.number(name)[:, i])}
            for j, town in enumerate(s.towns):
                yield {**about, "number": "open", "township": town, **_banded(future.by_town[:, i, j])}
            if future is not first:
                for name in NUMBERS:
                    more = future.number(name)[:, i] - first.number(name)[:, i]
                    fewer = float((more < 0).mean() + 0.5 * (more == 0).mean())
                    row = {**about, "number": f"change of {name}", "township": "", **_banded(more)}
                    yield {**row, "mean": float(more.mean()), "chance_of_fewer": fewer}


def _hours(s: Simulated) -> Iterator[dict[str, Any]]:
    for i, days in enumerate(s.horizons):
        for future in s.futures:
            for g, staff in enumerate(s.groups):
                row = {"days": days, "policy": future.policy, "staff": staff}
                limit = future.limits[:, i, g]
                share = (
                    100.0 * float(np.median(future.hours[:, i, g] / limit))
                    if np.isfinite(limit).all()
                    else None
                )
                yield {**row, **_banded(future.hours[:, i, g]), "percent_of_their_hours": share}


def _load(s: Simulated) -> Iterator[dict[str, Any]]:
    """Hours that the disputes of each township take, in percent of those of its staff, and who is short first."""
    for future in s.futures:
        for town, staff, chance, load in s.binds_first(future):
            row = {"days": s.horizons[-1], "policy": future.policy, "township": town, "staff": staff}
            yield {**row, **_banded(100.0 * load), "first_short": chance}


def _said(study: Outlook) -> Iterator[Message]:
    s = study.simulated
    now = {"n": len(study.found.ages), "day": str(study.found.start.date())}
    if s is None:
        f = study.found.horizons[1]
        low, median, high = band(f.open)
        yield Message(
            "{n} disputes are open on {day}. In {days} days there will be some {median:.0f}, with 80 % chance "
            "{low:.0f} to {high:.0f}, if the register goes on as it did.",
            **now,
            days=f.days,
            median=median,
            low=low,
            high=high,
        )
        return
    practice = s.futures[0]
    low, median, high = band(practice.number("open")[:, 1])
    yield Message(
        "{n} disputes are open on {day}. In {days} days there will be some {median:.0f}, with 80 % chance {low:.0f} to "
        "{high:.0f}, if {place} goes on as it does.",
        **now,
        days=s.horizons[1],
        median=median,
        low=low,
        high=high,
        place=s.place.name,
    )
    for future in s.futures[1:]:
        yield _of_policy(s, practice, future)
    yield from _who_is_short(s, practice)


def _of_policy(s: Simulated, practice: Future, future: Future) -> Message:
    more = future.number("open")[:, -1] - practice.number("open")[:, -1]
    low, _, high = band(more)
    suits = future.number("suits")[:, -1] - practice.number("suits")[:, -1]
    return Message(
        "With {policy} from {start} on, {days} days later {mean:+.1f} disputes are open than without (80 %: {low:+.0f} "
        "to {high:+.0f}), and {suits:+.1f} suits are filed.",
        policy=Term("policy", future.policy),
        start=str(s.starts),
        days=s.horizons[-1],
        mean=float(more.mean()),
        low=low,
        high=high,
        suits=float(suits.mean()),
    )


def _who_is_short(s: Simulated, practice: Future) -> Iterator[Message]:
    found = s.binds_first(practice)
    if not found:
        return
    town, staff, chance, load = found[0]
    low, median, high = (100.0 * x for x in band(load))
    told = {"town": town, "staff": Term("staff", staff), "low": low, "high": high, "days": s.horizons[-1]}
    if median < 100.0 * SHORT:
        yield Message(
            "No township's hands are short: most is asked of {staff} in {town}, {low:.0f} to {high:.0f} % of their "
            "hours for disputes in {days} days.",
            **told,
        )
    else:
        yield Message(
            "The first to be short of hands are {staff} in {town} (in {chance:.0f} % of the simulations): its disputes "
            "ask {low:.0f} to {high:.0f} % of their hours in {days} days.",
            **told,
            chance=100.0 * chance,
        )


def _rests_on(s: Simulated) -> Iterator[Text]:
    yield (
        words(s.draws)
        if s.draws is not None
        else Message(
            "Not calibrated: parameters are drawn from the ranges of the place. calibrate {place} --ledger FILE first.",
            place=s.place.name,
        )
    )
    if s.draws is not None and not s.by_register:
        yield Message(
            "The place was not calibrated by this register, so the bands are wider than they need be: run calibrate "
            "{place} --ledger FILE first.",
            place=s.place.name,
        )
    yield Message(
        "In place of each open dispute stands, in each of {n} replications, a simulated one that is open on the same "
        "day: at the same stage, of a like kind and age, among {each} replications with the same parameters. So staff "
        "are as busy as in the simulated county, whose open disputes are as many as its parameters make them, not "
        "exactly those of the register. New disputes are as many as the register's receipts of the last year say.",
        n=s.replications,
        each=EACH,
    )
    yield Message(
        "Hours are those for all known disputes, written down or not. A township's hours are what its disputes take; "
        "each township is taken to have as many staff. Unresolved: withdrawn or given up."
    )
    if len(s.futures) > 1:
        yield Message(
            "What a policy achieves is assumed, with its ranges, or studied elsewhere; the difference is between "
            "simulations with the same disputes and the same random numbers."
        )
