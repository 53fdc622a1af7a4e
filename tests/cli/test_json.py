"""`--json`: one document on standard output, the same numbers as the files, nothing where the input is bad."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.cli.json_answer import plain, shown
from sim.cli.parser import COMMANDS
from sim.export.cells import as_written
from sim.runs.sealed import sealed
from sim.studies.rerun import beside
from tests.cli.terminal import PAIR, ROOT, run_cli, run_process
from tests.kept import CALIBRATION, Kept

NATION = ROOT / "tests" / "data" / "small_nation.yaml"


def refuse(word: str) -> float:
    raise AssertionError(f"{word} is no JSON")


def document(finished: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The only thing on standard output."""
    assert "Traceback" not in finished.stderr
    read: dict[str, Any] = json.loads(finished.stdout, parse_constant=refuse)
    assert list(read) == ["schema_version", "command", "answer", "warnings", "written"]
    assert read["schema_version"] == 1
    return read


def told(folder: Path, *words: object, expect: int = 0, **changes: str) -> dict[str, Any]:
    """The document of a command; what it wrote is there, and named from the folder on."""
    finished = run_cli(folder, *words, "--json", **changes)
    assert finished.returncode == expect, finished.stderr
    read = document(finished)
    assert read["command"] == words[0]
    assert str(folder) not in finished.stdout
    for path in read["written"]:
        assert (folder / path).exists(), path
    return read


