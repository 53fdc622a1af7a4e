"""Whether scenario files are right: every file and every error at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from sim.language import Message
from sim.model import build
from sim.scenario.comparison import is_comparison, load_comparison
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.experiment import is_experiment, load_experiment
from sim.scenario.load import load_place, load_tree
from sim.scenario.lookup import names
from sim.scenario.policies import head, load_policy
from sim.scenario.yaml_tree import read
from sim.studies.decision_words import taken_away
from sim.studies.study import Study, key_of
from sim.studies.varied import taken_away_by

SUFFIXES = (".yaml", ".yml")
Name = str | Path


@dataclass(frozen=True)
class Validation(Study):
    """What was looked at: of each kind of file how many, and how many are valid; and every fault, once."""

    command: ClassVar[str] = "validate"
    checked: Mapping[str, int]
    valid: Mapping[str, int]
    faults: tuple[Fault, ...]
    notes: tuple[Message, ...] = ()

    def messages(self) -> list[Any]:
        """What is allowed and yet may be meant otherwise: policies that replace what a place does."""
        return list(self.notes)

    @property
    def passed(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    def tables(self) -> dict[str, pd.DataFrame]:
        """`faults`: file, line, path, problem, remedy."""
        columns = ("file", "line", "path", "problem", "remedy")
        rows = [{c: getattr(f, c) for c in columns} for f in self.faults]
        return {"faults": pd.DataFrame(rows)} if rows else {}

    def manifest(self) -> dict[str, Any]:
        """What was looked at."""
        return {"command": self.command, "key": key_of(self.answer()), "checked": dict(self.checked)}

    def answer(self) -> dict[str, Any]:
        """Counts by kind of file, and the faults."""
        counts = {kind: {"checked": n, "valid": self.valid[kind]} for kind, n in self.checked.items()}
        return {"valid": self.passed, **counts, "faults": list(self.faults)}


def validate(paths: Sequence[Name]) -> Validation:
    """Check scenario files, folders or names. Raises nothing for a fault: they are in the answer."""
    places, experiments, policies, parts = sorted_files([str(p) for p in paths])
    notes: dict[Message, None] = {}
    checks: dict[str, tuple[Sequence[Name], Callable[[Name], object]]] = {
        "places": (places, lambda name: build(load_place(name))),
        "experiments": (experiments, lambda name: notes.update(_experiment(name))),
        "policies": (policies, load_policy),
        "shared_files": (parts, lambda part: load_tree(Path(part))),
    }
    faults: dict[Fault, None] = {}  # a fault of a shared file shows up in every place; it is told once
    valid = dict.fromkeys(checks, 0)
    for kind, (files, check) in checks.items():
        for name in files:
            try:
                check(name)
                valid[kind] += 1
            except ScenarioError as error:
                faults.update(dict.fromkeys(error.faults))
    return Validation(
        {kind: len(files) for kind, (files, _) in checks.items()}, valid, tuple(faults), tuple(notes)
    )


def _experiment(name: Name) -> dict[Message, None]:
    """Check an experiment of either design; the models of a comparison are built, for there mechanisms may clash.

    Returned is what its policies take away unsaid.
    """
    if not is_comparison(name):
        load_experiment(name)
        return {}
    design = load_comparison(name).feasible(lambda cell: build(cell.place, cell.measures))
    found: dict[Message, None] = {}
    for place in design.places:
        base, *others = design.of(place)
        for cell in others:
            gone = taken_away_by(cell, base)
            if gone:
                found[taken_away(head(cell.expression), gone)] = None
    return found


def sorted_files(paths: Sequence[str]) -> tuple[list[Name], list[Name], list[Name], list[Path]]:
    """Places, experiments and policies to check, and shared files to read: what else a folder of places holds."""
    places: list[Name] = []
    experiments: list[Name] = []
    policies: list[Name] = []
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


def _is_policy(name: Name) -> bool:
    """Whether a file lies in a folder of policies or says that it is one, or a bare name is one and no place."""
    text = str(name)
    bare = text in names("policies") and text not in names("places")
    return bare or Path(text).resolve().parent.name == "policies" or _holds_measures(Path(text))


def _holds_measures(path: Path) -> bool:
    """Whether a file has at its top what only policies have."""
    if path.suffix not in SUFFIXES or not path.is_file():
        return False
    try:
        top = read(path).value
    except (OSError, ValueError, ScenarioError):
        return False
    return isinstance(top, dict) and bool({"measures", "practice_of"} & set(top))
