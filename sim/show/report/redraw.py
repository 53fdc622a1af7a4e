"""Figures of a folder in the language in use: drawn anew from what the folder holds, where that is enough."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sim.language import current
from sim.scenario.comparison import Cell, Comparison
from sim.scenario.errors import ScenarioError
from sim.scenario.place import Place
from sim.scenario.policy import Measure
from sim.show.figures.comparing import exchange_frame, save_differences, save_matrix, save_paths
from sim.show.figures.save import save_figures
from sim.show.report.folder import FigureFile, ResultFolder, figure_file
from sim.studies.assemble import case_of
from sim.studies.posteriors import draws_for
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
        cells = _cells(folder, name, place, comparison)
        if cells and any(f.part == part and f.name.startswith("paths") for f in folder.figures):
            yield from _read(part, save_paths(cells, comparison, target))
    if comparison.exchange and found:
        left_out = {(x["place"], x["policy"]): x["why"] for x in folder.manifest["left_out"]}
        metric = str(found[0][1]["metric"].iloc[0])
        frame = exchange_frame(found, left_out, metric)
        yield from _read("", save_matrix(frame, metric, found[0][0], comparison, calibrated, where))


def _cells(folder: ResultFolder, name: str, place: Place, comparison: Comparison) -> list[Cell]:
    """The policies of a place as they were run; none where the place is no longer the one that was run."""
    try:
        posteriors = [None, draws_for(name, place, [])]
    except ScenarioError:
        posteriors = [None]
    out = []
    for told in folder.manifest["cells"]:
        if told["place"] != place.name:
            continue
        measures = tuple(Measure.model_validate(m) for m in told["measures"])
        known = [Cell(place, told["policy"], told["expression"], measures, p) for p in posteriors]
        same = [cell for cell in known if case_of(cell, comparison).key == told["key"]]
        if not same:
            return []
        out.append(same[0])
    return out
