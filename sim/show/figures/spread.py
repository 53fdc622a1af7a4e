"""Reported figures beside the spread of the simulated ones."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.language import marked, tr
from sim.runs.outcomes import Floats
from sim.scenario import terms
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Exactness, Target
from sim.show.figures.cells import Cells
from sim.show.figures.page import Drawing, Run, page, wrapped
from sim.show.figures.style import BLUE, GREY, INK, ORANGE, PALE_BLUE, SMALL, TEXT, ticks

ROLE_WORDS = {
    "calibrate": marked("for calibration"),
    "hold_out": marked("held out"),
    "context": marked("context"),
}
LAYER_WORDS = {"recorded": marked("as recorded"), "true": marked("as it happens")}
GOLDEN = 0.6180339887498949  # spreads dots evenly without drawing lots
SIGNS = {Exactness.AT_LEAST: "≥ ", Exactness.AT_MOST: "≤ "}
LABEL = 1.75  # inches
ROW = 0.92
UNCALIBRATED = marked(
    "Uncalibrated: the inputs are assumptions that were not fitted to these figures, so no match is claimed."
)
CALIBRATED = marked(
    "Calibrated: parameters drawn from the posterior of the place; held-out figures were not fitted."
)


def draw(run: Run) -> Drawing | None:
    """One axis per target, or None if the place reports nothing that the program computes."""
    targets = [t for t in run.place.targets if run.cells.has(t.metric) and t.exactness != Exactness.CHANGE]
    if not targets:
        return None
    drawing = page(
        run,
        tr("simulated and reported figures"),
        tr(CALIBRATED if run.calibrated else UNCALIBRATED),
        tr(
            "Window {window}. Dots: single replications; bar: their middle 90 %, with the mean; diamond: the reported "
            "figure, with an arrow where the source gives only a bound. Each row has its own axis, and axes need not "
            "start at zero.",
            window=run.window,
        ),
        width=9.6,
        height=ROW * len(targets) + 0.1,
    )
    grid = drawing.figure.subplots(len(targets), 1, squeeze=False)
    for axes, target in zip(grid[:, 0], targets, strict=True):
        _draw_row(axes, run.cells, target)
    return drawing


def reported(target: Target) -> str:
    """The reported figure as the place prints it."""
    if target.high is not None:
        return f"{target.value:,.{target.decimals}f}–{target.high:,.{target.decimals}f}"
    return f"{SIGNS.get(target.exactness, '')}{target.value:,.{target.decimals}f}"


def _draw_row(axes: Axes, cells: Cells, target: Target) -> None:
    known = KNOWN_METRICS.get(target.metric)
    unit = known.unit if known else ""
    values = cells.values(target.metric)
    values = values[np.isfinite(values)]
    found = cells.spread(target.metric)
    low, high = _limits(np.append(values, target.value), unit)
    jitter = ((np.arange(len(values)) * GOLDEN) % 1.0 - 0.5) * 0.9
    axes.plot([found.low, found.high], [0, 0], color=PALE_BLUE, linewidth=9, zorder=1)
    axes.plot([found.mean], [0], "|", color=BLUE, markersize=15, markeredgewidth=1.8, zorder=3)
    axes.plot(values, jitter, "o", color=BLUE, markersize=3, alpha=0.55, markeredgewidth=0, zorder=2)
    way = {Exactness.AT_LEAST: 1, Exactness.AT_MOST: -1}.get(target.exactness, 0)
    if way:
        tip = min(max(target.value + way * 0.06 * (high - low), low), high)
        axes.annotate(
            "",
            (tip, 0),
            (target.value, 0),
            arrowprops={"arrowstyle": "-|>", "color": ORANGE, "linewidth": 1.8},
        )
    axes.plot(
        [target.value], [0], "D", color=ORANGE, markersize=7, markeredgecolor="white", zorder=4, clip_on=False
    )
    axes.set(xlim=(low, high), ylim=(-1, 1), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=unit == "count"))
    axes.xaxis.set_major_formatter(ticks())
    axes.set_xlabel(terms.unit(unit, target.metric), size=SMALL, labelpad=1)
    _label(axes, target, known.layer if known else "")
    mean = _plain(found.mean, target)
    lines = [tr("simulated {x}", x=mean) if found.n else tr("not defined in any replication")]
    if 0 < found.n < cells.replications:
        lines.append(tr("(defined in {n} of {m})", n=found.n, m=cells.replications))
    text = "\n".join([*lines, tr("reported {x}", x=reported(target))])
    axes.text(1.02, 0.5, text, transform=axes.transAxes, size=SMALL, va="center", gid="numbers")


def _label(axes: Axes, target: Target, layer: str) -> None:
    name = terms.words(target.metric)
    lines = wrapped(name, TEXT, LABEL)
    notes = (LAYER_WORDS.get(layer, ""), ROLE_WORDS.get(target.role, ""))
    note = tr(", ").join(tr(x) for x in notes if x)
    for text, y, way, size, colour in (
        ("\n".join(lines), 0.5, "bottom", TEXT, INK),
        (note, 0.4, "top", SMALL, GREY),
    ):
        axes.text(
            -0.02, y, text, transform=axes.transAxes, ha="right", va=way, color=colour, size=size, gid="label"
        )


def _plain(value: float, target: Target) -> str:
    return f"{value:,.{max(target.decimals, 1 if abs(value) < 10 else 0)}f}".replace("-", "−")


def _limits(values: Floats, unit: str) -> tuple[float, float]:
    """Ends of an axis with room for arrows; no room is shown where no number can be."""
    least, most = float(values.min()), float(values.max())
    margin = 0.09 * (most - least) or max(1.0, 0.05 * abs(most))
    low, high = least - margin, most + margin
    if least >= 0:
        low = max(low, -0.02 * (high - low))
    if unit == "%" and most <= 100:
        high = min(high, 100 + 0.02 * (high - low))
    return low, high
