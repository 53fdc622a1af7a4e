"""Every bad file yields exactly one fault, with the right line, what is wrong and what to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place
from sim.scenario.yaml_tree import MAX_BYTES, display

FOLDER = Path(__file__).resolve().parents[1] / "bad_input"
TABLE = FOLDER.parent / "data" / "bad_input_expected.yaml"
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages name files relative to the current folder."""
    monkeypatch.chdir(FOLDER.parents[1])


def test_there_are_enough_bad_files_and_each_is_expected() -> None:
    files = {p.name for p in FOLDER.glob("*.yaml")}
    assert files == set(EXPECTED) - {"no_such_file.yaml"}
    assert len(files) >= 30


@pytest.mark.parametrize("name", EXPECTED)
def test_one_fault_with_line_and_remedy(name: str) -> None:
    wanted = EXPECTED[name]
    with pytest.raises(ScenarioError) as caught:
        load_place(FOLDER / name)
    assert len(caught.value.faults) == 1, str(caught.value)
    fault = caught.value.faults[0]
    assert fault.file == display(FOLDER / wanted.get("in", name))
    assert fault.line == wanted["line"], str(fault)
    assert wanted["problem"] in fault.problem
    assert wanted["remedy"] in fault.remedy
    message = str(caught.value)
    assert "\n" not in message and len(message) < 700
    assert message.startswith(f"{fault.file}:{fault.line}: " if fault.line else f"{fault.file}: ")


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("name: large\n" + "#\n" * (MAX_BYTES // 2), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"large\.yaml: larger than 2 MB. Split it"):
        load_place(path)


def test_a_name_that_no_file_can_have() -> None:
    for name in ("", ".", "nul\0.yaml", "x" * 5000 + ".yaml", "no/such/folder/x.yaml"):
        with pytest.raises(ScenarioError) as caught:
            load_place(name)
        assert len(caught.value.faults) == 1


def test_a_misspelt_place_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = tmp_path / "scenarios" / "places"
    places.mkdir(parents=True)
    (places / "green_valley.yaml").write_text("name: green_valley\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match=r"there is no place of this name\. Did you mean green_valley\?"):
        load_place("green_vally")
