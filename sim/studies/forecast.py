"""How many disputes will be open in one, three and six months, by the register alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sim.language import Message, Text
from sim.ledger.forecast import (
    BAND,
    HORIZONS,
    LIMIT,
    Backtest,
    Forecast,
    as_of,
    backtests,
    forecast_open,
    open_at,
)
from sim.ledger.ledger import Ledger
from sim.scenario.errors import UserError
from sim.studies.fit import as_ledger
from sim.studies.study import Sketch, Study, key_of

LOOKED_BACK = 91  # days
MOST_TESTS = 12


@dataclass(frozen=True)
class Outlook(Study):
    """What is forecast from the last day of a register, or from an earlier one, and how such forecasts have done."""

    command: ClassVar[str] = "forecast"
    ledger: Ledger = field(repr=False)
    found: Forecast = field(repr=False)
    tests: tuple[Backtest, ...] = field(repr=False)
    seed: int

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
        """`forecast`, and `backtests` where the register is long enough."""
        tests = pd.DataFrame(
            [
                {
                    "day": str(b.day.date()),
                    **{n: getattr(b, n) for n in ("days", "low", "median", "high", "actual")},
                    **{n: getattr(b, n) for n in ("last_value", "smoothed", "seasonal", "inside")},
                }
                for b in self.tests
            ]
        )
        return {"forecast": pd.DataFrame(self.rows()), **({"backtests": tests} if len(tests) else {})}

    def figures(self) -> dict[str, Sketch]:
        """`forecast`: open disputes so far, and the fan of what is forecast."""
        return {"forecast": Sketch("forecast", {"ledger": self.ledger, "found": self.found})}

    @property
    def errors(self) -> dict[str, float]:
        """Mean absolute error of the forecasts that were looked back at, and of the naive ones."""
        ours = {
            "forecast": "median",
            "last value": "last_value",
            "smoothed": "smoothed",
            "a year ago": "seasonal",
        }
        return {
            name: float(np.mean([abs(getattr(b, at) - b.actual) for b in self.tests]))
            for name, at in ours.items()
            if self.tests
        }

    def messages(self) -> list[Text]:
        """What the forecast rests on, and what it cannot say."""
        return [
            Message(
                "The register is carried forward by itself: open disputes last on as those did that were as old, and "
                "new ones come as in the weeks of the last year. It knows no seasons beyond that, so that its bands "
                "are too narrow where seasons matter, and no policies and no hours of staff; for these: fit, "
                "calibrate and compare."
            ),
            Message("Overdue: past its own time limit, or past {n} days where it has none.", n=LIMIT),
        ]

    def manifest(self) -> dict[str, Any]:
        """Which ledger, and from which day."""
        ledger = {"file": self.ledger.file, "sha256": self.ledger.sha256}
        start = str(self.found.start.date())
        return {
            "command": self.command,
            "key": key_of([ledger, start, self.seed]),
            "ledger": ledger,
            "start": start,
            "seed": self.seed,
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
        }


def _row(days: int, name: str, town: str, draws: Any, came: int | None) -> dict[str, Any]:
    low, median, high = (float(x) for x in np.quantile(draws, [BAND[0], 0.5, BAND[1]]))
    return {
        "days": days,
        "number": name,
        "township": town,
        "low": low,
        "median": median,
        "high": high,
        "came": came,
    }


def forecast(
    ledger: str | Path,
    *,
    column: Mapping[str, str] | Sequence[str] = (),
    activity: Mapping[str, str] | Sequence[str] = (),
    kind: Mapping[str, str] | Sequence[str] = (),
    encoding: str | None = None,
    mapping: str | Path | None = None,
    sheet: str | None = None,
    site: str = "",
    first: date | None = None,
    last: date | None = None,
    from_day: date | None = None,
    seed: int = 1,
) -> Outlook:
    """How many disputes of a register will be open in one, three and six months; options as in `fit`.

    `from_day` makes the forecast as it would have been made on that day. Raises UserError and ScenarioError.
    """
    held = as_ledger(
        Path(ledger),
        column=column,
        activity=activity,
        kind=kind,
        encoding=encoding,
        mapping=mapping,
        sheet=sheet,
        site=site,
        first=first,
        last=last,
    )
    if from_day is not None and not held.start.date() < from_day <= held.end.date():
        said = Message(
            "--as-of {day}: the register covers {first} to {last}; name a day within it",
            day=from_day,
            first=held.start.date(),
            last=held.end.date() - timedelta(days=1),
        )
        raise UserError(said)
    start = held.end if from_day is None else datetime(from_day.year, from_day.month, from_day.day)
    found = forecast_open(held if from_day is None else as_of(held, start), HORIZONS, seed=seed)
    days = [held.end - timedelta(days=LOOKED_BACK + 30 * i) for i in range(MOST_TESTS)]
    return Outlook(held, found, tuple(_tests(held, days)), seed)


def _tests(held: Ledger, days: Sequence[datetime]) -> list[Backtest]:
    """Forecasts from earlier days, in the order of time; from days with too little before them there are none."""
    out = []
    for day in reversed(days):
        before = as_of(held, day)
        if len([c for c in before.cases if len(c.events) > 1]) >= 2 * LIMIT:
            out += backtests(held, [day], LOOKED_BACK)
    return out
