"""What `forecast` prints."""

from __future__ import annotations

import textwrap

import numpy as np

from sim.language import marked, shown, tr
from sim.show.text.console import between, console, number, table
from sim.studies.forecast import Outlook

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
    grid = table("", *(tr("in {n} days", n=d) for d in days), right=(1, 2, 3))
    for name, title in NUMBERS.items():
        grid.add_row(tr(title), *(_cell(rows, d, name, "") for d in days))
    for town in found.towns:
        grid.add_row(tr("open in {town}", town=town), *(_cell(rows, d, "open", town) for d in days))
    out.print(grid)
    print(tr("Median, and the band that holds 80 %."))
    came = [r for r in rows if r["came"] is not None]
    for r in came:
        print(tr("What came: {n} open after {days} days.", n=r["came"], days=r["days"]))
    if study.tests:
        inside = sum(b.inside for b in study.tests)
        print()
        print(
            tr(
                "Looking back: of {n} earlier forecasts for {days} days later, {inside} had what came in their band.",
                n=len(study.tests),
                days=study.tests[0].days,
                inside=inside,
            )
        )
        grid = table(tr("forecast"), tr("mean error, disputes"), right=(1,))
        for name, error in study.errors.items():
            grid.add_row(tr(ERRORS[name]), number(error))
        out.print(grid)
        best = min(study.errors, key=lambda n: study.errors[n])
        if best != "forecast":
            print(tr("Here a naive forecast has done better: {name}.", name=tr(ERRORS[best])))
    print()
    for message in study.messages():
        print(textwrap.fill(shown(message), 120, break_long_words=False))


ERRORS = {
    "forecast": marked("this one"),
    "last value": marked("as many as on the day"),
    "smoothed": marked("exponential smoothing of the months"),
    "a year ago": marked("as many as a year ago, else on the day"),
}


def _cell(rows: list[dict[str, object]], days: int, name: str, town: str) -> str:
    (row,) = [r for r in rows if (r["days"], r["number"], r["township"]) == (days, name, town)]
    low, median, high = (number(float(str(row[k]))) for k in ("low", "median", "high"))
    return f"{median} ({between(low, high)})"
