"""A forecast that was asked for, checked and carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from sim.language import Message
from sim.ledger.forecast import HORIZONS, LIMIT, Backtest, Forecast, as_of, backtests, forecast_open
from sim.ledger.ledger import Ledger
from sim.scenario.errors import UserError
from sim.studies.county import Where
from sim.studies.fit import as_ledger
from sim.studies.forecast.found import Outlook
from sim.studies.forecast.simulated import Ahead, Simulated, ahead
from sim.studies.question import question
from sim.studies.study import Work

LOOKED_BACK = 91  # days
MOST_TESTS = 12


@dataclass(frozen=True)
class ForecastPlan:
    """The register's own forecast, which costs nothing, and what is to be simulated of a place, if one was named."""

    ledger: Ledger = field(repr=False)
    found: Forecast = field(repr=False)
    tests: tuple[Backtest, ...] = field(repr=False)
    seed: int
    ahead: Ahead | None

    def carry_out(self, work: Work) -> Outlook:
        """Simulate the place, if one was named."""
        simulated = None if self.ahead is None else self.ahead.carry_out(work)
        return self.answered(simulated)

    def answered(self, simulated: Simulated | None = None) -> Outlook:
        """The answer."""
        return Outlook(self.ledger, self.found, self.tests, self.seed, simulated)


@question(Outlook)
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
    place: Where | None = None,
    policy: str | None = None,
    policy_from: date | None = None,
    replications: int = 200,
    posterior: str = "auto",
    reading: str = "both",
    seed: int = 1,
    workers: int | None = None,
    executor: str = "processes",
    scheduler: str | None = None,
) -> ForecastPlan:
    """How many disputes of a register will be open in one, three and six months; options as in `fit`.

    `from_day` makes the forecast as it would have been made on that day. With a calibrated `place` its simulations go
    on from the disputes that are open, with hours of staff, and once more with a `policy` that begins on
    `policy_from` (default: the day of the forecast). Raises UserError and ScenarioError.
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
    if place is None and (policy is not None or policy_from is not None):
        raise UserError(Message("a policy is simulated: name the county that was calibrated, --place FILE"))
    asked = None
    if place is not None:  # checked before anything that takes time
        asked = ahead(
            *(held, start, HORIZONS, place),
            policy=policy,
            policy_from=policy_from,
            replications=replications,
            seed=seed,
            posterior=posterior,
            reading=reading,
        )
    found = forecast_open(held if from_day is None else as_of(held, start), HORIZONS, seed=seed)
    days = [held.end - timedelta(days=LOOKED_BACK + 30 * i) for i in range(MOST_TESTS)]
    tests = tuple(_tests(held, days))
    if asked is not None:
        asked = replace(asked, tests=tuple(b.day for b in tests if b.day <= start))
    return ForecastPlan(held, found, tests, seed, asked)


def _tests(held: Ledger, days: Sequence[datetime]) -> list[Backtest]:
    """Forecasts from earlier days, in the order of time; from days with too little before them there are none."""
    out = []
    for day in reversed(days):
        before = as_of(held, day)
        if len([c for c in before.cases if len(c.events) > 1]) >= 2 * LIMIT:
            out += backtests(held, [day], LOOKED_BACK)
    return out


plan = forecast.plan
