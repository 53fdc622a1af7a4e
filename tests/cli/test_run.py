"""`run`, `rerun` and `diff`: what they print, what they write, and that they write the same again."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import sim.runs.estimate as estimate
from sim.cli import main
from sim.runs.sealed import sealed
from sim.scenario.metrics import LABELS
from tests.cli.terminal import OF_THE_RUN, PAIR, digests, done, run_cli, run_process, succeeded

# Without figures and in one process, where neither is what a test is about: starting up is what takes time.
QUICK = ("--no-figures", "--executor", "serial")
NO_FIGURES = ("--no-figures",)


def tables(digests_by_name: dict[str, str]) -> dict[str, str]:
    """Those of the tables and the manifest."""
    return {name: digest for name, digest in digests_by_name.items() if not name.startswith("figures")}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run of the village pair with four replications, and what it printed."""
    folder = tmp_path_factory.mktemp("finished")
    words = ("run", PAIR, "--replications", 4, "--seed", 7, "--out", "out")
    return folder / "out", succeeded(run_process(folder, *words))


def test_table_has_metric_unit_mean_and_interval(finished: tuple[Path, str]) -> None:
    _, text = finished
    assert "Village pair 两个村" in text
    assert "Uncalibrated" in text
    (line,) = [x for x in text.splitlines() if x.startswith("known_disputes ")]
    assert " to " in line
    assert line.rstrip().endswith("count")


def test_result_folder(finished: tuple[Path, str]) -> None:
    out, _ = finished
    frame = pd.read_parquet(out / "outcomes.parquet")
    assert {"replication", *LABELS, "value"} <= set(frame.columns)
    assert set(frame["layer"]) == {"true", "recorded"}
    assert sorted(frame["replication"].unique()) == [0, 1, 2, 3]
    assert not frame.duplicated(["replication", *LABELS]).any()
    summary = pd.read_csv(out / "summary.csv")
    known = frame[(frame["metric"] == "known_disputes") & (frame["by"] == "")]
    (mean,) = summary.loc[(summary["metric"] == "known_disputes") & summary["by"].isna(), "mean"]
    assert mean == pytest.approx(known["value"].mean())
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["seed"] == 7
    assert manifest["replications"] == 4
    assert manifest["scenario"]["villages"]["count"]["value"] == 2
    assert len(manifest["trace_digest"]) == 64
    images = {p.suffix for p in (out / "figures").iterdir()}
    assert images == {".png", ".svg", ".json"}
    assert {"seconds", "host", "workers"} <= json.loads((out / "run.json").read_text("utf-8")).keys()
    assert not (out / "unfinished.json").exists()


def test_nothing_in_a_result_names_time_or_host(finished: tuple[Path, str]) -> None:
    out, _ = finished
    run = json.loads((out / "run.json").read_text("utf-8"))
    for path in out.rglob("*"):
        if path.suffix in (".csv", ".json", ".svg") and path.name not in OF_THE_RUN:
            text = path.read_text("utf-8")
            assert run["started"][:10] not in text, path
            assert str(out.parent) not in text, path


@pytest.mark.parametrize(
    "workers", [pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(4, marks=pytest.mark.slow)]
)
def test_same_bytes_whatever_the_workers(finished: tuple[Path, str], tmp_path: Path, workers: int) -> None:
    out, _ = finished
    words = ("run", PAIR, "--replications", 4, "--seed", 7, "--workers", workers)
    words += NO_FIGURES if workers == 1 else ()
    succeeded(run_process(tmp_path, *words, PYTHONHASHSEED=str(workers)))
    found, expected = digests(tmp_path / "results" / "village_pair"), digests(out)
    assert found == (tables(expected) if workers == 1 else expected)


