"""Load a scenario: read YAML with its includes, apply `--set`, validate, check. All faults come at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.language import Text
from sim.scenario import alternatives, checks, overrides, translate
from sim.scenario.errors import Fault, ScenarioError
from sim.scenario.fields import PathKeys, dotted
from sim.scenario.include import read_with_includes
from sim.scenario.lookup import find
from sim.scenario.place import Place
from sim.scenario.translate import Index
from sim.scenario.yaml_tree import Node

Section = TypeVar("Section", bound=BaseModel)


def load_place(name_or_path: str | Path, sets: Sequence[str] = ()) -> Place:
    """A place by name (`liucheng`) or file, with `sets` such as `villages.mediators=3`.

    `fengcheng@village_115` is an alternative reading that the file of the place has.

    Raises ScenarioError with every fault of the files, each with its line and a remedy.
    """
    base, alternative = alternatives.split(name_or_path)
    tree, index = load_tree(find(base, "places"), sets, Place, alternative)
    place = validated(Place, tree, index)
    problems = checks.check(place)
    if problems:
        raise ScenarioError(located(p.path, p.problem, p.remedy, index) for p in problems)
    return place


def load_tree(
    path: Path,
    sets: Sequence[str] = (),
    schema: type[BaseModel] | None = None,
    alternative: str = "",
) -> tuple[dict[str, Any], Index]:
    """A file with its includes merged and `sets` applied, and file and line of every path in it.

    Before `sets` comes the `alternative` of the place, if one is named.
    """
    root = read_with_includes(path)
    root = overrides.apply(alternatives.overlaid(root, alternative) if alternative else root, sets, schema)
    index: dict[PathKeys, Any] = {}
    _note(root, (), index)
    tree: dict[str, Any] = root.plain()
    return tree, index


def validated(schema: type[Section], tree: dict[str, Any], index: Index) -> Section:
    """The tree as an instance of `schema`, or a ScenarioError with all faults."""
    try:
        # Strict, and as JSON: dates and choices come from text, but nothing else is converted silently.
        return schema.model_validate_json(json.dumps(tree), strict=True)
    except ValidationError as error:
        raise ScenarioError(translate.faults(error, tree, index, schema)) from None


def located(path: PathKeys, problem: Text, remedy: Text, index: Index) -> Fault:
    """A fault with the file and line of its path."""
    at = translate.where(index, path)
    return Fault(at.file, at.line, dotted(path), problem, remedy)


def _note(node: Node, path: PathKeys, index: dict[PathKeys, Any]) -> None:
    index[path] = node.where
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            _note(child, (*path, key), index)
    elif isinstance(node.value, list):
        for i, child in enumerate(node.value):
            _note(child, (*path, i), index)
