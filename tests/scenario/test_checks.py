"""What single fields cannot show: each check is set off by one change of a good place."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.model import build
from sim.model.pools import STAFF_LEVEL
from sim.scenario.checks import STAFF
from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place
from sim.scenario.metrics import KNOWN_METRICS

PAIR = Path(__file__).resolve().parents[1] / "data" / "village_pair.yaml"


@pytest.mark.parametrize(
    ("sets", "path", "problem"),
    [
        (
            ["tiers.village=null", "detection.rounds.weekly.enters=village"],
            "detection.rounds.weekly.enters",
            "village",
        ),
        (["county.petition_officers=0"], "county.petition_officers", "the petition desk has no staff"),
        (["county.judges=0"], "county.judges", "the tier trial has no staff"),
        (["townships.police=0.4"], "townships.police", "the tier police has no staff"),
        (["calendars.office.opens=22"], "working", "pass midnight"),
        (["incidence.superset=0.5"], "incidence.superset", "below 1"),
        (["going.trial_settles=0.9"], "going.trial_settles", "add up to 1.1"),
        (
            ["population.persons=2000000000", "incidence.latent_rate=9999"],
            "incidence.latent_rate",
            "grievances",
        ),
        (["villages.count=60000"], "villages.count", "more than the program takes"),
        (["window.end=2020-01-01"], "window.end", "no length"),
        (["window.start=0022-03-01"], "window.start", "outside 1949 to 2100"),
        (["window.end=2052-08-31", "window.end_latest=2052-08-31"], "window.end", "overflows the clock"),
        (["window.end_earliest=2022-09-30"], "window.end_earliest", "after end"),
        (["window.end_earliest=2022-01-01"], "window.end_earliest", "not after the start"),
        (["working.police.calendar=night"], "working.police.calendar", "no calendar 'night'"),
        (["window.source=nowhere"], "window.source", "not a key of sources"),
        (["targets.1.decimals=99"], "targets.1.decimals", "decimals"),
    ],
)
def test_each_check(sets: list[str], path: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_place(PAIR, sets)
    assert any(f.path.startswith(path) and problem in f.problem for f in caught.value.faults), str(
        caught.value
    )


def _faults_of(text: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_place(path)
    return [f"{f.path}: {f.problem}. {f.remedy}" for f in caught.value.faults]


def test_a_misspelt_kind_or_staff_group_is_one_fault(tmp_path: Path) -> None:
    text = PAIR.read_text(encoding="utf-8")
    (kind,) = _faults_of(text.replace("  neighbour:", "  neighbor:"), tmp_path)
    assert "'neighbor' is no kind of dispute. Did you mean neighbour?" in kind
    (staff,) = _faults_of(text.replace("  judges:\n", "  judge:\n"), tmp_path)
    assert staff == "working.judge: 'judge' is no staff group. Did you mean judges?"


def test_a_calendar_that_is_never_open(tmp_path: Path) -> None:
    text = PAIR.read_text(encoding="utf-8")
    for old, new in [("start: 2022-03-01", "start: 2022-02-01"), ("end: 2022-08-31", "end: 2022-02-04")]:
        text = text.replace(old, new)
    found = _faults_of(text.replace("end_earliest: 2022-08-01", "end_earliest: 2022-02-02"), tmp_path)
    assert [f.split(".")[1].split(":")[0] for f in found] == ["office"]


def test_an_outside_county_needs_no_staff() -> None:
    sets = [f"county.{g.field}=0" for g in STAFF.values() if g.section == "county"]
    build(load_place(PAIR, ["county.outside=true", *sets]))


def test_staff_groups_are_those_of_the_model() -> None:
    assert list(STAFF) == list(STAFF_LEVEL)
    level = {"villages": 0, "townships": 1, "county": 2}
    assert {name: level[group.section] for name, group in STAFF.items()} == STAFF_LEVEL


def test_metrics_have_a_unit_and_a_meaning() -> None:
    for name, metric in KNOWN_METRICS.items():
        assert name == metric.name and metric.unit and metric.about and metric.layer in ("true", "recorded")
