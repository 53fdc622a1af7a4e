"""Commands about policies, as a user runs them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from sim.studies.tables import read_csv
from tests.cli.terminal import run_cli


def run(folder: Path, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    found = run_cli(folder, *arguments)
    assert found.returncode == expect, found.stderr
    assert "Traceback" not in found.stderr
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("policies")


@pytest.fixture(scope="module")
def compared(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(
        folder,
        *("compare", "--posterior", "none", "daliu", "+whistle", "-screening", "--replications", "12"),
        *(
            "--margin",
            "filings=3",
            "--metrics",
            "days_in_conflict_per_1000,filings,success_rate",
            "--break-even",
        ),
    )


def test_compare_answers_and_writes_its_tables(
    folder: Path, compared: subprocess.CompletedProcess[str]
) -> None:
    out = " ".join(compared.stdout.split())  # lines break where they must
    for said in (
        "Daliu town",
        "Uncalibrated",
        "90 %",
        "P(lower)",
        "Wait with +whistle",
        "P(best)",
        "variance ÷",
        "Break-even",
        "target-driven",
    ):
        assert said in out, said
    results = folder / "results" / "compare-daliu"
    frame = read_csv(results / "effects.csv")
    assert set(frame["policy"]) == {"+whistle", "practice-screening"}
    screening = frame.query("policy == 'practice-screening' and metric == 'days_in_conflict_per_1000'").iloc[
        0
    ]
    assert screening["verdict"] == "higher" and screening["low"] > 0
    assert screening["correlation"] > 0.9 and screening["variance_ratio"] > 10
    filings = frame[frame["metric"] == "filings"]
    assert (filings["margin"] == 3).all() and filings["p_lower_by_margin"].between(0, 1).all()
    manifest = json.loads((results / "manifest.json").read_text("utf-8"))
    assert len(manifest["cells"]) == 3 and all(cell["key"] for cell in manifest["cells"])
    for name in ("costs", "choice", "readings", "groups", "most_loaded", "per_head_and_cost", "break_even"):
        assert len(read_csv(results / f"{name}.csv")), name
    for name in ("forest.png", "forest.svg", "paths_1.png", "paths_2.png"):
        assert (results / "figures" / name).stat().st_size > 5000


def test_what_ran_before_does_not_run_again(folder: Path, compared: subprocess.CompletedProcess[str]) -> None:
    before = {p: p.stat().st_mtime_ns for p in (folder / "results" / "policies").rglob("*.parquet")}
    again = run(
        folder,
        *("compare", "--posterior", "none", "daliu", "-screening", "--replications", "12", "--no-figures"),
    )
    assert "24 of 24" in again.stderr and "0 of 24" not in again.stderr
    assert {p: p.stat().st_mtime_ns for p in (folder / "results" / "policies").rglob("*.parquet")} == before


def test_the_same_tables_whatever_the_workers(
    folder: Path, compared: subprocess.CompletedProcess[str]
) -> None:
    other = folder / "elsewhere"
    other.mkdir()
    run(
        other,
        *(
            *("compare", "--posterior", "none", "daliu", "+whistle", "-screening"),
            *("--replications", "12", "--workers", "2", "--no-figures"),
        ),
        *(
            "--margin",
            "filings=3",
            "--metrics",
            "days_in_conflict_per_1000,filings,success_rate",
            "--break-even",
        ),
    )
    for one in sorted((folder / "results" / "compare-daliu").glob("*.csv")):
        assert (other / "results" / "compare-daliu" / one.name).read_bytes() == one.read_bytes(), one.name


def test_parameter_draws_are_shown_apart_from_luck(folder: Path) -> None:
    found = run(
        folder,
        *("compare", "daliu", "+whistle", "--draws", "20", "--replications", "2", "--no-figures"),
        *("--metrics", "days_in_conflict_per_1000", "--out", "drawn"),
    )
    assert "20 parameter draws of 2 replications" in found.stdout
    frame = read_csv(folder / "drawn" / "effects.csv")
    assert (frame["clusters"] == 20).all() and (frame["interval"] == "credible interval").all()
    assert (frame["low"] < frame["high"]).all() and (frame["p_lower"] + frame["p_higher"] <= 1).all()
    apart = read_csv(folder / "drawn" / "by_reading.csv")
    assert set(apart["record"]) == {"proportional", "target_driven"} and (apart["draws"] == 10).all()
    first = read_csv(folder / "drawn" / "in_words.csv")
    assert list(first["part"])[:2] == ["baseline", "effect"] and "credible interval" in first["sentence"][1]
    assert str(first["sentence"][1]).split(" (")[0].split(" days")[0] in " ".join(found.stdout.split())


def test_a_policy_that_does_nothing_changes_nothing(folder: Path) -> None:
    found = run(
        folder,
        *(
            "compare",
            "daliu",
            "+whistle:strength=0",
            "+more_staff:judges=0",
            "--draws",
            "10",
            "--replications",
            "2",
        ),
        *("--no-figures", "--out", "null"),
    )
    frame = read_csv(folder / "null" / "effects.csv")
    assert (frame[["difference", "low", "high", "p_lower", "p_higher"]] == 0).all(axis=None)
    assert (frame["verdict"] == "no effect by construction").all()
    costs = read_csv(folder / "null" / "costs.csv")
    assert (costs[["people", "hours", "hours_on_disputes", "yuan"]] == 0).all(axis=None)
    assert " ".join(found.stdout.split()).count("no effect by construction.") >= 4


def test_people_cost_hours_and_are_counted_in_all(folder: Path) -> None:
    run(
        folder,
        *(
            "compare",
            "fengcheng",
            "+more_staff:township_mediators=1",
            "--replications",
            "2",
            "--posterior",
            "none",
        ),
        *("--no-figures", "--out", "hired"),
    )
    (row,) = read_csv(folder / "hired" / "costs.csv").to_dict("records")
    assert row["people"] > 1 and "in all (+1 for each township on average)" in row["who"]
    assert row["hours"] == pytest.approx(row["hours_of_people"]) and row["hours"] > 1000 * row["people"] / 2
    assert row["yuan_low"] < row["yuan"] < row["yuan_high"]


def test_a_policy_without_a_sign_that_takes_practice_away_says_so(folder: Path) -> None:
    found = run(
        folder,
        *(
            "compare",
            "daliu",
            "doorstep",
            "--draws",
            "10",
            "--replications",
            "2",
            "--no-figures",
            "--out",
            "away",
        ),
    )
    said = " ".join(found.stdout.split())
    assert "doorstep stands without + and therefore replaces what the place does: it takes away" in said


def test_an_experiment_file_is_one_command(folder: Path) -> None:
    experiments = folder / "scenarios" / "experiments"
    experiments.mkdir(parents=True, exist_ok=True)
    (experiments / "two_places.yaml").write_text(
        """schema_version: 1
