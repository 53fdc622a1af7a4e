"""How many disputes are open at each tier through the year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim import clock
from sim.language import tr
from sim.show.figures.page import Drawing, Run, page
from sim.show.figures.style import BLUE, GREY, PALE_BLUE, PALE_GREY, SMALL, TIER_WORDS, TIERS, ticks

LONG_HOLIDAY = 5  # days: the holidays that fill a working week
TICKS = 6


class Holiday(NamedTuple):
    """A run of public holidays, both days included."""

    first: date
    last: date
    festival: bool  # Spring Festival


def draw(run: Run) -> Drawing:
    """One panel per tier: mean and middle 90 % of open disputes, week by week."""
    start, end = run.place.window.start, run.place.window.end
    tiers = [t for t in TIERS if t in run.cells.series_groups("open_disputes")]
    holidays = long_holidays(start, end)
    columns = min(2, max(1, len(tiers)))
    rows = max(1, -(-len(tiers) // columns))
    weeks = tr("no public-holiday week lies in the window.")
    if holidays:
        weeks = (
            tr("grey marks public-holiday weeks, the dark one is Spring Festival.")
            if any(h.festival for h in holidays)
            else tr("grey marks public-holiday weeks.")
        )
    drawing = page(
        run,
        tr("open disputes through the window"),
        tr("Disputes open at each tier, once a week, {window}.", window=run.window),
        tr(
            "Line: mean; band: the middle 90 % of replications; {weeks} Each panel has a scale of its own.",
            weeks=weeks,
        ),
        width=9.6,
        height=1.55 * rows + 0.3,
    )
    grid = drawing.figure.subplots(rows, columns, sharex=True, squeeze=False)
    for axes, tier in zip(grid.flat, tiers, strict=False):
        _draw_panel(axes, run, tier, holidays)
    for axes in grid.flat[len(tiers) :]:
        axes.axis("off")
    for axes in grid[:, 0]:
        axes.set_ylabel(tr("open disputes"))
    for column in range(columns):
        last = max((r for r in range(rows) if r * columns + column < len(tiers)), default=0)
        grid[last, column].tick_params(labelbottom=True)
        if last < rows - 1:  # the empty place below has room for the labels
            grid[last, column].xaxis.set_in_layout(False)
        grid[last, column].set_xlabel(tr("date"))
    return drawing


def _draw_panel(axes: Axes, run: Run, tier: str, holidays: list[Holiday]) -> None:
    start, end = run.place.window.start, run.place.window.end
    curve = run.cells.curve("open_disputes", tier, absent=0.0)
    for holiday in holidays:
        shade = GREY if holiday.festival else PALE_GREY
        axes.axvspan(_day(holiday.first), _day(holiday.last) + 1, color=shade, alpha=0.45, linewidth=0)
    days = _day(start) + curve.x
    axes.fill_between(days, curve.low, curve.high, color=PALE_BLUE, linewidth=0)
    axes.plot(days, curve.mean, color=BLUE, linewidth=1.6)
    most = float(curve.high.max()) if len(curve.high) else 0.0
    axes.set(xlim=(_day(start), _day(end)), ylim=(0, max(1.0, 1.08 * most)))
    marks = date_marks(start, end)
    axes.set_xticks([_day(day) for day in marks], list(marks.values()))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(ticks())
    axes.tick_params(labelsize=SMALL)
    axes.set_title(tr(TIER_WORDS.get(tier, tier)))


def _day(day: date) -> float:
    """A date as a number on the axis: days since the first day of the calendar."""
    return float(day.toordinal())


def date_marks(start: date, end: date) -> dict[date, str]:
    """Dates to write on the axis, a few from `start` to `end`: firsts of months, or both ends of a short window."""
    step = max(1, round((end - start).days / 30.4 / TICKS))
    first = start.year * 12 + start.month - 1
    months = range(first, end.year * 12 + end.month)
    firsts = [date(m // 12, m % 12 + 1, 1) for m in months if (m - first) % step == 0]
    shown = {day: f"{day:%Y-%m}" for day in firsts if start <= day <= end}
    return shown if len(shown) > 1 else {day: f"{day:%Y-%m-%d}" for day in (start, end)}


def long_holidays(start: date, end: date) -> list[Holiday]:
    """Runs of at least five public holidays that touch the days from `start` to `end`, cut to them."""
    found: list[Holiday] = []
    day = start - timedelta(days=14)
    while day <= end:
        last = day
        while clock.is_holiday(last):
            last += timedelta(days=1)
        if (last - day).days >= LONG_HOLIDAY and last > start:
            last -= timedelta(days=1)
            festival = day <= clock.spring_festival(day.year) <= last
            found.append(Holiday(max(day, start), min(last, end), festival))
        day = max(last, day) + timedelta(days=1)
    return found
