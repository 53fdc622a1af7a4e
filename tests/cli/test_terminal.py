"""Commands in the test's own process do what they do in one of their own: `terminal.run_cli` against `run_process`."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from sim.cli import listing
from sim.language import current
from sim.runs.executors.local import ProcessExecutor
from tests.cli.terminal import PAIR, digests, one_process, run_cli, run_process


@pytest.mark.parametrize(
    "words",
    [
        ("run", PAIR, "--replications", 3, "--no-figures", "--lang", "zh", "--out", "out"),
        ("compare", PAIR, "+whistle", "--replications", 2, "--workers", 1, "--no-figures", "--json"),
        ("compare", "--help"),
        ("rnu", "liucheng"),
        ("run", PAIR, "--set", "villages.mediatorz=3"),
    ],
    ids=["chinese", "json", "help", "bad word", "bad value"],
)
def test_the_same_text_code_and_files(words: tuple[object, ...], tmp_path: Path) -> None:
    said = []
    for run, folder in ((run_process, tmp_path / "own"), (run_cli, tmp_path / "here")):
        folder.mkdir()
        found = run(folder, *words)
        told = {
            re.sub(r"\d[\d.]*", "#", line) for line in found.stderr.splitlines()
        }  # but for times and progress
        said.append((found.returncode, found.stdout, told, digests(folder)))
    assert said[0] == said[1]
    assert said[0][1] or said[0][2]


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    def state() -> tuple[object, ...]:
        return dict(os.environ), Path.cwd(), sys.argv, sys.stdout, sys.stderr, current(), ProcessExecutor.map

    before = state()
    assert "地区：" in run_cli(tmp_path, "list", "places", DISPUTES_LANG="zh").stdout
    assert run_cli(tmp_path, "rnu").returncode == 2
    assert state() == before


def test_a_mistake_of_the_program_is_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(args: object) -> int:
        raise ZeroDivisionError("no such number")

    monkeypatch.setattr(listing, "run", run)
    found = run_cli(tmp_path, "list")
    assert found.returncode == 1 and found.stdout == ""
    assert "Traceback" in found.stderr and found.stderr.endswith("ZeroDivisionError: no such number\n")


def test_what_no_worker_could_be_sent_is_refused_here_too() -> None:
    with one_process():
        assert sorted(ProcessExecutor(4).map(abs, [-1, -2])) == [(0, 1), (1, 2)]
        with pytest.raises(TypeError, match="cannot be sent to worker processes"):
            list(ProcessExecutor(4).map(lambda x: x, [1]))
        with pytest.raises(Exception, match="pickle"):
            list(ProcessExecutor(4).map(abs, [lambda: 1]))


def test_what_python_reads_at_its_start_needs_a_process(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="run_process"):
        run_cli(tmp_path, "list", PYTHONHASHSEED="1")
