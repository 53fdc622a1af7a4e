"""`validate`: check scenario files, every file and every error at once."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sim.cli import BAD_INPUT, OK
from sim.model import build
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    good, faults = 0, 0
    for path in files(args.paths):
        try:
            build(load_place(path))
            good += 1
        except ScenarioError as error:
            faults += len(error.faults)
            print(error, file=sys.stderr)
    print(f"{good} scenario file(s) are valid" + (f", {faults} fault(s) found" if faults else ""))
    return BAD_INPUT if faults else OK


def files(paths: list[str]) -> list[str | Path]:
    """The scenario files meant: a folder stands for the places in it, not for the files that they include."""
    out: list[str | Path] = []
    for text in paths:
        path = Path(text)
        if not path.is_dir():
            out.append(text)
            continue
        root = path / "places" if (path / "places").is_dir() else path
        inside: list[str | Path] = [*sorted(root.glob("*.yaml")), *sorted(root.glob("*.yml"))]
        out += inside or [text]
    return out
