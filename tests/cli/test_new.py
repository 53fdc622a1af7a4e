"""`new`: from the figures of a report to a valid place and its first run, anywhere."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.errors import ScenarioError
from sim.scenario.load import load_place
from sim.scenario.new_place import News, last_year, place_text
from sim.scenario.place import Exactness

from .terminal import run_cli

TODAY = datetime.date(2025, 6, 1)
TABLE = """figure,value,source
name,nanping,Evening News
villages,40,
population,"81,000",
rate,98.7,
mediated,320,
"""
REPORT = ("--villages", "30", "--persons", "60000", "--mediated", "150", "--succeeded", "147")


def test_a_report_becomes_a_county_that_runs_outside_the_program(tmp_path: Path) -> None:
    words = (
        "new",
        "--name",
        "shiqiao",
        "--title-zh",
        "石桥县",
        *REPORT,
        "--source",
        'Daily: "98 %", they say',
    )
    done = run_cli(tmp_path, *words, "--replications", "3", "--no-figures")
    assert done.returncode == 0, done.stderr
    assert "shiqiao.yaml" in done.stdout and "success_rate" in done.stdout and "calibrate" in done.stdout
    place = load_place(tmp_path / "shiqiao.yaml")
    assert {t.metric: t.value for t in place.targets} == {"mediated": 150, "succeeded": 147}
    assert place.title.zh == "石桥县"
    assert run_cli(tmp_path, "validate", "shiqiao.yaml").returncode == 0
    again = run_cli(tmp_path, *words)
    assert again.returncode == 2 and "is kept" in again.stderr


def test_figures_come_from_a_table_and_options_overrule_it(tmp_path: Path) -> None:
    table = tmp_path / "report.csv"
    table.write_text(TABLE)
    done = run_cli(
        tmp_path, "new", "--figures", "report.csv", "--villages", "44", "--no-run", "--out", "a.yaml"
    )
    assert done.returncode == 0, done.stderr
    place = load_place(tmp_path / "a.yaml")
    assert place.villages.count.value == 44
    assert place.population.persons == 81_000 or int(place.population.persons) == 81_000
    (rate,) = [t for t in place.targets if t.metric == "success_rate"]
    assert rate.exactness == Exactness.ROUNDED and rate.decimals == 1
    assert "Evening News" in (tmp_path / "a.yaml").read_text()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("figure,value\nvilages,3\n", "report.csv:2: there is no figure 'vilages'; did you mean villages?"),
        ("figure,value\nvillages,many\n", "report.csv:2: 'many' must be a whole number"),
        ("figure,value\nstart,1.1.2023\n", "report.csv:2: '1.1.2023' is not a date; write YYYY-MM-DD"),
        ("figure,value\nvillages,3\nvillages,4\n", "report.csv:3: villages is given twice"),
        ("what,much\na,1\n", "report.csv:1: the first line must name"),
        ("figure,value\nname,x\nvillages,3\n", "new needs --persons"),
        ("figure,value\nname,X Y\nvillages,3\npersons,900\n", "'X Y' must begin with a letter"),
        (
            "figure,value\nname,x\nvillages,3\npersons,900\nmediated,4\nsucceeded,5\n",
            "5 are more than the 4 mediated",
        ),
        ("figure,value\nname,x\nvillages,3\npersons,900\ntownships,4\n", "4 are more than the 3 villages"),
    ],
)
def test_bad_figures_get_one_message(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "report.csv").write_text(content)
    done = run_cli(tmp_path, "new", "--figures", "report.csv", "--no-run")
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "report.csv"]


def test_the_window_is_that_of_the_report_or_the_last_full_year() -> None:
    assert last_year(TODAY) == (datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))
    text = place_text(News("x", 10, 9000), TODAY)
    assert "start: 2024-01-01" in text and "not in the report: the last full year" in text
    text = place_text(News("x", 10, 9000, end=datetime.date(2023, 6, 30)), TODAY)
    assert "start: 2022-07-01" in text and "end: 2023-06-30" in text


@settings(max_examples=40, deadline=None)
@given(
    villages=st.integers(1, 900),
    persons=st.integers(500, 3_000_000),
    mediators=st.none() | st.integers(1, 9000),
    mediated=st.none() | st.integers(1, 9000),
    title=st.text(max_size=20),
    source=st.text(max_size=30),
)
def test_whatever_a_report_says_the_file_is_valid_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory,
    villages: int,
    persons: int,
    mediators: int | None,
    mediated: int | None,
    title: str,
    source: str,
) -> None:
    news = News("x", villages, persons, None, mediators, mediated, title_en=title, source=source)
    path = tmp_path_factory.mktemp("new") / "x.yaml"
    path.write_text(place_text(news, TODAY), encoding="utf-8")
    place, refused = None, []
    try:
        place = load_place(path)
    except ScenarioError as error:
        refused = error.faults
    assert all(fault.line > 0 and fault.remedy for fault in refused)
    assert place is None or place.villages.count.value == villages
