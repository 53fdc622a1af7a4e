"""A fan: open disputes of the last months, and bands of the forecast."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from sim.language import tr
from sim.ledger.forecast import Forecast, open_at
from sim.ledger.ledger import Ledger
from sim.scenario.terms import policy
from sim.show.figures.load import date_marks
from sim.show.figures.page import Drawing, titled
from sim.show.figures.style import BLUE, INK, ORANGE, PALE_BLUE, SMALL
from sim.studies.forecast.simulated import Simulated

STEP, BACK = 14, 26  # days between points of the past, and how many of them


def forecast(ledger: Ledger, found: Forecast, simulated: Simulated | None = None) -> Drawing:
    """Open disputes before and after the day of the forecast. Call it inside `style()`."""
    alone = tr("Forecast from {start}, by the register alone.", start=found.start.date())
    by_place = tr("Forecast from {start}, by simulations of the county.", start=found.start.date())
    lines = [
        tr("Dark line: the register. Blue line: median; bands: the middle 50 and 80 % of what may come.")
    ]
    others = simulated.futures[1:] if simulated is not None else ()
    for future in others:
        lines.append(tr("Dashed: median with {policy}.", policy=policy(future.policy)))
    drawing = titled(
        tr("{file}: open disputes, and how many there may be", file=ledger.file),
        alone if simulated is None else by_place,
        " ".join(lines),
        width=8.0,
        height=3.4,
    )
    axes = drawing.figure.subplots()
    past = [found.start - timedelta(days=STEP * i) for i in range(BACK, -1, -1)]
    past = [day for day in past if day > ledger.start]
    axes.plot([d.toordinal() for d in past], [open_at(ledger, d) for d in past], color=INK, linewidth=1.4)
    x = [
        found.start.toordinal(),
        *((found.start + timedelta(days=f.days)).toordinal() for f in found.horizons),
    ]
    now = float(len(found.ages))
    draws = (
        [f.open for f in found.horizons] if simulated is None else list(simulated.futures[0].number("open").T)
    )
    for low, high, alpha in ((0.1, 0.9, 0.5), (0.25, 0.75, 1.0)):
        bands = np.array([[now, now], *(np.quantile(d, [low, high]) for d in draws)])
        axes.fill_between(x, bands[:, 0], bands[:, 1], color=PALE_BLUE, alpha=alpha, linewidth=0)
    axes.plot(x, [now, *(float(np.median(d)) for d in draws)], color=BLUE, linewidth=1.6, marker="o")
    for future in others:
        medians = [float(np.median(d)) for d in future.number("open").T]
        axes.plot(x, [now, *medians], color=ORANGE, linewidth=1.6, linestyle="--", marker="s")
    first = past[0] if past else found.start
    marks = date_marks(first.date(), (found.start + timedelta(days=found.horizons[-1].days)).date())
    axes.set_xticks([d.toordinal() for d in marks], list(marks.values()), size=SMALL)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(tr("open disputes"))
    return drawing
