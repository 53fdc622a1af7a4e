"""How busy each group of staff is, and how many disputes wait for it."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.language import marked, tr
from sim.scenario import terms
from sim.show.figures.cells import Cells
from sim.show.figures.page import Drawing, Run, page
from sim.show.figures.style import BLUE, FAINT, GREY, INK, ORANGE, PALE_GREY, SMALL, number, ticks

IDLE = 20.0  # percent: where even the busiest unit stays under this, more staff cannot change an outcome
STAFF_WORDS = {"police": marked("police officers"), "departments": marked("county departments")}


def draw(run: Run) -> Drawing:
    """Utilisation on the left, queue on the right, one row per group."""
    cells = run.cells
    groups = cells.groups("queue_length")
    drawing = page(
        run,
        tr("how busy staff are"),
        tr(
            "Share of the hours available for disputes that is used, and disputes that wait for a session, {window}.",
            window=run.window,
        ),
        tr(
            "Filled: all units of a group together; open: its busiest unit (a village, a township, the county). Where "
            "even that lies in the grey, under {x:.0f} %, staff are idle most of their time and more of them cannot "
            "change outcomes. Marks are means; bars hold the middle 90 % of replications.",
            x=IDLE,
        ),
        width=9.6,
        height=0.34 * max(len(groups), 1) + 0.9,
    )
    left, right = drawing.figure.subplots(1, 2, sharey=True, width_ratios=(1.5, 1))
    _draw_utilisation(left, cells, groups)
    _draw_queues(right, cells, groups)
    left.set_yticks(range(len(groups)), [_staff(g) for g in groups])
    left.set_ylim(max(len(groups), 1) - 0.4, -0.6)
    for axes in (left, right):
        axes.grid(axis="y", color=PALE_GREY, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0, labelcolor=INK)
    return drawing


def _staff(group: str) -> str:
    return tr(STAFF_WORDS[group]) if group in STAFF_WORDS else terms.words(group)


def _draw_utilisation(axes: Axes, cells: Cells, groups: list[str]) -> None:
    axes.axvspan(-2, IDLE, color=FAINT, linewidth=0, zorder=0)
    axes.axvline(IDLE, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    for y, group in enumerate(groups):
        found = cells.spread("utilisation", group)
        busiest = cells.spread("utilisation_busiest", group)
        if not found.n:
            axes.text(
                IDLE + 2,
                y,
                tr("of another district; waiting not modelled"),
                size=SMALL,
                va="center",
                color=GREY,
                gid="unlimited",
            )
            continue
        axes.plot([busiest.low, busiest.high], [y, y], color=GREY, linewidth=1.2, zorder=2)
        axes.plot([found.low, found.high], [y, y], color=BLUE, linewidth=3, zorder=3)
        axes.plot([busiest.mean], [y], "D", color=ORANGE, markerfacecolor="white", markersize=6.5, zorder=4)
        axes.plot([found.mean], [y], "o", color=BLUE, markersize=5, zorder=5)
    axes.plot([], [], "o", color=BLUE, markersize=5, label=tr("whole group"))
    axes.plot([], [], "D", color=ORANGE, markerfacecolor="white", markersize=6.5, label=tr("busiest unit"))
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=SMALL,
                borderaxespad=0.1, handletextpad=0.2, columnspacing=1.0)  # fmt: skip
    axes.set(xlim=(-2, 102), xlabel=tr("utilisation (% of hours available for disputes)"))
    axes.set_title(tr("Utilisation"))


def _draw_queues(axes: Axes, cells: Cells, groups: list[str]) -> None:
    most = 0.0
    for y, group in enumerate(groups):
        found = cells.spread("queue_length", group)
        if not found.n:
            continue
        axes.plot([found.low, found.high], [y, y], color=BLUE, linewidth=1.6)
        axes.plot([found.mean], [y], "o", color=BLUE, markersize=5)
        axes.annotate(
            number(found.mean), (max(found.high, found.mean), y), xytext=(6, 0), textcoords="offset points",
            va="center", size=SMALL, gid="queue",
        )  # fmt: skip
        most = max(most, found.high, found.mean)
    most = max(1.0, 1.18 * most)  # an axis of thousandths would make a queue of what is none
    axes.set(xlim=(-0.03 * most, most), xlabel=tr("disputes waiting (mean over the window)"))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(ticks())
    axes.set_title(tr("Queue, all units together"))
