"""Dispute by dispute: whose path a policy changed, and from where to where."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray

from sim.language import tr
from sim.show.figures.page import Compared, Drawing, page
from sim.show.figures.style import BLUE, FAINT, GREY, INK, ORANGE, PALE_GREY, SMALL, TEXT, number
from sim.studies.changed import FATES, Changed

# Ends by how they look to the parties: settled below the court, left to them, or fought out.
SETTLED = {f for f in FATES if f.startswith("settled in") or f in ("settled by police", "settled at county")}
SETTLED |= {"settles by itself", "settles by itself unseen", "never arises"}
FOUGHT = {"judged", "decided", "settled at court", "given up", "given up unseen", "withdrawn"}
SMALLEST = 0.012  # share of all changed disputes below which a flow is pooled
MOST = 30  # flows that are drawn even if all of them are that small
GAP = 0.012
X_LEFT, X_RIGHT, WIDTH = 0.33, 0.67, 0.012


def colour_of(fate: str) -> str:
    """Blue for what is settled below the court, orange for what is fought out or given up, grey for the rest."""
    return BLUE if fate in SETTLED else ORANGE if fate in FOUGHT else GREY


def draw(found: Changed, shown: Compared, what: str) -> Drawing:
    """Flows between the fates of disputes whose fate changed, without (left) and with the policy (right)."""
    flows = found.flows.astype(float) / max(1, found.replications)
    np.fill_diagonal(flows, 0.0)
    moved = float(flows.sum())
    share = 100.0 * found.touched / found.disputes if found.disputes else 0.0
    used = int(((flows.sum(axis=0) > 0) | (flows.sum(axis=1) > 0)).sum())
    saved = -float(found.days.sum()) / max(1, found.replications)
    days = (
        tr("{n} days in conflict fewer", n=number(saved))
        if saved >= 0
        else tr("{n} days in conflict more", n=number(-saved))
    )
    drawing = page(
        shown,
        what,
        tr(
            "Of {n} disputes {share:.1f} % took another course at all, and {moved} ended otherwise; {days}.",
            n=number(found.disputes / max(1, found.replications)),
            share=share,
            moved=number(moved),
            days=days,
        ),
        tr(
            "Left: how disputes end without the change, right: with it; only those whose end changes. Numbers are "
            "disputes per replication; flows below {x:.1%} of them are left out. Blue: settled below the court; "
            "orange: decided, tried, withdrawn or given up; grey: still open. The same disputes with "
            "the same random numbers.",
            x=SMALLEST,
        ),
        width=9.6,
        height=max(2.2, 0.42 * used + 1.0),
    )
    axes = drawing.figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    if moved <= 0:
        axes.text(0.5, 0.5, tr("no dispute ended otherwise"), ha="center", color=GREY, size=TEXT)
        return drawing
    largest = np.sort(flows[flows > 0])[::-1]
    least = SMALLEST * moved
    if largest[0] < least:  # many flows, none of them large
        least = float(largest[min(MOST, len(largest)) - 1])
    flows[flows < least] = 0.0
    _draw_flows(axes, flows)
    return drawing


def _draw_flows(axes: Axes, flows: NDArray[np.float64]) -> None:
    left, right = flows.sum(axis=1), flows.sum(axis=0)
    nodes = max(int((left > 0).sum()), int((right > 0).sum()))
    # Every node is at least as high as its label, so that labels never meet.
    least = 0.045
    room = 0.93 - GAP * nodes
    tops = [_tops(sums, room, least) for sums in (left, right)]
    for (tops_of, heights), x, align, sums, at in (
        (tops[0], X_LEFT, "right", left, X_LEFT - 0.01),
        (tops[1], X_RIGHT, "left", right, X_RIGHT + WIDTH + 0.01),
    ):
        for f in np.flatnonzero(sums > 0):
            y, h = tops_of[f], heights[f]
            axes.add_patch(Rectangle((x, y - h), WIDTH, h, color=colour_of(FATES[f]), linewidth=0))
            text = f"{tr(FATES[f])}  {number(float(sums[f]))}"
            axes.text(at, y - h / 2, text, ha=align, va="center", size=SMALL, color=INK, gid="fate")
    axes.text(X_LEFT + WIDTH, 0.985, tr("without"), ha="right", va="bottom", size=SMALL, color=GREY)
    axes.text(X_RIGHT, 0.985, tr("with the change"), ha="left", va="bottom", size=SMALL, color=GREY)
    used_left, used_right = np.zeros(len(FATES)), np.zeros(len(FATES))
    for a, b in zip(*np.nonzero(flows), strict=True):
        ha = tops[0][1][a] * flows[a, b] / left[a]
        hb = tops[1][1][b] * flows[a, b] / right[b]
        ya, yb = tops[0][0][a] - used_left[a], tops[1][0][b] - used_right[b]
        used_left[a] += ha
        used_right[b] += hb
        _band(axes, ya, ya - ha, yb, yb - hb, colour_of(FATES[b]))


def _tops(
    sums: NDArray[np.float64], room: float, least: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Top and height of each node, from above in the order of FATES."""
    present = sums > 0
    heights = np.where(present, np.maximum(least, room * sums / sums.sum()), 0.0)
    heights *= room / heights.sum()
    tops, y = np.zeros(len(sums)), 0.97
    for f in np.flatnonzero(present):
        tops[f] = y
        y -= heights[f] + GAP
    return tops, heights


def _band(axes: Axes, a0: float, a1: float, b0: float, b1: float, colour: str) -> None:
    x0, x1 = X_LEFT + WIDTH, X_RIGHT
    middle = (x0 + x1) / 2
    points = [
        (x0, a0),
        (middle, a0),
        (middle, b0),
        (x1, b0),
        (x1, b1),
        (middle, b1),
        (middle, a1),
        (x0, a1),
        (x0, a0),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    shade = {BLUE: "#7fa8cc", ORANGE: "#e0a074"}.get(colour, PALE_GREY)
    axes.add_patch(
        PathPatch(Path(points, codes), facecolor=shade, edgecolor=FAINT, linewidth=0.4, alpha=0.75)
    )