design: comparison
name: two_places
title: {en: Two places, zh: 两地}
about: A test.
places: [daliu, jiang]
policies: {all_of_them: +judge_liaison+whistle, nothing: none}
replications: 3
metrics: [filings, eruptions]
objective: filings
""",
        "utf-8",
    )
    found = run(folder, "run", "two_places", "--no-figures")
    assert "Daliu town" in found.stdout and "Jiang county" in found.stdout
    for place in ("daliu", "jiang"):
        assert (folder / "results" / "two_places" / place / "effects.csv").exists()
    assert run(folder, "compare", "two_places", "--no-figures").stdout == found.stdout


def test_select_names_the_best_and_its_probability(folder: Path) -> None:
    found = run(folder, "select", "daliu", "+whistle", "-screening", "--delta", "20")
    assert "selected" in found.stdout and "0.95" in found.stdout and "left the race" in found.stdout
    spent = run(folder, "select", "daliu", "+whistle", "-screening", "--budget", "60")
    assert "selected" in spent.stdout
    stopped = run(folder, "select", "daliu", "+whistle", "--delta", "0.01", "--most", "220")
    assert "NOT guaranteed" in stopped.stdout
    run(folder, "select", "daliu", "+whistle", "--delta", "1", "--most", "6", expect=2)


def test_optimise_gives_a_front(folder: Path) -> None:
    found = run(
        folder,
        *("optimise", "daliu", "whistle", "judge_liaison", "township_mediators:-1:1", "--hours", "3000"),
        *("--replications", "4", "--fresh", "6", "--evaluations", "20"),
        *("--objectives", "days_in_conflict_per_1000,filings_per_10000"),
    )
    assert "fresh" in found.stdout and "Doing nothing" in found.stdout and "too hopeful" in found.stdout
    results = folder / "results" / "optimise-daliu"
    front = read_csv(results / "fresh.csv")
    assert {"whistle", "judge_liaison", "township_mediators", "staff_hours"} <= set(front.columns)
    assert (front["staff_hours"] <= 3000).all()
    assert (results / "figures" / "pareto.png").stat().st_size > 5000


def test_before_and_after_says_what_would_have_changed_anyway(folder: Path) -> None:
    found = run(
        folder,
        *("before-after", "daliu", "practice", "--baseline", "practice-screening", "--start", "2021-06-01"),
        *("--villages", "2", "--claim", "filings=-20.26", "--replications", "20", "--posterior", "none"),
    )
    assert "would change anyway" in found.stdout and "claimed -20.26 %" in found.stdout
    frame = read_csv(folder / "results" / "before-after-daliu" / "changes.csv")
    assert len(frame) == 12
    days = frame.query("metric == 'days_in_conflict' and villages == 'all'").iloc[0]
    assert days["effect_median"] < -1
    assert (folder / "results" / "before-after-daliu" / "figures" / "before_after.png").exists()


def test_a_run_under_another_policy_is_another_run_and_can_be_repeated(folder: Path) -> None:
    run(folder, "run", "daliu", "--replications", "4", "--no-figures", "--out", "a")
    run(folder, "run", "daliu", "--replications", "4", "--no-figures", "--policy", "none", "--out", "b")
    digests = [json.loads((folder / x / "manifest.json").read_text("utf-8"))["trace_digest"] for x in "ab"]
    assert digests[0] != digests[1]
    assert "identical" in run(folder, "rerun", "b", "--out", "c", "--no-figures").stdout
    assert "measures" in run(folder, "diff", "a", "b").stdout
    assert "dispute" in run(folder, "trace", "daliu", "--policy", "none+grid").stdout.lower()
