"""Before and after a date: what would change anyway, what is seen with the policy, and its effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.language import joined, tr
from sim.runs.numbers import Floats
from sim.scenario import terms
from sim.scenario.metrics import FOLLOWED
from sim.show.figures.page import Compared, Drawing, page
from sim.show.figures.style import BLUE, GREY, INK, ORANGE, PALE_GREY, SMALL, percent_ticks
from sim.studies.before_after.found import Asked
from sim.studies.before_after.periods import Change, Periods, change

WIDEST = 150.0  # percent; what lies beyond is cut and said
CLAIM = "#7b3294"


class Line(NamedTuple):
    """One of the three distributions of a row."""

    label: str
    values: Floats
    colour: str
    offset: float


def draw(
    found: Periods, shown: Compared, what: str, claims: Mapping[str, float], villages: int | None, by: str
) -> Drawing:
    """A row per metric, a panel for all villages and, if wanted, one for those chosen for what happened before."""
    panels: list[tuple[str, int | None]] = [(tr("all villages"), None)]
    if villages:
        chosen = tr("the {n} villages with most {metric} before", n=villages, metric=terms.words(by))
        panels.append((chosen, villages))
    before, after = found.days
    drawing = page(
        shown,
        what,
        tr(
            "Change from the {before} days before {start} to the {after} days from it on, in percent of the rate "
            "before.",
            before=before,
            start=found.start,
            after=after,
        ),
        tr(
            "Grey: what would change anyway; blue: what is seen with the policy; orange: the effect, after with "
            "against after without it. Dot: median; line: the middle 90 % of replications. Diamond: a claimed change. "
            "Villages are chosen anew in each replication. Axes end at ±{x:.0f} %.",
            x=WIDEST,
        ),
        width=9.6,
        height=0.62 * len(FOLLOWED) + 0.5,
    )
    grid = drawing.figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for axes, (title, number) in zip(grid, panels, strict=True):
        rows = [change(found, m, villages=number, by=by) for m in FOLLOWED]
        _panel(axes, rows, claims)
        axes.set_title(title)
    grid[0].set_yticks(range(len(FOLLOWED)), [terms.words(m) for m in FOLLOWED])
    grid[0].invert_yaxis()
    return drawing


def _panel(axes: Axes, rows: list[Change], claims: Mapping[str, float]) -> None:
    low, high = 0.0, 0.0
    for i, row in enumerate(rows):
        for line in (
            Line("anyway", row.anyway, GREY, -0.22),
            Line("seen", row.seen, BLUE, 0.0),
            Line("effect", row.effect, ORANGE, 0.22),
        ):
            values = line.values[~np.isnan(line.values)]
            if not len(values):
                continue
            a, b, c = (float(np.clip(x, -100, WIDEST)) for x in np.quantile(values, [0.05, 0.5, 0.95]))
            axes.plot([a, c], [i + line.offset] * 2, color=line.colour, linewidth=2.2, zorder=2)
            axes.plot([b], [i + line.offset], "o", color=line.colour, markersize=4.5, zorder=3)
            low, high = min(low, a), max(high, c)
        claim = claims.get(FOLLOWED[i])
        if claim is not None:
            axes.plot([claim], [i], "D", color=CLAIM, markersize=6, markeredgecolor="white", zorder=4)
            low, high = min(low, claim), max(high, claim)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=1)
    for i in range(1, len(rows)):
        axes.axhline(i - 0.5, color=PALE_GREY, linewidth=0.5, zorder=0)
    margin = 0.05 * (high - low) or 1.0
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(-0.5, len(rows) - 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(percent_ticks())
    axes.set_xlabel(tr("change"), size=SMALL, labelpad=1)
    axes.tick_params(axis="y", length=0)


def before_after(asked: Asked, found: Periods) -> Drawing:
    """The three distributions of every metric, and what is claimed of them."""
    said = tr("Calibrated.") if asked.drawn is not None else tr("Uncalibrated.")
    source = joined(tr("{n} replications, seed {seed}.", n=asked.replications, seed=asked.seed), said)
    what = tr("{policy} from {start} on", policy=terms.policy(asked.policy), start=asked.start)
    return draw(found, Compared(asked.place, source), what, asked.claims, asked.villages, asked.by)
