"""What a manifest describes is done again, of every command that simulates."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import sim
from sim.runs.sealed import sealed
from sim.scenario.errors import UserError
from sim.studies.run import plan
from tests.cli.terminal import PAIR, ROOT

NATION = ROOT / "tests" / "data" / "small_nation.yaml"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_kept_from_python_is_done_again(tmp_path: Path) -> None:
    first = sim.run(PAIR, policy="none", replications=3, seed=2, workers=1)
    folder = first.save(tmp_path / "first", figures=False)
    again = sim.rerun(folder, workers=1)
    assert again.passed and again.traces and again.differing == [] and not again.other_question
    assert again.answer()["of_manifest"]["trace_digest"] == first.trace_digest
    assert not (tmp_path / "results").exists(), "nothing is kept"
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["seed"] = 3
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)))
    other = sim.rerun(folder, workers=1)
    assert not other.passed and other.traces is False and other.other_question
    assert set(other.differing) == {"outcomes.parquet", "series.parquet", "summary.csv"}


def test_a_comparison_is_asked_again_with_the_same_options(tmp_path: Path) -> None:
    place = shutil.copy(PAIR, tmp_path / "village_pair.yaml")
    first = sim.compare(place, ["+whistle"], seed=3, replications=3, metrics=["filings", "crimes"], workers=1)
    folder = first.save(tmp_path / "first", figures=False)
    inputs = json.loads((folder / "manifest.json").read_text())["inputs"]
    assert inputs["policies"] == ["+whistle"] and inputs["metrics"] == ["filings", "crimes"]
    again = sim.rerun(folder, workers=1)
    assert again.passed and again.traces is None and not again.messages()
    text = Path(place).read_text("utf-8")
    persons = next(line for line in text.splitlines() if "persons:" in line)
    Path(place).write_text(text.replace(persons, persons.replace("value: 3000", "value: 3200")), "utf-8")
    other = sim.rerun(folder, workers=1)
    assert not other.passed and "costs.csv" in other.differing
    assert "has changed since" in str(other.messages()[0])


def test_a_nation_and_what_it_would_cost() -> None:
    found = sim.nation(NATION, counties=2, seed=3, workers=1)
    assert set(found.tables()) == {"counties", "summary", "outside"} and found.facts["disputes"] > 0
    assert sim.run(NATION, counties=2, seed=3, workers=1).trace_digest == found.trace_digest
    cost = sim.nation(NATION, counties=2, dry_run=True, workers=1)
    assert cost.answer()["counties"] == 2 and cost.tables()["cost"]["disputes"][0] > 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"precision": 0.05, "max_replications": 1}, "at least 2 replications"),
        ({"precision": 5.0}, "a share between 0 and 1"),
        ({"precision": 0.05, "metrics": ","}, "names no metric"),
        ({"precision": 0.05, "metrics": "filingz"}, "Did you mean 'filings'"),
        ({"counties": 3}, "--counties is for experiments"),
    ],
)
def test_what_cannot_be_precise_is_told(options: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        plan(PAIR, **options)  # type: ignore[arg-type]


def test_a_metric_of_parts_only_has_no_precision() -> None:
    with pytest.raises(UserError, match="there is no metric 'utilisation'"):
        sim.run(PAIR, precision=0.05, metrics="utilisation", replications=2, max_replications=2, workers=1)