def test_same_numbers_from_both_engines(finished: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = finished
    done(tmp_path, "run", PAIR, "--replications", 4, "--seed", 7, "--engine", "compiled", *QUICK)
    other = tmp_path / "results" / "village_pair"
    without = (*OF_THE_RUN, "manifest.json")
    assert digests(other, without=without) == tables(digests(out, without=without))
    one, two = (json.loads((x / "manifest.json").read_text("utf-8")) for x in (out, other))
    assert one.pop("engine") == "auto"
    assert two.pop("engine") == "compiled"
    assert one.pop("checksum") != two.pop("checksum")
    assert one == two


def test_another_seed_gives_other_numbers(finished: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = finished
    done(tmp_path, "run", PAIR, "--replications", 4, "--seed", 8, "--out", "out", *QUICK)
    assert digests(tmp_path / "out")["summary.csv"] != digests(out)["summary.csv"]


def test_rerun_reproduces(finished: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = finished
    text = done(tmp_path, "rerun", out / "manifest.json", "--out", "again", "--workers", 1, *NO_FIGURES)
    assert "identical" in text
    assert digests(tmp_path / "again") == tables(digests(out))


def test_rerun_takes_executors_and_refuses_what_does_not_fit(
    finished: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, _ = finished
    again = tmp_path / "again"
    words = ["rerun", str(out), "--out", str(again), "--no-figures", "--executor"]
    for name, options, complaint in (
        ("seriall", [], "no executor called 'seriall'"),
        ("serial", ["--scheduler", "tcp://127.0.0.1:1"], "goes with the executor 'dask'"),
    ):
        assert main([*words, name, *options]) == 2
        assert complaint in capsys.readouterr().err
    with monkeypatch.context() as patch:
        patch.setattr(estimate, "available_memory", lambda: 1e8)
        assert main([*words, "serial"]) == 2
    assert "of memory" in capsys.readouterr().err
    assert not again.exists()
    assert main([*words, "serial"]) == 0
    assert "identical" in capsys.readouterr().out
    assert json.loads((again / "run.json").read_text("utf-8"))["workers"] == 1
    assert digests(again) == tables(digests(out))


@pytest.mark.slow
def test_rerun_says_when_traces_differ(finished: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = finished
    manifest = json.loads((out / "manifest.json").read_text("utf-8")) | {"trace_digest": "0" * 64}
    (tmp_path / "manifest.json").write_text(json.dumps(sealed(manifest)), "utf-8")
    finished_again = run_cli(
        tmp_path, "rerun", "manifest.json", "--out", "again", "--workers", 1, *NO_FIGURES
    )
    assert finished_again.returncode == 1
    assert "differ" in finished_again.stderr


def test_diff_of_equal_results(finished: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = finished
    assert "identical" in done(tmp_path, "diff", out, out)


def test_diff_names_what_changed(finished: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = finished
    words = ("--replications", 4, "--seed", 7, "--set", "detection.lumping_days=5", "--out", "lumped")
    done(tmp_path, "run", PAIR, *words, *QUICK)
    text = done(tmp_path, "diff", out, "lumped")
    assert "detection.lumping_days" in text
    assert "paired" in text
    assert any(line.startswith("known_share") for line in text.splitlines()), text


@pytest.mark.slow
def test_precision_adds_replications(tmp_path: Path) -> None:
    words = ("--precision", "20%", "--metrics", "known_disputes", "--replications", 3, "--out", "out")
    done(tmp_path, "run", PAIR, *words, "--max-replications", 200, *QUICK)
    summary = pd.read_csv(tmp_path / "out" / "summary.csv", keep_default_na=False, na_values=["nan"])
    row = summary[(summary["metric"] == "known_disputes") & (summary["by"] == "")].iloc[0]
    assert row["n"] > 3
    assert float(row["high"]) - float(row["low"]) <= 2 * 0.20 * float(row["mean"]) * 1.0001
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    done(fewer, "run", PAIR, "--replications", int(row["n"]), "--out", "out", *QUICK)
    assert digests(fewer / "out") == digests(tmp_path / "out")


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    text = done(tmp_path, "run", PAIR, "--dry-run")
    for word in ("disputes", "rows", "time", "memory"):
        assert word in text
    assert list(tmp_path.iterdir()) == []


def test_results_of_another_run_are_kept(finished: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", "utf-8")
    refused = run_cli(tmp_path, "run", PAIR, "--replications", 1, "--out", "mine")
    assert refused.returncode == 2
    assert "other files" in refused.stderr
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    for seed in (1, 2):
        done(tmp_path, "run", PAIR, "--replications", 1, "--seed", seed, *QUICK)
    assert sorted(p.name for p in (tmp_path / "results").iterdir()) == ["village_pair", "village_pair-2"]


def test_bad_input_touches_no_result(finished: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = finished
    before = digests(out, without=())
    faulty = run_cli(tmp_path, "run", PAIR, "--set", "villages.mediatorz=3", "--out", out)
    assert faulty.returncode == 2
    assert "mediators" in faulty.stderr
    assert "Traceback" not in faulty.stderr
    assert digests(out, without=()) == before
