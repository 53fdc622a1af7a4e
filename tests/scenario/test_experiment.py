"""Experiments: the shipped ones are valid, and every bad file yields one fault with its line and a remedy."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from sim.cli import main
from sim.scenario import schema
from sim.scenario.comparison import Comparison, is_comparison, load_comparison
from sim.scenario.errors import ScenarioError
from sim.scenario.experiment import Experiment, is_experiment, load_experiment
from sim.scenario.fields import quantities
from sim.scenario.load import load_tree

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "scenarios" / "experiments"
SMALL = ROOT / "tests" / "data" / "small_nation.yaml"
PAIR = ROOT / "tests" / "data" / "village_pair.yaml"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda p: p.stem)
def test_shipped_experiments_are_valid(path: Path) -> None:
    if is_comparison(path):
        design = load_comparison(path)
        assert design.comparison.name == path.stem == load_comparison(path.stem).comparison.name
        rules = schema.json_schema(Comparison)
        jsonschema.Draft202012Validator.check_schema(rules)
        assert list(jsonschema.Draft202012Validator(rules).iter_errors(load_tree(path)[0])) == []
        return
    nation = load_experiment(path)
    assert nation.experiment.name == path.stem == load_experiment(path.stem).experiment.name
    rules = schema.json_schema(Experiment)
    jsonschema.Draft202012Validator.check_schema(rules)
    assert list(jsonschema.Draft202012Validator(rules).iter_errors(load_tree(path)[0])) == []


def test_the_published_schema_is_current() -> None:
    published = (ROOT / "scenarios" / "schema" / "experiment.schema.json").read_text("utf-8")
    assert published == schema.text(Experiment), "run: python -m sim.scenario.schema"
    assert json.loads(published)["properties"]["totals"]


def test_the_published_figures_of_the_nation_are_used() -> None:
    totals = load_experiment("national_year").experiment.totals
    found = {name: int(getattr(totals, name)) for name in type(totals).model_fields}
    assert found["counties"] == 2844
    assert found["committees"] == 693_000
    assert found["mediators"] == 3_176_000
    assert found["persons"] == 1_410_000_000


def test_every_spread_is_called_an_assumption() -> None:
    """Nobody publishes how counties differ; a later source would change the status, and this test."""
    experiment = load_experiment("national_year").experiment
    for path, quantity in quantities(experiment):
        if path[0] in ("spread", "vary"):
            assert quantity.status == "assumed" and quantity.source == "assumption", path


BAD: dict[str, tuple[str, str, str, str]] = {  # what is replaced, by what, problem, remedy
    "unknown_key": ("about:", "abuot: x\nabout:", "unknown key 'abuot'", "Did you mean about?"),
    "no_design": ("design: nation", "design: province", "expected nation", "Write nation."),
    "missing_county": (
        "base: village_pair.yaml",
        "base: village_pear.yaml",
        "does not exist",
        "village_pair",
    ),
    "folder_as_county": ("base: village_pair.yaml", "base: .", "does not exist", "Name the file of a place."),
    "absolute_county": ("base: village_pair.yaml", "base: /village_pair.yaml", "does not exist", ""),
    "half_a_county": (
        "counties: {value: 12,",
        "counties: {value: 12.5,",
        "outside low 12 to high 12",
        "Widen",
    ),
    "wrong_unit": (
        "counties: {value: 12, unit: count",
        "counties: {value: 12, unit: counties",
        "unit is 'counties', expected 'count'",
        "Write: unit: count",
    ),
    "bare_number": (
        "  persons: {value: 40000, unit: persons, low: 40000, high: 40000, source: made_up, status: assumed}",
        "  persons: 40000",
        "a bare number 40000",
        "Write: {value: 40000",
    ),
    "unknown_source": (
        "villages: {value: 50, unit: count, low: 50, high: 50, source: made_up",
        "villages: {value: 50, unit: count, low: 50, high: 50, source: made_op",
        "the source 'made_op' is not a key of sources",
        "Did you mean made_up?",
    ),
    "too_few_villages": (
        "villages: {value: 50, unit: count, low: 50,",
        "villages: {value: 15, unit: count, low: 5,",
        "15 villages are too few for 20 townships",
        "Write at least 20",
    ),
    "too_few_townships": (
        "townships: {value: 20, unit: count, low: 20,",
        "townships: {value: 3, unit: count, low: 3,",
        "3 townships are too few for 12 counties",
        "Write at least 12",
    ),
    "too_few_persons": (
        "persons: {value: 40000, unit: persons, low: 40000,",
        "persons: {value: 40, unit: persons, low: 40,",
        "40 persons are too few for 50 villages",
        "Write at least 50",
    ),
    "too_few_committees": (
        "committees: {value: 100, unit: count, low: 100,",
        "committees: {value: 70, unit: count, low: 70,",
        "70 committees are too few for 70 villages and townships",
        "Write at least 82",
    ),
    "too_few_mediators": (
        "mediators: {value: 333, unit: count, low: 333,",
        "mediators: {value: 150, unit: count, low: 150,",
        "150 mediators are too few for 100 committees",
        "Write at least 200",
    ),
    "unknown_path": (
        "path: incidence.latent_rate",
        "path: incidence.latent_raet",
        "the county has no number 'incidence.latent_raet'",
        "Did you mean incidence.latent_rate?",
    ),
    "section_as_path": ("path: incidence.latent_rate", "path: incidence", "has no number 'incidence'", ""),
    "shared_out": (
        "path: incidence.latent_rate",
        "path: population.persons",
        "population.persons is shared out from the totals",
        "see totals.persons and spread.persons",
    ),
    "whole_number": (
        "path: incidence.latent_rate",
        "path: tiers.village.attempts",
        "is a whole number",
        "Remove it.",
    ),
    "varied_twice": (
        "path: county.judges",
        "path: incidence.latent_rate",
        "incidence.latent_rate is varied twice",
        "Keep one entry.",
    ),
    "shares_that_break": (
        "path: incidence.latent_rate",
        "path: detection.party_choice.village",
        "in a county where detection.party_choice.village is",
        "narrow low and high",
    ),
    "kinds_that_break": (
        "path: incidence.latent_rate",
        "path: kinds.family.share",
        "the shares of the kinds add up to",
        "narrow low and high",
    ),
    "unknown_outcome": (
        "metric: filings",
        "metric: fillings",
        "'fillings' is no outcome",
        "Did you mean filings?",
    ),
    "rate_for_count": (
        "metric: filings",
        "metric: success_rate",
        "'success_rate' is not a count",
        "Did you mean|Write",
    ),
    "rate_of_nothing": (
        "'per 10,000 persons per year'",
        "per village",
        "'per village' is not a rate",
        "per 1,000 persons per year",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_one_fault_with_line_and_remedy(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, problem, remedy = BAD[name]
    text = SMALL.read_text("utf-8")
    assert text.count(old) == 1
    line = text[: text.index(old)].count("\n") + 1
    (tmp_path / "village_pair.yaml").write_text(PAIR.read_text("utf-8"), "utf-8")
    (tmp_path / "bad.yaml").write_text(text.replace(old, new), "utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError) as caught:
        load_experiment("bad.yaml")
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == ("bad.yaml", line), str(fault)
    assert problem in fault.problem
    assert any(words in fault.remedy for words in remedy.split("|"))


def test_faults_of_the_county_are_faults_of_the_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = PAIR.read_text("utf-8").replace("unit: persons per village", "unit: days", 1)
    (tmp_path / "village_pair.yaml").write_text(bad, "utf-8")
    (tmp_path / "nation.yaml").write_text(SMALL.read_text("utf-8"), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["validate", "nation.yaml"]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and said.err.startswith("village_pair.yaml:")
    assert "0 of 1 experiment(s) valid, 1 fault(s) found" in said.out


def test_values_from_the_command_line() -> None:
    nation = load_experiment(SMALL, ["totals.counties=9", "county.going.sues=0.9", "vary.0.cv=0.5"])
    assert int(nation.experiment.totals.counties) == 9
    assert float(nation.experiment.vary[0].cv) == 0.5
    assert float(nation.county.going.sues) == 0.9
    with pytest.raises(ScenarioError, match=r"Did you mean totals\.counties\?"):
        load_experiment(SMALL, ["counties=9"])


def test_what_is_an_experiment() -> None:
    assert is_experiment("national_year")
    assert is_experiment(FOLDER / "national_year.yaml")
    assert is_experiment(SMALL)
    for other in ("liucheng", PAIR, ROOT / "scenarios", "no_such_name", "nul\0", "x" * 5000 + ".yaml"):
        assert not is_experiment(other)


def test_experiments_are_listed_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "experiments"]) == 0
    assert "national_year" in capsys.readouterr().out
    assert main(["validate", str(ROOT / "scenarios")]) == 0
    assert "3 of 3 experiment(s) valid" in capsys.readouterr().out
