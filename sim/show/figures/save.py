"""Write all figures of a run."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.language import current
from sim.runs.atomic_files import write_atomically
from sim.runs.outcomes import Outcomes
from sim.scenario.place import Place
from sim.show.figures import flow, load, settlement, spread, staff
from sim.show.figures.cells import Cells
from sim.show.figures.page import DPI, Drawing, Run, lay_out
from sim.show.figures.style import style

if TYPE_CHECKING:
    import pandas as pd

FIGURES: dict[str, Callable[[Run], Drawing | None]] = {
    "flow": flow.draw,
    "settlement": settlement.draw,
    "load": load.draw,
    "staff": staff.draw,
    "spread": spread.draw,
}
# What would differ between two runs of the same program, or between two versions of a library.
_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}


def save_figures(
    outcomes: Outcomes | pd.DataFrame,
    place: Place,
    folder: Path,
    *,
    seed: int | None = None,
    calibrated: bool = False,
) -> list[Path]:
    """Write every figure as PNG and SVG into `folder`; return their paths. Same input, same bytes.

    `outcomes` are those of a run, or its long table: replication, metric, tier, kind, value, layer, x. A figure with
    nothing to show (`spread` in a place without reported figures) is not written, and an older one of its name is
    removed.
    """
    run = Run(place, Cells(outcomes), seed, calibrated)
    written = []
    with style():
        for name, draw in FIGURES.items():
            drawing = draw(run)
            if drawing is not None:
                lay_out(drawing.figure)
            for ending in _METADATA:
                path = folder / f"{name}.{ending}"
                if drawing is None:
                    path.unlink(missing_ok=True)
                    continue
                write_atomically(path, encoded(drawing, ending))
                written.append(path)
    return written


def encoded(drawing: Drawing, ending: str) -> bytes:
    """A figure as the bytes of a PNG or SVG file, which carries its title and caption for those who cannot see it.

    Call it inside `style()`, after `lay_out`.
    """
    out = io.BytesIO()
    told = {"Title": drawing.title, "Description": drawing.caption}
    if current() != "en":
        told["Language"] = current()
    drawing.figure.savefig(out, format=ending, dpi=DPI, metadata=told | _METADATA[ending])
    return out.getvalue()


def write_drawing(drawing: Drawing, folder: Path, name: str) -> list[Path]:
    """Write one figure as PNG and SVG; return their paths. Call it inside `style()`."""
    lay_out(drawing.figure)
    written = []
    for ending in _METADATA:
        path = folder / f"{name}.{ending}"
        write_atomically(path, encoded(drawing, ending))
        written.append(path)
    return written


def remove_drawing(folder: Path, name: str) -> None:
    """Take away the files of a figure that has nothing to show any more."""
    for ending in _METADATA:
        (folder / f"{name}.{ending}").unlink(missing_ok=True)
