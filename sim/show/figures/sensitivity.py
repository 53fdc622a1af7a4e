"""What moves outcomes and choices: indices against what chance would give, and the value of knowing a parameter."""

from __future__ import annotations

import math

import pandas as pd

from sim.language import tr
from sim.scenario import terms
from sim.scenario.place import Place
from sim.show.figures.page import Compared, Drawing, page
from sim.show.figures.style import BLUE, GREY, INK, PALE_GREY
from sim.studies.panel import about, columns_in
from sim.studies.sensitivity import ValueOfKnowing

ROWS, ROW, WIDTH, FINE = 8, 0.24, 11.0, 7.5


def sensitivity(
    moved: pd.DataFrame,
    known: ValueOfKnowing | None,
    objective: str,
    place: Place,
    draws: int,
    replications: int,
) -> Drawing:
    """A panel for each outcome, and one for the choice. Call it inside `style()`."""
    source = tr("{draws} parameter draws of {n} replications each.", draws=draws, n=replications)
    shown = Compared(place, source)
    outcomes = columns_in(moved)
    panels = len(outcomes) + (known is not None)
    rows = (panels + 1) // 2
    drawing = page(
        shown,
        tr("what outcomes and the choice hang on"),
        tr("Share of the variance between parameter draws that one parameter explains by itself."),
        tr(
            "Bars: 95 % intervals. Grey: what the largest of all parameters reaches by chance in one of twenty cases. "
            "Value of knowing: how much better the choice would be on average if that parameter were known."
        ),
        width=WIDTH,
        height=rows * (ROW * ROWS + 1.0),
    )
    axes = drawing.figure.subplots(rows, 2, squeeze=False).ravel()
    for at, outcome in zip(axes, outcomes, strict=False):
        part = about(moved, outcome).head(ROWS)
        at.axvspan(0, float(part["limit"].iloc[0]), color=PALE_GREY, alpha=0.6, linewidth=0)
        for y, (_, row) in enumerate(part.iterrows()):
            colour = BLUE if row["above"] else GREY
            at.plot(
                [row["index"] - row["half"], row["index"] + row["half"]], [y, y], color=colour, linewidth=1.6
            )
            at.plot([row["index"]], [y], marker="o", color=colour, markersize=4)
        at.set_yticks(range(len(part)), list(part["parameter"]), size=FINE)
        at.set_ylim(len(part) - 0.4, -0.6)
        at.set_xlim(0, None)
        share = part["monte_carlo"].iloc[0]
        name = terms.metric(outcome.metric, outcome.reading)
        titled = tr("{metric} (Monte Carlo: {x:.0%} of one replication)", metric=name, x=share)
        at.set_title(name if math.isnan(share) else titled)
        at.set_xlabel(tr("share of the variance between draws"))
    if known is not None:
        at, part = axes[len(outcomes)], known.frame.head(ROWS)
        at.axvspan(0, float(part["floor"].iloc[0]), color=PALE_GREY, alpha=0.6, linewidth=0)
        colours = [BLUE if above else GREY for above in part["above"]]
        at.barh(range(len(part)), part["value"], color=colours, height=0.5)
        at.axvline(known.perfect, color=INK, linewidth=0.8, linestyle=":")
        at.set_yticks(range(len(part)), list(part["parameter"]), size=FINE)
        at.set_ylim(len(part) - 0.4, -0.6)
        at.set_title(tr("value of knowing, before choosing (dotted: all parameters)"))
        at.set_xlabel(tr("{metric}, {unit}", metric=terms.metric(objective), unit=terms.unit_of(objective)))
    for at in axes[panels:]:
        at.set_axis_off()
    return drawing
