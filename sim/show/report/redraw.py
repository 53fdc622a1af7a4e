"""Figures of a folder in the language in use: drawn anew from what the folder holds, where that is enough."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sim.language import current
from sim.scenario.comparison import Comparison
from sim.show.figures.comparing import exchange_frame, save_differences, save_matrix, save_paths
from sim.show.figures.save import save_figures
from sim.show.report.folder import FigureFile, ResultFolder, figure_file
from sim.studies.changed import changed_in
from sim.studies.results import ResultError, read_result


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
        calibrated = bool(folder.manifest.get("posterior"))
        seed = int(folder.manifest["seed"])
        yield from _read(
            "", save_figures(found.numbers, found.place, where, seed=seed, calibrated=calibrated)
        )
    elif "comparison" in folder.manifest:
        yield from _of_comparison(folder, where)


def _read(part: str, written: list[Path]) -> Iterator[FigureFile]:
    for path in written:
        if path.suffix == ".png":
            yield figure_file(part, path.stem, path.read_bytes())


def _of_comparison(folder: ResultFolder, where: Path) -> Iterator[FigureFile]:
    comparison = Comparison.model_validate(folder.manifest["comparison"])
    calibrated = all(cell.get("posterior") for cell in folder.manifest["cells"])
    found = []
    for name in folder.places:
        place = folder.place(name)
        part = place.name if place is not None and place.name in folder.parts else ""
        effects = folder.table("effects", part)
        if place is None or effects is None:
            continue
        found.append((place, effects))
        base = comparison.baseline
        target = where / place.name
        yield from _read(part, save_differences(effects, place, base, comparison, calibrated, target))
        paths = folder.table("paths", part)
        if paths is not None:
            yield from _read(part, save_paths(place, changed_in(paths), comparison.seed, target))
    if comparison.exchange and found:
        left_out = {(x["place"], x["policy"]): x["why"] for x in folder.manifest["left_out"]}
        metric = str(found[0][1]["metric"].iloc[0])
        frame = exchange_frame(found, left_out, metric)
        yield from _read("", save_matrix(frame, metric, found[0][0], comparison, calibrated, where))
