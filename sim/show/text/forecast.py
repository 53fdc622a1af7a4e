"""What `forecast` prints."""

from __future__ import annotations

import textwrap

import numpy as np

from sim.language import marked, shown, tr
from sim.scenario.terms import policy, staff
from sim.show.text.console import between, console, number, table
from sim.studies.forecast import Outlook
from sim.studies.forecast.found import band
from sim.studies.forecast.simulated import Simulated

MOST_LOADS = 8  # rows of the table of townships
NUMBERS = {
    "open": marked("open"),
    "overdue": marked("overdue"),
    "received": marked("received until then"),
    "closed": marked("closed until then"),
}


def print_forecast(study: Outlook) -> None:
    """Where the register stands, what is forecast, in the townships, too, and how earlier forecasts have done."""
    out, found = console(), study.found
    start = {"file": study.ledger.file, "start": found.start.date(), "n": len(found.ages)}
    age = float(np.median(found.ages)) if len(found.ages) else 0.0
    print(
        tr("{file}: {n} disputes open on {start}, half of them for {age:.0f} days or more", age=age, **start)
        + tr("; {n} overdue", n=found.overdue)
    )
    rows = study.rows()
    days = [f.days for f in found.horizons]
    print()
    if study.simulated is not None:
        _print_simulated(study.simulated, days)
        print()
        print(tr("Beside it, the register carried forward by itself:"))
    grid = table("", *(tr("in {n} days", n=d) for d in days), right=(1, 2, 3))
    for name, title in NUMBERS.items():
        grid.add_row(tr(title), *(_cell(rows, d, name, "") for d in days))
    if study.simulated is None:
        for town in found.towns:
            grid.add_row(tr("open in {town}", town=town), *(_cell(rows, d, "open", town) for d in days))
    out.print(grid)
    print(tr("Median, and the band that holds 80 %."))
    came = [r for r in rows if r["came"] is not None]
    for r in came:
        print(tr("What came: {n} open after {days} days.", n=r["came"], days=r["days"]))
    if study.tests:
        print()
        for tests, text in (
            (study.simulated.tests if study.simulated else (), BY_PLACE),
            (study.tests, BY_REGISTER),
        ):
            if tests:
                inside = sum(b.inside for b in tests)
                print(tr(text, n=len(tests), days=tests[0].days, inside=inside))
        grid = table(tr("forecast"), tr("mean error, disputes"), right=(1,))
        for name, error in study.errors.items():
            grid.add_row(tr(ERRORS[name]), number(error))
        out.print(grid)
        best = min(study.errors, key=lambda n: study.errors[n])
        if best not in ("forecast", "simulated"):
            print(tr("Here a naive forecast has done better: {name}.", name=tr(ERRORS[best])))
    print()
    for message in (*study.sentences(), *study.messages()):
        print(textwrap.fill(shown(message), 120, break_long_words=False))


BY_REGISTER = marked(
    "Looking back: of {n} earlier forecasts by the register for {days} days later, {inside} had what came in their "
    "band."
)
BY_PLACE = marked(
    "Looking back: of {n} earlier forecasts by simulation for {days} days later, {inside} had what came in their band; "
    "their parameters know the register to its end."
)
SIMULATED = {
    **NUMBERS,
    "unresolved": marked("withdrawn or given up until then"),
    "suits": marked("suits filed until then"),
}
ERRORS = {
    "simulated": marked("simulation"),
    "forecast": marked("the register carried forward"),
    "last value": marked("as many as on the day"),
    "smoothed": marked("exponential smoothing of the months"),
    "a year ago": marked("as many as a year ago, else on the day"),
}


def _cell(rows: list[dict[str, object]], days: int, name: str, town: str) -> str:
    (row,) = [r for r in rows if (r["days"], r["number"], r["township"]) == (days, name, town)]
    low, median, high = (number(float(str(row[k]))) for k in ("low", "median", "high"))
    return f"{median} ({between(low, high)})"


def _print_simulated(s: Simulated, days: list[int]) -> None:
    """Numbers by horizon, of each policy; hours of staff; and the townships."""
    out = console()
    for future in s.futures:
        if future is s.futures[0]:
            print(tr("As it is now:"))
        else:
            print()
            print(tr("With {policy} from {start} on:", policy=policy(future.policy), start=s.starts))
        grid = table("", *(tr("in {n} days", n=d) for d in days), right=(1, 2, 3))
        for name, title in SIMULATED.items():
            grid.add_row(tr(title), *(_banded(future.number(name)[:, i]) for i in range(len(days))))
        for j, town in enumerate(s.towns):
            cells = (_banded(future.by_town[:, i, j]) for i in range(len(days)))
            grid.add_row(tr("open in {town}", town=town), *cells)
        for g, name in enumerate(s.groups):
            if np.median(future.hours[:, -1, g]) >= 1:
                cells = (_banded(np.rint(future.hours[:, i, g])) for i in range(len(days)))
                grid.add_row(tr("hours of {staff}", staff=staff(name)), *cells)
        if future is not s.futures[0]:
            for name in ("open", "suits"):
                change = future.number(name) - s.futures[0].number(name)
                means = (f"{change[:, i].mean():+.1f}" for i in range(len(days)))
                grid.add_row(tr("change of {number}, on average", number=tr(SIMULATED[name])), *means)
        out.print(grid)
    if s.towns and s.staffed:
        print()
        _print_load(s)


def _print_load(s: Simulated) -> None:
    grid = table(
        tr("township"),
        tr("staff"),
        tr("% of their hours in {n} days", n=s.horizons[-1]),
        tr("first short, %"),
        right=(2, 3),
    )
    found = s.binds_first(s.futures[0])
    for town, name, chance, load in found[:MOST_LOADS]:
        grid.add_row(town, staff(name), _banded(np.rint(100.0 * load)), f"{100.0 * chance:.0f}")
    console().print(grid)


def _banded(draws: object) -> str:
    low, median, high = map(number, band(draws))
    return f"{median} ({between(low, high)})"
