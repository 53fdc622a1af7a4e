"""calibrate, check and predict from the command line, and that other commands draw from a posterior."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from sim.runs.sealed import sealed
from sim.studies.calibrate import put_aside
from tests.kept import CALIBRATION, Kept

from .terminal import run_cli

QUICK = CALIBRATION[2:]


def run_sim(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    return run_cli(cwd, *words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, kept: Kept) -> Path:
    """A folder in which Daliu was calibrated, with little effort."""
    where = tmp_path_factory.mktemp("calibrated")
    (where / "calibrate.txt").write_text(kept.copied(where, *CALIBRATION).stdout)
    return where


def test_a_calibration_says_what_failed_first_and_writes_tables(folder: Path) -> None:
    told = (folder / "calibrate.txt").read_text()
    assert told.index("! proportional: effective sample size") < told.index("proportional recording: ESS")
    assert "Log evidence, proportional over target-driven" in told
    out = folder / "results" / "calibrate-daliu"
    for name in ("targets", "parameters", "extra", "diagnoses", "per_committee", "selectivity"):
        assert (out / f"{name}.csv").stat().st_size > 50
    whole = json.loads((folder / "scenarios" / "posteriors" / "daliu.json").read_text())
    assert whole["readings"].keys() == {"proportional", "target_driven"}
    assert whole["about"]["command"].startswith("run_sim.py calibrate daliu")
    pins = whole["readings"]["proportional"]["about"]["pinned"]
    assert pins["true_success_rate"]["n"] == 80


@pytest.mark.usefixtures("little_effort")
def test_the_same_command_finds_everything_done(folder: Path) -> None:
    before = (folder / "scenarios" / "posteriors" / "daliu.json").read_bytes()
    done = run_sim(*CALIBRATION, cwd=folder)
    assert done.returncode == 0
    assert "replications, at most: 0 of" not in done.stderr  # all were kept
    assert (folder / "scenarios" / "posteriors" / "daliu.json").read_bytes() == before
    manifest = json.loads((folder / "results" / "calibrate-daliu" / "manifest.json").read_text())
    assert manifest["place"] == "daliu" and manifest["inputs"]["effort"] == 0.04
    assert "posterior.json" in manifest["files"] and not (folder / "results" / "calibrate-daliu-2").exists()


@pytest.mark.usefixtures("little_effort")
def test_it_is_run_again_from_its_manifest_and_keeps_no_posterior(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "results", tmp_path / "results")
    first = tmp_path / "results" / "calibrate-daliu"
    done = run_sim("rerun", "results/calibrate-daliu", "--workers", "1", "--no-figures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "identical to those of the manifest" in done.stdout and "recording: ESS" in done.stdout
    assert (first.with_name("calibrate-daliu-rerun") / "posterior.json").read_bytes() == (
        first / "posterior.json"
    ).read_bytes()
    assert not (tmp_path / "scenarios").exists()


def test_no_posterior_that_was_there_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "daliu.json"
    for content in ("first", "second", "first", "third"):
        path.write_text(content)
        put_aside(path)
    kept = {p.name: p.read_text() for p in tmp_path.iterdir() if p != path}
    assert kept == {
        "daliu.json.previous": "first",
        "daliu.json.previous-2": "second",
        "daliu.json.previous-3": "third",
    }


def test_run_draws_from_it_and_shows_each_reading_by_itself(folder: Path) -> None:
    done = run_sim("run", "daliu", "--replications", "16", "--no-figures", "--out", "calibrated", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Calibrated" in done.stdout and "90 % credible interval" in done.stdout
    head = next(line for line in done.stdout.splitlines() if line.startswith("metric "))
    assert head.split()[2:6] == ["proportional", "±", "target-driven", "±"]
    summary = pd.read_csv(folder / "calibrated" / "summary.csv")
    values = pd.read_parquet(folder / "calibrated" / "outcomes.parquet").query("metric == 'filings'")
    filings = summary[summary["metric"] == "filings"].set_index("reading")["mean"]
    two = (
        values["value"].groupby(values["replication"] // 2 % 2).mean()
    )  # pairs of replications, readings in turn
    assert filings[["proportional", "target_driven"]].tolist() == pytest.approx(two.tolist())
    assert (summary.loc[summary["unit"] == "%", "high"].dropna() <= 100.0).all()
    manifest = json.loads((folder / "calibrated" / "manifest.json").read_text())
    assert manifest["posterior"]["readings"] == ["proportional", "target_driven"]
    again = run_sim("rerun", "calibrated", "--no-figures", cwd=folder)
    assert again.returncode == 0 and "identical" in again.stdout
    plain = run_sim(
        *("run", "daliu", "--replications", "4", "--no-figures", "--posterior", "none", "--out", "plain"),
        cwd=folder,
    )
    assert "Uncalibrated" in plain.stdout and "credible" not in plain.stdout


def test_compare_mixes_the_readings(folder: Path) -> None:
    done = run_sim(
        *("compare", "daliu", "+whistle", "--replications", "24", "--no-figures", "--out", "compared"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert "Calibrated. 12 parameter draws of 2 replications each" in done.stdout
    assert "From a record without selection (" in done.stdout
    assert (folder / "compared" / "p_proportional.csv").is_file()
    many = run_sim("compare", "daliu", "+whistle", "--draws", "60", "--no-figures", cwd=folder)
    assert many.returncode == 2 and "40 parameter draws" in many.stderr


def test_a_changed_scenario_keeps_what_the_analyst_wrote(folder: Path) -> None:
    done = run_sim(
        *(
            "run",
            "daliu",
            "--set",
            "villages.mediators=9",
            "--replications",
            "4",
            "--no-figures",
            "--out",
            "set",
        ),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert "Calibrated" in done.stdout


def test_a_stale_posterior_is_refused_with_the_command_that_renews_it(folder: Path, tmp_path: Path) -> None:
    whole = json.loads((folder / "scenarios" / "posteriors" / "daliu.json").read_text())
    whole["code"] = "0" * 16
    stale = tmp_path / "old.json"
    stale.write_text(json.dumps(sealed(whole)))
    done = run_sim("run", "daliu", "--posterior", str(stale), "--replications", "2", cwd=folder)
    assert done.returncode == 2
    assert (
        "stale" in done.stderr
        and "run_sim.py calibrate daliu" in done.stderr
        and "Traceback" not in done.stderr
    )


def test_check_passes_and_catches_a_moved_pin(folder: Path) -> None:
    (folder / "letter.xml").write_text("<letter/>")
    for name in ("letter.xml", os.devnull):
        refused = run_sim("check", "daliu", "--junit", name, cwd=folder)
        assert refused.returncode == 2 and "is no JUnit report" in refused.stderr
    assert (folder / "letter.xml").read_text() == "<letter/>"
    good = run_sim("check", "daliu", "--junit", "check.xml", cwd=folder)
    assert good.returncode == 0, good.stdout
    assert "checks passed" in good.stdout
    suite = ET.parse(folder / "check.xml").getroot().find("testsuite")
    assert suite is not None and suite.get("failures") == "0"
    path = folder / "scenarios" / "posteriors" / "daliu.json"
    kept = path.read_text()
    whole = json.loads(kept)
    whole["readings"]["proportional"]["about"]["pinned"]["true_success_rate"]["mean"] += 25.0
    path.write_text(json.dumps(sealed(whole)))
    try:
        bad = run_sim("check", "daliu", "--github", cwd=folder)
    finally:
        path.write_text(kept)
    assert bad.returncode == 1
    assert "FAILED" in bad.stdout and "::error file=scenarios/places/daliu.yaml" in bad.stdout


def test_predict_covers_held_out_figures(folder: Path) -> None:
    done = run_sim("predict", "daliu", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["answer"]["figures"]
    assert {(r["figure"], r["unit"], r["reported"]) for r in rows} == {
        ("petitions_registered", "count", "18")
    }
    assert {r["verdict"] for r in rows} <= {"covered", "missed", "cannot test"}
    nothing = run_sim("predict", "liucheng", cwd=folder)
    assert nothing.returncode == 0 and "no figure is held out" in nothing.stderr


def test_a_report_shows_what_was_predicted_of_its_place(folder: Path) -> None:
    """Of its own place only, and where nothing was predicted it says how to."""
    for name in ("daliu", "jiang"):
        where = f"results/small-{name}"
        words = ("run", name, "--posterior", "none", "--replications", "2", "--no-figures", "--out", where)
        assert run_sim(*words, cwd=folder).returncode == 0
    assert run_sim("predict", "daliu", cwd=folder).returncode == 0
    for name, shown in (("daliu", True), ("jiang", False)):
        done = run_sim("report", f"results/small-{name}", "--no-replay", cwd=folder)
        assert done.returncode == 0, done.stderr
        page = (folder / "results" / f"small-{name}" / "report.html").read_text("utf-8")
        assert ("figures that no fit has seen" in page) is shown
        assert ("Figures held out are predicted by" in page) is not shown


@pytest.mark.usefixtures("little_effort")
def test_a_part_may_stand_for_the_whole_and_its_bias_is_told(tmp_path: Path) -> None:
    words = ("calibrate", "daliu", "--parts", "2", "--reading", "target_driven", *QUICK)
    done = run_sim(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "one of 2 parts" in done.stderr and "true_success_rate:" in done.stdout
    whole = json.loads((tmp_path / "results" / "calibrate-daliu" / "posterior.json").read_text())
    assert whole["about"]["parts"] == 2 and whole["about"]["command"].endswith("--parts 2")
    bias = whole["readings"]["target_driven"]["about"]["bias"]["true_success_rate"]
    assert abs(bias["part"] - bias["whole"]) < 5 * bias["error"] and bias["error"] < 5


@pytest.mark.slow
def test_places_are_pooled_and_each_is_predicted_from_the_others(tmp_path: Path) -> None:
    words = ("calibrate", "daliu", "baojing", "--joint", "--reading", "proportional", *QUICK)
    done = run_sim(*words, "--draws", "6", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Pooling" in done.stdout and "Leave one place out" in done.stdout
    out = tmp_path / "results" / "calibrate-joint"
    moved = pd.read_csv(out / "shrinkage.csv")
    assert list(moved["place"]) == ["daliu", "baojing"]
    assert moved["moved"].to_numpy() == pytest.approx(
        (moved["true_success_pooled"] - moved["true_success_alone"]).to_numpy(), abs=1e-3
    )
    assert moved["accepted"].between(0.01, 1).all()
    named = ("chains have not settled" in done.stdout) == (moved["late"].abs() > 4 * moved["late_se"]).any()
    assert named
    left_out = pd.read_csv(out / "left_out.csv")
    assert set(left_out["place"]) == {"daliu", "baojing"}
    pooled = ("run", "daliu", "--posterior", str(out / "daliu.json"), "--reading", "proportional")
    used = run_sim(*pooled, "--replications", "4", "--no-figures", cwd=tmp_path)
    assert used.returncode == 0, used.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("calibrate", "dalui"), "Did you mean daliu?"),
        (("calibrate", "daliu", "--joint"), "--joint pools places"),
        (("calibrate", "daliu", "--parts", "9"), "daliu has 8 villages and cannot have 9 parts"),
        (("calibrate", "daliu", "--parts", "half"), "whole number of at least 1"),
        (("check", "liucheng", "--seed", "x"), "whole number"),
        (("run", "daliu", "--posterior", "nothing.json"), "nothing.json: cannot be read"),
    ],
)
def test_bad_input_gets_one_message(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = run_sim(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr
