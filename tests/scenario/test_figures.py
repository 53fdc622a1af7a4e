"""Every reported figure is accounted for in docs/figures.md, and the paths named there exist."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from sim.scenario.load import load_place
from sim.scenario.place import Place

ROOT = Path(__file__).resolve().parents[2]
HEADINGS = {
    "Liucheng 柳城": "liucheng",
    "Baojing 保靖": "baojing",
    "Daliu 大柳": "daliu",
    "Fengcheng 丰城": "fengcheng",
    "Jiang 绛县": "jiang",
}
USES = ("parameter", "structure", "target", "mechanism", "fact", "not used")
Row = tuple[str, str, str, str, str, str]  # place, figure, measures, use, where, reason


@cache
def place(name: str) -> Place:
    return load_place(ROOT / "scenarios" / "places" / f"{name}.yaml")


@cache
def documented() -> tuple[Row, ...]:
    """The rows of the tables place by place."""
    found: list[Row] = []
    current = ""
    for line in (ROOT / "docs" / "figures.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            current = HEADINGS.get(line.lstrip("# "), "")
        elif current and line.startswith("|") and not line.startswith(("| figure", "|--")):
            figure, measures, use, where, reason = (cell.strip() for cell in line.strip("|").split("|"))
            found.append((current, figure, measures, use, where, reason))
    return tuple(found)


def reported() -> list[tuple[str, str, str]]:
    with (ROOT / "scenarios" / "national" / "figures.csv").open(encoding="utf-8", newline="") as stream:
        return [(row["place"], row["figure"], row["measures"]) for row in csv.DictReader(stream)]


def resolve(name: str, path: str) -> object:
    """What a dotted path names in a place; items of lists go by their name or metric. KeyError if nothing."""
    here: object = place(name)
    for word in path.split("."):
        if isinstance(here, list):
            here = {getattr(item, "metric", None) or item.name: item for item in here}[word]
        elif isinstance(here, dict):
            here = here[word]
        elif isinstance(here, BaseModel) and word in type(here).model_fields:
            here = getattr(here, word)
        else:
            raise KeyError(word)
    return here


def test_the_table_of_figures_is_complete() -> None:
    rows = reported()
    assert len(rows) == 93
    assert set(HEADINGS.values()) == {p for p, _, _ in rows}


def test_every_figure_is_documented_once() -> None:
    assert Counter((p, figure, measures) for p, figure, measures, *_ in documented()) == Counter(reported())


def test_every_figure_has_a_use_or_a_reason() -> None:
    for name, figure, _, use, where, reason in documented():
        assert use.startswith(USES), (name, figure, use)
        if use == "not used":
            assert reason and not where, (name, figure)
        else:
            assert where, (name, figure)


@pytest.mark.parametrize("name", sorted(HEADINGS.values()))
def test_every_named_path_exists(name: str) -> None:
    paths = [
        path
        for p, _, _, _, where, reason in documented()
        for path in re.findall(r"`([a-z_0-9.]+)`", f"{where} {reason}")
        if p == name
    ]
    assert len(paths) >= 10
    for path in paths:
        resolve(name, path)


def test_a_path_that_is_not_there_is_noticed() -> None:
    for path in ("villages.cadres", "targets.happiness", "mechanisms.grid.figures.lanes", "nothing"):
        with pytest.raises(KeyError):
            resolve("jiang", path)


def test_the_use_names_the_right_part_of_the_scenario() -> None:
    parts = {"target": "targets.", "mechanism": "mechanisms.", "fact": "facts."}
    for name, figure, _, use, where, _ in documented():
        word = use.split(" ")[0]
        if word in parts:
            assert any(p.startswith(parts[word]) for p in re.findall(r"`([^`]+)`", where)), (name, figure)
        if word in ("parameter", "structure"):
            outside = [p for p in re.findall(r"`([^`]+)`", where) if not p.startswith(tuple(parts.values()))]
            assert outside, (name, figure)


def test_targets_have_the_role_that_is_documented() -> None:
    for name, figure, _, use, where, _ in documented():
        if use.startswith("target"):
            first = re.findall(r"`targets\.([a-z_]+)`", where)[0]
            role = {t.metric: t.role for t in place(name).targets}[first]
            assert use == f"target ({role.replace('_', ' ')})", (name, figure)


def test_every_target_is_documented() -> None:
    for name in HEADINGS.values():
        named = {
            metric
            for p, _, _, _, where, _ in documented()
            for metric in re.findall(r"`targets\.([a-z_]+)`", where)
            if p == name
        }
        assert named == {t.metric for t in place(name).targets}
