"""`validate`: check scenario files, every file and every error at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sim.cli import BAD_INPUT, OK
from sim.model import build
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.experiment import is_experiment, load_experiment
from sim.scenario.load import load_place, load_tree

SUFFIXES = (".yaml", ".yml")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    places, experiments, parts = files(args.paths)
    faults: dict[Fault, None] = {}  # a fault of a shared file shows up in every place; it is printed once
    good = [0, 0, 0]
    checks: list[tuple[Sequence[str | Path], Callable[[str | Path], object]]] = [
        (places, lambda name: build(load_place(name))),
        (experiments, load_experiment),
        (parts, lambda part: load_tree(Path(part))),
    ]
    for i, (names, check) in enumerate(checks):
        for name in names:
            try:
                check(name)
                good[i] += 1
            except ScenarioError as error:
                faults.update(dict.fromkeys(error.faults))
    for fault in faults:
        print(fault, file=sys.stderr)
    counted = [f"{good[0]} of {len(places)} place(s) valid"] if places or not experiments else []
    counted += [f"{good[1]} of {len(experiments)} experiment(s) valid"] if experiments else []
    shared = f", {len(parts)} shared file(s) read" if parts else ""
    wrong = f", {len(faults)} fault(s) found" if faults else ""
    print(f"{', '.join(counted)}{shared}{wrong}")
    return BAD_INPUT if faults else OK


def files(paths: list[str]) -> tuple[list[str | Path], list[str | Path], list[Path]]:
    """Places and experiments to check, and shared files to read: what a folder holds outside its `places`."""
    places: list[str | Path] = []
    experiments: list[str | Path] = []
    parts: list[Path] = []
    for text in paths:
        folder = Path(text)
        inside = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES) if folder.is_dir() else []
        if not inside:
            (experiments if is_experiment(text) else places).append(text)
            continue
        found = [p for p in inside if is_experiment(p)]
        experiments += found
        others = [p for p in inside if p not in found]
        if any(p.parent.name == "places" for p in others):
            places += [p for p in others if p.parent.name == "places"]
            parts += [p for p in others if p.parent.name != "places"]
        else:
            places += others
    return places, experiments, parts
