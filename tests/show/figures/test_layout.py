"""What a reader of the figures must be able to read: no text outside, none over another, no missing character."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.scenario.place import Place
from sim.show.figures.cells import Cells
from sim.show.figures.page import Run, lay_out
from sim.show.figures.save import FIGURES, encoded
from sim.show.figures.style import style
from tests.show.figures.frames import NAMES, courtless, small_frame, small_place

SHORTER = {"start": "2023-01-10", "end": "2023-01-29"}
LONG = "The autonomous county of a people with a long name in a prefecture that has one too"


def one_replication() -> pd.DataFrame:
    frame = small_frame()
    return frame[frame["replication"] == 2]


# Made when a test asks for them, since every worker collects all tests.
CASES: dict[str, Callable[[], tuple[Place, pd.DataFrame]]] = {
    "small place": lambda: (small_place(), small_frame()),
    "long names": lambda: (small_place(LONG, "名字很长的自治县" * 6), small_frame()),
    "one replication": lambda: (small_place(), one_replication()),
    "no court": courtless,
    "short window": lambda: (
        small_place(window={**small_place().window.model_dump(mode="json"), **SHORTER}),
        small_frame(),
    ),
}


@cache
def made(case: str) -> tuple[Place, pd.DataFrame]:
    return CASES[case]()


def inside(box: Bbox, outer: Bbox) -> bool:
    return bool(box.x0 >= outer.x0 and box.y0 >= outer.y0 and box.x1 <= outer.x1 and box.y1 <= outer.y1)


def texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text that is really drawn, with its box in pixels: ticks outside the axis are not."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    drawn: list[Text] = []
    draw = Text.draw

    def noted(text: Text, renderer: RendererBase) -> None:
        drawn.append(text)
        draw(text, renderer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", noted)
        canvas.draw()
    renderer = canvas.get_renderer()
    written = [t for t in drawn if t.get_visible() and t.get_text().strip()]
    return [(t.get_text(), Text.get_window_extent(t, renderer)) for t in written]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", CASES)
def test_all_text_can_be_read(name: str, case: str) -> None:
    place, frame = made(case)
    with warnings.catch_warnings(), style():
        warnings.simplefilter("error")  # matplotlib warns of characters that no font has
        drawing = FIGURES[name](Run(place, Cells(frame), seed=1))
        assert drawing is not None
        figure = drawing.figure
        lay_out(figure)
        found = texts(figure)
    assert place.title.zh in drawing.title
    assert drawing.caption.endswith("seed 1.")
    assert len(found) > 12
    for text, box in found:
        assert inside(box, figure.bbox), f"{text!r} leaves the figure"
    for (a, box), (b, other) in itertools.combinations(found, 2):
        assert not box.padded(-1).overlaps(other.padded(-1)), f"{a!r} lies over {b!r}"


@pytest.mark.parametrize(("en", "zh"), NAMES.items())
def test_names_of_places_are_drawn(en: str, zh: str) -> None:
    with warnings.catch_warnings(), style():
        warnings.simplefilter("error")
        drawing = FIGURES["staff"](Run(small_place(en, zh), Cells(small_frame())))
        assert drawing is not None
        assert encoded(drawing, "png") and encoded(drawing, "svg")
        assert any(f"{en} {zh}" in text for text, _ in texts(drawing.figure))


def test_the_test_sees_text_over_text() -> None:
    with style():
        figure = Figure()
        FigureCanvasAgg(figure)
        figure.text(0.5, 0.5, "one")
        figure.text(0.51, 0.5, "other")
        figure.text(0.99, 0.9, "outside")
        (_, one), (_, other), (_, outside) = texts(figure)
    assert one.padded(-1).overlaps(other.padded(-1))
    assert not inside(outside, figure.bbox)


def test_a_character_without_glyph_is_noticed() -> None:
    place = small_place("A place", "\U0002a6d6")
    with style(), pytest.warns(UserWarning, match="Glyph"):  # noqa: PT031
        drawing = FIGURES["staff"](Run(place, Cells(small_frame())))
        assert drawing is not None
        encoded(drawing, "png")
