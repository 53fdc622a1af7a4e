"""The front of mixes: cost against each objective, as the search saw it and as fresh replications sees it."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.language import Text, joined, marked, tr
from sim.language import shown as in_words
from sim.scenario import terms
from sim.scenario.metrics import KNOWN_METRICS
from sim.scenario.place import Place
from sim.show.figures.page import Compared, Drawing, page
from sim.show.figures.style import BLUE, GREY, INK, ORANGE, PALE_GREY, SMALL, ticks
from sim.statistics.pareto import Mix, Samples
from sim.statistics.pareto.dominance import Verdict
from sim.studies.optimise import Answer
from sim.studies.optimise.words import mix_in_words, tried

UNITS = {"yuan": marked("yuan per year"), "staff_hours": marked("staff hours per year")}
MOST_LABELS = 12
APART = 0.055  # of the width, for labels that do not meet


def mixes(found: Answer, place: Place, source: Text) -> Drawing:
    """The figure of `optimise`; `source` says how much was run."""
    return draw(found, Compared(place, in_words(source)), tr("mixes under a budget"))


def draw(answer: Answer, shown: Compared, what: str) -> Drawing:
    """A panel per objective: paired differences to doing nothing. Mixes that stand apart are numbered and listed."""
    problem = answer.problem
    cost = problem.costs[0]
    at = problem.objectives.index(cost)
    points = sorted(answer.fresh.points, key=lambda p: (p.means[at], p.mix))
    listed = _apart([float(p.means[at]) for p in points])
    lines = [
        tr("{number}: {mix}", number=i, mix=in_words(mix_in_words(problem, points[k].mix)).replace("_", " "))
        for i, k in enumerate(listed, start=1)
    ]
    drawing = page(
        shown,
        what,
        joined(
            tr("Change against doing nothing, on the same disputes; lower is better."),
            tried(answer),
        ),
        tr(
            "Filled: valued on fresh replications, with 95 % intervals; hollow: as the search saw them: what lies "
            "between is chance that the search took for merit; pale: beaten on fresh replications. "
            "Only mixes that stand apart "
            "in cost are numbered. {list}.",
            list=tr("; ").join(lines),
        ),
        width=9.6,
        height=3.2,
    )
    grid = drawing.figure.subplots(1, len(problem.simulated), squeeze=False)[0]
    for axes, objective in zip(grid, problem.simulated, strict=True):
        _panel(axes, answer, objective, {points[k].mix: i for i, k in enumerate(listed, start=1)})
    return drawing


def _apart(costs: list[float]) -> list[int]:
    """Numbers of points far enough from each other to be labelled."""
    room = APART * (max(costs) - min(costs)) if costs else 0.0
    kept: list[int] = []
    for i, x in enumerate(costs):
        if not kept or x - costs[kept[-1]] >= room:
            kept.append(i)
    return kept[:MOST_LABELS]


def _change(samples: Samples, mix: Mix, column: int) -> tuple[float, float]:
    """Mean and standard error of the paired difference to doing nothing."""
    difference = samples.of(mix)[column] - samples.of(samples.problem.nothing)[column]
    error = difference.std(ddof=1) / math.sqrt(len(difference)) if len(difference) > 1 else 0.0
    return float(difference.mean()), float(error)


def _panel(axes: Axes, answer: Answer, objective: str, numbered: dict[Mix, int]) -> None:
    problem = answer.problem
    cost = problem.costs[0]
    x_at, column = problem.objectives.index(cost), problem.simulated.index(objective)
    seen = {p.mix for p in answer.front.points}
    fallen = {c.after.mix for c in answer.fresh.checked if c.verdict is Verdict.FALLS}
    for point in (c.after for c in answer.fresh.checked):
        x = float(point.means[x_at])
        y, error = _change(answer.fresh.samples, point.mix, column)
        if point.mix in seen:
            then, _ = _change(answer.front.samples, point.mix, column)
            axes.plot([x, x], [then, y], color=ORANGE, linewidth=1.0, zorder=1)
            axes.plot(
                [x], [then], "o", markerfacecolor="white", markeredgecolor=ORANGE, markersize=5, zorder=2
            )
        colour = PALE_GREY if point.mix in fallen else BLUE
        axes.errorbar(
            [x], [y], yerr=[1.96 * error], fmt="o", color=colour, markersize=5, linewidth=1, zorder=3
        )
        if point.mix in numbered:
            text = str(numbered[point.mix])
            axes.annotate(text, (x, y), (5, 4), textcoords="offset points", size=SMALL, color=INK, zorder=4)
    axes.axhline(0.0, color=GREY, linewidth=0.8, linestyle="--", zorder=0)
    metric = KNOWN_METRICS.get(objective)
    axes.set_title(terms.words(objective))
    axes.set_ylabel(tr("change, {unit}", unit=terms.unit_of(objective)) if metric else "", size=SMALL)
    axes.set_xlabel(tr(UNITS[cost]), size=SMALL)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(ticks())
    axes.yaxis.set_major_formatter(ticks())
