"""results.png: the tools on the plain network, measured values against their bars, and cost against size."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from benchmarks.measure import Row
from benchmarks.table import shown
from sim.runs.atomic_files import write_atomically
from sim.show.figures.page import DPI, Drawing
from sim.show.figures.save import encoded
from sim.show.figures.style import BLUE, GREY, INK, ORANGE, PALE_BLUE, SMALL, TITLE, style


def save(rows: Sequence[Row], path: Path) -> None:
    """Draw what there is."""
    tools = sorted((r for r in rows if r.part == "b" and r.unit == "disputes/s" and r.value), key=_value)
    barred = [r for r in rows if r.bar and r.value]
    sizes = [r for r in rows if r.part == "d" and "disputes in one run" in r.name and r.value]
    panels = [(_tools, tools), (_bars, barred), (_sizes, sizes)]
    panels = [(draw, several) for draw, several in panels if several]
    if not panels:
        return
    with style():
        heights = [2.6 if draw is _sizes else 0.30 * len(several) + 0.9 for draw, several in panels]
        figure = Figure(figsize=(9.6, sum(heights) + 0.5), dpi=DPI, layout="constrained")
        figure.suptitle("Speed, measured in one run", x=0.01, ha="left", fontsize=TITLE)
        grid = figure.subplots(len(panels), 1, height_ratios=heights, squeeze=False)
        for axes, (draw, several) in zip(grid[:, 0], panels, strict=True):
            draw(axes, several)
        title = "Speed, measured in one run"
        caption = (
            "Disputes per second by tool, bars of the project, and cost by size; the table has all numbers."
        )
        write_atomically(path, encoded(Drawing(figure, title, caption), "png"))


def _value(row: Row) -> float:
    assert row.value is not None
    return row.value


def _horizontal(axes: Any, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="y", length=0, labelsize=SMALL)
    axes.set_ylim(-0.6, len(names) - 0.4)


def _tools(axes: Any, rows: Sequence[Row]) -> None:
    values = [_value(row) for row in rows]
    ours = next((_value(row) for row in rows if row.name == "compiled engine"), None)
    axes.barh(
        range(len(rows)), values, color=[BLUE if "engine" in r.name else PALE_BLUE for r in rows], height=0.66
    )
    for y, row in enumerate(rows):
        ratio = "" if ours is None or row.name == "compiled engine" else f" · {_times(ours / _value(row))}"
        axes.text(_value(row) * 1.07, y, f"{shown(row.value)}{ratio}", va="center", fontsize=SMALL, color=INK)
    _horizontal(axes, [row.name for row in rows])
    axes.set_xlim(min(values) / 2, max(values) * 6)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    axes.set_title(
        "Plain network: disputes per second on one core · how many times as fast the compiled engine is"
    )


def _times(ratio: float) -> str:
    return f"× {ratio:,.0f}" if ratio >= 9.95 else f"× {ratio:.1f}"


def _bars(axes: Any, rows: Sequence[Row]) -> None:
    rows = list(rows)[::-1]
    margins = []
    for y, row in enumerate(rows):
        assert row.bar is not None
        sign, bar = row.bar
        margin = _value(row) / bar if sign == ">=" else bar / _value(row)
        margins.append(margin)
        colour = BLUE if row.met else ORANGE
        axes.plot([1, margin], [y, y], color=colour, linewidth=5)
        axes.plot([margin], [y], "o", color=colour, markersize=6)
        text = f"{shown(row.value)} {row.unit}, bar {'≥' if sign == '>=' else '≤'} {shown(bar)}"
        axes.text(max(margin, 1) * 1.12, y, text, va="center", fontsize=SMALL)
    axes.axvline(1, color=GREY, linewidth=0.8)
    _horizontal(axes, [row.name for row in rows])
    axes.set_xlim(min(0.5, *margins) / 1.3, max(2.0, *margins) * 8)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.set_title("Against the bars: 1 is the bar, right of it is better (orange: missed)")


def _sizes(axes: Any, rows: Sequence[Row]) -> None:
    x = [float(row.name.split()[0].replace(",", "")) for row in rows]
    axes.plot(x, [_value(row) for row in rows], "o-", color=BLUE, linewidth=1.6)
    for at, row in zip(x, rows, strict=True):
        memory = re.search(r"peak memory ([\d.]+) GiB", row.note)
        text = f"{_value(row):.2f}\n{memory.group(1)} GiB" if memory else f"{_value(row):.2f}"
        axes.annotate(
            text, (at, _value(row)), (0, 7), textcoords="offset points", ha="center", fontsize=SMALL
        )
    axes.set_xscale("log")
    axes.set_ylim(0, 1.45 * max(_value(row) for row in rows))
    axes.set_xlim(min(x) / 2, max(x) * 2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("latent disputes in one run")
    axes.set_ylabel("µs per dispute")
    axes.set_title("Cost against size: processor time per latent dispute, outcomes included, and peak memory")
