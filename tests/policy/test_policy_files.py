"""Policy files by path and beside an experiment; policies that replace a practice; places that lost their posterior."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario.comparison import load_comparison
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place
from sim.scenario.policies import head, parse
from sim.scenario.shipped import shipped_root
from sim.studies.compare import plan
from sim.studies.posteriors import lost
from sim.studies.validate import validate

POLICY = """schema_version: 1
name: {name}
title: {{en: In stages, zh: 分步}}
about: A test.
measures:
  - mechanism: whistle
"""
EXPERIMENT = """schema_version: 1
design: comparison
name: tried
title: {en: Tried, zh: 试行}
about: A test.
places: [daliu]
policies: {added: +stages, replaced: stages, by_path: +stages.yaml, elsewhere: +shared}
replications: 2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An experiment with a policy beside it and another one in the folder of policies next to its own."""
    (tmp_path / "plans").mkdir()
    (tmp_path / "policies").mkdir()
    (tmp_path / "plans" / "stages.yaml").write_text(POLICY.format(name="stages"), "utf-8")
    (tmp_path / "policies" / "shared.yaml").write_text(POLICY.format(name="shared"), "utf-8")
    (tmp_path / "plans" / "tried.yaml").write_text(EXPERIMENT, "utf-8")
    return tmp_path


def test_a_policy_file_may_be_given_by_its_path(folder: Path) -> None:
    place = load_place("daliu")
    there = {m.mechanism for m in parse("practice", place)}
    file = folder / "plans" / "stages.yaml"
    assert {m.mechanism for m in parse(f"+{file}", place)} == there | {"whistle"}
    assert {m.mechanism for m in parse(f"{file}-whistle+grid", place)} == {"grid"}
    assert head(f"{file}+grid") == str(file) and head(f"+{file}") == "" and head("practice-grid") == ""
    with pytest.raises(ScenarioError, match=r"no_such\.yaml"):
        parse("+no_such.yaml", place)


def test_policies_are_found_beside_the_experiment_that_names_them(folder: Path) -> None:
    design = load_comparison(folder / "plans" / "tried.yaml")
    by_name = {cell.policy: {m.mechanism for m in cell.measures} for cell in design.cells}
    assert by_name["added"] == by_name["by_path"] == by_name["elsewhere"] == by_name["practice"] | {"whistle"}
    assert by_name["replaced"] == {"whistle"}
    with pytest.raises(ScenarioError, match="no policy"):  # and nowhere else
        parse("stages", load_place("daliu"))


def test_a_policy_file_is_validated_as_one_wherever_it_lies(folder: Path) -> None:
    found = validate([folder / "plans" / "stages.yaml"])
    assert found.passed and found.valid["policies"] == 1 and not found.checked["places"]


def test_validate_says_what_a_policy_without_a_sign_takes_away(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(folder / "plans" / "tried.yaml")]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "stages stands without + and therefore replaces what the place does: it takes away" in said
    assert said.count("stands without +") == 1  # of the four policies only the one that does


def test_an_edited_place_says_that_its_posterior_is_not_used(tmp_path: Path) -> None:
    text = (shipped_root() / "places" / "daliu.yaml").read_text("utf-8").replace("../national/", "national/")
    file = tmp_path / "daliu.yaml"
    file.write_text(text, "utf-8")
    assert plan(str(file), ["+whistle"], replications=2).lost == ()  # the same numbers
    file.write_text(text.replace("value: 14091", "value: 14090").replace("low: 14091", "low: 14090"), "utf-8")
    changed = plan(str(file), ["+whistle"], replications=2)
    assert changed.lost == (str(file),) and f"calibrate {file}" in str(lost(str(file)))
    assert plan(str(file), ["+whistle"], replications=2, posterior="none").lost == ()  # as was asked for
