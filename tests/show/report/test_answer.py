"""Sentences of a report: numbers from the data, and the decision in words where there is one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.show.report.answer import answer
from sim.show.report.folder import read_folder
from sim.show.report.page import as_table, page_of
from sim.studies.decision import figure
from sim.studies.results import ResultError, finish

ROOT = Path(__file__).resolve().parents[3]
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(NUMBERS)
def test_a_number_reads_as_what_it_is(x: float) -> None:
    back = float(figure(x).replace(",", "").replace("−", "-"))
    assert back == pytest.approx(x, rel=0.06, abs=0.001)


def compared(folder: Path, rows: list[dict[str, object]], place: str = "daliu") -> Path:
    comparison = {
        "places": [place],
        "objective": "days_in_conflict_per_1000",
        "policies": {"a": "+whistle"},
        "baseline": "practice",
        "draws": 1,
        "replications": 10,
        "seed": 1,
        "name": "compare",
    }
    folder.mkdir(parents=True)
    pd.DataFrame(rows).to_csv(folder / "effects.csv", index=False)
    finish(folder, {"command": "compare", "comparison": comparison})
    return folder


def row(metric: str, low: float, difference: float, high: float) -> dict[str, object]:
    return {
        "policy": "+whistle",
        "metric": metric,
        "unit": "days",
        "baseline": 100.0,
        "difference": difference,
        "low": low,
        "high": high,
    }


def test_a_comparison_is_answered_by_its_decision_in_words(tmp_path: Path) -> None:
    folder = compared(tmp_path / "compare-daliu", [row("days_in_conflict_per_1000", 1, 2, 3)])
    said = ["It is so.", "90 % of it."]
    pd.DataFrame({"part": ["baseline", "effect"], "sentence": said}).to_csv(
        folder / "in_words.csv", index=False
    )
    finish(folder, read_folder(folder).manifest)
    assert answer(read_folder(folder)) == ["It is so.", "90\u00a0% of it."]


def test_text_of_a_user_is_escaped(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    rows = [row("days_in_conflict_per_1000", 1, 2, 3) | {"policy": evil}]
    page = page_of(read_folder(compared(tmp_path / "compare-x", rows, place=evil)))
    assert evil not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<script") == 1  # the page's own


def test_a_table_sorts_by_numbers_and_says_what_it_leaves_out() -> None:
    table = as_table(pd.DataFrame({"x": range(250), "word": ["b"] * 250}))
    assert table["more"] == 50 and len(table["rows"]) == 200
    assert table["rows"][3] == [("3.00", 3.0), ("b", None)]
    assert table["columns"] == [("x", True), ("word", False)]


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="no result folder"):
        read_folder(tmp_path / "nothing")
    with pytest.raises(ResultError, match=r"holds no manifest\.json"):
        read_folder(tmp_path)
    folder = compared(tmp_path / "compare-daliu", [row("filings", 1, 2, 3)])
    (folder / "manifest.json").write_text("{")
    with pytest.raises(ResultError, match=r"no JSON document.*again"):
        read_folder(folder)
