"""The forest of paired differences: a panel for each metric, policies as rows."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from sim.language import joined, marked, tr
from sim.scenario import terms
from sim.scenario.metrics import Column
from sim.scenario.terms import spelled
from sim.show.figures.page import DPI, LEADING, MARGIN, Compared, Drawing, text_width, wrapped
from sim.show.figures.save import write_drawing
from sim.show.figures.style import BLUE, FAINT, GREY, INK, ORANGE, PALE_GREY, SMALL, TEXT, TITLE, style, ticks
from sim.studies.panel import about, columns_in

MOST_PANELS = 9
MANY = 12  # policies from which on panels stand in two wide rows
LABEL = 2.3  # inches for the names of policies
PANEL = 2.3  # inches for a panel
LINES = 2  # of a policy's name, before it is cut
FINE = 7.0  # points
LINE = FINE * 1.25 / 72  # inches
HUGE = 999_999.5


class Mark(NamedTuple):
    """How a verdict looks. Shape and colour both tell it, for those who cannot tell the colours."""

    marker: str
    colour: str
    filled: bool
    words: str


MARKS = {
    "lower": Mark("<", BLUE, True, marked("lower")),
    "higher": Mark(">", ORANGE, True, marked("higher")),
    "probably lower": Mark("<", BLUE, False, marked("probably lower")),
    "probably higher": Mark(">", ORANGE, False, marked("probably higher")),
    "equivalent": Mark("s", INK, True, marked("equivalent within the margin")),
    "no difference shown": Mark("o", GREY, False, marked("no difference shown")),
    "no effect in any replication": Mark("|", INK, True, marked("no effect in any replication")),
    "no effect by construction": Mark("|", INK, True, marked("no effect by construction")),
}
ALWAYS = ("lower", "higher", "no difference shown")  # in every legend
Row = dict[str, Any]


def save_forest(
    frame: pd.DataFrame,
    folder: Path,
    *,
    title: str = "",
    note: str = "",
    shown: Compared | None = None,
    what: str = "",
) -> list[Path]:
    """Draw and write `forest.png` and `forest.svg`; return their paths. Same input, same bytes.

    `title` and `note` say what is compared and how much was run; `shown` and `what` say it for a place.
    """
    with style():
        return write_drawing(forest(frame, **captioned(title, note, shown, what)), folder, "forest")


def forest(frame: pd.DataFrame, *, title: str, note: str) -> Drawing:
    """Small multiples, sorted by the effect on the first metric. Call it inside `style()`.

    Columns: policy, metric, reading (if any has one), unit, difference, low, high, verdict; and where they are known
    relative, margin, interval. An empty frame raises ValueError.
    """
    if frame.empty:
        raise ValueError("no differences to draw")
    every = columns_in(frame)
    shown = every[:MOST_PANELS]
    policies = _sorted(frame, shown[0])
    labels = shortened(policies)
    row = 0.03 + LINE * max(1, *(label.count("\n") + 1 for label in labels))
    columns = min(3, len(shown))
    if len(policies) > MANY and len(shown) > 3:
        columns = math.ceil(len(shown) / 2)
    height = 0.75 + max(row, 0.19) * max(2, len(policies))
    drawing, middle = sheet(
        title,
        tr("Differences between runs of the same disputes, with and without."),
        joined(_caption(frame, len(every) - len(shown)), note),
        width=max(9.6, LABEL + 0.3 + columns * PANEL),
        height=math.ceil(len(shown) / columns) * height,
        strip=0.28,
    )
    rows = math.ceil(len(shown) / columns)
    grid = drawing.figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, column in zip(grid.flat, shown, strict=False):
        _panel(axes, about(frame, column), column, policies, PANEL if columns > 1 else 2 * PANEL)
    for axes in list(grid.flat)[len(shown) :]:
        axes.axis("off")
    for axes in grid[:, 0]:
        axes.set_yticks(range(len(policies)), labels, size=FINE)
    _legend(drawing.figure, middle, frame)
    return drawing


def sheet(
    title: str, subtitle: str, note: str, *, width: float, height: float, strip: float
) -> tuple[Drawing, float]:
    """A page with a free title, and between subtitle and drawing `strip` inches for a legend.

    `height` inches are for the drawing. Returned with it is where the strip has its middle, in shares of the figure.
    """
    inner = width - 2 * MARGIN
    head = [(line, TITLE, INK) for line in wrapped(title, TITLE, inner)]
    head += [(line, TEXT, GREY) for line in wrapped(subtitle, TEXT, inner)]
    foot = [(line, SMALL, INK) for line in wrapped(note.strip(), SMALL, inner)]
    above = sum(size for _, size, _ in head) * LEADING / 72 + 1.25 * MARGIN
    below = sum(size for _, size, _ in foot) * LEADING / 72 + 1.5 * MARGIN
    total = above + strip + height + below
    figure = Figure(figsize=(width, total), dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained", rect=(0.01, below / total, 0.98, height / total), wspace=0.04)
    for y, lines in ((total - MARGIN, head), (below - 0.5 * MARGIN, foot)):
        for text, size, colour in lines:
            figure.text(MARGIN / width, y / total, text, size=size, color=colour, va="top")
            y -= size * LEADING / 72
    return Drawing(figure, title, note.strip()), (below + height + strip / 2) / total


def captioned(title: str, note: str, shown: Compared | None, what: str) -> dict[str, str]:
    """Title and note, with those of a place if there is one."""
    if shown is None:
        return {"title": title, "note": note}
    place = terms.title(shown.place.title)
    said = tr("{place}: {what}", place=place, what=what)
    return {"title": title or said, "note": joined(note, shown.source)}


def shortened(policies: list[str]) -> list[str]:
    """Names that fit beside an axis, cut after two lines unless that makes two of them the same."""
    every = [wrapped(_bound(spelled(p)), FINE, LABEL) for p in policies]
    cut = [
        "\n".join(lines if len(lines) <= LINES else [*lines[: LINES - 1], _dots(lines)]) for lines in every
    ]
    n = Counter(cut)
    return ["\n".join(lines) if n[text] > 1 else text for lines, text in zip(every, cut, strict=True)]


def _bound(text: str) -> str:
    """A spelled name whose signs and settings stay on one line with what they belong to."""
    text = re.sub(r"(^|(?<= ))([+−]) ", "\\2\u00a0", text)
    return re.sub(r"\([^,()]{1,30}[,)]", lambda found: found[0].replace(" ", "\u00a0"), text)


def _dots(lines: list[str]) -> str:
    """The last line that is shown of a name that goes on."""
    text = lines[LINES - 1]
    while text and text_width(f"{text}…", FINE) > LABEL:
        text = text[:-1]
    return text.rstrip(" \u00a0+−(,") + "…"


def _sorted(frame: pd.DataFrame, column: Column) -> list[str]:
    first = about(frame, column).sort_values("difference", kind="stable")
    return list(dict.fromkeys([*map(str, first["policy"]), *map(str, frame["policy"])]))


def _known(frame: pd.DataFrame, column: str) -> bool:
    return column in frame and bool(frame[column].notna().any())


def _caption(frame: pd.DataFrame, left_out: int) -> str:
    kind = str(frame["interval"].iloc[0]) if "interval" in frame else "confidence interval"
    said = [
        tr(
            "Line: 90 % confidence interval about Monte Carlo error alone, which holds for all rows and panels at once."
        )
        if kind == "confidence interval"
        else tr(
            "Line: 90 % {interval} of the effect, Monte Carlo noise taken off; mark: median.",
            interval=tr(kind),
        )
    ]
    if _known(frame, "relative"):
        said.append(tr("At the right: the difference in percent of the baseline."))
    said.append(tr("Each panel has its own axis; rows are sorted by the first panel."))
    if left_out == 1:
        said.append(tr("1 further metric not shown."))
    elif left_out:
        said.append(tr("{n} further metrics not shown.", n=left_out))
    return joined(*said)


def _legend(figure: Figure, middle: float, frame: pd.DataFrame) -> None:
    handles: list[Line2D | Patch] = [
        Line2D([], [], label=tr(mark.words), linewidth=2.2, **_looks(mark))
        for verdict, mark in MARKS.items()
        if verdict in set(frame["verdict"]) or verdict in ALWAYS
    ]
    if _known(frame, "margin"):
        handles.append(Patch(color=FAINT, label=tr("margin")))
    figure.legend(
        handles=handles, loc="center left", bbox_to_anchor=(MARGIN / figure.get_figwidth(), middle),
        ncols=len(handles), frameon=False, fontsize=SMALL, borderaxespad=0.0, borderpad=0.0, columnspacing=1.4,
    )  # fmt: skip


def _looks(mark: Mark) -> dict[str, Any]:
    inside = mark.colour if mark.filled else "white"
    return {"marker": mark.marker, "color": mark.colour, "markerfacecolor": inside, "markersize": 5.5}


def _panel(axes: Axes, frame: pd.DataFrame, column: Column, policies: list[str], room: float) -> None:
    least, most = 0.0, 0.0
    for row in frame.to_dict("records"):
        low, high = _draw_row(axes, {str(k): v for k, v in row.items()}, policies.index(str(row["policy"])))
        least, most = min(least, low), max(most, high)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=1.5)
    pad = 0.06 * (most - least) or 1.0
    axes.set_xlim(least - pad, most + pad)
    axes.set_ylim(len(policies) - 0.4, -0.6)
    axes.set_title("\n".join(wrapped(terms.words(column.metric, column.reading), TEXT, room)))
    unit = terms.unit(str(frame["unit"].iloc[0]), column.metric).replace("_", " ")
    label = tr("difference ({unit})", unit=unit) if unit else tr("difference")
    axes.set_xlabel("\n".join(wrapped(label, SMALL, room)),
                    size=SMALL, labelpad=1)  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(4 if max(most, -least) < 1e4 else 2))
    axes.xaxis.set_major_formatter(ticks())
    axes.hlines(range(len(policies)), 0, 1, transform=axes.get_yaxis_transform(), color=PALE_GREY,
                linewidth=0.5, zorder=0.8)  # fmt: skip
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.spines["left"].set_visible(False)


def _draw_row(axes: Axes, row: Row, y: int) -> tuple[float, float]:
    """Draw one difference; return how far it reaches."""
    margin, middle = _number(row, "margin"), _number(row, "difference")
    reach = [0.0]
    if not math.isnan(margin):
        axes.add_patch(
            Rectangle(
                (-margin, y - 0.5), 2 * margin, 1, facecolor=FAINT, linewidth=0, zorder=0.5, antialiased=False
            )
        )
        reach += [-margin, margin]
    if math.isnan(middle):
        axes.text(1.02, y, tr("not defined"), transform=axes.get_yaxis_transform(), size=FINE, color=GREY,
                  va="center_baseline", gid="relative")  # fmt: skip
        return min(reach), max(reach)
    mark = MARKS[str(row["verdict"])]
    inner = [_number(row, "low"), _number(row, "high")]
    if all(map(math.isfinite, inner)):
        axes.plot(inner, [y, y], color=mark.colour, linewidth=2.2, zorder=3, gid="interval")
        reach += inner
    axes.plot([middle], [y], linestyle="", zorder=4, gid="difference", **_looks(mark))
    relative = _number(row, "relative")
    if math.isfinite(relative):
        axes.text(1.02, y, tr("{x} %", x=percent(relative)), transform=axes.get_yaxis_transform(), size=FINE,
                  color=mark.colour, va="center_baseline", gid="relative")  # fmt: skip
    return min(*reach, middle), max(*reach, middle)


def _number(row: Row, name: str) -> float:
    value = row.get(name)
    return math.nan if value is None or pd.isna(value) else float(value)


def percent(x: float) -> str:
    """A change with its sign, in as many digits as can be used; powers of ten from a million on.

    The text of a huge change, all digits written out, would leave no room for the drawing.
    """
    if not math.isfinite(x):
        return "–" if math.isnan(x) else "+∞" if x > 0 else "−∞"
    if abs(x) >= HUGE:
        return re.sub(r"e\+0?", "e", f"{x:+.1e}").replace("-", "−")
    text = f"{x:+,.{0 if abs(x) >= 9.95 else 1 if abs(x) >= 0.095 else 2}f}"
    return text.replace("-", "−") if re.search("[1-9]", text) else "0"
