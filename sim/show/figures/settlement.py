"""How long it takes until a dispute is settled."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.language import joined, tr
from sim.scenario import terms
from sim.show.figures.cells import DEFINED, Cells, Curve, Spread
from sim.show.figures.page import Drawing, Run, page
from sim.show.figures.style import BLUE, GREY, INK, ORANGE, PALE_BLUE, PALE_GREY, SMALL, number, ticks
from sim.vocabulary import Kind

SPANS = (30, 60, 90, 180, 366)  # days shown: the first by which nearly all are settled
NEARLY_ALL = 0.05


def draw(run: Run) -> Drawing:
    """The Kaplan–Meier curve beside medians and 90th percentiles by kind."""
    marks = [
        run.cells.spread(f"time_to_settlement_{m}", k) for m in ("median", "p90") for k in _kinds(run.cells)
    ]
    curve = run.cells.curve("unsettled")
    last, cut = _last_day(curve)
    cut = cut or any(_missing(run.cells, mark) for mark in marks)
    drawing = page(
        run,
        tr("time to settlement"),
        tr(
            "Disputes that became known {window}: days from then until they are settled, by mediation or the "
            "parties themselves, decided or judged.",
            window=run.window,
        ),
        joined(
            tr(
                "Left: Kaplan–Meier estimate; disputes withdrawn, given up or still open count as unsettled up to the "
                "day they leave the curve, so it shows the pace of settlement, not the share ever settled. Right: the "
                "same by kind of dispute. Lines and dots are means; bands and bars hold the middle 90 % of "
                "replications."
            ),
            tr("Curve and marks are left out where more than 5 % of replications do not get that far.")
            if cut
            else "",
        ),
        width=9.6,
        height=3.7,
    )
    left, right = drawing.figure.subplots(1, 2, width_ratios=(1.25, 1))
    _draw_curve(left, run.cells, curve, last)
    _draw_kinds(right, run.cells)
    return drawing


def _draw_curve(axes: Axes, cells: Cells, curve: Curve, last: float) -> None:
    axes.fill_between(curve.x, 100 * curve.low, 100 * curve.high, color=PALE_BLUE, linewidth=0)
    axes.plot(curve.x, 100 * curve.mean, color=BLUE, linewidth=1.8)
    axes.axhline(50, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    found = cells.spread("time_to_settlement_median")
    median = found.mean
    if not _missing(cells, found) and median <= last:
        axes.plot([median, median], [0, 50], color=ORANGE, linewidth=1.2)
        axes.plot([median], [50], "o", color=ORANGE, markersize=6)
        label, to_left = tr("median {n} days", n=number(median)), median > 0.6 * last
        axes.annotate(
            label,
            (median, 50),
            xytext=(-7 if to_left else 7, 5),
            textcoords="offset points",
            ha="right" if to_left else "left",
        )
    if not len(curve.x):
        axes.text(0.5, 0.5, tr("no disputes became known"), transform=axes.transAxes, ha="center")
    axes.set(xlim=(0, last), ylim=(0, 102), xlabel=tr("days since the dispute became known"))
    axes.set_ylabel(tr("not yet settled (%)"))
    axes.set_title(tr("All disputes"))


def _missing(cells: Cells, found: Spread) -> bool:
    """Whether too few replications get that far: the mean over those that do would flatter."""
    return found.n < DEFINED * cells.replications


def _last_day(curve: Curve) -> tuple[float, bool]:
    """The end of the axis of days, and whether it lies there because the curve goes no further."""
    if not len(curve.x):
        return float(SPANS[0]), False
    for span in SPANS:
        inside = curve.mean[curve.x <= span]
        if len(inside) and inside[-1] <= NEARLY_ALL:
            return float(min(span, curve.x[-1])) or 1.0, bool(curve.x[-1] < min(span, SPANS[-1] - 1))
    return float(curve.x[-1]) or 1.0, bool(curve.x[-1] < SPANS[-1] - 1)


def _kinds(cells: Cells) -> list[str]:
    return [k.name.lower() for k in Kind if cells.has("time_to_settlement_median", k.name.lower())]


def _draw_kinds(axes: Axes, cells: Cells) -> None:
    kinds = _kinds(cells)
    for y, kind in enumerate(kinds):
        if _missing(cells, cells.spread("time_to_settlement_median", kind)):
            axes.text(0.02, y, tr("too few settled"), transform=axes.get_yaxis_transform(), size=SMALL, color=GREY,
                      va="center", gid="missing", backgroundcolor="white")  # fmt: skip
        for metric, colour, filled in (("median", BLUE, True), ("p90", ORANGE, False)):
            found = cells.spread(f"time_to_settlement_{metric}", kind)
            if _missing(cells, found):
                continue
            axes.plot([found.low, found.high], [y, y], color=colour if filled else GREY, linewidth=1.4)
            axes.plot(
                [found.mean],
                [y],
                "o" if filled else "D",
                color=colour,
                markerfacecolor=colour if filled else "white",
            )
    axes.plot([], [], "o", color=BLUE, label=tr("half are settled (median)"))
    axes.plot([], [], "D", color=ORANGE, markerfacecolor="white", label=tr("9 of 10 are settled"))
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=SMALL,
                borderaxespad=0.1, handletextpad=0.2, columnspacing=1.0)  # fmt: skip
    axes.set_yticks(range(len(kinds)), [terms.words(kind) for kind in kinds])
    axes.set(ylim=(len(kinds) - 0.4, -0.6), xlabel=tr("days since the dispute became known"))
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(ticks())
    axes.grid(axis="y", color=PALE_GREY, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.set_title(tr("By kind"))
