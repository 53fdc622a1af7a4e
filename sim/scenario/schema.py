"""The JSON Schemas of places, policies and experiments, for editors and programs: `scenarios/schema/*.schema.json`.

Regenerate them after a change of the schema: `python -m sim.scenario.schema`.
"""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.scenario.comparison import Comparison
from sim.scenario.experiment import Experiment
from sim.scenario.fields import Expected, expected_at
from sim.scenario.place import Place
from sim.scenario.policy import Policy
from sim.scenario.quantity import Expects

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_QUANTITY = "Quantity"


def json_schema(root: type[BaseModel] = Place) -> dict[str, Any]:
    """What a complete place (or experiment) must be, after its includes are merged."""
    schema = root.model_json_schema()
    models = _models(root, {})
    for name, definition in schema["$defs"].items():
        if name in models:
            _constrain(definition, models[name])
    _constrain(schema, root)
    return {"$schema": _DIALECT, "title": root.__name__, **{k: v for k, v in schema.items() if k != "title"}}


def file_schema(root: type[BaseModel] = Place) -> dict[str, Any]:
    """What one file may contain: a part of the whole, `include`, `replace`. Quantities must be complete."""
    schema = copy.deepcopy(json_schema(root))
    for name, definition in schema["$defs"].items():
        if name != _QUANTITY:
            definition.pop("required", None)
    schema.pop("required", None)
    whole = {k: v for k, v in schema.items() if k in ("properties", "additionalProperties", "type")}
    schema["$defs"]["Replacement"] = copy.deepcopy(whole)
    schema["title"] = f"{root.__name__} file"
    schema["properties"] = {
        "include": {
            "description": "Files whose content is merged in, relative to this file.",
            "items": {"type": "string"},
            "type": "array",
        },
        "replace": {
            "$ref": "#/$defs/Replacement",
            "description": "Values to put in place of what included files say; mirrors the tree.",
        },
        **schema["properties"],
    }
    return schema


def text(root: type[BaseModel] = Place) -> str:
    """The published file."""
    return json.dumps(file_schema(root), indent=1, ensure_ascii=False) + "\n"


def _models(model: type[BaseModel], found: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    found[model.__name__] = model
    for name in model.model_fields:
        child = expected_at(model, (name,))
        while child is not None and child.item is not None:
            child = expected_at(model, (name, 0))
        if child is not None and child.model is not None and child.model.__name__ not in found:
            _models(child.model, found)
    return found


def _constrain(definition: dict[str, Any], model: type[BaseModel]) -> None:
    """Put unit and bounds of each quantity into the properties of a section."""
    for name, entry in definition["properties"].items():
        expected = expected_at(model, (name,))
        if expected is None or expected.expects is None:
            continue
        definition["properties"][name] = _with_unit(entry, expected)


def _with_unit(entry: dict[str, Any], expected: Expected) -> dict[str, Any]:
    assert expected.expects is not None
    part = {"$ref": f"#/$defs/{_QUANTITY}", "properties": _unit(expected.expects)}
    if not expected.nullable:
        return part
    return {**{k: v for k, v in entry.items() if k != "anyOf"}, "anyOf": [part, {"type": "null"}]}


def _unit(expects: Expects) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    if math.isfinite(expects.minimum):
        bounds["minimum"] = expects.minimum
    if math.isfinite(expects.maximum):
        bounds["maximum"] = expects.maximum
    value = {**bounds, "multipleOf": 1} if expects.integer else bounds
    return {"unit": {"const": expects.unit}, "value": value, "low": bounds, "high": bounds}


def main(folder: Path = Path("scenarios/schema")) -> None:
    """Write the published files."""
    folder.mkdir(parents=True, exist_ok=True)
    for root in (Place, Experiment, Policy, Comparison):
        path = folder / f"{root.__name__.lower()}.schema.json"
        path.write_text(text(root), encoding="utf-8")


if __name__ == "__main__":
    main()
