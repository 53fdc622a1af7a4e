"""How counties of a nation differ: histograms of counties for a few outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.language import tr
from sim.runs.nation import NationRun
from sim.scenario import terms
from sim.scenario.experiment import Outside
from sim.scenario.metrics import KNOWN_METRICS, Column
from sim.scenario.place import Place
from sim.show.figures.page import Drawing, page
from sim.show.figures.style import BLUE, GREY, ORANGE, PALE_BLUE, SMALL, number, ticks
from sim.studies.nation.counties import CountyOutcomes, per_head, total, window_years

BINS = 30


class Panel(NamedTuple):
    """One histogram: a value for each county, the nation's, and a figure from outside."""

    title: str
    unit: str
    values: np.ndarray
    nation: float
    outside: Outside | None = None


@dataclass(frozen=True)
class Page:
    """What the page of a figure needs to know of a nation."""

    place: Place
    source: str


def panels(table: CountyOutcomes, job: NationRun) -> list[Panel]:
    """What is drawn: three outcomes, and every outside figure with its rate in the counties; at most six."""

    def plain(title: str, unit: str, metric: str, group: str = "") -> Panel:
        key = Column(metric, by=KNOWN_METRICS[metric].by if group else "", group=group)
        return Panel(title, unit, table.column(metric, group), total(table, key, slice(None)))

    chosen = [
        plain(tr("True success of closed cases"), "%", "true_success_rate"),
        plain(tr("Days in conflict"), tr("days per 1,000 persons per year"), "days_in_conflict_per_1000"),
        plain(tr("Use of the judges' hours"), tr("% of hours left for villagers"), "utilisation", "judges"),
    ]
    for outside in job.nation.experiment.outside[:3]:
        rates = per_head(table, outside, window_years(job))
        nation = float(np.average(rates, weights=table.persons))
        name = tr(outside.name)
        title = name[:1].upper() + name[1:]
        chosen.append(Panel(title, terms.unit(outside.figure.unit), rates, nation, outside))
    return chosen


def draw(table: CountyOutcomes, job: NationRun) -> Drawing:
    """A histogram of counties per panel. Call it inside `style()`."""
    shown = panels(table, job)
    n = len(table)
    rows = -(-len(shown) // 3)
    window = job.place.window
    drawing = page(
        Page(job.place, tr("{n:,} simulated counties, seed {seed}.", n=n, seed=job.seed)),
        tr("how counties differ"),
        tr(
            "Uncalibrated; how much counties differ is assumed. {start} to {end}.",
            start=window.start,
            end=window.end,
        ),
        tr(
            "Bars: simulated counties; the last one holds all beyond it. Line: all counties together; band: the middle "
            "90 % of them. Orange: a published figure, with an arrow where it lies outside the panel; outside.csv says "
            "what it counts and what not. No match is claimed."
        ),
        width=9.6,
        height=2.3 * rows + 0.2,
    )
    grid = drawing.figure.subplots(rows, 3, squeeze=False)
    for axes, panel in zip(grid.flat, shown, strict=False):
        _draw_panel(axes, panel)
    for axes in grid.flat[len(shown) :]:
        axes.axis("off")
    for axes in grid[:, 0]:
        axes.set_ylabel(tr("counties"))
    return drawing


def _draw_panel(axes: Axes, panel: Panel) -> None:
    axes.set_xlabel(panel.unit, size=SMALL, labelpad=1)
    values = panel.values[np.isfinite(panel.values)]
    if not len(values):
        axes.set_title(panel.title)
        axes.text(
            0.5, 0.5, tr("not defined in any county"), transform=axes.transAxes, ha="center", color=GREY
        )
        axes.set(xticks=[], yticks=[])
        return
    p05, p95 = np.quantile(values, [0.05, 0.95])
    low, high = _limits(values, panel)
    axes.axvspan(p05, p95, color=PALE_BLUE, alpha=0.35, linewidth=0, zorder=0)
    axes.hist(
        np.minimum(values, high),
        bins=list(np.linspace(low, high, BINS + 1)),
        color=BLUE,
        zorder=2,
        rwidth=0.92,
    )
    axes.axvline(panel.nation, color="black", linewidth=1.2, zorder=3)
    text = tr("nation {x}", x=number(panel.nation))
    if panel.outside is not None:
        text += tr(", published {x}", x=_draw_outside(axes, panel.outside, low, high))
    axes.set_xlim(low, high)
    axes.set_title(f"{panel.title}\n{text}", linespacing=1.4)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(ticks())
    axes.yaxis.set_major_formatter(ticks())


def _draw_outside(axes: Axes, outside: Outside, low: float, high: float) -> str:
    """Mark a published range, or the side on which it lies; returns it in words."""
    first, last = float(outside.figure.low), float(outside.figure.high)
    if first > high or last < low:
        tip, tail = (0.995, 0.9) if first > high else (0.005, 0.1)
        arrow = {"arrowstyle": "-|>", "color": ORANGE, "linewidth": 2.0}
        axes.annotate("", (tip, 0.72), (tail, 0.72), xycoords="axes fraction", arrowprops=arrow, zorder=4)
    elif first == last:
        axes.axvline(first, color=ORANGE, linewidth=2.0, zorder=4)
    else:
        axes.axvspan(first, last, color=ORANGE, alpha=0.7, linewidth=0, zorder=1)
    return number(first) if first == last else tr("{low} to {high}", low=number(first), high=number(last))


def _limits(values: np.ndarray, panel: Panel) -> tuple[float, float]:
    """Ends of the axis: all counties but for the extreme half percent at each end, which fills the last bar."""
    low, high = (float(q) for q in np.quantile(values, [0.0, 0.995]))
    if panel.outside is not None and float(panel.outside.figure.high) < 1.6 * high:
        high = max(high, 1.05 * float(panel.outside.figure.high))
        low = min(low, 0.95 * float(panel.outside.figure.low))
    margin = 0.03 * (high - low) or max(1.0, 0.05 * abs(high))
    low = low - margin if low - margin > 0 or low < 0 else 0.0
    return low, high + margin
