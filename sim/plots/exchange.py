"""The exchange: every mechanism into every place that lacks it, and out of every place that has it, at a glance."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.patches import Polygon, Rectangle

from sim.plots.page import Compared, Drawing, page
from sim.plots.save import write_drawing
from sim.plots.style import BLUE, GREY, INK, ORANGE, PALE_GREY, SMALL, TEXT, style, words
from sim.scenario.mechanisms import MECHANISMS

ROW = 0.34  # inches
NOTHING = "no difference shown"
# From better to worse; the middle is white.
SHADES = LinearSegmentedColormap.from_list("exchange", [BLUE, "#9dbcd6", "#ffffff", "#ecc09c", ORANGE])


def draw(frame: pd.DataFrame, shown: Compared, what: str, *, metric: str, better: str = "lower") -> Drawing:
    """The matrix. `frame` is that of `comparing.exchange_frame`, in percent of the baseline."""
    strength = frame.assign(size=frame["shown"].abs()).groupby("mechanism")["size"].mean()
    mechanisms = list(strength.sort_values(ascending=False, na_position="last").index)
    places = list(dict.fromkeys(frame["place"]))
    good = "blue: lower" if better == "lower" else "blue: higher"
    drawing = page(
        shown,
        what,
        f"Change of {words(metric)} when a mechanism comes or goes, in percent of the place's practice.",
        f"{good.capitalize()} is better, orange is worse; white and grey figures: {NOTHING}. Small: the interval, "
        "which holds for all "
        "mechanisms and metrics of a place together. A corner marks mechanisms that the place has: the "
        "figure is what "
        "taking them out changes. Hatched: cannot be in force beside the practice, since it takes more "
        "hours than there "
        "are. Sorted by size.",
        width=9.6,
        height=ROW * len(mechanisms) + 0.75,
    )
    axes = drawing.figure.subplots()
    largest = float(frame["shown"].abs().max())
    norm = TwoSlopeNorm(0.0, -largest or -1.0, largest or 1.0)
    sign = 1.0 if better == "lower" else -1.0
    for row in frame.to_dict("records"):
        cell: dict[str, Any] = {str(k): v for k, v in row.items()}
        _cell(axes, cell, places.index(cell["place"]), mechanisms.index(cell["mechanism"]), norm, sign)
    axes.set_xlim(0, len(places))
    axes.set_ylim(len(mechanisms), 0)
    axes.set_xticks([i + 0.5 for i in range(len(places))], places)
    axes.xaxis.tick_top()
    labels = [f"{words(m)}  {MECHANISMS[m].zh}" if m in MECHANISMS else words(m) for m in mechanisms]
    axes.set_yticks([i + 0.5 for i in range(len(mechanisms))], labels)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return drawing


def _cell(axes: Axes, cell: dict[str, Any], x: int, y: int, norm: TwoSlopeNorm, sign: float) -> None:
    if cell["direction"] == "cannot" or math.isnan(cell["shown"]):
        axes.add_patch(
            Rectangle((x, y), 1, 1, facecolor="white", hatch="////", edgecolor=PALE_GREY, linewidth=0)
        )
        return
    quiet = cell["verdict"] == NOTHING
    shade = "#ffffff" if quiet else SHADES(norm(sign * cell["shown"]))
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=shade, linewidth=1.0, edgecolor="white"))
    dark = not quiet and abs(norm(sign * cell["shown"]) - 0.5) > 0.36
    ink = "white" if dark else GREY if quiet else INK
    axes.text(
        x + 0.46, y + 0.5, percent(cell["shown"]), ha="right", va="center", size=TEXT, color=ink, gid="effect"
    )
    span = f"{percent(cell['low'])} to {percent(cell['high'])}"
    axes.text(x + 0.51, y + 0.5, span, ha="left", va="center", size=SMALL - 1.5, color=ink)
    if cell["direction"] == "out":
        corner = [(x + 0.005, y + 0.03), (x + 0.075, y + 0.03), (x + 0.005, y + 0.42)]
        axes.add_patch(Polygon(corner, closed=True, facecolor=INK, linewidth=0))


def percent(x: float) -> str:
    """A change with its sign, as short as a cell allows."""
    digits = 0 if abs(x) >= 9.95 else 1 if abs(x) >= 0.095 else 2
    text = f"{x:+.{digits}f}"
    return "0" if float(text) == 0 else text.replace("-", "−")


def save_exchange(
    frame: pd.DataFrame, folder: Path, *, shown: Compared, what: str, metric: str, better: str = "lower"
) -> list[Path]:
    """Draw and write the figure; return the paths of PNG and SVG."""
    with style():
        return write_drawing(draw(frame, shown, what, metric=metric, better=better), folder, "exchange")
