"""The exchange: every mechanism into every place that lacks it, and out of every place that has it, at a glance."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerPatch
from matplotlib.patches import Patch, Polygon, Rectangle
from matplotlib.ticker import MaxNLocator

from sim.language import Phrase, Text, current, joined, marked, shown, tr
from sim.scenario import terms
from sim.scenario.mechanisms import MECHANISMS
from sim.scenario.terms import spelled
from sim.show.figures.forest import captioned, percent, sheet
from sim.show.figures.page import MARGIN, Compared, Drawing, text_width, wrapped
from sim.show.figures.save import write_drawing
from sim.show.figures.style import BLUE, GREY, INK, ORANGE, PALE_GREY, SMALL, TEXT, style, ticks

ROW = 0.36  # inches
COLUMN = 1.15  # inches, at least
FINE = 6.5  # points
BAR = 1.9  # inches, the colour bar
CORNER = 0.13  # inches
NOTHING, SAME = "no difference shown", "equivalent"
PALE = 0.3  # how much of its colour a cell keeps where no difference is shown, or none that matters
WHITE = np.array([1.0, 1.0, 1.0])
# From lower to higher; the middle is white. Blue and orange are told apart by the colour-blind.
SHADES = LinearSegmentedColormap.from_list("exchange", [BLUE, "#9dbcd6", "#ffffff", "#ecc09c", ORANGE])
Cell = dict[str, Any]


def save_exchange(
    frame: pd.DataFrame,
    folder: Path,
    *,
    metric: str,
    reading: str = "",
    unit: str = marked("% of the baseline"),
    title: str = "",
    note: str = "",
    better: str | None = None,
    shown: Compared | None = None,
    what: str = "",
) -> list[Path]:
    """Draw and write `exchange.png` and `exchange.svg`; return their paths. Same input, same bytes.

    `title` and `note` say what is compared and how much was run; `shown` and `what` say it for a place.
    """
    with style():
        said = captioned(title, note, shown, what)
        drawing = exchange(frame, metric=metric, reading=reading, unit=unit, better=better, **said)
        return write_drawing(drawing, folder, "exchange")


def exchange(
    frame: pd.DataFrame,
    *,
    metric: str,
    reading: str = "",
    unit: str,
    title: str,
    note: str,
    better: str | None = None,
) -> Drawing:
    """Mechanisms as rows, places as columns, sorted by the mean size of the effect. Call it inside `style()`.

    Columns: mechanism, place, direction ("in", "out", "cannot"), shown, low, high, verdict, and reason where something
    cannot be. Blue is lower and orange higher, unless `better` is "higher": blue is what is better. An empty frame
    raises ValueError.
    """
    if frame.empty:
        raise ValueError("no effects to draw")
    size = (
        frame.assign(size=frame["shown"].astype(float).abs()).groupby("mechanism", sort=False)["size"].mean()
    )
    mechanisms = [str(m) for m in size.sort_values(ascending=False, kind="stable", na_position="last").index]
    places = [str(p) for p in dict.fromkeys(frame["place"])]
    labels = [name(m) for m in mechanisms]
    names = min(3.2, max(text_width(label, SMALL) for label in labels)) + 0.2
    labels = ["\n".join(wrapped(label, SMALL, names)) for label in labels]
    width = max(9.6, names + 0.3 + COLUMN * len(places))
    column = (width - names - 0.4) / len(places)
    heads = ["\n".join(wrapped(p, SMALL, 0.92 * column)) for p in places]
    cells = [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
    reasons = _reasons(cells)
    good = {"lower": tr("Lower is better."), "higher": tr("Higher is better.")}.get(better or "", "")
    unit = tr(unit)
    drawing, middle = sheet(
        title,
        joined(
            tr(
                "Change of {metric} ({unit}) when a mechanism is added, or taken away where the place has it.",
                metric=terms.words(metric, reading),
                unit=unit,
            ),
            good,
        ),
        joined(_caption(reasons), note) or " ",
        width=width,
        height=ROW * len(mechanisms) + 0.25 + 0.15 * max(h.count("\n") + 1 for h in heads),
        strip=0.5,
    )
    limit, over = _limit(frame["shown"])
    shades = SHADES.reversed() if better == "higher" else SHADES
    axes = drawing.figure.subplots()
    for cell in cells:
        where = (places.index(str(cell["place"])), mechanisms.index(str(cell["mechanism"])))
        _cell(axes, cell, where, _colour(cell, shades, limit), reasons)
        if cell["direction"] == "out":
            axes.add_patch(_corner(where, CORNER / column))
    axes.set(xlim=(0, len(places)), ylim=(len(mechanisms), 0))
    axes.set_xticks([i + 0.5 for i in range(len(places))], heads)
    axes.set_yticks([i + 0.5 for i in range(len(mechanisms))], labels)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    _bar(drawing.figure, middle, shades, (limit, over), unit)
    _legend(drawing.figure, middle, cells)
    return drawing


def name(mechanism: str) -> str:
    """A mechanism in English and Chinese, or in Chinese; settings, if there are any, stay with the first name."""
    known = MECHANISMS.get(mechanism.lstrip("+-").partition(":")[0])
    if current() != "en":
        return spelled(mechanism)
    return f"{spelled(mechanism)}  {known.zh}" if known else spelled(mechanism)


def _reasons(cells: list[Cell]) -> dict[Text, str]:
    """A letter for each reason why something cannot be."""
    every = [
        c["reason"] for c in cells if c["direction"] == "cannot" and isinstance(c.get("reason"), str | Phrase)
    ]
    found = [reason for reason in dict.fromkeys(every) if reason]
    return {reason: chr(ord("a") + i) for i, reason in enumerate(found[:26])}


def _caption(reasons: dict[Text, str]) -> str:
    said = tr("In small type: 90 % interval. Rows are sorted by the mean size of the effect.")
    if not reasons:
        return said
    listed = tr("; ").join(
        tr("({letter}) {reason}", letter=letter, reason=shown(reason).rstrip(".。"))
        for reason, letter in reasons.items()
    )
    return joined(said, tr("Cannot be in force: {list}.", list=listed))


def _limit(values: pd.Series[float]) -> tuple[float, bool]:
    """Where colours end, and whether an effect lies beyond: a single large one must not bleach the others."""
    sizes = values.astype(float).abs().to_numpy()
    sizes = sizes[np.isfinite(sizes)]
    largest = float(sizes.max()) if len(sizes) else 0.0
    most = float(np.quantile(sizes, 0.95)) if len(sizes) >= 10 else largest
    if not largest:
        return 1.0, False
    return (most, True) if 0 < 1.5 * most < largest else (largest, False)


def _colour(cell: Cell, shades: LinearSegmentedColormap, limit: float) -> np.ndarray[Any, Any]:
    if not math.isfinite(cell["shown"]):
        return WHITE
    full = np.array(shades(float(Normalize(-limit, limit, clip=True)(cell["shown"])))[:3])
    return full * PALE + WHITE * (1 - PALE) if cell["verdict"] in (NOTHING, SAME) else full


def _cell(
    axes: Axes, cell: Cell, where: tuple[int, int], colour: np.ndarray[Any, Any], reasons: dict[Text, str]
) -> None:
    x, y = where
    if cell["direction"] == "cannot":
        axes.add_patch(_hatched((x + 0.01, y + 0.03), 0.98, 0.94))
        letter = reasons.get(cell.get("reason", ""), "")
        if letter:
            axes.text(x + 0.5, y + 0.5, f"({letter})", ha="center", va="center", size=SMALL, color=GREY, gid="cannot",
                      bbox={"facecolor": "white", "linewidth": 0, "pad": 1.5})  # fmt: skip
        return
    axes.add_patch(
        Rectangle((x, y), 1, 1, facecolor=tuple(colour), linewidth=1.2, edgecolor="white", gid="shade")
    )
    light = float(colour @ np.array([0.299, 0.587, 0.114]))
    ink = "white" if light < 0.5 else GREY if cell["verdict"] == NOTHING else INK
    sign = "≈ " if cell["verdict"] == SAME else ""
    axes.text(x + 0.5, y + 0.36, f"{sign}{percent(cell['shown'])}", ha="center", va="center", size=TEXT, color=ink,
              gid="effect")  # fmt: skip
    if math.isfinite(cell["low"]) and math.isfinite(cell["high"]):
        span = tr("{low} to {high}", low=percent(cell["low"]), high=percent(cell["high"]))
        axes.text(x + 0.5, y + 0.76, span, ha="center", va="center", size=FINE, color=ink, gid="interval")


def _corner(where: tuple[int, int], width: float) -> Polygon:
    x, y = where[0] + 0.1 * width, where[1] + 0.035
    ends = [(x, y), (x + width, y), (x, y + CORNER / ROW)]
    return Polygon(ends, closed=True, facecolor=INK, edgecolor="white", linewidth=0.5, gid="out")


def _hatched(at: tuple[float, float], width: float, height: float, label: str = "") -> Rectangle:
    return Rectangle(
        at, width, height, facecolor="white", hatch="/////", edgecolor=PALE_GREY, linewidth=0, label=label
    )


def _bar(
    figure: Figure, middle: float, shades: LinearSegmentedColormap, ends: tuple[float, bool], unit: str
) -> None:
    """The colour bar, at the right of the strip above the drawing."""
    limit, over = ends
    width, height = figure.get_figwidth(), figure.get_figheight()
    left = 1 - (MARGIN + BAR + 0.1) / width
    bar = figure.add_axes((left, middle, BAR / width, 0.13 / height), label="colours")
    steps = np.linspace(-limit, limit, 61)
    for low, high in itertools.pairwise(steps.tolist()):
        shade = shades(float(Normalize(-limit, limit)((low + high) / 2)))
        bar.add_patch(Rectangle((low, 0), high - low, 1, facecolor=shade, linewidth=0, antialiased=False))
    bar.set(xlim=(-limit, limit), ylim=(0, 1), yticks=[])
    bar.xaxis.set_major_locator(MaxNLocator(4, symmetric=True))
    bar.xaxis.set_major_formatter(ticks())
    bar.tick_params(length=2, pad=1, labelsize=FINE)
    for spine in bar.spines.values():
        spine.set_visible(False)
    said = tr("change, {unit}, or more", unit=unit) if over else tr("change, {unit}", unit=unit)
    figure.text(left - 0.1 / width, middle + 0.065 / height, said, size=SMALL,
                ha="right", va="center")  # fmt: skip


class _Corner(HandlerPatch):
    """A cell with its corner marked, in the legend."""

    def create_artists(self, legend, orig_handle, x, y, width, height, fontsize, trans):  # type: ignore[no-untyped-def]
        cell = Rectangle(
            (x, y), width, height, facecolor="white", edgecolor=PALE_GREY, linewidth=0.8, transform=trans
        )
        top = y + height
        corner = Polygon([(x, top), (x + 0.4 * width, top), (x, top - 0.7 * height)], closed=True, facecolor=INK,
                         transform=trans)  # fmt: skip
        return [cell, corner]


def _legend(figure: Figure, middle: float, cells: list[Cell]) -> None:
    """What the marks mean: only those that are there."""
    out = Patch(label=tr("taken away: the place has it"))
    handles: list[Patch] = []
    if any(c["direction"] == "out" for c in cells):
        handles.append(out)
    if any(c["verdict"] == NOTHING for c in cells):
        pale = SHADES(0.8)
        mixed = tuple(np.array(pale[:3]) * PALE + WHITE * (1 - PALE))
        handles.append(Patch(facecolor=mixed, label=tr("pale, grey figures: no difference shown")))
    if any(c["verdict"] == SAME for c in cells):
        handles.append(Patch(alpha=0.0, label=tr("≈, pale: equivalent within the margin")))
    if any(c["direction"] == "cannot" for c in cells):
        handles.append(_hatched((0, 0), 1, 1, label=tr("cannot be in force")))
    if handles:
        figure.legend(
            handles=handles, handler_map={out: _Corner()}, loc="center left", frameon=False, fontsize=SMALL,
            bbox_to_anchor=(MARGIN / figure.get_figwidth(), middle), ncols=2, borderaxespad=0.0,
            borderpad=0.0, columnspacing=1.4, labelspacing=0.35,
        )  # fmt: skip
