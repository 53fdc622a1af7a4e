"""Draws what studies sketch. Nothing heavy is imported until something is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.studies.study import Sketch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.show.figures.page import Drawing

# By the name that a sketch gives: module of this package and function. A function takes the data of the sketch by name
# and returns a Drawing, or None where there is nothing to show; it is called inside `style()`.
DRAWINGS: dict[str, tuple[str, str]] = {
    "flow": ("of_run", "flow"),
    "settlement": ("of_run", "settlement"),
    "load": ("of_run", "load"),
    "staff": ("of_run", "staff"),
    "spread": ("of_run", "spread"),
    "nation": ("nation", "draw"),
    "forest": ("of_comparison", "forest"),
    "paths": ("of_comparison", "paths"),
    "exchange": ("of_comparison", "exchange"),
    "sensitivity": ("sensitivity", "sensitivity"),
    "before_after": ("before_after", "before_after"),
    "power": ("power", "power"),
    "forecast": ("forecast", "forecast"),
    "quality": ("quality", "quality"),
    "calibration": ("calibration", "calibration"),
    "pareto": ("pareto", "mixes"),
}


def drawing_of(sketch: Sketch) -> Drawing | None:
    """The drawing of a sketch, not yet laid out. Call it inside `style()`."""
    module, function = DRAWINGS[sketch.drawing]
    draw: Callable[..., Any] = getattr(import_module(f"sim.show.figures.{module}"), function)
    drawing: Drawing | None = draw(**sketch.data)
    return drawing


class Matplotlib:
    """The painter of the program, see `sim.studies.study.Painter`."""

    def draw(self, sketch: Sketch) -> Figure | None:
        """The figure, ready to be shown."""
        from sim.show.figures.notebook import in_notebook
        from sim.show.figures.page import lay_out
        from sim.show.figures.style import style

        with style():
            drawing = drawing_of(sketch)
            if drawing is None:
                return None
            lay_out(drawing.figure)
            return in_notebook(drawing.figure)

    def save(self, sketches: Mapping[str, Sketch], folder: Path) -> list[Path]:
        """Write every sketch as PNG and SVG; an older file of a figure that has nothing to show is removed.

        A name such as `daliu/forest` goes into a folder of its own, beside `folder`.
        """
        from sim.show.figures.save import remove_drawing, write_drawing
        from sim.show.figures.style import style

        written: list[Path] = []
        with style():
            for name, sketch in sketches.items():
                part, _, file = name.rpartition("/")
                there = folder.parent / part / folder.name if part else folder
                drawing = drawing_of(sketch)
                if drawing is None:
                    remove_drawing(there, file)
                else:
                    written += write_drawing(drawing, there, file)
        return written
