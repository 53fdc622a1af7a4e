"""The forest of paired differences: policies as rows, a panel for each metric."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.plots.page import Compared, Drawing, page, wrapped
from sim.plots.save import write_drawing
from sim.plots.style import BLUE, GREY, INK, ORANGE, PALE_BLUE, SMALL, style, ticks, words

MOST_PANELS = 9
COLUMNS = 3
LABEL = 2.1  # inches for the names of policies
# Shape and colour both tell the verdict, for those who cannot tell the colours.
MARKS = {
    "lower": ("<", BLUE, "lower"),
    "higher": (">", ORANGE, "higher"),
    "equivalent": ("s", GREY, "equivalent within the margin"),
    "no difference shown": ("o", GREY, "no difference shown"),
}


def draw(frame: pd.DataFrame, shown: Compared, what: str) -> Drawing:
    """Small multiples. `frame` is the table of effects (sim/analysis/comparison.py)."""
    metrics = list(dict.fromkeys(frame["metric"]))[:MOST_PANELS]
    first = frame[frame["metric"] == metrics[0]].sort_values("difference", kind="stable")
    policies = [str(p) for p in first["policy"]]
    columns = min(COLUMNS, len(metrics))
    rows = math.ceil(len(metrics) / columns)
    spread = bool(frame["parameter_low"].notna().any()) if "parameter_low" in frame else False
    outer = " Pale band: 95 % of the effect over parameter draws." if spread else ""
    drawing = page(
        shown,
        what,
        "Paired differences on the same disputes, with intervals that hold for all of them together.",
        "◀ lower, ▶ higher, ● no difference shown, ■ equivalent within the stated margin (dotted lines). "
        "Line: simultaneous "
        f"95 % interval.{outer} Sorted by the first metric.",
        width=9.6,
        height=rows * (0.62 + 0.2 * max(3, len(policies))),
    )
    grid = drawing.figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, metric in zip(grid.flat, metrics, strict=False):
        _panel(axes, frame[frame["metric"] == metric], policies, metric)
    for axes in list(grid.flat)[len(metrics) :]:
        axes.axis("off")
    return drawing


def short(policy: str) -> str:
    """A policy's name that fits beside an axis."""
    text = words(policy.removeprefix("practice") or policy)
    lines = wrapped(text, SMALL, LABEL)
    return lines[0] if len(lines) == 1 else lines[0].rstrip() + "…"


def _panel(axes: Axes, frame: pd.DataFrame, policies: list[str], metric: str) -> None:
    rows: dict[str, dict[str, Any]] = {str(r["policy"]): r for r in frame.to_dict("records")}  # type: ignore[misc]
    for y, policy in enumerate(policies):
        row = rows.get(policy)
        if row is None or math.isnan(row["difference"]):
            continue
        marker, colour, _ = MARKS[row["verdict"]]
        low = row.get("parameter_low", math.nan)
        if not math.isnan(low):
            axes.plot([low, row["parameter_high"]], [y, y], color=PALE_BLUE, linewidth=5, zorder=1)
        axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=1.4, zorder=2)
        axes.plot([row["difference"]], [y], marker, color=colour, markersize=5, zorder=3)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=0)
    margins = [r["margin"] for r in rows.values() if not math.isnan(r.get("margin", math.nan))]
    for margin in margins[:1]:
        for x in (-margin, margin):
            axes.axvline(x, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    unit = str(frame["unit"].iloc[0])
    axes.set_title("\n".join(wrapped(words(metric), SMALL + 0.5, 2.3)), size=SMALL + 0.5)
    axes.set_xlabel("\n".join(wrapped(f"difference, {unit}", SMALL, 2.3)), size=SMALL, labelpad=1)
    axes.set_yticks(range(len(policies)), [short(p) for p in policies])
    axes.set_ylim(len(policies) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(ticks())


def save_forest(frame: pd.DataFrame, folder: Path, *, shown: Compared, what: str) -> list[Path]:
    """Draw and write the figure; return the paths of PNG and SVG."""
    with style():
        return write_drawing(draw(frame, shown, what), folder, "forest")
