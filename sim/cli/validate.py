"""`validate`: check scenario files, every file and every error at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from sim.cli import BAD_INPUT, OK
from sim.cli.listing import scenario_names
from sim.cli.machine import answer
from sim.language import tr
from sim.model import build
from sim.scenario.comparison import is_comparison, load_comparison
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.experiment import is_experiment, load_experiment
from sim.scenario.load import load_place, load_tree
from sim.scenario.policies import load_policy

SUFFIXES = (".yaml", ".yml")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    places, experiments, policies, parts = files(args.paths)
    faults: dict[Fault, None] = {}  # a fault of a shared file shows up in every place; it is printed once
    good = [0, 0, 0, 0]
    checks: list[tuple[Sequence[str | Path], Callable[[str | Path], object]]] = [
        (places, lambda name: build(load_place(name))),
        (experiments, _experiment),
        (policies, load_policy),
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
        print(fault.said(), file=sys.stderr)
    counted = []
    if places or not (experiments or policies):
        counted.append(tr("{n} of {m} place(s) valid", n=good[0], m=len(places)))
    if experiments:
        counted.append(tr("{n} of {m} experiment(s) valid", n=good[1], m=len(experiments)))
    if policies:
        counted.append(tr("{n} of {m} policies valid", n=good[2], m=len(policies)))
    if parts:
        counted.append(tr("{n} shared file(s) read", n=len(parts)))
    if faults:
        counted.append(tr("{n} fault(s) found", n=len(faults)))
    print(tr(", ").join(counted))
    kinds = zip(("places", "experiments", "policies", "shared_files"), checks, good, strict=True)
    found = {kind: {"checked": len(names), "valid": n} for kind, (names, _), n in kinds}
    answer(args, {"valid": not faults, **found, "faults": list(faults)})
    return BAD_INPUT if faults else OK


def _experiment(name: str | Path) -> object:
    """Check an experiment of either design; the models of a comparison are built, for there mechanisms may clash."""
    if not is_comparison(name):
        return load_experiment(name)
    return load_comparison(name).feasible(lambda cell: build(cell.place, cell.measures))


Names = list[str | Path]


def files(paths: list[str]) -> tuple[Names, Names, Names, list[Path]]:
    """Places, experiments and policies to check, and shared files to read: what else a folder of places holds."""
    places: list[str | Path] = []
    experiments: list[str | Path] = []
    policies: Names = []
    parts: list[Path] = []
    for text in paths:
        folder = Path(text)
        inside = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES) if folder.is_dir() else []
        if not inside:
            if is_experiment(text) or is_comparison(text):
                experiments.append(text)
            else:
                (policies if _is_policy(text) else places).append(text)
            continue
        found = [p for p in inside if is_experiment(p)]
        experiments += found
        policies += [p for p in inside if _is_policy(p)]
        others = [p for p in inside if p not in found and not _is_policy(p)]
        if any(p.parent.name == "places" for p in others):
            places += [p for p in others if p.parent.name == "places"]
            parts += [p for p in others if p.parent.name != "places"]
        else:
            places += others
    return places, experiments, policies, parts


def _is_policy(name: str | Path) -> bool:
    """Whether a file lies in a folder of policies, or a bare name is one and no place."""
    text = str(name)
    bare = text in scenario_names("policies") and text not in scenario_names("places")
    return bare or Path(text).resolve().parent.name == "policies"
