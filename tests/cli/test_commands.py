"""The small commands, and what all commands have in common."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import PAIR, ROOT, done, environment, run_cli

COMMANDS = ("run", "rerun", "validate", "explain", "list", "diff", "trace", "fit")


def test_help_names_every_command(tmp_path: Path) -> None:
    text = done(tmp_path, "--help")
    assert all(name in text for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_has_an_example(tmp_path: Path, name: str) -> None:
    assert "example: run_sim.py" in done(tmp_path, name, "--help")


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['run_sim.py', '--help']\n"
        "import contextlib, io\nfrom sim.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()\n"
        "print(sorted({m.split('.')[0] for m in sys.modules}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for heavy in ("numpy", "scipy", "pandas", "pyarrow", "matplotlib", "numba", "simpy", "pydantic", "rich"):
        assert f"'{heavy}'" not in found


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("rnu", "liucheng"), "Did you mean 'run'?"),
        (("run", "liuchang"), "Did you mean liucheng?"),
        (("run", PAIR, "--replications", "0"), "at least 1"),
        (("run", PAIR, "--precision", "200%"), "percentage"),
        (("run", PAIR, "--metrics", "filing", "--precision", "5%"), "Did you mean 'filings'?"),
        (("run", PAIR, "--executor", "cloud"), "--executor"),
        (("run", PAIR, "--seed", "-1"), "--seed"),
        (("rerun", "nowhere"), "does not exist"),
        (("diff", "nowhere", "nowhere"), "does not exist"),
        (("trace", PAIR, "--dispute", "99999"), "99999"),
        (("list", "metriks"), "metrics"),
        (("run", PAIR, "--replicatons", "3"), "Did you mean '--replications'?"),
        (("rerun", "nowhere", "--overwrite"), "run_sim.py rerun: unrecognized arguments: --overwrite. See"),
        ((), "COMMAND"),
    ],
)
def test_bad_words_get_one_message(tmp_path: Path, words: tuple[object, ...], expected: str) -> None:
    finished = run_cli(tmp_path, *words)
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert expected in finished.stderr
    assert "Traceback" not in finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_explain_gives_unit_range_status_and_source(tmp_path: Path) -> None:
    text = done(tmp_path, "explain", PAIR, "--set", "villages.mediators=4")
    (line,) = [x for x in text.splitlines() if x.startswith("villages.mediators ")]
    assert line.split()[1:4] == ["4", "2", "5"]
    assert "persons per village" in line
    assert "command line" in line
    assert "assumed" in text


def test_list_names_places_and_metrics(tmp_path: Path) -> None:
    text = done(tmp_path, "list")
    for name in (
        "liucheng",
        "baojing",
        "daliu",
        "fengcheng",
        "jiang",
        "success_rate",
        "days_in_conflict_per_1000",
    ):
        assert name in text


def test_trace_tells_a_story(tmp_path: Path) -> None:
    text = done(tmp_path, "trace", PAIR, "--dispute", 3)
    assert "Dispute 3" in text
    assert "A grievance arises" in text or "thinned" in text


def test_validate_prints_a_shared_fault_once(tmp_path: Path) -> None:
    (tmp_path / "places").mkdir()
    shared = PAIR.read_text("utf-8").replace("unit: persons per village", "unit: persons per hamlet", 1)
    (tmp_path / "shared.yaml").write_text(shared, "utf-8")
    for name in ("one", "two"):
        text = f"include: [../shared.yaml]\nreplace:\n  name: {name}\n"
        (tmp_path / "places" / f"{name}.yaml").write_text(text, "utf-8")
    finished = run_cli(tmp_path, "validate", ".")
    assert finished.returncode == 2
    assert finished.stderr.count("persons per hamlet") == 1


def test_shipped_scenarios_are_valid(tmp_path: Path) -> None:
    text = done(tmp_path, "validate", ROOT / "scenarios")
    assert "5 of 5 place(s) valid" in text
