"""A register at a glance: its months, how long disputes took, and which cells are empty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from sim.language import shown, tr
from sim.ledger.closings import closings
from sim.ledger.ledger import MINUTES_PER_DAY, Ledger
from sim.ledger.quality import Finding, months_of
from sim.show.figures.page import Drawing, titled
from sim.show.figures.style import BLUE, GREY, ORANGE, SMALL

LONGEST = 90  # days shown


def quality(ledger: Ledger, findings: Sequence[Finding]) -> Drawing:
    """Three panels. Call it inside `style()`."""
    drawing = titled(
        tr("{file}: how the register is written", file=ledger.file),
        tr(
            "{n:,} disputes, {start} to before {end}",
            n=len(ledger.cases),
            start=ledger.start.date(),
            end=ledger.end.date(),
        ),
        tr(
            "Left: disputes received and closed in each month, and open at its end. Middle: days from receipt to the "
            "end; a peak at a round number or on the first day may be a habit of writing. Right: share of empty cells."
        ),
        width=11.0,
        height=3.2,
    )
    left, middle, right = drawing.figure.subplots(1, 3, width_ratios=(1.3, 1, 0.9))
    _months(left, ledger)
    _days(middle, ledger)
    _missing(right, [f for f in findings if f.group == "missing"])
    return drawing


def _months(axes: Axes, ledger: Ledger) -> None:
    months = months_of(ledger)
    x = np.arange(len(months))
    counts = np.array(list(months.values()))
    for i, (colour, name) in enumerate(((BLUE, tr("received")), (ORANGE, tr("closed")), (GREY, tr("open")))):
        axes.plot(x, counts[:, i], color=colour, marker="o", markersize=3, label=name)
    step = max(1, len(months) // 6)
    axes.set_xticks(x[::step], list(months)[::step], size=SMALL)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(tr("disputes"))
    axes.legend(frameon=False, fontsize=SMALL)


def _days(axes: Axes, ledger: Ledger) -> None:
    days = [round(c.minutes / MINUTES_PER_DAY) for c in closings(ledger) if c.how]
    counts = np.bincount(np.minimum(np.array(days, dtype=int), LONGEST), minlength=LONGEST + 1)
    axes.bar(np.arange(LONGEST + 1), counts, width=1.0, color=BLUE)
    axes.set_xlabel(tr("days ({n}: and longer)", n=LONGEST))
    axes.set_ylabel(tr("disputes"))


def _missing(axes: Axes, findings: Sequence[Finding]) -> None:
    names = [shown(f.name) for f in findings]
    axes.barh(np.arange(len(names)), [100 * f.share for f in findings], color=GREY)
    axes.set_yticks(np.arange(len(names)), names, size=SMALL)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("%")
