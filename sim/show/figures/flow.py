"""Where disputes enter, how they are passed up, and where and how they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.language import tr
from sim.show.figures.cells import Cells
from sim.show.figures.page import Drawing, Run, page, wrapped
from sim.show.figures.style import (
    BLUE,
    END_WORDS,
    FAINT,
    GREY,
    INK,
    PALE_BLUE,
    PALE_GREY,
    PALE_ORANGE,
    SMALL,
    TEXT,
    TIER_WORDS,
    TIERS,
    number,
)
from sim.vocabulary import End

LABELS, COLUMN, BAR, RIGHT = 1.75, 1.08, 0.55, 0.1  # inches
ROW, GAP, HEADS = 0.27, 0.12, 0.5
LEFT = 0.115  # so that labels begin where the title does
ARC_STEP, ARC_BASE = 0.27, 0.28  # height of an arc: base, and more for each tier that it passes
THICKEST, THINNEST = 15.0, 0.8  # points
PALE_GREEN = "#b9d8b4"
SETTLING = (End.SETTLED, End.DECIDED, End.ADJUDICATED, End.SELF_SETTLED)
UNSETTLED = (End.WITHDRAWN, End.LUMPED)


class Row(NamedTuple):
    """A line of the table: what it says, its colour, and the number for a tier. An empty label is a gap."""

    label: str
    colour: str
    of: Callable[[str], float]


def draw(run: Run) -> Drawing:
    """Arcs for what is passed up, above a table of what enters, ends, and stays open at each tier."""
    cells = run.cells
    tiers = _tiers(cells)
    rows = _rows(cells, tiers)
    spans = [tiers.index(b) - tiers.index(a) for a, b in _steps(cells, tiers)]
    arcs = ARC_BASE + ARC_STEP * max(spans, default=0)
    table = sum(ROW if row.label else GAP for row in rows)
    width = LABELS + COLUMN * len(tiers) + RIGHT
    drawing = page(
        run,
        tr("where disputes enter, climb and end"),
        tr(
            "Known disputes, {window}; numbers are means over replications. "
            "Arcs, read from left to right: passed up from one tier to another.",
            window=run.window,
        ),
        tr(
            "What enters and what leaves a tier differ by the change in its number of open disputes over the window; a "
            "dispute that returns after a broken agreement, or comes up again unsettled, enters again. "
            "Bars in the cells share one scale."
        ),
        width=max(width + 0.2, 6.5),
        height=arcs + HEADS + table,
    )
    figure = drawing.figure
    layout = figure.get_layout_engine()
    assert layout is not None
    left, bottom, _, high = layout.get()["rect"]
    figure.set_layout_engine("none")  # this drawing is measured in inches throughout
    inches = figure.get_figwidth()
    axes = figure.add_axes((left, bottom, width / inches, high), label="flow")
    axes.set(xlim=(0, width), ylim=(-HEADS - table, arcs))
    axes.axis("off")
    _draw_arcs(axes, cells, tiers)
    _draw_heads(axes, tiers)
    _draw_table(axes, rows, tiers)
    return drawing


def _tiers(cells: Cells) -> list[str]:
    """Tiers through which anything passed, from the doorstep to the court."""
    used = {name for step in cells.groups("passed_up") for name in step.split(">")}
    used |= {t for t in TIERS if cells.counted("entered", t) > 0}
    return [t for t in TIERS if t in used]


def _steps(cells: Cells, tiers: list[str]) -> dict[tuple[str, str], float]:
    """Mean number passed from one tier to another."""
    found = {}
    for name in cells.groups("passed_up"):
        low, high = name.split(">")
        if low in tiers and high in tiers:
            found[low, high] = cells.counted("passed_up", name)
    return found


def _rows(cells: Cells, tiers: list[str]) -> list[Row]:
    steps = _steps(cells, tiers)

    def ending(end: End) -> Row:
        colour = PALE_GREEN if end in SETTLING else PALE_ORANGE
        return Row(tr(END_WORDS[end]), colour, lambda t: cells.counted(f"ended_{end.name.lower()}", t))

    gap = Row("", "", lambda _: 0.0)
    return [
        Row(tr("enter from outside"), PALE_BLUE, lambda t: cells.counted("entered", t)),
        Row(tr("passed up to here"), PALE_BLUE, lambda t: sum(n for (_, b), n in steps.items() if b == t)),
        gap,
        *(ending(end) for end in (*SETTLING, *UNSETTLED)),
        Row(tr("passed up from here"), PALE_BLUE, lambda t: sum(n for (a, _), n in steps.items() if a == t)),
        gap,
        Row(tr("open when window ends"), PALE_GREY, lambda t: cells.counted("backlog", t)),
    ]


def _middle(tiers: list[str], tier: str) -> float:
    return LABELS + COLUMN * (tiers.index(tier) + 0.5)


def _draw_arcs(axes: Axes, cells: Cells, tiers: list[str]) -> None:
    steps = {step: n for step, n in _steps(cells, tiers).items() if n > 0}
    most = max(steps.values(), default=1.0)
    labels = []
    for (low, high), n in sorted(
        steps.items(), key=lambda s: -abs(tiers.index(s[0][1]) - tiers.index(s[0][0]))
    ):
        start, end = _middle(tiers, low) + 0.14, _middle(tiers, high) - 0.14
        apex = 0.12 + ARC_STEP * abs(tiers.index(high) - tiers.index(low))
        rise = apex / 0.75  # a cubic curve reaches three quarters of the height of its control points
        shift = 0.1 * (end - start)
        points = [(start, 0.02), (start + shift, rise), (end - shift, rise), (end, 0.02)]
        path = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
        thick = max(THINNEST, THICKEST * n / most)
        axes.add_patch(PathPatch(path, fill=False, edgecolor=BLUE, linewidth=thick, alpha=0.45, zorder=1))
        axes.plot([end], [0.0], marker="v", markersize=4, color=BLUE, clip_on=False, zorder=3)
        labels.append(((start + end) / 2, apex, number(n)))
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.9}
    for x, y, text in labels:
        axes.text(x, y, text, size=SMALL, ha="center", va="center", bbox=paper, zorder=4, gid="arc")


def _draw_heads(axes: Axes, tiers: list[str]) -> None:
    axes.plot([LABELS, LABELS + COLUMN * len(tiers)], [-0.06, -0.06], color=INK, linewidth=1.2)
    for tier in tiers:
        text = "\n".join(wrapped(tr(TIER_WORDS[tier]), TEXT, COLUMN - 0.05))
        axes.text(_middle(tiers, tier), -0.12, text, size=TEXT, ha="center", va="top", gid="head")


def _draw_table(axes: Axes, rows: list[Row], tiers: list[str]) -> None:
    largest = max((row.of(t) for row in rows for t in tiers), default=0.0) or 1.0
    y = -HEADS
    for row in rows:
        if not row.label:
            y -= GAP
            continue
        axes.text(LEFT, y - ROW / 2, row.label, size=TEXT, va="center", gid="row")
        for tier in tiers:
            x, n = _middle(tiers, tier) - COLUMN / 2 + 0.05, row.of(tier)
            bottom, high = y - ROW + 0.03, ROW - 0.06
            axes.add_patch(Rectangle((x, bottom), COLUMN - 0.1, high, facecolor=FAINT, alpha=0.5))
            axes.add_patch(Rectangle((x, bottom), BAR * n / largest, high, facecolor=row.colour))
            colour, right = INK if n else GREY, x + COLUMN - 0.15
            axes.text(
                right, y - ROW / 2, number(n), size=SMALL, ha="right", va="center", color=colour, gid="cell"
            )
        y -= ROW
