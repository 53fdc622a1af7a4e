"""The STRESS-DES sheet: generated, complete, and of the place that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.scenario.load import load_place
from sim.studies.stress import stress_sheet

ROOT = Path(__file__).resolve().parents[3]
# The items of the checklist, Monks and others 2019, table 1.
ITEMS = (
    *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5"),
    *("3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1"),
)


def test_the_sheet_in_the_docs_is_that_of_liucheng() -> None:
    """`python run_sim.py explain liucheng --stress > docs/stress_des.md` renews it."""
    shown = (ROOT / "docs" / "stress_des.md").read_text("utf-8")
    assert shown == stress_sheet(load_place("liucheng"))


@pytest.mark.parametrize("name", ["baojing", "daliu", "fengcheng", "jiang", "liucheng"])
def test_every_item_is_filled_from_the_place(name: str) -> None:
    place = load_place(name)
    sheet = stress_sheet(place)
    assert tuple(re.findall(r"^\*\*(\d(?:\.\d)+) ", sheet, re.MULTILINE)) == ITEMS
    assert "$" not in sheet
    assert place.title.zh in sheet and f"{place.window.start}" in sheet
    for target in place.targets:
        assert f"| `{target.metric}` |" in sheet
    for group in place.working:
        assert f"| {group.replace('_', ' ')} |" in sheet
