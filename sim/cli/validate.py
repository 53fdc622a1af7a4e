"""`validate`: check scenario files, every file and every error at once."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sim.cli import BAD_INPUT, OK
from sim.model import build
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.load import load_place, load_tree

SUFFIXES = (".yaml", ".yml")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    places, parts = files(args.paths)
    faults: dict[Fault, None] = {}  # a fault of a shared file shows up in every place; it is printed once
    good = 0
    for name in places:
        try:
            build(load_place(name))
            good += 1
        except ScenarioError as error:
            faults.update(dict.fromkeys(error.faults))
    for part in parts:
        try:
            load_tree(part)
        except ScenarioError as error:
            faults.update(dict.fromkeys(error.faults))
    for fault in faults:
        print(fault, file=sys.stderr)
    shared = f", {len(parts)} shared file(s) read" if parts else ""
    wrong = f", {len(faults)} fault(s) found" if faults else ""
    print(f"{good} of {len(places)} place(s) valid{shared}{wrong}")
    return BAD_INPUT if faults else OK


def files(paths: list[str]) -> tuple[list[str | Path], list[Path]]:
    """Places to check, and shared files to read: files that a folder holds outside its `places`."""
    places: list[str | Path] = []
    parts: list[Path] = []
    for text in paths:
        folder = Path(text)
        inside = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES) if folder.is_dir() else []
        if not inside:
            places.append(text)
        elif any(p.parent.name == "places" for p in inside):
            places += [p for p in inside if p.parent.name == "places"]
            parts += [p for p in inside if p.parent.name != "places"]
        else:
            places += inside
    return places, parts
