"""The published JSON Schema is current, and agrees with the loader."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sim.scenario import schema
from sim.scenario.load import load_tree

ROOT = Path(__file__).resolve().parents[2]
PAIR = ROOT / "tests" / "data" / "village_pair.yaml"


def test_the_published_schema_is_current() -> None:
    published = (ROOT / "scenarios" / "schema" / "place.schema.json").read_text(encoding="utf-8")
    assert published == schema.text(), "run: python -m sim.scenario.schema"


def _errors(tree: dict[str, Any], rules: dict[str, Any]) -> list[str]:
    jsonschema.Draft202012Validator.check_schema(rules)
    return [
        f"{'.'.join(map(str, e.path))}: {e.message}"
        for e in jsonschema.Draft202012Validator(rules).iter_errors(tree)
    ]


@pytest.mark.parametrize(
    "path", [PAIR, *sorted((ROOT / "scenarios" / "places").glob("*.yaml"))], ids=lambda p: p.stem
)
def test_a_merged_place_is_valid(path: Path) -> None:
    assert _errors(load_tree(path)[0], schema.json_schema()) == []


def test_units_bounds_and_unknown_keys_are_checked() -> None:
    good, _ = load_tree(PAIR)
    for path, key, value in [
        (("villages", "mediators"), "unit", "days"),
        (("eruption", "crime"), "value", 1.5),
        (("villages", "count"), "value", 2.5),
        (("tiers", "village", "patience_days"), "unit", "hours"),
        (("villages",), "mediatorz", 3),
        ((), "weather", 3),
    ]:
        bad = copy.deepcopy(good)
        node = bad
        for step in path:
            node = node[step]
        node[key] = value
        assert len(_errors(bad, schema.json_schema())) == 1, (path, key)
        assert len(_errors(bad, schema.file_schema())) == 1, (path, key)


def test_a_file_may_be_a_part_but_a_quantity_is_whole() -> None:
    part = {"include": ["a.yaml"], "replace": {"villages": {"count": {"value": 3}}}}
    assert any("required" in e for e in _errors(part, schema.file_schema()))
    whole = {"value": 3, "unit": "count", "low": 3, "high": 3, "source": "x", "status": "assumed"}
    assert (
        _errors({"include": ["a.yaml"], "replace": {"villages": {"count": whole}}}, schema.file_schema())
        == []
    )
    assert _errors({"include": "a.yaml"}, schema.file_schema()) != []
