"""The page of a figure: title and subtitle above, a caption below, and room for the drawing between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple, Protocol

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from sim.language import current, joined, tr
from sim.scenario import terms
from sim.scenario.place import Place
from sim.show.figures.cells import Cells
from sim.show.figures.style import GREY, INK, SMALL, TEXT, TITLE
from sim.show.figures.typeface import families, say_missing

DPI = 150
MARGIN = 0.22  # inches
LEADING = 1.5  # line height of text, by its size
# What is not broken in Chinese: one character, or a word or number, with the marks that belong to it.
ATOM = r"[（《“]*(?:[\u2e80-\u9fff]|[^\s\u2e80-\u9fff，。；：、！？（）《》“”]+|\s)[，。；：、！？）》”]*"


class Shown(Protocol):
    """What a page says of what is drawn: the place in its title, the source at its end."""

    @property
    def place(self) -> Place: ...

    @property
    def source(self) -> str: ...


class Drawing(NamedTuple):
    """A figure with its title and caption as plain text, for those who cannot see it."""

    figure: Figure
    title: str
    caption: str


@dataclass(frozen=True)
class Run:
    """What is drawn: a place and the numbers of its run."""

    place: Place
    cells: Cells
    seed: int | None = None
    calibrated: bool = False
    reading: str = ""  # of the record, where its parameter draws are those of one

    @property
    def source(self) -> str:
        """How many replications, from which seed."""
        n = self.cells.replications
        text = tr("{n:,} replication", n=n) if n == 1 else tr("{n:,} replications", n=n)
        if self.seed is None:
            return tr("{run}.", run=text)
        return tr("{run}, seed {seed}.", run=text, seed=self.seed)

    @property
    def window(self) -> str:
        """The days that the numbers cover."""
        window = self.place.window
        return tr("{start:%Y-%m-%d} to {end:%Y-%m-%d}", start=window.start, end=window.end)


@cache
def _renderer() -> Any:
    make: Any = RendererAgg  # matplotlib gives it no types
    return make(1, 1, 72)


def text_width(text: str, size: float) -> float:
    """Width in inches of one line of text of a size in points. Call it inside `style()`."""
    return _measured(text, size, families())


@lru_cache(4096)
def _measured(text: str, size: float, fonts: tuple[str, ...]) -> float:
    """The same of fonts that are in use: a line is measured again for every word that may still go into it."""
    width, _, _ = _renderer().get_text_width_height_descent(text, FontProperties(size=size), ismath=False)
    return float(width) / 72


def wrapped(text: str, size: float, width: float) -> list[str]:
    """Lines of at most `width` inches; what has no blanks, such as Chinese, is broken anywhere, `5 %` is not.

    In Chinese no line begins with a mark that closes, such as a comma, or ends with one that opens.
    """
    if current() == "zh":
        return _filled(re.findall(ATOM, text), size, width)
    lines: list[str] = []
    for word in text.replace(" %", "\u00a0%").split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
            continue
        if text_width(word, size) <= width:
            lines.append(word)
            continue
        lines.append("")
        for character in word:
            if lines[-1] and text_width(lines[-1] + character, size) > width:
                lines.append("")
            lines[-1] += character
    return lines


def _filled(atoms: list[str], size: float, width: float) -> list[str]:
    """Lines of atoms, none of which is broken unless it is wider than a line."""
    lines = [""]
    for atom in atoms:
        if text_width((lines[-1] + atom).rstrip(), size) <= width:
            lines[-1] += atom
            continue
        if lines[-1].strip():
            lines.append("")
        for character in atom if text_width(atom.rstrip(), size) > width else [atom]:
            if lines[-1] and text_width(lines[-1] + character, size) > width:
                lines.append("")
            lines[-1] += character.lstrip() if not lines[-1] else character
    return [line.strip(" ") for line in lines if line.strip()]


def page(run: Shown, what: str, subtitle: str, caption: str, *, width: float, height: float) -> Drawing:
    """A figure `width` inches wide, with `height` inches for the drawing and what the text needs besides.

    Axes added with the constrained layout stay inside the space for the drawing.
    """
    title = tr("{place}: {what}", place=terms.title(run.place.title), what=what)
    if reading := getattr(run, "reading", ""):
        title = tr("{title} ({reading} recording)", title=title, reading=terms.reading(reading))
    return titled(title, subtitle, joined(caption, run.source), width=width, height=height)


def titled(title: str, subtitle: str, caption: str, *, width: float, height: float) -> Drawing:
    """A figure as `page` makes it, of something that is no place."""
    inner = width - 2 * MARGIN
    head = [(line, TITLE, INK) for line in wrapped(title, TITLE, inner)]
    head += [(line, TEXT, GREY) for line in wrapped(subtitle, TEXT, inner)]
    foot = [(line, SMALL, INK) for line in wrapped(caption, SMALL, inner)]
    above = sum(size for _, size, _ in head) * LEADING / 72 + 1.5 * MARGIN
    below = sum(size for _, size, _ in foot) * LEADING / 72 + 1.5 * MARGIN
    total = above + height + below
    figure = Figure(figsize=(width, total), dpi=DPI)
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained", rect=(0.01, below / total, 0.98, height / total), wspace=0.05)
    y = total - MARGIN
    for text, size, colour in head:
        figure.text(MARGIN / width, y / total, text, size=size, color=colour, va="top")
        y -= size * LEADING / 72
    y = below - 0.5 * MARGIN
    for text, size, colour in foot:
        figure.text(MARGIN / width, y / total, text, size=size, color=colour, va="top")
        y -= size * LEADING / 72
    return Drawing(figure, title, caption)


def lay_out(figure: Figure) -> None:
    """Give the axes their places, once for all files of a figure. Call it inside `style()`.

    The solver of the constrained layout orders its constraints by address, so that its last digits differ from run to
    run. They would show in the names of elements of an SVG file, hence places are rounded.
    """
    say_missing(figure)
    engine = figure.get_layout_engine()
    if engine is None:
        return
    engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(float(x), 5) for x in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))
    # Without any engine: for one that does nothing, too, every file would be drawn twice.
    figure.set_layout_engine(None)


@dataclass(frozen=True)
class Compared:
    """What a page of a comparison says of itself: the place, and how much was run."""

    place: Place
    source: str
