"""Power of trials over villages and months: a panel for each design, a row of panels for each reading of the record."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from sim.language import joined, tr
from sim.scenario import terms
from sim.show.figures.page import Compared, Drawing, page
from sim.show.figures.style import BLUE, FAINT, INK, PALE_BLUE, SMALL
from sim.show.text.pilot import DESIGNS
from sim.studies.decision import chance
from sim.studies.pilot.found import Asked
from sim.studies.pilot.trials import POWER

COLOURS = LinearSegmentedColormap.from_list("power", [FAINT, PALE_BLUE, BLUE])


def power(asked: Asked, designs: pd.DataFrame) -> Drawing | None:
    """Trials by lot, in the outcome that was asked for. Call it inside `style()`."""
    own = designs[(designs["metric"] == asked.outcome) & (designs["chosen"] == "lot")]
    if own.empty:
        return None
    readings = [str(r) for r in own["reading"].unique()]
    kinds = [(str(d), int(s)) for d, s in own[["design", "steps"]].drop_duplicates().itertuples(index=False)]
    calibrated = tr("Calibrated.") if asked.posterior is not None else tr("Uncalibrated.")
    source = joined(
        tr(
            "{n} draws of {m} replications, seed {seed}.",
            n=asked.draws,
            m=asked.replications,
            seed=asked.seed,
        ),
        calibrated,
    )
    most = int(own.groupby(["design", "steps"])["villages"].nunique().max())
    drawing = page(
        Compared(asked.place, source),
        tr("which trial could show {policy}?", policy=terms.policy(asked.policy)),
        tr(
            "Power: share of trials that show a change in {metric} at the 5 % level, over the effects that are drawn.",
            metric=terms.words(asked.outcome),
        ),
        tr("Villages by lot. Framed: {p} or more.", p=chance(POWER)),
        width=min(14.0, max(5.0, 1.2 + 2.2 * len(kinds))),
        height=len(readings) * (0.55 + 0.32 * most) + 0.3,
    )
    grid = drawing.figure.subplots(len(readings), len(kinds), squeeze=False)
    for i, reading in enumerate(readings):
        for j, (kind, steps) in enumerate(kinds):
            mine = own[(own["reading"] == reading) & (own["design"] == kind) & (own["steps"] == steps)]
            _panel(grid[i, j], mine)
            if i == 0:
                grid[i, j].set_title(tr(DESIGNS[kind], steps=steps), size=SMALL)
        grid[i, 0].set_ylabel(tr("{reading}: villages", reading=terms.reading(reading)), size=SMALL)
    for axes in grid[-1]:
        axes.set_xlabel(tr("months"), size=SMALL)
    return drawing


def _panel(axes: Axes, rows: pd.DataFrame) -> None:
    """A cell for each number of villages and months."""
    villages, months = sorted(rows["villages"].unique()), sorted(rows["months"].unique())
    values = np.full((len(villages), len(months)), np.nan)
    for _, row in rows.iterrows():
        values[villages.index(row["villages"]), months.index(row["months"])] = row["power"]
    axes.imshow(values, cmap=COLOURS, vmin=0.0, vmax=1.0, aspect="auto", origin="lower")
    for y, x in zip(*np.nonzero(~np.isnan(values)), strict=True):
        p = float(values[y, x])
        colour = "white" if p > 0.6 else INK
        axes.text(x, y, chance(p), ha="center", va="center", size=SMALL, color=colour)
        if p >= POWER:
            axes.add_patch(_frame(float(x), float(y)))
    axes.set_xticks(range(len(months)), [str(m) for m in months], size=SMALL)
    axes.set_yticks(range(len(villages)), [str(v) for v in villages], size=SMALL)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _frame(x: float, y: float) -> Rectangle:
    return Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, fill=False, edgecolor=INK, linewidth=1.2)
