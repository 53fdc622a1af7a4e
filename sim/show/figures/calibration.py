"""What a calibration shows: targets before and after, parameters, directions, and further figures that would help."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.language import shown, tr
from sim.scenario import terms
from sim.scenario.metrics import KNOWN_METRICS
from sim.show.figures.page import Compared, Drawing, page
from sim.show.figures.style import BLUE, GREY, INK, ORANGE, PALE_GREY, SMALL
from sim.studies.calibration.place_calibration import Calibration, Reading
from sim.studies.calibration.predictive import Predicted

COLOURS = {"proportional": BLUE, "target_driven": ORANGE}
MARKS = {"proportional": "o", "target_driven": "s"}
PARAMETERS, EXTRAS = 12, 6
WIDTH, ROW = 11.0, 0.24  # inches
FINE = 7.5


def calibration(found: Calibration) -> Drawing:
    """Four panels: targets, parameters, directions, further figures. Call it inside `style()`."""
    readings = list(found.readings.values())
    rows = max(PARAMETERS, 3 * max(len(r.targets) for r in readings))
    height = 2 * ROW * rows + 1.6
    source = tr("{n:,} replications, seed {seed}.", n=found.replications, seed=found.seed)
    drawing = page(
        Compared(found.place, source),
        tr("what the figures told, and what they could not"),
        tr(
            "Two readings of the same record. Circles: proportional; squares: target-driven recording; grey: before."
        ),
        tr(
            "Targets: 5 to 95 % and median of what the model would print, as a multiple of the reported figure. "
            "Parameters: mean and one standard deviation after calibration, in prior standard deviations (before: 0 "
            "± 1). Directions: variance along those that figures speak of; all others stay at 1. Further figures: the "
            "share of the doubt between parameter draws that publishing it would remove, with 95 % intervals."
        ),
        width=WIDTH,
        height=height,
    )
    axes = drawing.figure.subplots(2, 2)
    _targets(axes[0, 0], readings)
    _parameters(axes[0, 1], readings)
    _directions(axes[1, 0], readings)
    _extras(axes[1, 1], readings)
    return drawing


def _targets(axes: Axes, readings: list[Reading]) -> None:
    names: list[str] = []
    y = 0.0
    places = []
    for i, first in enumerate(readings[0].targets):
        names.append(f"{terms.metric(first.target.metric)} {shown(first.shown)}")
        places.append(y)
        _band(axes, y - 0.28, first, first.prior, GREY, "D")
        for k, reading in enumerate(readings):
            one = reading.targets[i]
            _band(axes, y + 0.28 * k, one, one.posterior, COLOURS[reading.name], MARKS[reading.name])
        y += 1.0
    axes.axvline(1.0, color=INK, linewidth=0.8)
    axes.set_yticks(places, names, size=FINE)
    axes.set_ylim(y - 0.4, -0.7)
    axes.set_xlabel(tr("times the reported figure"))
    axes.set_title(tr("Targets: before and after"))


def _band(
    axes: Axes, y: float, one: Predicted, band: tuple[float, float, float], colour: str, marker: str
) -> None:
    reported = one.target.value if one.target.value else 1.0
    low, middle, high = (x / reported for x in band)
    axes.plot([low, high], [y, y], color=colour, linewidth=1.6, solid_capstyle="butt")
    axes.plot([middle], [y], marker=marker, color=colour, markersize=4)


def _parameters(axes: Axes, readings: list[Reading]) -> None:
    wanted: list[str] = []
    for row in range(PARAMETERS):
        for reading in readings:
            if row < len(reading.learnt):
                wanted.append(str(reading.learnt["parameter"].iloc[row]))
    names = list(dict.fromkeys(wanted))[:PARAMETERS]
    for k, reading in enumerate(readings):
        frame = reading.learnt.set_index("parameter")
        for y, name in enumerate(names):
            mean, sd = float(frame["mean"][name]), float(frame["sd"][name])
            at = y + 0.3 * k
            axes.plot([mean - sd, mean + sd], [at, at], color=COLOURS[reading.name], linewidth=1.6)
            axes.plot([mean], [at], marker=MARKS[reading.name], color=COLOURS[reading.name], markersize=4)
    axes.axvspan(-1, 1, color=PALE_GREY, alpha=0.5, linewidth=0, zorder=0)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_yticks(range(len(names)), names, size=FINE)
    axes.set_ylim(len(names) - 0.3, -0.7)
    axes.set_xlabel(tr("prior standard deviations"))
    axes.set_title(tr("Parameters that moved most, of {n}", n=len(readings[0].learnt)))


def _directions(axes: Axes, readings: list[Reading]) -> None:
    for reading in readings:
        values = np.sort(reading.spectrum.variances)
        shown = np.concatenate([values, np.ones(max(1, 10 - len(values)))])
        axes.plot(
            np.arange(1, len(shown) + 1),
            shown,
            color=COLOURS[reading.name],
            marker=MARKS[reading.name],
            markersize=4,
            linewidth=1.0,
        )
    free = sorted({r.spectrum.free for r in readings})
    axes.axhline(1.0, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_ylim(0, None)
    axes.set_xlabel(tr("direction, the narrowest first"))
    axes.set_ylabel(tr("variance (prior: 1)"))
    axes.set_title(
        tr(
            "Directions: {n} of {m} stay free",
            n=tr(" to ").join(map(str, free)),
            m=readings[0].fit.scores.shape[1],
        )
    )
    handles = [
        Line2D([], [], color=COLOURS[r.name], marker=MARKS[r.name], label=terms.reading(r.name))
        for r in readings
    ]
    axes.legend(handles=handles, frameon=False, fontsize=SMALL, loc="lower right")


def _extras(axes: Axes, readings: list[Reading]) -> None:
    axes.set_title(tr("Further figures that would narrow days in conflict"))
    axes.set_xlabel(tr("share of the doubt removed, %"))
    names: list[str] = []
    for reading in readings:
        frame = reading.extra
        if len(frame):
            chosen = frame[frame["goal"] == "days_in_conflict_per_1000"].head(EXTRAS)
            names += [str(n) for n in chosen["figure"]]
    names = list(dict.fromkeys(names))[: EXTRAS + 2]
    if not names:
        axes.text(
            0.5,
            0.5,
            tr("not asked for (needs three replications of each draw)"),
            ha="center",
            transform=axes.transAxes,
        )
        axes.set_yticks([])
        return
    for k, reading in enumerate(readings):
        frame = reading.extra[reading.extra["goal"] == "days_in_conflict_per_1000"].set_index("figure")
        for y, name in enumerate(names):
            if name not in frame.index:
                continue
            row = frame.loc[name]
            at, colour = y + 0.3 * k, COLOURS[reading.name]
            axes.plot([100 * row["low"], 100 * row["high"]], [at, at], color=colour, linewidth=1.6)
            axes.plot([100 * row["explains"]], [at], marker=MARKS[reading.name], color=colour, markersize=4)
    axes.set_yticks(range(len(names)), [_figure(n) for n in names], size=FINE)
    axes.set_ylim(len(names) - 0.3, -0.7)
    axes.set_xlim(0, 100)


def _figure(name: str) -> str:
    if name not in KNOWN_METRICS:
        return terms.named(name)
    return tr("{metric} ({unit})", metric=terms.metric(name), unit=terms.unit_of(name))