def same(rows: list[dict[str, Any]], file: Path) -> None:
    """A table of an answer has the columns, the texts and the numbers of its file, which has fewer digits."""
    with file.open(encoding="utf-8", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert len(rows) == len(written) > 0
    for ours, theirs in zip(rows, written, strict=True):
        assert list(ours) == list(theirs)
        for column, value in ours.items():
            if isinstance(value, float):
                assert value == pytest.approx(float(theirs[column]), rel=1e-4), column
            else:
                there = "" if theirs[column] in ("nan", "inf", "-inf") else as_written(theirs[column])
                assert ("" if value is None else str(value)) == there, column


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a result of the village pair."""
    where = tmp_path_factory.mktemp("json")
    told(where, "run", PAIR, "--replications", 3, "--no-figures", "--out", "first")
    return where


def test_run_has_every_row_of_its_summary(folder: Path) -> None:
    words = ("run", PAIR, "--replications", 3, "--no-figures", "--out", "again")
    read = told(folder, *words)
    assert read["written"] == ["again"]
    answer = read["answer"]
    assert answer["place"]["title"]["zh"] == "两个村" and answer["seed"] == 1 and answer["replications"] == 3
    assert answer["calibrated"] is False and answer["readings"] == ["proportional"]
    same(answer["metrics"], folder / "again" / "summary.csv")
    known = next(r for r in answer["metrics"] if (r["metric"], r["by"]) == ("known_disputes", ""))
    assert (
        known["unit"] == "count" and known["layer"] == "true" and known["low"] < known["mean"] < known["high"]
    )
    assert any("more of them would hardly shorten a wait" in w for w in read["warnings"])
    one = run_process(folder, *words, "--json", "--workers", "1", PYTHONIOENCODING="latin-1")
    assert one.stdout == json.dumps(read, indent=1, ensure_ascii=False) + "\n"


def test_a_dry_run_tells_the_cost(folder: Path) -> None:
    answer = told(folder, "run", PAIR, "--dry-run")["answer"]
    assert (
        answer["dry_run"] is True and answer["disputes_per_replication"] > 1 and answer["memory_bytes"] > 1e6
    )


def test_rerun_says_whether_the_traces_are_the_same(folder: Path) -> None:
    read = told(folder, "rerun", "first", "--no-figures")
    assert read["written"] == ["first-rerun"] and read["answer"]["identical"] is True
    manifest = folder / "other" / "manifest.json"
    manifest.parent.mkdir()
    content = json.loads((folder / "first" / "manifest.json").read_text("utf-8"))
    manifest.write_text(json.dumps(sealed({**content, "trace_digest": "0" * 64})), "utf-8")
    found = told(folder, "rerun", "other", "--no-figures", expect=1)["answer"]
    assert found["identical"] is False and found["of_manifest"]["trace_digest"] == "0" * 64
    assert found["differing"] == []
    files = {**content["files"], "summary.csv": "0" * 64}
    manifest.write_text(json.dumps(sealed({**content, "files": files})), "utf-8")
    found = told(folder, "rerun", "other", "--no-figures", "--out", "third", expect=1)["answer"]
    assert found["identical"] is False and found["differing"] == ["summary.csv"]


def test_a_nation(folder: Path) -> None:
    read = told(folder, "run", NATION, "--counties", 3, "--no-figures", "--out", "nation")
    answer = read["answer"]
    assert answer["design"] == "nation" and (answer["counties"], answer["of_counties"]) == (3, 12)
    same(answer["metrics"], folder / "nation" / "summary.csv")
    same(answer["outside"], folder / "nation" / "outside.csv")
    assert told(folder, "rerun", "nation", "--no-figures")["answer"]["identical"] is True
    assert told(folder, "run", NATION, "--dry-run")["answer"]["disputes"] > 1


def test_compare_and_an_experiment_that_compares(folder: Path) -> None:
    read = told(
        *(
            folder,
            "compare",
            PAIR,
            "+whistle",
            "-screening",
            "--replications",
            6,
            "--no-figures",
            "--break-even",
        ),
        *("--metrics", "filings,success_rate,days_in_conflict_per_1000"),
    )
    (place,) = read["answer"]["places"]
    assert place["policies"] == ["+whistle", "practice-screening"] and place["baseline"] == "practice"
    out = folder / "results" / "compare-village_pair"
    for name in ("effects", "costs", "choice", "groups", "most_loaded", "break_even"):
        same(place[name], out / f"{name}.csv")
    same(place["readings_of_record"], out / "readings.csv")
    assert {r["unit"] for r in place["effects"] if r["metric"] == "filings"} == {"count"}


def test_select(folder: Path) -> None:
    words = ("select", PAIR, "+whistle", "-screening", "--budget", 36)
    answer = told(folder, *words)["answer"]
    assert answer["selected"] in [p["policy"] for p in answer["policies"] if p["selected"]]
    assert sum(p["replications"] for p in answer["policies"]) == answer["replications"] == 36
    assert answer["guaranteed"] is False and 0 < answer["probability"] <= 1
    assert told(folder, *words)["answer"] == answer  # whatever was kept from before


def test_optimise(folder: Path) -> None:
    read = told(
        *(folder, "optimise", PAIR, "whistle", "judges:0:1", "--hours", 4000, "--no-figures"),
        *("--replications", 2, "--fresh", 3, "--evaluations", 6, "--objectives", "filings_per_10000"),
    )
    (out,) = read["written"]
    same(read["answer"]["fresh"], folder / out / "fresh.csv")
    same(read["answer"]["front"], folder / out / "front.csv")
    units = {o["name"]: o["unit"] for o in read["answer"]["objectives"]}
    assert units["filings_per_10000"] == "per 10,000 persons per year"
    manifest = json.loads((folder / out / "manifest.json").read_text("utf-8"))
    assert "json" not in manifest["asked"]


def test_before_after(folder: Path) -> None:
    words = (
        *("before-after", PAIR, "practice+whistle", "--start", "2022-06-01", "--replications", 4),
        *("--before", 60, "--after", 60, "--no-figures", "--claim", "filings=-30"),
    )
    read = told(folder, *words)
    (out,) = read["written"]
    same(read["answer"]["changes"], folder / out / "changes.csv")
    assert read["answer"]["start"] == "2022-06-01" and read["answer"]["unit"] == "%"
    plain_run = run_cli(folder, *words)
    assert f"results in {out}/" in plain_run.stderr  # --json makes no other answer


@pytest.mark.usefixtures("few_shuffles")
def test_sensitivity(folder: Path) -> None:
    read = told(
        *(folder, "sensitivity", PAIR, "none", "--draws", 60, "--replications", 2, "--no-figures"),
        *("--metrics", "days_in_conflict_per_1000"),
    )
    (out,) = read["written"]
    same(read["answer"]["indices"], folder / out / "indices.csv")
    assert read["answer"]["calibrated"] is False and read["answer"]["draws"] == 60
    assert read["answer"]["objective"]["best"] in read["answer"]["policies"]


def test_explain_counts_what_it_lists(folder: Path) -> None:
    answer = told(folder, "explain", PAIR)["answer"]
    assert sum(answer["counts"].values()) == len(answer["parameters"]) > 100
    one = next(p for p in answer["parameters"] if p["path"] == "population.persons")
    assert (one["value"], one["low"], one["high"], one["unit"]) == (3000, 2500, 3500, "persons")
    assert one["source"] in answer["sources"]
    few = told(folder, "explain", PAIR, "--only", "derived")["answer"]["parameters"]
    assert few and {p["status"] for p in few} == {"derived"}
    assert "STRESS-DES" in told(folder, "explain", PAIR, "--stress")["answer"]["stress_des"]


def test_list(folder: Path) -> None:
    answer = told(folder, "list")["answer"]
    assert {"liucheng", "daliu"} <= {p["name"] for p in answer["places"]}
    assert next(m for m in answer["metrics"] if m["name"] == "filings")["unit"] == "count"
    assert list(told(folder, "list", "mechanisms")["answer"]) == ["mechanisms"]
    broken = folder / "elsewhere" / "scenarios" / "places"
    broken.mkdir(parents=True)
    (broken / "broken.yaml").write_text("name: broken\n", "utf-8")
    places = told(folder / "elsewhere", "list", "places")["answer"]["places"]
    assert next(p for p in places if p["name"] == "broken")["faults"] > 0


def test_validate_answers_with_its_faults(folder: Path) -> None:
    good = told(folder, "validate", PAIR)["answer"]
    assert good["valid"] is True and good["places"] == {"checked": 1, "valid": 1} and good["faults"] == []
    bad = told(folder, "validate", ROOT / "tests" / "bad_input" / "wrong_unit.yaml", expect=2)["answer"]
    assert bad["valid"] is False and len(bad["faults"]) == 1 and bad["faults"][0]["line"] > 0


def test_diff(folder: Path) -> None:
    told(
        folder,
        "run",
        PAIR,
        "--replications",
        3,
        "--no-figures",
        "--out",
        "more",
        "--set",
        "villages.mediators=9",
    )
    answer = told(folder, "diff", "first", "more")["answer"]
    assert answer["identical"] is False and answer["paired"] is True
    assert [c["path"] for c in answer["scenario"]] == ["villages.mediators"]
    for row in answer["differences"]:
        if row["a"] is not None and row["b"] is not None and row["metric"] == "known_disputes":
            assert row["difference"] == pytest.approx(row["b"] - row["a"]) and row["unit"] == "count"
    assert told(folder, "diff", "first", "first")["answer"]["identical"] is True


def test_trace_and_fit(folder: Path) -> None:
    answer = told(folder, "trace", PAIR, "--dispute", 81)["answer"]
    dispute = answer["dispute"]
    assert dispute["number"] == 81 and len(dispute["events"]) == len(dispute["story"]) - 1
    for event, sentence in zip(dispute["events"], dispute["story"][1:], strict=True):
        assert sentence.startswith(event["time"][:16].replace("T", " "))
        assert ("(warm-up)" in sentence) is not event["in_window"]
    assert dispute["events"][0]["event"] == "arise" and dispute["events"][0]["tier"] is None
    read = told(folder, "trace", "daliu", "--export", "ledger.csv", "--known-only")
    assert read["written"] == ["ledger.csv"] and read["answer"]["export"]["format"] == "csv"
    assert read["answer"]["export"]["events"] == len(pd.read_csv(folder / "ledger.csv"))
    fitted = told(folder, "fit", "ledger.csv", "--out", "fitted.yaml", "--estimates", "estimates.csv")
    assert fitted["written"] == ["fitted.yaml", "estimates.csv"]
    same(fitted["answer"]["estimates"], folder / "estimates.csv")
    assert fitted["answer"]["not_identified"][0]["parameters"]


def test_new_and_report(folder: Path) -> None:
    report = (
        *("--name", "nanping", "--villages", 3, "--townships", 1),
        *("--persons", 6000, "--mediators", 9),
    )
    read = told(folder, "new", *report, "--replications", 2, "--no-figures")
    assert read["written"] == ["nanping.yaml", "results/nanping"]
    same(read["answer"]["run"]["metrics"], folder / "results" / "nanping" / "summary.csv")
    only = told(folder, "new", *report, "--out", "other.yaml", "--no-run")
    assert only["answer"]["run"] is None and only["written"] == ["other.yaml"]
    page = told(folder, "report", "first", "--no-replay")
    assert page["written"] == ["first/report.html"]
    assert page["answer"]["bytes"] == (folder / "first" / "report.html").stat().st_size


@pytest.mark.usefixtures("little_effort")
def test_calibrate_check_and_predict(tmp_path: Path, kept: Kept) -> None:
    folder = tmp_path
    kept.copied(folder, *CALIBRATION)
    before = (folder / "scenarios" / "posteriors" / "daliu.json").read_bytes()
    read = told(folder, *CALIBRATION)
    assert (folder / "scenarios" / "posteriors" / "daliu.json").read_bytes() == before
    assert read["written"] == ["results/calibrate-daliu", "scenarios/posteriors/daliu.json"]
    (place,) = read["answer"]["places"]
    for name in ("targets", "parameters", "diagnoses", "per_committee", "selectivity"):
        same(place[name], folder / "results" / "calibrate-daliu" / f"{name}.csv")
    assert set(place["by_reading"]) == {"proportional", "target_driven"}
    assert read["warnings"][0].startswith("daliu, proportional: effective sample size")
    checked = told(folder, "check", "daliu", "--github")["answer"]
    assert checked["passed"] is True and all(c["passed"] for c in checked["checks"])
    predicted = told(folder, "predict", "daliu")
    same(predicted["answer"]["figures"], folder / "results" / "predict" / "held_out.csv")


BAD = {
    "run": ("dalui",),
    "rerun": ("nothing",),
    "compare": ("daliu", "+whistel"),
    "select": ("daliu", "+whistle"),
    "optimise": ("daliu",),
    "before-after": ("daliu", "+whistel", "--start", "2021-01-01"),
    "audit": ("daliu", "--observed", "101/100"),
    "pilot": ("daliu", "practice"),
    "calibrate": ("dalui",),
    "check": ("dalui",),
    "predict": ("dalui",),
    "sensitivity": ("daliu", "--draws", "59"),
    "report": ("nothing",),
    "explain": ("dalui",),
    "list": ("plaices",),
    "diff": ("nothing", "nothing"),
    "trace": ("dalui",),
    "fit": ("nothing.csv",),
    "quality": ("nothing.csv",),
    "forecast": ("nothing.csv",),
    "new": (),
}


def test_every_command_is_asked_for_something_bad() -> None:
    assert set(BAD) == set(COMMANDS) - {"completion", "validate", "lab"}  # validate has its faults as answer


@pytest.mark.parametrize("command", BAD)
def test_bad_input_leaves_standard_output_empty(tmp_path: Path, command: str) -> None:
    finished = run_cli(tmp_path, command, *BAD[command], "--json")
    assert finished.returncode == 2 and finished.stdout == ""
    assert finished.stderr.strip() and "Traceback" not in finished.stderr


def test_a_script_is_no_data(tmp_path: Path) -> None:
    finished = run_cli(tmp_path, "completion", "bash", "--json")
    assert finished.returncode == 2 and "--json" in finished.stderr


def test_numbers_keep_their_digits_and_nothing_is_infinite() -> None:
    third = np.float64(1) / 3
    frame = pd.DataFrame({"a": [third, math.inf], "b": ["x", None], "c": np.array([1, 2])})
    assert plain({"rows": frame, "n": np.int64(3), "none": math.nan}) == {
        "rows": [{"a": 1 / 3, "b": "x", "c": 1}, {"a": None, "b": None, "c": 2}],
        "n": 3,
        "none": None,
    }
    assert plain(np.array([[1.5, -math.inf]])) == [[1.5, None]] and plain(np.True_) is True


def test_paths_are_told_as_the_user_told_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(Path("results/a")) == "results/a" and shown(tmp_path / "b") == "b"
    assert shown(Path("/elsewhere/c")) == "/elsewhere/c"
    assert beside(Path("results/a"), "-rerun") == Path("results/a-rerun")
    assert beside(Path(), "-rerun").resolve() == tmp_path.with_name(f"{tmp_path.name}-rerun")


def test_nothing_but_the_document_is_printed(folder: Path) -> None:
    """What people read without --json is left out, not mixed in; progress stays on the error stream."""
    finished = run_cli(folder, "run", PAIR, "--replications", 3, "--no-figures", "--out", "plain", "--json")
    assert finished.stdout.startswith("{") and finished.stdout.endswith("}\n")
    assert "done in" in finished.stderr and "Per tier" not in finished.stderr
    assert sys.executable not in finished.stdout
