"""A fan: open disputes of the last months, and bands of the forecast."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from sim.language import tr
from sim.ledger.forecast import Forecast, open_at
from sim.ledger.ledger import Ledger
from sim.show.figures.load import date_marks
from sim.show.figures.page import Drawing, titled
from sim.show.figures.style import BLUE, INK, PALE_BLUE, SMALL

STEP, BACK = 14, 26  # days between points of the past, and how many of them


def forecast(ledger: Ledger, found: Forecast) -> Drawing:
    """Open disputes before and after the day of the forecast. Call it inside `style()`."""
    drawing = titled(
        tr("{file}: open disputes, and how many there may be", file=ledger.file),
        tr("Forecast from {start}, by the register alone.", start=found.start.date()),
        tr("Dark line: the register. Blue line: median; bands: the middle 50 and 80 % of what may come."),
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
    for low, high, alpha in ((0.1, 0.9, 0.5), (0.25, 0.75, 1.0)):
        bands = np.array([[now, now], *(np.quantile(f.open, [low, high]) for f in found.horizons)])
        axes.fill_between(x, bands[:, 0], bands[:, 1], color=PALE_BLUE, alpha=alpha, linewidth=0)
    axes.plot(
        x, [now, *(float(np.median(f.open)) for f in found.horizons)], color=BLUE, linewidth=1.6, marker="o"
    )
    first = past[0] if past else found.start
    marks = date_marks(first.date(), (found.start + timedelta(days=found.horizons[-1].days)).date())
    axes.set_xticks([d.toordinal() for d in marks], list(marks.values()), size=SMALL)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(tr("open disputes"))
    return drawing
