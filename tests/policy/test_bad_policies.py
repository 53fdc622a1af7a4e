"""Bad policies and comparisons: one clear message each, with line and remedy, exit code 2, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario.comparison import load_comparison
from sim.scenario.errors import ScenarioError
from sim.scenario.policies import load_policy, parse
from tests.places import rich_place

HEAD = """schema_version: 1
name: made_up
title: {en: Made up, zh: 虚构}
about: ""
"""
POLICIES = {
    "no_measure": ("", 0, "the policy has no measure"),
    "unknown_mechanism": ("measures:\n  - mechanism: wistle\n", 6, "'wistle'. Did you mean whistle?"),
    "unknown_parameter": (
        "measures:\n  - mechanism: whistle\n    parameters:\n      sucess: "
        "{value: 1, unit: log-odds, low: 1, high: 1, "
        "source: command line, status: assumed}\n",
        8,
        "whistle has no parameter 'sucess'. Did you mean success?",
    ),
    "wrong_unit": (
        "measures:\n  - mechanism: whistle\n    parameters:\n      success: "
        "{value: 1, unit: days, low: 1, high: 1, "
        "source: command line, status: assumed}\n",
        8,
        "unit is 'days', expected 'log-odds'",
    ),
    "unknown_source": (
        "measures:\n  - mechanism: whistle\n    parameters:\n      success: "
        "{value: 1, unit: log-odds, low: 1, high: 1, "
        "source: hearsay, status: assumed}\n",
        8,
        "the source 'hearsay' is not a key of sources",
    ),
    "stop_before_start": (
        "measures:\n  - mechanism: whistle\n    start: 2019-06-01\n    stop: 2019-05-01\n",
        8,
        "stop 2019-05-01 is not after start 2019-06-01",
    ),
    "share_above_one": ("measures:\n  - mechanism: whistle\n    coverage: {share: 1.5}\n", 7, "1.5"),
    "two_coverages": (
        "measures:\n  - mechanism: whistle\n    coverage: {villages: [1], townships: [1]}\n",
        7,
        "only one of the three",
    ),
    "negative_strength": ("measures:\n  - mechanism: whistle\n    strength: -1\n", 7, "-1"),
    "unknown_key": ("measures:\n  - mechanism: whistle\n    strenght: 1\n", 7, "Did you mean strength?"),
    "no_such_place": ("practice_of: daliv\n", 5, "there is no place 'daliv'. Did you mean daliu?"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_a_bad_policy_gets_one_message_with_its_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, line, problem = POLICIES[name]
    folder = tmp_path / "policies"
    folder.mkdir()
    path = folder / f"{name}.yaml"
    path.write_text(HEAD + text, "utf-8")
    with pytest.raises(ScenarioError) as error:
        load_policy(path)
    assert len(error.value.faults) == 1
    fault = error.value.faults[0]
    assert problem in str(fault), str(fault)
    assert not line or fault.line == line, str(fault)
    assert fault.remedy
    assert main(["validate", str(folder)]) == 2
    assert "Traceback" not in capsys.readouterr().err


EXPRESSIONS = {
    "": "cannot be read",
    "whistle": "whistle is a mechanism",
    "+wistle": "Did you mean whistle?",
    "-whistle": "whistle is not in force",
    "+whistle+whistle": "whistle is in force already",
    "+whistle:strenght=1": "Did you mean strength?",
    "+whistle:share=2": "Write a number from 0 to 1",
    "+whistle:strength=99": "Write a number from 0 to 10",
    "+whistle:start=2019-02-30": "2019-02-30 is not a date",
    "+whistle:share=2019-02-03": "share takes a number",
    "+whistle:share=0.5:township=1": "says twice where it acts",
    "+whistle:township=1.5": "1.5 is no number of one",
    "+whistle!": "cannot be read from",
    "practise": "Did you mean practice?",
    "none-whistle:share=1": "what is taken away has no options",
    "+whistle:arrival_days=-3": "out of bounds",
}


@pytest.mark.parametrize("expression", sorted(EXPRESSIONS))
def test_a_bad_expression_gets_one_message(expression: str) -> None:
    with pytest.raises(ScenarioError) as error:
        parse(expression, rich_place())
    assert len(error.value.faults) == 1 and EXPRESSIONS[expression] in str(error.value), str(error.value)


def test_a_good_expression_says_what_is_meant() -> None:
    found = parse(
        "none + whistle:strength=0.5:effect=2:share=0.3:start=2022-09-01:stop=2022-10-01:success=-0.2",
        rich_place(),
    )
    assert len(found) == 1
    one = found[0]
    assert (one.strength, one.effect, one.coverage.share) == (0.5, 2.0, 0.3)
    assert str(one.start) == "2022-09-01" and str(one.stop) == "2022-10-01"
    assert one.parameters["success"].value == -0.2
    assert parse("none+whistle:township=2", rich_place())[0].coverage.townships == [2]
    assert parse("practice", rich_place()) == ()


COMPARISON = """schema_version: 1
design: comparison
name: made_up
title: {en: Made up, zh: 虚构}
about: ""
places: [daliu]
"""
COMPARISONS = {
    "nothing_to_compare": ("", "there is nothing to compare"),
    "bad_expression": ("policies: {a: +wistle}\n", "Did you mean whistle?"),
    "unknown_metric": ("policies: {a: none}\nmetrics: [filing]\n", "Did you mean filings?"),
    "negative_margin": ("policies: {a: none}\nmargins: {filings: -1}\n", "the margin -1 is negative"),
    "no_replications": ("policies: {a: none}\nreplications: 1\n", "1"),
    "baseline_as_policy": ("policies: {baseline: none}\n", "baseline is no name for a policy"),
}


@pytest.mark.parametrize("name", sorted(COMPARISONS))
def test_a_bad_comparison_gets_one_message(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, problem = COMPARISONS[name]
    folder = tmp_path / "experiments"
    folder.mkdir()
    path = folder / f"{name}.yaml"
    path.write_text(COMPARISON + text, "utf-8")
    with pytest.raises(ScenarioError) as error:
        load_comparison(path)
    assert len(error.value.faults) == 1 and problem in str(error.value), str(error.value)
    assert error.value.faults[0].file.endswith(f"{name}.yaml")
    assert main(["compare", str(path)]) == 2
    err = capsys.readouterr().err
    assert problem in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["compare", "daliu"], "nothing to compare"),
        (["compare", "daliu", "+wistle"], "Did you mean whistle?"),
        (["compare", "daliu", "none", "--margin", "filings"], "METRIC=NUMBER"),
        (["compare", "daliu", "none", "--margin", "filing=3"], "Did you mean 'filings'?"),
        (["compare", "daliu", "none", "--metrics", "filing"], "Did you mean 'filings'?"),
        (["select", "daliu", "none"], "--delta"),
        (["select", "daliu", "--delta", "3"], "at least one policy"),
        (["select", "daliu", "none", "--delta", "3", "--objective", "filing"], "Did you mean 'filings'?"),
        (["optimise", "daliu", "whistle"], "needs a budget"),
        (["optimise", "daliu", "wistle", "--yuan", "1000"], "Did you mean whistle?"),
        (["optimise", "daliu", "judges:1:3", "--yuan", "1000"], "contain 0"),
        (["compare", "daliu", "+whistle", "+whistle"], "+whistle is named twice"),
        (["compare", "daliu", "+whistle", "practice+whistle"], "is the same policy as +whistle"),
        (["compare", "daliu", "none", "practice"], "practice is the baseline"),
        (["select", "daliu", "practice", "--delta", "3"], "practice is the baseline"),
        (
            ["select", "daliu", "+whistle", "--baseline", "practice+whistle", "--delta", "3"],
            "as the baseline",
        ),
        (["sensitivity", "daliu", "none", "none"], "none is named twice"),
        (["optimise", "daliu", "whistle", "whistle", "--yuan", "1000"], "whistle is named twice"),
        (["optimise", "daliu", "judges:0:2", "judges:-1:4", "--yuan", "1000"], "judges is named twice"),
        (
            ["before-after", "daliu", "none", "--start", "2021-05-01", "--by", "crime"],
            "Did you mean 'crimes'?",
        ),
        (["run", "daliu", "--policy", "+wistle"], "Did you mean whistle?"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else "",
)
def test_bad_arguments_get_one_message(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert problem in err and "Traceback" not in err and len(err.strip().splitlines()) <= 3, err


def test_one_policy_may_stand_alone() -> None:
    from sim.studies.compare import plan

    alone, listed = plan("daliu", "+whistle", replications=2), plan("daliu", ["+whistle"], replications=2)
    assert [cell.policy for cell in alone.design.cells] == [cell.policy for cell in listed.design.cells]
