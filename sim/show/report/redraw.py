"""Figures of a folder in the language in use: drawn anew from what the folder holds, where that is enough."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sim.language import current
from sim.scenario.comparison import Comparison
from sim.show.figures.painter import Matplotlib
from sim.show.report.folder import FigureFile, ResultFolder, figure_file
from sim.studies.compare import Flows, differences, exchanged
from sim.studies.results import ResultError, read_draws, read_result
from sim.studies.run.figures import run_figures
from sim.studies.study import Sketch


def in_language(folder: ResultFolder) -> tuple[FigureFile, ...]:
    """The figures of a folder. Those that cannot be drawn from it alone stay in the language that they are in."""
    if all(f.language == current() for f in folder.figures):
        return folder.figures
    with tempfile.TemporaryDirectory() as where:
        new = {(f.part, f.name): f for f in _drawn(folder, Path(where))}
    return tuple(new.get((f.part, f.name), f) for f in folder.figures)


def _drawn(folder: ResultFolder, where: Path) -> Iterator[FigureFile]:
    if folder.command == "run" and "scenario" in folder.manifest:
        try:
            found = read_result(folder.path)
        except ResultError:
            return
        drawn, _, _ = read_draws(folder.path, folder.manifest)
        sketches = run_figures(found.numbers, found.place, int(folder.manifest["seed"]), drawn)
        yield from _read("", Matplotlib().save(sketches, where))
    elif "comparison" in folder.manifest:
        yield from _of_comparison(folder, where)


def _read(part: str, written: list[Path]) -> Iterator[FigureFile]:
    for path in written:
        if path.suffix == ".png":
            yield figure_file(part, path.stem, path.read_bytes())


def _of_comparison(folder: ResultFolder, where: Path) -> Iterator[FigureFile]:
    comparison = Comparison.model_validate(folder.manifest["comparison"])
    calibrated = all(cell.get("posterior") for cell in folder.manifest["cells"])
    painter, found = Matplotlib(), []
    for name in folder.places:
        place = folder.place(name)
        part = place.name if place is not None and place.name in folder.parts else ""
        effects = folder.table("effects", part)
        if place is None or effects is None:
            continue
        found.append((place, effects))
        sketches = {"forest": differences(effects, place, comparison.baseline, comparison, calibrated)}
        flows = folder.table("paths", part)
        for figure, rows in flows.groupby("figure", sort=False) if flows is not None else ():
            sketches[str(figure)] = Sketch("paths", {"flows": Flows.of(rows, place)})
        yield from _read(part, painter.save(sketches, where / place.name))
    if comparison.exchange and found:
        left_out = {(x["place"], x["policy"]): x["why"] for x in folder.manifest["left_out"]}
        matrix = {"exchange": exchanged(found, left_out, comparison, calibrated)}
        yield from _read("", painter.save(matrix, where))
